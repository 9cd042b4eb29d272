using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using TdmEdu.Demo;
using TdmEdu.Modules.Attendance;
using static Microsoft.Playwright.Assertions;

namespace TdmEdu.SystemTests;

/// <summary>Attendance on a teacher's phone, with every way in which a network lets people down.</summary>
public class CaptureTests(City city, ITestOutputHelper output)
{
    private const int TapsMax = 8;
    private static readonly Regex AtTheBox = new("^(box|centre)$");
    private static readonly TimeSpan CaptureWithin = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A1_Thirty_eight_pupils_with_three_exceptions_take_8_taps_and_20_seconds_on_a_slow_phone()
    {
        await using var teacher = await city.SignIn(City.Primary, "gv01");
        var phone = new Phone(teacher.Page);
        var cdp = await teacher.Context.NewCDPSessionAsync(teacher.Page);
        await cdp.SendAsync("Emulation.setCPUThrottlingRate", new() { ["rate"] = 4 });
        await cdp.SendAsync("Network.emulateNetworkConditions", new()
        {
            ["offline"] = false, ["latency"] = 200, ["downloadThroughput"] = 400_000 / 8, ["uploadThroughput"] = 400_000 / 8,
        });

        var clock = Stopwatch.StartNew();
        await phone.Open();
        await phone.OpenClass(DemoCity.ClassName(City.Primary, 0));
        await phone.MarkThree();
        await Shoot(teacher.Page);
        await phone.Send();
        await Expect(phone.State).ToHaveAttributeAsync("data-state", AtTheBox, new() { Timeout = 60_000 });
        clock.Stop();

        output.WriteLine($"open → sent: {phone.Taps} taps, {clock.Elapsed.TotalSeconds:0.0} s, {await phone.Rows.CountAsync()} pupils");
        Assert.True(await phone.Rows.CountAsync() >= 35);
        Assert.True(phone.Taps <= TapsMax, $"{phone.Taps} taps");
        Assert.True(clock.Elapsed <= CaptureWithin, $"{clock.Elapsed.TotalSeconds:0.0} s");
        var sheet = await city.Sheet(City.Primary, DemoCity.ClassName(City.Primary, 0));
        Assert.Equal((1, 1, 1), (sheet.Tally!.Unexcused, sheet.Tally.Excused, sheet.Tally.Late));
    }

    [Fact]
    public async Task What_is_sent_without_wifi_stays_on_the_phone_and_goes_by_itself_when_it_is_back()
    {
        var className = DemoCity.ClassName(City.Primary, 2);
        using var wifi = new Relay(city.Stack.EdgeUrls[City.Primary].Port);
        await using var teacher = await city.SignIn(City.Primary, "gv03", new($"https://localhost:{wifi.Port}"));
        var phone = new Phone(teacher.Page);
        await phone.Open();
        await phone.WaitUntilInstalled();
        await phone.OpenClass(className);

        wifi.Cut();
        await teacher.Context.SetOfflineAsync(true);
        await phone.MarkThree();
        await phone.Send();
        await phone.Expect("phone");
        await Expect(phone.State).ToContainTextAsync("Trên điện thoại này");
        await Expect(teacher.Page.Locator("#capture-send")).ToHaveTextAsync("Đã lưu, chờ gửi");
        await Expect(teacher.Page.Locator("#capture-notice")).ToContainTextAsync("Không kết nối được máy chủ trường");
        await teacher.Page.GotoAsync("/hoc-sinh");
        await Expect(teacher.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Điểm danh thì vẫn làm được");
        await teacher.Page.Locator("main").GetByRole(AriaRole.Link, new() { Name = "Điểm danh" }).ClickAsync();
        await phone.OpenClass(className);
        await teacher.Page.ReloadAsync();
        await phone.Expect("phone");
        Assert.Empty((await city.Sheet(City.Primary, className)).Submissions);

        wifi.Mend();
        await teacher.Context.SetOfflineAsync(false);
        await Expect(phone.State).Not.ToHaveAttributeAsync("data-state", "phone", new() { Timeout = 30_000 });
        await phone.Expect("centre", withinSeconds: 60);
        await Expect(phone.State).ToHaveTextAsync("Đã đến trung tâm");
        Assert.Single((await city.Sheet(City.Primary, className)).Submissions);
    }

    [Fact]
    public async Task What_the_box_has_is_shown_as_safe_there_until_the_line_to_the_centre_is_mended()
    {
        await using var teacher = await city.SignIn(City.Primary, "gv07");
        var phone = new Phone(teacher.Page);
        await phone.Open();
        await phone.OpenClass(DemoCity.ClassName(City.Primary, 6));
        city.Stack.Line.Cut();
        try
        {
            await phone.MarkThree();
            await phone.Send();
            await phone.Expect("box");
            await Expect(phone.State).ToHaveTextAsync("An toàn ở máy chủ trường");
            await Expect(teacher.Page.Locator("#capture-send")).ToHaveTextAsync("Đã gửi");
            await Expect(teacher.Page.Locator("#capture-send")).ToBeDisabledAsync();
            // Long enough for the phone to have asked again.
            await Task.Delay(4000, TestContext.Current.CancellationToken);
            await phone.Expect("box");
        }
        finally
        {
            city.Stack.Line.Mend();
        }
        await phone.Expect("centre", withinSeconds: 60);
    }

    [Fact]
    public async Task A_reply_that_got_lost_does_not_make_a_second_submission()
    {
        var className = DemoCity.ClassName(City.Primary, 4);
        await using var teacher = await city.SignIn(City.Primary, "gv05");
        var ids = new List<string>();
        await teacher.Page.RouteAsync("**/api/attendance/submissions", async route =>
        {
            using var body = JsonDocument.Parse(route.Request.PostData!);
            ids.Add(body.RootElement.GetProperty("id").GetString()!);
            if (ids.Count == 1)
            {
                Assert.True((await route.FetchAsync()).Ok);
                await route.AbortAsync();
                return;
            }
            await route.ContinueAsync();
        });
        var phone = new Phone(teacher.Page);
        await phone.Open();
        await phone.OpenClass(className);
        await phone.MarkThree();
        await phone.Send();
        await Expect(phone.State).ToHaveAttributeAsync("data-state", AtTheBox, new() { Timeout = 30_000 });
        Assert.Equal(2, ids.Count);
        Assert.Single(ids.Distinct());
        Assert.Single((await city.Sheet(City.Primary, className)).Submissions);
    }

    [Fact]
    public async Task A3_Two_phones_with_one_contradiction_are_both_kept_the_offices_word_stands_and_the_chip_shows_it_to_everybody()
    {
        var className = DemoCity.ClassName(City.Primary, 8);
        await using var office = await city.SignIn(City.Primary, "vanphong");
        await using var homeroom = await city.SignIn(City.Primary, "gv09");
        var (first, second) = (new Phone(office.Page), new Phone(homeroom.Page));
        foreach (var phone in (Phone[])[first, second])
        {
            await phone.Open();
            await phone.OpenClass(className);
        }
        await first.Mark(2, "unexcused");
        await first.Mark(4, "late");
        await first.Send();
        await Expect(first.State).Not.ToHaveAttributeAsync("data-state", "phone");
        await second.Mark(2, "excused");
        await second.Mark(6, "leftEarly");
        await second.Send();
        await Expect(second.Rows.Nth(2).Locator(".chip")).ToHaveTextAsync("2 ý kiến");
        await Expect(second.Rows.Nth(2).Locator(".opinions span")).ToHaveTextAsync(new Regex("^.+: Vắng không phép \\d\\d:\\d\\d · .+: Vắng có phép \\d\\d:\\d\\d$"));
        await Expect(homeroom.Page.Locator("#capture-status")).ToContainTextAsync("các bài được gộp lại");
        await PageTests.Check(homeroom.Page);
        // Looking at it settles nothing. The office's word goes before the teacher's, which is later.
        await second.Rows.Nth(2).Locator(".opinions span").TapAsync();
        await Expect(homeroom.Page.Locator("#capture-send")).ToBeDisabledAsync();
        await Expect(second.Rows.Nth(2).Locator(".settle")).ToHaveTextAsync("Chốt: Vắng không phép");
        // The first phone has the session open all the while, and hears of it at its next look: here, when its line is back.
        await Expect(first.Rows.Nth(2).Locator(".chip")).ToHaveCountAsync(0);
        await office.Page.EvaluateAsync("() => { dispatchEvent(new Event('online')); }");
        await Expect(first.Rows.Nth(2).Locator(".chip")).ToHaveTextAsync("2 ý kiến");
        var sheet = await city.Sheet(City.Primary, className);
        Assert.Equal(2, sheet.Submissions.Count);
        Assert.Equal([MarkCode.Unexcused, MarkCode.Excused], sheet.Pupils[2].Opinions!.Select(o => o.Code));
        Assert.Equal([(2, MarkCode.Unexcused, true), (4, MarkCode.Late, false), (6, MarkCode.LeftEarly, false)],
            sheet.Pupils.Index().Where(p => p.Item.Code != MarkCode.Present).Select(p => (p.Index, p.Item.Code!.Value, p.Item.TwoOpinions)));
        Assert.Equal((1, 0, 1), (sheet.Tally!.Unexcused, sheet.Tally.Excused, sheet.Tally.TwoOpinions));

        await office.Page.GotoAsync("/bang-lop");
        await Expect(Row(office.Page, className).Locator(".chip")).ToHaveTextAsync("2 ý kiến");
        await using var department = await city.SignIn("", "chuyenvien", desktop: true);
        await department.Page.GotoAsync("/hom-nay");
        await department.Page.GetByRole(AriaRole.Link, new() { Name = "Trường Tiểu học Chánh Nghĩa" }).ClickAsync();
        // The page draws itself again; nobody reloads it here.
        await Expect(Row(department.Page, className)).ToContainTextAsync("1 em có 2 ý kiến", new() { Timeout = 40_000 });
    }

    [Fact]
    public async Task A_box_killed_while_a_teacher_sends_gets_everything_once_when_it_is_back()
    {
        string[] classes = [DemoCity.ClassName(City.Preschool, 0), DemoCity.ClassName(City.Preschool, 25)];
        await using var teacher = await city.SignIn(City.Preschool, "gv01");
        var phone = new Phone(teacher.Page);
        await phone.Open();
        await phone.WaitUntilInstalled();
        await phone.OpenClass(classes[1]);
        await phone.Back();
        await phone.OpenClass(classes[0]);
        await phone.MarkThree();
        await Task.WhenAll(phone.Send(), Task.Run(() => city.Stack.KillEdge(City.Preschool), TestContext.Current.CancellationToken));
        try
        {
            await phone.Back();
            await phone.OpenClass(classes[1]);
            await phone.MarkThree();
            await phone.Send();
            await phone.Expect("phone");
        }
        finally
        {
            await city.Stack.StartEdge(City.Preschool, TestContext.Current.CancellationToken);
        }
        await phone.Back();
        foreach (var name in classes)
        {
            await Expect(phone.Card(name).Locator("[data-state]")).ToHaveAttributeAsync(
                "data-state", AtTheBox, new() { Timeout = 60_000 });
            Assert.Single((await city.Sheet(City.Preschool, name)).Submissions);
        }
    }

    private static ILocator Row(IPage page, string className) =>
        page.Locator("tbody tr").Filter(new() { Has = page.GetByText(className, new() { Exact = true }) });

    private static async Task Shoot(IPage page)
    {
        if (City.Screenshots is { } folder)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, "phone.png") });
        }
    }
}
