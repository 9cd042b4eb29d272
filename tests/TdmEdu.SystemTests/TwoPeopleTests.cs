using static Microsoft.Playwright.Assertions;

namespace TdmEdu.SystemTests;

/// <summary>What one administrator alone must not do, shown by the demo's two.</summary>
public class TwoPeopleTests(City city)
{
    [Fact]
    public async Task The_demos_two_administrators_agree_and_one_of_them_alone_does_not()
    {
        await using var first = await city.SignIn("", "quantri");
        await using var second = await city.SignIn("", "quantri2");
        var (one, two) = (first.Page, second.Page);
        await one.GotoAsync("/hai-nguoi");
        await one.ClickAsync("form:has(input[value=rotate-ca]) button:has-text('Yêu cầu')");
        await city.ConfirmPassword(one, "", "quantri");
        var card = one.Locator("article", new() { HasText = "rotate-ca" });
        await Expect(card).ToContainTextAsync("chờ một người nữa");
        await Expect(card.GetByText("Đồng ý", new() { Exact = true })).ToHaveCountAsync(0);

        await two.GotoAsync("/hai-nguoi");
        await two.ClickAsync("form:has(input[value=rotate-ca]) button:has-text('Đồng ý')");
        await city.ConfirmPassword(two, "", "quantri2");
        await Expect(two.Locator("article", new() { HasText = "rotate-ca" })).ToContainTextAsync("có thể chạy lệnh");
        await PageTests.Check(two);
        // What follows in the city keeps its CA.
        await two.ClickAsync("form:has(input[value=rotate-ca]) button:has-text('Không làm việc này')");
        await Expect(two.Locator("article", new() { HasText = "rotate-ca" })).ToContainTextAsync("Chưa ai yêu cầu");
    }
}
