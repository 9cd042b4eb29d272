using System.Text.RegularExpressions;
using Microsoft.Playwright;
using TdmEdu.Demo;
using TdmEdu.Modules.Attendance;
using static Microsoft.Playwright.Assertions;

namespace TdmEdu.SystemTests;

/// <summary>Notices of absence: asked by a parent at Central, answered by the homeroom teacher on the box, and what stands in the session.</summary>
public class NoticeTests(City city)
{
    private const string Homeroom = "gv22";
    private static readonly string ClassName = DemoCity.ClassName(City.Secondary, 21);

    [Fact]
    public async Task A4_Approved_leave_pre_marks_P_a_teacher_overrides_it_to_present_only_and_a_later_note_turns_K_into_P()
    {
        await using var teacher = await city.SignIn(City.Secondary, Homeroom);
        await using var parent = await city.Visit(city.Stack.CentralUrl);
        var names = await AskAtCentral(teacher.Page, parent.Page, row: 1);
        var (asked, page) = (names[1], teacher.Page);

        // The box hears of it when its line next brings something.
        var waiting = page.Locator("section[data-notice]").Filter(new() { HasText = asked });
        for (var attempt = 0; attempt < 30 && await waiting.CountAsync() == 0; attempt++)
        {
            await page.WaitForTimeoutAsync(1_000);
            await page.GotoAsync("/don-xin-nghi");
        }
        await Expect(waiting).ToContainTextAsync("Em bị sốt");
        await PageTests.Check(page);
        await waiting.GetByRole(AriaRole.Button, new() { NameRegex = new("^Duyệt đơn") }).ClickAsync();
        await Expect(waiting.Locator("[data-state=Approved]")).ToBeVisibleAsync();
        Assert.Null((await city.Sheet(City.Secondary, ClassName)).Tally);

        var phone = new Phone(page);
        await phone.Open();
        await Expect(phone.Card(ClassName)).ToHaveAttributeAsync("data-sent", "false");
        await phone.OpenClass(ClassName);
        var row = phone.Rows.Nth(1);
        await Expect(row.Locator(".chip")).ToHaveTextAsync("có đơn");
        await Expect(Mark(row, "excused")).ToHaveAttributeAsync("aria-pressed", "true");
        await Expect(Mark(row, "unexcused")).ToHaveAttributeAsync("aria-disabled", "true");
        // Neither the finger nor the keyboard makes it K.
        await Mark(row, "unexcused").TapAsync(new() { Force = true });
        await Mark(row, "unexcused").PressAsync("Space");
        await Expect(row).ToHaveAttributeAsync("data-code", "excused");
        await phone.Mark(1, "late");
        await Expect(row).ToHaveAttributeAsync("data-code", "late");
        await phone.Mark(1, "excused");
        await PageTests.Check(page);
        await phone.Mark(3, "unexcused");
        await phone.Send();
        await phone.Expect("centre", withinSeconds: 60);
        var sent = await city.Sheet(City.Secondary, ClassName);
        Assert.Equal((1, 1, 0), (sent.Tally!.Excused, sent.Tally.Unexcused, sent.Tally.TwoOpinions));

        // She comes all the same: what the teacher sees stands, and that the notice said otherwise is shown no more, the teacher knew it.
        await Mark(row, "excused").TapAsync();
        await Expect(row).ToHaveAttributeAsync("data-code", "present");
        await phone.Send();
        await Expect(page.Locator("#capture-send")).ToHaveTextAsync("Đã gửi");
        Assert.Equal((MarkCode.Present, false), Standing(await city.Sheet(City.Secondary, ClassName), 1));

        await EnterLetter(page, names[3]);
        var later = await city.Sheet(City.Secondary, ClassName);
        Assert.Equal((MarkCode.Excused, false), Standing(later, 3));
        Assert.Equal((1, 0), (later.Tally!.Excused, later.Tally.Unexcused));
        Assert.Equal(sent.Submissions, sent.Submissions.Intersect(later.Submissions));

        await parent.Page.GotoAsync("/phu-huynh/xin-nghi");
        for (var attempt = 0; attempt < 30 && await parent.Page.Locator("[data-state=Approved]").CountAsync() == 0; attempt++)
        {
            await parent.Page.WaitForTimeoutAsync(1_000);
            await parent.Page.ReloadAsync();
        }
        await Expect(parent.Page.Locator("section[data-notice]")).ToContainTextAsync(new Regex("Duyệt lúc \\d\\d:\\d\\d"));
    }

    /// <summary>With the link that the teacher gave; tells the names of the class in the order of its list.</summary>
    private async Task<IReadOnlyList<string>> AskAtCentral(IPage teacher, IPage parent, int row)
    {
        await teacher.GotoAsync("/the-hoc-sinh");
        await teacher.ClickAsync("form.filters button");
        await teacher.WaitForURLAsync("**lop=*");
        await teacher.ClickAsync("button:has-text('Làm liên kết phụ huynh cho em chưa có')");
        await city.ConfirmPassword(teacher, City.Secondary, Homeroom);
        await teacher.WaitForSelectorAsync(".pupil-sheet");
        var links = await teacher.Locator(".pupil-sheet a").EvaluateAllAsync<string[]>("all => all.map(a => a.href)");
        var names = await teacher.Locator(".pupil-sheet strong").AllInnerTextsAsync();
        await FamilyTests.AtCentral(parent, links[row]);
        await parent.GotoAsync("/phu-huynh/xin-nghi");
        await PageTests.Check(parent);
        await parent.FillAsync("#ly-do", "Em bị sốt");
        await parent.ClickAsync("main button:has-text('Gửi đơn')");
        await Expect(parent.Locator("[data-state=Sent]")).ToHaveTextAsync("Chờ nhà trường");
        await PageTests.Check(parent);
        return names;
    }

    private static async Task EnterLetter(IPage page, string name)
    {
        await page.GotoAsync("/don-xin-nghi");
        await page.SelectOptionAsync("#hs", new SelectOptionValue { Label = name });
        await page.ClickAsync("main button:has-text('Nhập và duyệt')");
        await Expect(page.Locator("section[data-notice]").Filter(new() { HasText = name }).Locator("[data-state=Approved]")).ToBeVisibleAsync();
    }

    private static ILocator Mark(ILocator row, string code) => row.Locator($"[data-code={code}]");

    private static (MarkCode?, bool) Standing(SheetReply sheet, int row) => (sheet.Pupils[row].Code, sheet.Pupils[row].TwoOpinions);
}
