using System.Text.RegularExpressions;
using Microsoft.Playwright;
using TdmEdu.Demo;
using static Microsoft.Playwright.Assertions;

namespace TdmEdu.SystemTests;

/// <summary>From the homeroom teacher's printed cards to a pupil on the school's network and a parent at Central.</summary>
public partial class FamilyTests(City city)
{
    private const string Homeroom = "gv18";
    private const int Pupil = 1;
    private static readonly string ClassName = DemoCity.ClassName(City.Secondary, 17);

    [Fact]
    public async Task A_teacher_prints_the_cards_with_which_a_pupil_and_a_parent_see_one_child()
    {
        await using var teacher = await city.SignIn(City.Secondary, Homeroom);
        var phone = new Phone(teacher.Page);
        await phone.Open();
        await phone.OpenClass(ClassName);
        await phone.MarkThree();
        await phone.Send();
        await phone.Expect("centre", withinSeconds: 60);

        var cards = await Print(teacher.Page, "Làm thẻ cho em chưa có");
        Assert.InRange(cards.Count, 30, 60);
        var pins = await teacher.Page.Locator("[data-pin]").AllInnerTextsAsync();
        var code = await teacher.Page.Locator(".class-code").First.InnerTextAsync();
        var names = await teacher.Page.Locator(".pupil-sheet strong").AllInnerTextsAsync();
        await PageTests.Check(teacher.Page);

        await using var scanned = await city.Visit(city.Stack.EdgeUrls[City.Secondary]);
        await ComesIn(scanned.Page, cards[Pupil], "/em/diem-danh", names[Pupil], "Vắng không phép");
        await scanned.Page.ClickAsync("button:has-text('Đăng xuất')");
        await scanned.Page.WaitForURLAsync("**/em");
        await TypeIn(scanned.Page, code, pins[0]);
        await Expect(scanned.Page.Locator("h1")).ToHaveTextAsync(names[0]);

        var links = await Print(teacher.Page, "Làm liên kết phụ huynh cho em chưa có");
        Assert.All(links, link => Assert.StartsWith($"{city.Stack.CentralUrl}phu-huynh#", link, StringComparison.Ordinal));
        await PageTests.Check(teacher.Page);
        await using var parent = await city.Visit(city.Stack.CentralUrl);
        await AtCentral(parent.Page, links[Pupil]);
        await ComesIn(parent.Page, links[Pupil], "/phu-huynh/diem-danh", names[Pupil], "Vắng không phép");
        await Expect(parent.Page.Locator("main")).ToContainTextAsync("Số liệu trường đã gửi về Phòng Giáo dục đến");
        Assert.Equal(403, (await parent.Page.GotoAsync("/hom-nay"))!.Status);
    }

    /// <summary>The list of the one class that the teacher has, and what one of its buttons makes for printing.</summary>
    private async Task<List<string>> Print(IPage page, string button)
    {
        await page.GotoAsync("/the-hoc-sinh");
        await page.ClickAsync("form.filters button");
        await page.WaitForURLAsync("**lop=*");
        await PageTests.Check(page);
        await page.ClickAsync($"button:has-text('{button}')");
        await city.ConfirmPassword(page, City.Secondary, Homeroom);
        await page.WaitForSelectorAsync(".pupil-sheet");
        return [.. await page.Locator(".pupil-sheet a").EvaluateAllAsync<string[]>("all => all.map(a => a.href)")];
    }

    /// <summary>The secret goes to the server in the one form, and is in no address, no Referer and no history.</summary>
    private static async Task ComesIn(IPage page, string address, string leadsTo, string name, string said)
    {
        var secret = address[^40..];
        var told = new List<string>();
        page.Request += (_, request) => told.Add($"{request.Url} {string.Join(' ', request.Headers.Values)}");
        await page.GotoAsync("/cai-chung-chi");
        await page.GotoAsync(address);
        await page.WaitForURLAsync($"**{leadsTo}");
        await Expect(page.Locator("h1")).ToHaveTextAsync(name);
        await Expect(page.Locator("main table")).ToContainTextAsync(said);
        await PageTests.Check(page);
        Assert.NotEmpty(told);
        Assert.DoesNotContain(told, t => t.Contains(secret, StringComparison.Ordinal));
        await page.GoBackAsync();
        Assert.DoesNotContain(secret, page.Url, StringComparison.Ordinal);
        await page.GoForwardAsync();
    }

    /// <summary>Without a mouse, and with a keyboard that is set to Vietnamese or not.</summary>
    private static async Task TypeIn(IPage page, string code, string pin)
    {
        Assert.Matches(ClassCode(), code);
        await Expect(page.Locator("#ma-lop")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync(code.ToLowerInvariant());
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync(pin);
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/em/diem-danh");
    }

    /// <summary>What the box has written a moment ago is not at Central yet.</summary>
    internal static async Task AtCentral(IPage page, string link)
    {
        for (var attempt = 0; attempt < 12 && !page.Url.EndsWith("/diem-danh", StringComparison.Ordinal); attempt++)
        {
            await page.WaitForTimeoutAsync(attempt * 1_000);
            await page.GotoAsync("/phu-huynh");
            await page.FillAsync("#matkhau", link);
            await page.ClickAsync("main button");
            await page.WaitForLoadStateAsync();
        }
    }

    [GeneratedRegex("^[BCHKMNPTVX234679]{6}$")]
    private static partial Regex ClassCode();
}
