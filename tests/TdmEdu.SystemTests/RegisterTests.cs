using Microsoft.Playwright;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using static Microsoft.Playwright.Assertions;

namespace TdmEdu.SystemTests;

/// <summary>A class's register as the office of a school meets it: filled, locked, printed, checked and opened again, and the letter that follows from it.</summary>
public class RegisterTests(City city)
{
    private const string ClassName = "9Z";

    /// <summary>The last days belong to <see cref="TodayTests"/>.</summary>
    private const int OtherTestsDays = 3;

    /// <summary>One more than a pupil may miss.</summary>
    private const int Absences = 46;

    [Fact]
    public async Task A_register_is_locked_with_a_code_that_is_checked_and_opened_with_a_reason_and_46_sessions_make_a_letter()
    {
        await using var office = await city.SignIn(City.Secondary, "vanphong");
        var page = office.Page;
        using var client = await city.Client(City.Secondary, "vanphong");
        var today = (await client.Today(TestContext.Current.CancellationToken)).Today;
        var days = Enumerable.Range(OtherTestsDays + 1, 120).Select(back => today.AddDays(-back)).Where(d => d.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday))
            .Take(Absences + 4).Order().ToList();
        var lop = await AddClass(page, days[0]);
        var sent = await SendAbsent(client, lop, days);
        Assert.SkipWhen(sent <= Absences, "The school year is too young for 46 sessions.");
        var month = new DateOnly(today.Year, today.Month, 1).AddMonths(-1);

        await page.GotoAsync($"/so-diem-danh?thang={month:yyyy-MM}");
        await PageTests.Check(page);
        await page.Locator($"tr[data-class='{lop}'] a").ClickAsync();
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(1);
        Assert.Contains("K", await page.Locator("tbody tr").InnerTextAsync(), StringComparison.Ordinal);
        await Press(page, "khoa");
        await Expect(page.Locator("[data-locked=true]")).ToBeVisibleAsync();
        await PageTests.Check(page);
        var code = await page.Locator("[data-code]").InnerTextAsync();
        // On paper: nothing of the site, the school's head, all 31 days, and no other host was asked for anything.
        await page.EmulateMediaAsync(new() { Media = Media.Print });
        await Expect(page.Locator(".print-head")).ToBeVisibleAsync();
        await Expect(page.Locator(".site-header")).ToBeHiddenAsync();
        Assert.Equal(31 + 8, await page.Locator(".month-book thead th").CountAsync());
        var sources = await page.EvaluateAsync<string[]>("() => performance.getEntriesByType('resource').map(r => new URL(r.name).host)");
        Assert.All(sources, host => Assert.Equal(new Uri(page.Url).Authority, host));
        await page.EmulateMediaAsync(new() { Media = Media.Screen });

        // In the locked month nothing is written, and the page says so before anybody types.
        await page.GotoAsync($"/diem-danh#{lop}/{days.First(d => d.Month == month.Month).Iso()}/morning");
        await Expect(page.Locator("#capture-shut")).ToContainTextAsync("đã khóa sổ");

        await page.GotoAsync("/kiem-tra");
        await page.FillAsync("#ma", code.ToLowerInvariant());
        await page.PressAsync("#ma", "Enter");
        await Expect(page.Locator("[data-check=equal]")).ToBeVisibleAsync();
        await PageTests.Check(page);
        await page.Locator("main a.btn").ClickAsync();
        await page.FillAsync("#vi-sao", "Nhập nhầm buổi đầu tháng");
        await Press(page, "mo-khoa");
        await Expect(page.Locator("[data-locked=false]")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-act=Unlocked]")).ToContainTextAsync("Nhập nhầm buổi đầu tháng");

        await NoteFifteenMinutes(page, client, lop, days[^1]);

        await page.GotoAsync("/chuyen-can");
        var line = page.Locator("tr[data-over=true]").Filter(new() { HasText = ClassName });
        await Expect(line).ToContainTextAsync("quá 45 buổi");
        await PageTests.Check(page);
        await line.Locator("a").ClickAsync();
        await Expect(page.Locator("[data-letter=over] [data-total]")).ToHaveTextAsync($"{sent - 1}");
        await PageTests.Check(page);
    }

    /// <summary>The last day was no absence: the office has late with minutes, and a code of its own, elsewhere for the school.</summary>
    private static async Task NoteFifteenMinutes(IPage page, TdmEdu.Demo.EdgeClient client, Guid lop, DateOnly day)
    {
        await page.GotoAsync($"/diem-danh#{lop}/{day.Iso()}/morning");
        var row = page.Locator("#capture-rows > li").First;
        await Expect(row.Locator("[data-code=offSite]")).ToBeVisibleAsync();
        await row.Locator("[data-code=late]").ClickAsync();
        await row.Locator("input").FillAsync("15");
        await row.Locator("input").PressAsync("Tab");
        await PageTests.Check(page);
        await page.ClickAsync("#capture-send");
        await Phone.Expect(page.Locator("#capture-status [data-state]"), "centre", withinSeconds: 60);
        var sheet = await client.Sheet(lop, day, Slot.Morning, TestContext.Current.CancellationToken);
        Assert.Equal((MarkCode.Late, 15), (sheet.Pupils.Single().Code, sheet.Pupils.Single().Minutes));
    }

    /// <summary>As somebody with a keyboard does it; the password is asked for when the sign-in is a while ago.</summary>
    private async Task Press(IPage page, string action)
    {
        await page.Locator($"form[action$='/{action}'] button").PressAsync("Enter");
        await city.ConfirmPassword(page, City.Secondary, "vanphong");
    }

    private static async Task<Guid> AddClass(IPage page, DateOnly from)
    {
        await page.GotoAsync("/hoc-sinh");
        await page.ClickAsync("summary:has-text('Thêm lớp')");
        var form = page.Locator("form[action='/hoc-sinh/lop']");
        await form.Locator("#ten").FillAsync(ClassName);
        await form.Locator("#khoi").FillAsync("9");
        await form.Locator("button").ClickAsync();
        await page.WaitForURLAsync("**lop=*");
        await page.ClickAsync("summary:has-text('Thêm học sinh vào lớp này')");
        var pupil = page.Locator("form[action='/hoc-sinh']").Filter(new() { Has = page.Locator("#hoten") });
        await pupil.Locator("#hoten").FillAsync("Đặng Thị Vắng");
        await pupil.Locator("#ngay").FillAsync(from.Iso());
        await pupil.Locator("button").ClickAsync();
        await page.WaitForURLAsync("**ghi=1*");
        return Guid.Parse(page.Url.Split("lop=")[1].Split('&')[0]);
    }

    private static async Task<int> SendAbsent(TdmEdu.Demo.EdgeClient client, Guid lop, IEnumerable<DateOnly> days)
    {
        var (cancel, sent) = (TestContext.Current.CancellationToken, 0);
        foreach (var day in days)
        {
            var sheet = await client.Sheet(lop, day, Slot.Morning, cancel);
            if (sheet.Shut is null)
            {
                await client.Submit(new(
                    Guid.CreateVersion7(), lop, day, Slot.Morning, null, [new(sheet.Pupils.Single().Id, MarkCode.Unexcused)], [], 1), cancel);
                sent++;
            }
        }
        return sent;
    }
}
