using System.Net;
using System.Text.Json;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;
using static TdmEdu.Tests.Modules.Registry.PagesTests;

namespace TdmEdu.Tests.Modules.Registry;

/// <summary>Lan stands in for Toan, who has class 5B and its third lesson; Monday 7 September 2026.</summary>
public sealed class SubstitutionTests : IAsyncLifetime
{
    private static readonly DateOnly Monday = new(2026, 9, 7);
    private static readonly Guid Toan = Guid.Parse("01900000-0000-7000-8000-000000000c21");
    private static readonly Guid An = Guid.Parse("01900000-0000-7000-8000-000000000d01");

    private readonly WebHost host = NewEdge();
    private WebHost.Browser browser = null!;
    private Guid lop;

    public async ValueTask InitializeAsync()
    {
        var catalogue = host.Store.Catalogue;
        lop = host.Store.All<SchoolClass>(School).Single(c => c.Value.Name == "5B").Id;
        host.Store.Seed(
        [
            .. Compose.Staff(catalogue, School, Toan, new("Lý Toán", "Giáo viên"), "toan", Password, Roles.Teacher),
            Compose.Assignment(catalogue, School, new(Toan, lop, new(2026, 9, 1), null, Homeroom: false)),
            .. Compose.Pupil(catalogue, School, An, new(null, "Nguyễn Văn An", "2015-09-05", null), lop, new(2026, 9, 1)),
            catalogue.Create(School, Timetable.IdOf(School, lop, new(2026, 9, 1)), new Timetable(lop, new(2026, 9, 1),
                [new(1, Slot.Lesson3, "Toán", [Toan], null), new(2, Slot.Lesson3, "Toán", [Toan], null), new(3, Slot.Lesson3, "Toán", [Toan], null)])),
        ]);
        browser = await host.Start();
    }

    public async ValueTask DisposeAsync()
    {
        browser.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task A_substitute_has_the_others_work_on_those_days_and_no_longer_and_the_other_keeps_it()
    {
        await As("lan");
        await Send(Monday, Slot.Morning, HttpStatusCode.Forbidden);
        await Give(("tu", "2026-09-07"), ("den", "2026-09-08"));
        Assert.Equal(HttpStatusCode.Redirect, browser.Status);
        Assert.StartsWith("begin/", Assert.Single(host.Audit.Entries, e => e.Event == "substitution" && e.Actor == Office).Subject, StringComparison.Ordinal);

        await As("lan");
        Assert.Equal(["5A morning", "5B morning", "5B lesson3"], await Offered());
        await Send(Monday, Slot.Morning, HttpStatusCode.OK);
        await Send(Monday, Slot.Lesson3, HttpStatusCode.OK);
        await browser.Get("/so-dau-bai");
        Assert.Contains("Tiết 3, Toán, 5B", browser.Html, StringComparison.Ordinal);
        // Of a day before the first, while it lasts.
        await Send(Monday.AddDays(-4), Slot.Morning, HttpStatusCode.Forbidden);
        await As("toan");
        await Send(Monday, Slot.Lesson3, HttpStatusCode.OK);

        host.Clock.Advance(TimeSpan.FromDays(2));
        await As("lan");
        await Send(Monday.AddDays(2), Slot.Lesson3, HttpStatusCode.Forbidden);
        await Send(Monday, Slot.Lesson3, HttpStatusCode.Forbidden);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.Get($"/so-dau-bai/{lop}/2026-09-07/Lesson3")).StatusCode);
        Assert.Equal(["5A morning"], await Offered());
        await As("toan");
        await Send(Monday.AddDays(2), Slot.Lesson3, HttpStatusCode.OK);
    }

    [Fact]
    public async Task One_lesson_alone_may_be_given_and_is_ended_at_once()
    {
        await Give(("tu", "2026-09-07"), ("den", "2026-09-11"), ("lop", $"{lop}"), ("tiet", "Lesson3"));
        var given = Assert.Single(host.Store.All<Substitution>(School));
        await As("lan");
        await Send(Monday, Slot.Lesson3, HttpStatusCode.OK);
        await Send(Monday, Slot.Morning, HttpStatusCode.Forbidden);
        await As("vp");
        await browser.Get("/day-thay");
        Assert.Contains("Lý Toán", browser.Html, StringComparison.Ordinal);
        await browser.Post($"/day-thay/{given.Id}/ket-thuc");
        await As("lan");
        await Send(Monday, Slot.Lesson3, HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task What_was_taken_in_those_days_is_sent_after_the_last_for_as_long_as_any_teachers_and_nothing_else_is_opened()
    {
        await Give(("tu", "2026-09-07"), ("den", "2026-09-08"));
        var taken = NowMs;
        host.Clock.Advance(TimeSpan.FromDays(3));
        await As("lan");
        await Send(Monday, Slot.Morning, HttpStatusCode.OK, taken);
        await Send(Monday, Slot.Lesson3, HttpStatusCode.OK, taken);
        // Taken, by the phone's clock, before and after: and of days that never were theirs.
        await Send(Monday, Slot.Morning, HttpStatusCode.Forbidden, taken - (long)TimeSpan.FromDays(1).TotalMilliseconds);
        await Send(Monday, Slot.Morning, HttpStatusCode.Forbidden, NowMs);
        await Send(Monday, Slot.Morning, HttpStatusCode.Forbidden, long.MaxValue);
        await Send(Monday, Slot.Morning, HttpStatusCode.Forbidden, long.MinValue);
        await Send(Monday.AddDays(2), Slot.Morning, HttpStatusCode.Forbidden, taken);
        await Send(Monday.AddDays(-3), Slot.Morning, HttpStatusCode.Forbidden, taken);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.Get($"/api/attendance/sheets/{lop}/2026-09-07/Morning")).StatusCode);
        Assert.Equal(["5A morning"], await Offered());

        host.Clock.Advance(TimeSpan.FromDays(5));
        await As("lan");
        await Send(Monday, Slot.Morning, HttpStatusCode.BadRequest, taken);
        Assert.Equal(2, host.Store.All<Submission>(School).Count);
    }

    [Fact]
    public async Task What_was_taken_in_the_hours_before_it_was_ended_is_sent_and_what_was_taken_after_is_not()
    {
        await Give(("tu", "2026-09-07"), ("den", "2026-09-11"));
        var taken = NowMs;
        host.Clock.Advance(TimeSpan.FromHours(1));
        await As("vp");
        await browser.Get("/day-thay");
        await browser.Post($"/day-thay/{Assert.Single(host.Store.All<Substitution>(School)).Id}/ket-thuc");
        host.Clock.Advance(TimeSpan.FromHours(1));
        await As("lan");
        await Send(Monday, Slot.Morning, HttpStatusCode.Forbidden, NowMs);
        await Send(Monday, Slot.Morning, HttpStatusCode.OK, taken);
        await Send(Monday.AddDays(-3), Slot.Morning, HttpStatusCode.Forbidden, taken);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.Get($"/api/attendance/sheets/{lop}/2026-09-07/Morning")).StatusCode);
    }

    [Theory]
    [InlineData("2026-09-08", "2026-09-07", true, "Ngày cuối")]
    [InlineData("2026-09-01", "2026-09-04", true, "Ngày cuối")]
    [InlineData("2026-09-07", "2026-12-07", true, "Ngày cuối")]
    [InlineData("2026-09-07", "2026-09-08", false, "không dạy lớp đã chọn")]
    public async Task What_cannot_be_is_refused_in_words(string from, string to, bool isTheirs, string reason)
    {
        var other = host.Store.All<SchoolClass>(School).Single(c => c.Value.Name == "5A").Id;
        await Give(("tu", from), ("den", to), ("lop", $"{(isTheirs ? lop : other)}"));
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Contains(reason, browser.Html, StringComparison.Ordinal);
        Assert.Empty(host.Store.All<Substitution>(School));
    }

    private async Task Give(params (string, string)[] days)
    {
        await As("vp");
        await browser.Get("/day-thay");
        await browser.Post("/day-thay", [("nghi", $"{Toan}"), ("thay", $"{Lan}"), .. days]);
    }

    private async Task<List<string>> Offered()
    {
        var answer = await browser.Json(HttpMethod.Get, "/api/attendance/today");
        var day = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync());
        return [.. day.GetProperty("classes").EnumerateArray().SelectMany(
            c => c.GetProperty("sessions").EnumerateArray(), (c, s) => $"{c.GetProperty("name")} {s.GetProperty("slot")}")];
    }

    private long NowMs => host.Clock.GetUtcNow().ToUnixTimeMilliseconds();

    private async Task Send(DateOnly day, Slot slot, HttpStatusCode expected, long takenAtMs = 7)
    {
        await browser.Json(HttpMethod.Post, "/api/attendance/submissions", JsonSerializer.Serialize(
            new SubmitSession(RecordId.New(host.Clock), lop, day, slot, null, [new(An, MarkCode.Late)], [], takenAtMs), TdmEdu.Sync.Json.Options));
        Assert.Equal(expected, browser.Status);
    }

    private async Task As(string user)
    {
        browser.ForgetSession();
        await browser.SignIn(user, Password);
    }
}
