using System.Net;
using System.Text.Json;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.Modules.Registry;
using static TdmEdu.Tests.Modules.Registry.PagesTests;

namespace TdmEdu.Tests.Modules.Attendance;

/// <summary>The class's log as teachers and the office meet it, through the pages of a box; Monday 7 September 2026, 8:00.</summary>
public sealed class LessonLogTests : IAsyncLifetime
{
    private static readonly DateOnly Monday = new(2026, 9, 7);
    private static readonly Guid Maths = Guid.Parse("01900000-0000-7000-8000-000000000c21");
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
            .. Compose.Staff(catalogue, School, Maths, new("Lý Toán", "Giáo viên"), "toan", Password, Roles.Teacher),
            .. Compose.Pupil(catalogue, School, An, new(null, "Nguyễn Văn An", "2015-09-05", null), lop, new(2026, 9, 1)),
            catalogue.Create(School, Timetable.IdOf(School, lop, new(2026, 9, 1)), new Timetable(lop, new(2026, 9, 1),
                [new(1, Slot.Lesson3, "Toán", [Maths], null), new(1, Slot.Lesson4, "Tiếng Việt", [Lan], null)])),
        ]);
        browser = await host.Start();
    }

    public async ValueTask DisposeAsync()
    {
        browser.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task A_teacher_opens_the_lesson_from_the_days_list_and_a_correction_keeps_what_stood()
    {
        await As("toan");
        await browser.Get("/so-dau-bai");
        Assert.Contains("Tiết 3, Toán, 5B", browser.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("Tiếng Việt", browser.Html, StringComparison.Ordinal);
        await browser.Get(Lesson("Lesson3"));
        Assert.Contains($"/diem-danh#{lop}/2026-09-07/lesson3", browser.Html, StringComparison.Ordinal);
        await Write("Phân số", "Good");
        Assert.Equal(HttpStatusCode.Redirect, browser.Status);
        await browser.Get(Lesson("Lesson3"));
        // Pressed twice it is one entry.
        await Write("Phân số", "Good");
        await Write("Phân số <b>bằng nhau</b>", "Fair");
        Assert.Equal(2, host.Store.All<LessonEntry>(School).Count);
        await browser.Get(Lesson("Lesson3"));
        Assert.Contains("Phân số · Tốt", browser.Html, StringComparison.Ordinal);
        await browser.Get($"/so-dau-bai/{lop}?ngay=2026-09-09");
        Assert.Contains("&lt;b&gt;", browser.RawHtml, StringComparison.Ordinal);
        Assert.Contains("<td>Phân số <b>bằng nhau</b></td>", browser.Html, StringComparison.Ordinal);
        Assert.Contains("Lý Toán", browser.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_absent_in_a_lesson_is_its_own_sheet_and_its_teachers()
    {
        await As("toan");
        await Send(Slot.Lesson3, HttpStatusCode.OK);
        await browser.Get(Lesson("Lesson3"));
        Assert.Contains("Vắng 1 em: Nguyễn Văn An.", browser.Html, StringComparison.Ordinal);
        await Send(Slot.Lesson4, HttpStatusCode.Forbidden);
        await Send(Slot.Morning, HttpStatusCode.Forbidden);
        await Send(Slot.Lesson5, HttpStatusCode.Forbidden);
        Assert.Equal([Slot.Lesson3], host.Store.All<Submission>(School).Select(s => s.Value.Slot));
    }

    [Fact]
    public async Task Another_teachers_lesson_is_refused_and_a_wrong_form_keeps_what_was_typed()
    {
        await As("lan");
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.Get(Lesson("Lesson3"))).StatusCode);
        await Write("Phân số", "Good");
        Assert.Equal(HttpStatusCode.Forbidden, browser.Status);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.Get(Lesson("Lesson5"))).StatusCode);
        await As("vp");
        await browser.Get(Lesson("Lesson3"));
        await Write("Phân số", "");
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Contains(">Phân số</textarea>", browser.Html, StringComparison.Ordinal);
        await Write("", "Good");
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        await browser.Post(Lesson("Lesson3").Replace("09-07", "09-14", StringComparison.Ordinal), ("bai-hoc", "Phân số"), ("xep-loai", "Good"));
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Empty(host.Store.All<LessonEntry>(School));
        await browser.Get($"/so-dau-bai?lop={lop}");
        Assert.Contains("Tiết 4, Tiếng Việt, 5B", browser.Html, StringComparison.Ordinal);
    }

    private string Lesson(string slot) => $"/so-dau-bai/{lop}/2026-09-07/{slot}";

    private Task Write(string content, string rating) => browser.Post(Lesson("Lesson3"), ("bai-hoc", content), ("xep-loai", rating), ("so-tiet", "12"), ("nhan-xet", ""));

    private async Task Send(Slot slot, HttpStatusCode expected)
    {
        await browser.Json(HttpMethod.Post, "/api/attendance/submissions", JsonSerializer.Serialize(
            new SubmitSession(RecordId.New(host.Clock), lop, Monday, slot, null, [new(An, MarkCode.Unexcused)], [], 7), TdmEdu.Sync.Json.Options));
        Assert.Equal(expected, browser.Status);
    }

    private async Task As(string user)
    {
        browser.ForgetSession();
        await browser.SignIn(user, Password);
    }
}
