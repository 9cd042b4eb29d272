using System.Diagnostics;
using System.Web;
using Microsoft.Playwright;
using TdmEdu.Demo;
using TdmEdu.Modules.Registry;
using static Microsoft.Playwright.Assertions;

namespace TdmEdu.SystemTests;

/// <summary>A pupil goes from one school to another, by the department's pages and the boxes of both schools.</summary>
public class TransferTests(City city)
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Department_moves_a_pupil_and_the_new_school_gets_the_profile()
    {
        await using var officer = await city.SignIn("", "chuyenvien");
        var page = officer.Page;
        var (from, to) = (NameOf(City.Primary), NameOf(City.Secondary));
        await page.GotoAsync("/chuyen-truong");
        await page.SelectOptionAsync("#tu", new SelectOptionValue { Label = from });
        await page.FillAsync("#tim", "Nguyen");
        await page.ClickAsync("main button:has-text('Tìm')");
        var found = page.Locator("main ul.list-group a").First;
        var name = (await found.InnerTextAsync()).Trim();
        await PageTests.Check(page);
        await Shoot(page, "chuyen-truong-tim");
        await found.ClickAsync();
        var pupil = HttpUtility.ParseQueryString(new Uri(page.Url).Query)["hs"];

        await AddGuardian($"/hoc-sinh/{pupil}", "Trần Thị Ngoại", "0909123456");
        await page.SelectOptionAsync("#den", new SelectOptionValue { Label = to });
        // Yesterday was the last day, so that nothing is waited for but the old school's box.
        await page.FillAsync("#ngay", TimeProvider.System.Today().AddDays(-1).Iso());
        await page.ClickAsync("main button:has-text('Tiếp tục')");
        var newClass = DemoCity.ClassName(City.Secondary, 5);
        await page.SelectOptionAsync("#lop", new SelectOptionValue { Label = newClass });
        await page.ClickAsync("main button:has-text('Xem trước')");
        await Expect(page.Locator("#se-xay-ra")).ToBeVisibleAsync();
        await Expect(page.Locator("main section")).ToContainTextAsync($"lớp {newClass}, {to}");
        await PageTests.Check(page);
        await Shoot(page, "chuyen-truong-moi");
        await page.ClickAsync("main button:has-text('Xác nhận chuyển trường')");

        await Expect(page.Locator("[role=status]")).ToContainTextAsync("Trường mới nhận hồ sơ ngay");
        await Expect(page.Locator("article", new() { HasText = name })).ToContainTextAsync($"{from} → {to}");
        await PageTests.Check(page);
        await Shoot(page, "chuyen-truong");

        // The new school's box has the profile, the old one's had it: its page is gone, its register of the past is not.
        await Opens(City.Secondary, $"/hoc-sinh/{pupil}", 200, $"Chuyển đến từ {from}");
        await Opens(City.Primary, $"/hoc-sinh/{pupil}", 404);
        // Whom to call at home is there too, for who asks to see it.
        await using var office = await city.SignIn(City.Secondary, "vanphong");
        await Reveal(office.Page, City.Secondary, $"/hoc-sinh/{pupil}");
        await Expect(office.Page.Locator("main dl")).ToContainTextAsync("Trần Thị Ngoại (Ông, bà) · 0909123456");
        await page.GotoAsync("/chuyen-truong");
        await Expect(page.Locator("article", new() { HasText = name })).ToContainTextAsync("Xong: hồ sơ đã rút khỏi trường cũ.");
        await Shoot(page, "chuyen-truong-xong");
        await using var it = await city.SignIn("", "quantri");
        Assert.Equal(403, (await it.Page.GotoAsync("/chuyen-truong"))!.Status);
    }

    private async Task AddGuardian(string address, string name, string phone)
    {
        await using var office = await city.SignIn(City.Primary, "vanphong");
        var page = office.Page;
        await Reveal(page, City.Primary, address);
        await page.ClickAsync("summary:has-text('Sửa gia đình')");
        await page.Locator("[name=gh-ten]").Last.FillAsync(name);
        await page.Locator("[name=gh-quanhe]").Last.SelectOptionAsync("Grandparent");
        await page.Locator("[name=gh-sdt]").Last.FillAsync(phone);
        await page.ClickAsync("form[action$='/gia-dinh'] button");
        await Expect(page.Locator(".alert-success")).ToBeVisibleAsync();
    }

    /// <summary>Of whom nothing is sealed yet there is nothing to open.</summary>
    private async Task Reveal(IPage page, string school, string address)
    {
        await page.GotoAsync(address);
        var button = page.Locator("form[action$='/rieng-tu'] button");
        if (await button.CountAsync() > 0)
        {
            await button.ClickAsync();
            await city.ConfirmPassword(page, school, "vanphong");
        }
    }

    private async Task Opens(string school, string address, int status, string? says = null)
    {
        await using var office = await city.SignIn(school, "vanphong");
        var waited = Stopwatch.StartNew();
        while ((await office.Page.GotoAsync(address))!.Status != status)
        {
            Assert.True(waited.Elapsed < Within, $"{address} of {school} did not come to {status}.");
            await Task.Delay(500, TestContext.Current.CancellationToken);
        }
        await Expect(office.Page.Locator("main")).ToContainTextAsync(says ?? "");
    }

    private static string NameOf(string code) => DemoCity.Schools.Single(s => s.Code == code).Name;

    private static async Task Shoot(IPage page, string name)
    {
        if (City.Screenshots is { } folder)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}-360.png"), FullPage = true });
        }
    }
}
