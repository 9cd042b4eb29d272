using Microsoft.Playwright;
using TdmEdu.Demo;
using static Microsoft.Playwright.Assertions;

namespace TdmEdu.SystemTests;

/// <summary>What a family agrees to: the school's office writes it down, the teacher and the department read it.</summary>
public class ConsentTests(City city)
{
    [Fact]
    public async Task The_office_writes_down_what_a_family_agrees_to_and_what_it_takes_back()
    {
        var sheet = await city.Sheet(City.Secondary, DemoCity.ClassName(City.Secondary, 6));
        await using var office = await city.SignIn(City.Secondary, "vanphong");
        var page = office.Page;
        await page.GotoAsync($"/hoc-sinh?lop={sheet.Class}");
        await page.Locator("main table a, main li a").First.ClickAsync();
        var photos = page.Locator("li", new() { HasText = "Đăng ảnh" }).First;
        await Expect(photos).ToContainTextAsync("chưa có");

        await Say(page, "Ghi: đồng ý");
        await Expect(photos).Not.ToContainTextAsync("chưa có");
        await Expect(page.Locator(".alert-success")).ToContainTextAsync("Đã ghi");
        await Say(page, "Ghi: rút lại");
        await page.GetByText("Sổ ghi sự đồng ý").ClickAsync();
        await Expect(page.Locator("details li")).ToContainTextAsync(["đã đồng ý", "rút lại"]);
        await PageTests.Check(page);
        // Who said it is sealed.
        await Expect(page.Locator("main")).Not.ToContainTextAsync("Trần Thị Bịa");
        var address = new Uri(page.Url).AbsolutePath;
        await page.ClickAsync("form[action$='/rieng-tu'] button");
        await page.GetByText("Sổ ghi sự đồng ý").ClickAsync();
        await Expect(page.Locator("details li").First).ToContainTextAsync("Trần Thị Bịa");

        await using var officer = await city.SignIn("", "chuyenvien");
        await officer.Page.GotoAsync($"{address}?truong={city.IdOf(City.Secondary)}");
        await Expect(officer.Page.Locator("form[action$='/dong-y']")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task The_demo_has_pupils_of_whom_something_is_sealed()
    {
        var sheet = await city.Sheet(City.Secondary, DemoCity.ClassName(City.Secondary, 7));
        await using var office = await city.SignIn(City.Secondary, "vanphong");
        var (page, sealing) = (office.Page, office.Page.Locator("form[action$='/rieng-tu'] button"));
        await page.GotoAsync($"/hoc-sinh?lop={sheet.Class}");
        var addresses = await page.Locator("main table a, main li a").EvaluateAllAsync<string[]>("all => all.map(a => a.getAttribute('href'))");
        var known = 0;
        foreach (var address in addresses.Where(a => a.StartsWith("/hoc-sinh/", StringComparison.Ordinal)))
        {
            await page.GotoAsync(address);
            if (await sealing.CountAsync() > 0)
            {
                Assert.DoesNotContain("đường Bịa Đặt", await page.InnerTextAsync("main"), StringComparison.Ordinal);
                await sealing.ClickAsync();
                await Expect(page.Locator("main")).ToContainTextAsync("đường Bịa Đặt");
                known++;
            }
        }
        Assert.Equal(3, known);
    }

    private static async Task Say(IPage page, string button)
    {
        await page.GetByText("Ghi sự đồng ý hoặc rút lại").ClickAsync();
        await page.SelectOptionAsync("#ai-noi", "parent");
        await page.FillAsync("[name=ten-nguoi]", "Trần Thị Bịa");
        await page.GetByText(button).ClickAsync();
        await Expect(page.Locator(".alert-danger")).ToHaveCountAsync(0);
    }
}
