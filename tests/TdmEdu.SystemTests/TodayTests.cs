using Microsoft.Playwright;
using TdmEdu.Demo;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;
using static Microsoft.Playwright.Assertions;

namespace TdmEdu.SystemTests;

/// <summary>The department's page of the day.</summary>
public class TodayTests(City city)
{
    private const int CellsUnknown = 4;
    private const int LineSeenWithinSeconds = 60;

    [Fact]
    public async Task Case_79_Figures_are_of_what_was_submitted_and_name_the_units_that_are_missing()
    {
        using var office = await city.Client(City.Secondary, "vanphong");
        var today = await office.Today(CancellationToken.None);
        var (day, slot) = (today with { Date = SchoolDayBefore(today.Date) }, Slot.Morning);
        var ofSchool = new Dictionary<string, int>();
        foreach (var school in DemoCity.Schools)
        {
            // Asked of the boxes: other tests add classes.
            using var box = await city.Client(school.Code, "vanphong");
            ofSchool[school.Code] = (await box.Today(CancellationToken.None)).Classes.Count;
        }
        var classes = ofSchool.Values.Sum();
        await using var department = await city.SignIn("", "chuyenvien", desktop: true);
        var page = department.Page;
        await page.GotoAsync($"/hom-nay?ngay={day.Date.Iso()}&buoi={slot}");
        await Expect(page.Locator("#so-lop-chua-nop")).ToHaveTextAsync($"{classes} / {classes}");
        foreach (var figure in (string[])["#so-co-mat", "#so-co-phep", "#so-khong-phep", "#so-muon"])
        {
            await Expect(page.Locator(figure)).ToContainTextAsync("—");
        }
        foreach (var school in DemoCity.Schools)
        {
            await Expect(Row(page, school.Name).Locator("td").Nth(0)).ToHaveTextAsync($"0 / {ofSchool[school.Code]}");
            await Expect(Row(page, school.Name).GetByText("—", new() { Exact = true })).ToHaveCountAsync(CellsUnknown);
        }

        var first = await Submit(office, day, 0, slot, MarkCode.Unexcused, MarkCode.Excused, MarkCode.Late);
        var second = await Submit(office, day, 1, slot);
        await Expect(page.Locator("#so-lop-chua-nop")).ToHaveTextAsync($"{classes - 2} / {classes}", new() { Timeout = 40_000 });
        var (name, own) = (DemoCity.Schools.Single(s => s.Code == City.Secondary).Name, ofSchool[City.Secondary]);
        await Expect(Row(page, name).Locator("td")).ToContainTextAsync(
            [$"2 / {own}", $"{own - 2}", $"{first + second - 2} / {first + second}", "1", "1", "1"]);
        await Expect(page.Locator("#so-khong-phep")).ToHaveTextAsync("1");
        await Expect(page.Locator(".missing li")).ToHaveCountAsync(DemoCity.Schools.Count);
        await Expect(page.Locator(".missing li", new() { HasTextString = name })).ToContainTextAsync($"chưa nộp {own - 2}/{own} lớp");
        await Shoot(page, day.Date, slot);
    }

    [Theory]
    [InlineData("?ngay=1800-01-01", "Không có dữ liệu của ngày 01/01/1800")]
    [InlineData("?ngay=2030-01-06", "không thuộc năm học nào")]
    [InlineData("?ngay=9999-12-31", "không thuộc năm học nào")]
    public async Task A_day_on_which_nothing_is_due_is_neither_all_in_nor_missing(string query, string why)
    {
        await using var department = await city.SignIn("", "chuyenvien");
        var page = department.Page;
        await page.GotoAsync($"/hom-nay{query}");
        await Expect(page.Locator("#vi-sao-trong")).ToContainTextAsync(why);
        await Expect(page.Locator(".alert-success, .alert-warning, .tile-alert, .is-missing")).ToHaveCountAsync(0);
        await page.GotoAsync("/hom-nay?ngay=2026-02-31");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("một ngày không có thật");
    }

    [Fact]
    public async Task A_school_is_a_card_that_a_thumb_can_open_on_a_phone()
    {
        await using var department = await city.SignIn("", "chuyenvien");
        var page = department.Page;
        await page.GotoAsync("/hom-nay");
        foreach (var school in DemoCity.Schools)
        {
            var box = (await page.GetByRole(AriaRole.Link, new() { Name = school.Name, Exact = true }).BoundingBoxAsync())!;
            Assert.InRange(box.Height, 44, 60);
            Assert.True(box.Width >= 200, $"{school.Name}: {box.Width} px wide");
        }
    }

    [Fact]
    public async Task A_line_that_is_cut_shows_and_the_data_grows_old()
    {
        await using var department = await city.SignIn("", "chuyenvien", desktop: true);
        var page = department.Page;
        await page.GotoAsync("/hom-nay");
        await WaitForLines(page, "online");
        city.Stack.Line.Cut();
        try
        {
            await WaitForLines(page, "offline");
            await Expect(page.Locator("[data-line]").First).ToContainTextAsync("mất nối từ");
            var upTo = await page.Locator("tbody time").First.GetAttributeAsync("datetime");
            await Task.Delay(2000, TestContext.Current.CancellationToken);
            await page.ReloadAsync();
            Assert.Equal(upTo, await page.Locator("tbody time").First.GetAttributeAsync("datetime"));
        }
        finally
        {
            city.Stack.Line.Mend();
        }
        await WaitForLines(page, "online");
    }

    /// <summary>A day that no other test touches (the register's starts further back); the demo's year has lessons from Monday to Friday.</summary>
    private static DateOnly SchoolDayBefore(DateOnly today) =>
        Enumerable.Range(1, 3).Select(n => today.AddDays(-n)).First(d => d.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday));

    private static ILocator Row(IPage page, string school) =>
        page.Locator("tbody tr").Filter(new() { Has = page.GetByRole(AriaRole.Link, new() { Name = school, Exact = true }) });

    private static async Task WaitForLines(IPage page, string state)
    {
        var lines = page.Locator($"[data-line={state}]");
        for (var second = 0; second < LineSeenWithinSeconds && await lines.CountAsync() < DemoCity.Schools.Count; second++)
        {
            await Task.Delay(1000, TestContext.Current.CancellationToken);
            await page.ReloadAsync();
        }
        await Expect(lines).ToHaveCountAsync(DemoCity.Schools.Count);
    }

    /// <returns>The number of pupils in the class.</returns>
    private static async Task<int> Submit(EdgeClient office, DayReply day, int n, Slot slot, params MarkCode[] codes)
    {
        var pupils = (await office.Sheet(day.Classes[n].Id, day.Date, slot, CancellationToken.None)).Pupils;
        var marks = codes.Select((code, i) => new Mark(pupils[i * 3].Id, code)).ToArray();
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        await office.Submit(
            new(RecordId.New(TimeProvider.System), day.Classes[n].Id, day.Date, slot, [.. pupils.Select(p => p.Id)], marks, [], now),
            CancellationToken.None);
        return pupils.Count;
    }

    /// <summary>A day as it looks at half past seven: most classes are in, one school's line is down.</summary>
    private async Task Shoot(IPage page, DateOnly date, Slot slot)
    {
        if (City.Screenshots is not { } folder)
        {
            return;
        }
        MarkCode[][] usual =
            [[MarkCode.Unexcused, MarkCode.Late], [MarkCode.Excused], [], [MarkCode.Excused, MarkCode.Excused], [MarkCode.Late], []];
        foreach (var (school, skip) in (IEnumerable<(string, int)>)[(City.Preschool, 0), (City.Primary, 5), (City.Secondary, 9)])
        {
            using var office = await city.Client(school, "vanphong");
            var own = await office.Today(CancellationToken.None) with { Date = date };
            for (var n = school == City.Secondary ? 2 : 0; n < own.Classes.Count - skip; n++)
            {
                await Submit(office, own, n, slot, usual[n % usual.Length]);
            }
        }
        await Task.Delay(3000, TestContext.Current.CancellationToken);
        city.Stack.KillEdge(City.Secondary);
        for (var second = 0; second < LineSeenWithinSeconds && await page.Locator("[data-line=offline]").CountAsync() == 0; second++)
        {
            await Task.Delay(1000, TestContext.Current.CancellationToken);
            await page.ReloadAsync();
        }
        await page.ScreenshotAsync(new() { Path = Path.Combine(folder, "today.png") });
        await city.Stack.StartEdge(City.Secondary, TestContext.Current.CancellationToken);
    }
}
