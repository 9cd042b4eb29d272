using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.Modules.Registry;

namespace TdmEdu.Tests.Modules.Attendance;

public sealed class AttendanceEndpointsTests : IAsyncLifetime
{
    private const string Password = "bốn con mèo ngủ trưa";
    private static readonly DateOnly Day = new(2026, 9, 7);
    private static readonly Scope School = Scope.School(Guid.Parse("01900000-0000-7000-8000-000000000b01"));
    private static readonly Guid Lan = Guid.Parse("01900000-0000-7000-8000-000000000c01");
    private static readonly Guid Office = Guid.Parse("01900000-0000-7000-8000-000000000c02");
    private static readonly Guid Pupil = Guid.Parse("01900000-0000-7000-8000-000000000d01");

    private readonly WebHost host = new(new(Side.Edge, School));
    private Guid own;
    private Guid other;
    private WebHost.Browser browser = null!;

    public async ValueTask InitializeAsync()
    {
        var catalogue = host.Store.Catalogue;
        var class5A = Compose.Class(catalogue, School, new("5A", 5, "2026-2027", [Slot.Morning]));
        var class5B = Compose.Class(catalogue, School, new("5B", 5, "2026-2027", [Slot.Morning]));
        (own, other) = (class5A.Id, class5B.Id);
        host.Store.Seed(
        [
            Compose.Year(catalogue, new("2026-2027", new(2026, 9, 1), new(2027, 5, 31), [1, 2, 3, 4, 5])),
            class5A.Draft,
            class5B.Draft,
            .. Compose.Staff(catalogue, School, Lan, new("Nguyễn Thị Lan", "Giáo viên"), "lan", Password, Roles.Teacher),
            .. Compose.Staff(catalogue, School, Office, new("Trần Văn Phòng", "Văn thư"), "vp", Password, Roles.Office),
            Compose.Assignment(catalogue, School, new(Lan, own, new(2026, 9, 1), null, Homeroom: true)),
            catalogue.Create(School, Pupil, new Pupil(null, "Lê </script> An", null, null)),
            catalogue.Create(School, Guid.CreateVersion7(DateTimeOffset.UnixEpoch), new Enrolment(Pupil, own, new(2026, 9, 1), null)),
            catalogue.Create(School, RecordId.New(host.Clock), new Enrolment(RecordId.New(host.Clock), other, new(2026, 9, 1), null)),
        ]);
        browser = await host.Start();
    }

    public async ValueTask DisposeAsync()
    {
        browser.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task A_teacher_sees_own_classes_opens_sends_and_asks_for_the_receipt()
    {
        await browser.SignIn("lan", Password);
        var day = await Ask(HttpMethod.Get, "/api/attendance/today");
        Assert.Equal(["5A"], day.GetProperty("classes").EnumerateArray().Select(c => c.GetProperty("name").GetString()));
        Assert.Equal("morning", day.GetProperty("slot").GetString());
        var sheet = await Ask(HttpMethod.Get, $"/api/attendance/sheets/{own}/{Day.Iso()}/morning");
        Assert.Equal(Pupil, sheet.GetProperty("pupils")[0].GetProperty("id").GetGuid());
        var id = RecordId.New(host.Clock);
        var sent = await Ask(HttpMethod.Post, "/api/attendance/submissions", Body(id, own));
        Assert.Equal("onBox", sent.GetProperty("receipt").GetString());
        Assert.Equal(1, sent.GetProperty("sheet").GetProperty("tally").GetProperty("late").GetInt32());
        var receipts = await Ask(HttpMethod.Post, "/api/attendance/receipts", JsonSerializer.Serialize(new { ids = new[] { id, Pupil } }));
        Assert.Equal([id.ToString()], receipts.GetProperty("receipts").EnumerateObject().Select(r => r.Name));
    }

    [Fact]
    public async Task Another_teachers_class_is_refused_and_put_on_record()
    {
        await browser.SignIn("lan", Password);
        await Ask(HttpMethod.Get, $"/api/attendance/sheets/{other}/{Day.Iso()}/morning", expected: HttpStatusCode.Forbidden);
        Assert.Contains(new AuditEntry("refused", Lan, $"GET /api/attendance/sheets/{other}/{Day.Iso()}/morning", "not_your_class"), host.Audit.Entries);
        var problem = await Ask(HttpMethod.Post, "/api/attendance/submissions", Body(RecordId.New(host.Clock), other), expected: HttpStatusCode.Forbidden);
        Assert.Equal("not_your_class", problem.GetProperty("reason").GetString());
        Assert.Contains(new AuditEntry("refused", Lan, "POST /api/attendance/submissions", "not_your_class"), host.Audit.Entries);
    }

    [Fact]
    public async Task Json_from_elsewhere_or_from_another_persons_page_is_refused()
    {
        await browser.SignIn("lan", Password);
        var body = Body(RecordId.New(host.Clock), own);
        await Ask(HttpMethod.Post, "/api/attendance/submissions", body, island: null, expected: HttpStatusCode.UnsupportedMediaType);
        var problem = await Ask(HttpMethod.Post, "/api/attendance/submissions", body, island: Office.ToString(), expected: HttpStatusCode.Conflict);
        Assert.Equal("other_person", problem.GetProperty("reason").GetString());
        Assert.Empty(host.Store.All<Submission>(School));
    }

    [Theory]
    [InlineData("không phải JSON")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"id\":\"x\"}")]
    [InlineData("{\"marks\":[null]}")]
    public async Task Garbage_is_refused_in_words(string body)
    {
        await browser.SignIn("lan", Password);
        var problem = await Ask(HttpMethod.Post, "/api/attendance/submissions", body, expected: HttpStatusCode.BadRequest);
        Assert.Equal("malformed", problem.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Nobody_signed_in_gets_nothing()
    {
        await browser.Json(HttpMethod.Get, "/api/attendance/today");
        Assert.Equal(HttpStatusCode.Unauthorized, browser.Status);
        await browser.Get("/diem-danh");
        Assert.Equal(HttpStatusCode.Redirect, browser.Status);
    }

    [Fact]
    public async Task The_capture_page_is_a_teachers_first_page_and_has_no_script_inside()
    {
        await browser.SignIn("lan", Password);
        Assert.Equal("/diem-danh", (await browser.Get("/")).Headers.Location!.ToString());
        await browser.Get("/diem-danh");
        Assert.Contains($"data-person=\"{Lan}\"", browser.Html, StringComparison.Ordinal);
        Assert.Contains("nhờ văn phòng trường phân công lớp", browser.Html, StringComparison.Ordinal);
        Assert.All(
            Regex.Matches(browser.Html, "<script[^>]*>").Select(m => m.Value),
            tag => Assert.True(tag.Contains("src=", StringComparison.Ordinal) || tag.Contains("application/json", StringComparison.Ordinal), tag));
        Assert.DoesNotContain("style=", browser.Html, StringComparison.Ordinal);
        await browser.Post("/dang-xuat");
        await browser.SignIn("vp", Password);
        await browser.Get("/diem-danh");
        Assert.DoesNotContain("nhờ văn phòng trường", browser.Html, StringComparison.Ordinal);
        Assert.Contains("thêm lớp ở trang Học sinh", browser.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_wall_is_the_offices_and_names_the_classes_that_have_not_sent()
    {
        await browser.SignIn("lan", Password);
        await browser.Get("/bang-lop");
        Assert.Equal(HttpStatusCode.Forbidden, browser.Status);
        await Ask(HttpMethod.Post, "/api/attendance/submissions", Body(RecordId.New(host.Clock), own));
        await browser.SignIn("vp", Password);
        await browser.Get("/bang-lop");
        Assert.Contains("1/2 lớp đã nộp", browser.Html, StringComparison.Ordinal);
        Assert.Contains($"<li><a href=\"/diem-danh#{other}/{Day.Iso()}/morning\">5B</a></li>", browser.Html, StringComparison.Ordinal);
        Assert.Contains("Nguyễn Thị Lan", browser.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_class_without_pupils_is_not_one_that_has_not_sent()
    {
        var empty = Compose.Class(host.Store.Catalogue, School, new("5C", null, "2026-2027", [Slot.Morning]));
        host.Store.Seed([empty.Draft]);
        await browser.SignIn("vp", Password);
        await browser.Get("/bang-lop");
        Assert.Contains("0/2 lớp đã nộp", browser.Html, StringComparison.Ordinal);
        Assert.Contains("Lớp chưa có học sinh", browser.Html, StringComparison.Ordinal);
        var day = await Ask(HttpMethod.Get, "/api/attendance/today");
        Assert.Equal([("5A", false), ("5B", false), ("5C", true)], day.GetProperty("classes").EnumerateArray()
            .Select(c => (c.GetProperty("name").GetString()!, c.GetProperty("sessions")[0].GetProperty("empty").GetBoolean())));
        var sheet = await Ask(HttpMethod.Get, $"/api/attendance/sheets/{empty.Id}/{Day.Iso()}/morning");
        Assert.Contains("Văn phòng trường thêm học sinh ở trang Học sinh", sheet.GetProperty("shut").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-09-06", "ngày nghỉ trong tuần")]
    [InlineData("2026-09-08", "chưa đến")]
    [InlineData("2030-01-07", "chưa đến")]
    [InlineData("2020-01-06", "không thuộc năm học nào")]
    [InlineData("9999-12-31", "chưa đến")]
    public async Task A_day_on_which_nothing_can_be_sent_says_so_before_anybody_types(string date, string why)
    {
        await browser.SignIn("vp", Password);
        var day = await Ask(HttpMethod.Get, $"/api/attendance/today?date={date}");
        Assert.Contains(why, day.GetProperty("closed").GetString(), StringComparison.Ordinal);
        var sheet = await Ask(HttpMethod.Get, $"/api/attendance/sheets/{own}/{date}/morning");
        Assert.Contains(why, sheet.GetProperty("shut").GetString(), StringComparison.Ordinal);
        sheet = await Ask(HttpMethod.Get, $"/api/attendance/sheets/{own}/{Day.Iso()}/morning");
        Assert.False(sheet.TryGetProperty("shut", out var open) && open.ValueKind != JsonValueKind.Null);
    }

    [Fact]
    public async Task What_attendance_is_taken_of_follows_the_level_and_the_days_event()
    {
        host.Store.Seed([host.Store.Catalogue.Create(
            Scope.City, School.Owner, new Unit(UnitKind.School, "1", "Trường Mầm non Mẫu", "MN", null, new(2025, 7, 1), null, SampleCode: true))]);
        await browser.SignIn("vp", Password);
        Assert.Equal(["morning", "dropOff", "pickUp"], await Offered());
        var problem = await Ask(HttpMethod.Post, "/api/attendance/submissions", Body(RecordId.New(host.Clock), own, Slot.Event), expected: HttpStatusCode.BadRequest);
        Assert.Equal("slot_not_taught", problem.GetProperty("reason").GetString());
        await browser.Get("/lich");
        await browser.Post("/lich", ("ngay", Day.Iso()), ("loai", "su-kien"), ("ghichu", "Ngày hội trăng rằm"));
        Assert.Equal(HttpStatusCode.Redirect, browser.Status);
        Assert.Equal(["morning", "dropOff", "pickUp", "event"], await Offered());
        await Ask(HttpMethod.Post, "/api/attendance/submissions", Body(RecordId.New(host.Clock), own, Slot.Event));
        await Ask(HttpMethod.Post, "/api/attendance/submissions", Body(RecordId.New(host.Clock), own, Slot.DropOff));
        Assert.Equal([Slot.DropOff, Slot.Event], host.Store.All<Submission>(School).Select(s => s.Value.Slot).Order());

        async Task<IEnumerable<string?>> Offered() => (await Ask(HttpMethod.Get, "/api/attendance/today")).GetProperty("classes")[0].GetProperty("sessions")
            .EnumerateArray().Select(s => s.GetProperty("slot").GetString());
    }

    [Theory]
    [InlineData("2026-02-31/morning")]
    [InlineData("2026-09-07/night")]
    public async Task A_wrong_address_is_called_wrong_and_not_a_failed_sending(string session)
    {
        await browser.SignIn("vp", Password);
        var problem = await Ask(HttpMethod.Get, $"/api/attendance/sheets/{own}/{session}", expected: HttpStatusCode.BadRequest);
        Assert.Equal("bad_address", problem.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Who_joins_the_list_after_the_class_was_sent_is_unknown_and_not_present()
    {
        await browser.SignIn("vp", Password);
        await Ask(HttpMethod.Post, "/api/attendance/submissions", Body(RecordId.New(host.Clock), own));
        var late = RecordId.New(host.Clock);
        host.Store.Seed(
        [
            host.Store.Catalogue.Create(School, late, new Pupil(null, "Trần Bình", null, null)),
            host.Store.Catalogue.Create(School, RecordId.New(host.Clock), new Enrolment(late, own, Day, null)),
        ]);
        var day = await Ask(HttpMethod.Get, "/api/attendance/today");
        var session = day.GetProperty("classes")[0].GetProperty("sessions")[0];
        Assert.Equal((1, 1), (session.GetProperty("tally").GetProperty("pupils").GetInt32(), session.GetProperty("unknown").GetInt32()));
        await browser.Get("/bang-lop");
        Assert.Contains("1 em chưa điểm danh", browser.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Manifest_and_worker_are_at_the_root_for_everybody()
    {
        var worker = await browser.Get("/sw.js");
        Assert.Equal("text/javascript", worker.Content.Headers.ContentType!.MediaType);
        Assert.Contains("no-cache", worker.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        Assert.Contains("/_content/modules/js/Attendance/Capture.js", browser.Html, StringComparison.Ordinal);
        Assert.Contains("/_content/modules/offline.html", browser.Html, StringComparison.Ordinal);
        await browser.Get("/manifest.webmanifest");
        using var manifest = JsonDocument.Parse(browser.Html);
        Assert.Equal("/diem-danh", manifest.RootElement.GetProperty("start_url").GetString());
    }

    private static string Body(Guid id, Guid schoolClass, Slot slot = Slot.Morning) => JsonSerializer.Serialize(
        new SubmitSession(id, schoolClass, Day, slot, null, [new(Pupil, MarkCode.Late)], [], 7), Json.Options);

    private async Task<JsonElement> Ask(
        HttpMethod method, string path, string? body = null, string? island = "1", HttpStatusCode expected = HttpStatusCode.OK)
    {
        var answer = await browser.Json(method, path, body, island);
        Assert.Equal(expected, answer.StatusCode);
        return JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync());
    }
}
