using Microsoft.Playwright;
using TdmEdu.Demo;
using static Microsoft.Playwright.Assertions;

namespace TdmEdu.SystemTests;

/// <summary>Leaving a shared phone: nothing typed is lost, nobody is misled, and nothing is forgotten before the server knows.</summary>
public class SignOutTests(City city)
{
    [Fact]
    public async Task Without_a_network_nobody_is_signed_out_and_attendance_goes_on()
    {
        var className = DemoCity.ClassName(City.Primary, 11);
        using var wifi = new Relay(city.Stack.EdgeUrls[City.Primary].Port);
        await using var teacher = await city.SignIn(City.Primary, "gv12", new($"https://localhost:{wifi.Port}"));
        var phone = new Phone(teacher.Page);
        await phone.Open();
        await phone.WaitUntilInstalled();
        await phone.OpenClass(className);
        wifi.Cut();
        await teacher.Context.SetOfflineAsync(true);
        var said = Answer(teacher.Page, accept: true);
        await teacher.Page.ClickAsync("button:has-text('Đăng xuất')");
        Assert.Contains("bạn vẫn đang đăng nhập", await said, StringComparison.Ordinal);

        await phone.Open();
        await phone.OpenClass(className);
        await phone.MarkThree();
        await phone.Send();
        await phone.Expect("phone");
        wifi.Mend();
        await teacher.Context.SetOfflineAsync(false);
        await phone.Expect("centre", withinSeconds: 60);
    }

    [Fact]
    public async Task Who_leaves_with_something_unsent_is_asked_and_who_comes_next_is_told_that_it_lies_there()
    {
        await using var first = await city.SignIn(City.Primary, "gv13");
        var page = first.Page;
        await page.RouteAsync("**/api/attendance/submissions", route => route.AbortAsync());
        var phone = new Phone(page);
        await phone.Open();
        await phone.OpenClass(DemoCity.ClassName(City.Primary, 12));
        await phone.Send();
        await phone.Expect("phone");
        await phone.Back();

        var stay = Answer(page, accept: false);
        await page.ClickAsync("button:has-text('Đăng xuất')");
        Assert.StartsWith("Còn 1 bài điểm danh chưa gửi", await stay, StringComparison.Ordinal);
        await Expect(page.Locator("#capture-screen")).ToHaveAttributeAsync("data-screen", "list");

        _ = Answer(page, accept: true);
        await page.ClickAsync("button:has-text('Đăng xuất')");
        await page.WaitForURLAsync("**/dang-nhap*");
        await city.SignIn(page, City.Primary, "gv14");
        await phone.Open();
        await Expect(page.Locator("#capture-others")).ToContainTextAsync("còn 1 bài điểm danh của người khác chưa gửi");
        await PageTests.Check(page);
    }

    [Fact]
    public async Task A_teacher_finds_the_forgotten_session_of_a_day_before()
    {
        await using var teacher = await city.SignIn(City.Primary, "gv15");
        var phone = new Phone(teacher.Page);
        await phone.Open();
        var date = teacher.Page.Locator("#capture-date");
        var earliest = await date.GetAttributeAsync("min");
        Assert.Equal(7, DateOnly.Parse((await date.GetAttributeAsync("max"))!, null).DayNumber - DateOnly.Parse(earliest!, null).DayNumber);
        await date.FillAsync(earliest!);
        await Expect(teacher.Page.Locator("#capture-title")).ToContainTextAsync(string.Join('/', earliest!.Split('-').Reverse()));
    }

    /// <summary>What the next question or notice says.</summary>
    private static Task<string> Answer(IPage page, bool accept)
    {
        var said = new TaskCompletionSource<string>();
        page.Dialog += Once;
        return said.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        async void Once(object? sender, IDialog dialog)
        {
            page.Dialog -= Once;
            await (accept ? dialog.AcceptAsync() : dialog.DismissAsync());
            said.TrySetResult(dialog.Message);
        }
    }
}
