using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.Modules.Registry;
using static TdmEdu.Tests.Modules.Registry.PagesTests;

namespace TdmEdu.Tests.Modules.Attendance;

/// <summary>The register as people at the office and a homeroom teacher meet it, through the pages of a box.</summary>
public sealed partial class MonthPagesTests : IAsyncLifetime
{
    private static readonly Guid Homeroom = Guid.Parse("01900000-0000-7000-8000-000000000c11");
    private static readonly Guid An = Guid.Parse("01900000-0000-7000-8000-000000000d01");
    private static readonly Guid Binh = Guid.Parse("01900000-0000-7000-8000-000000000d02");

    private readonly WebHost host = NewEdge();
    private WebHost.Browser browser = null!;
    private Guid own;
    private Guid other;

    public async ValueTask InitializeAsync()
    {
        var catalogue = host.Store.Catalogue;
        var classes = host.Store.All<SchoolClass>(School);
        (own, other) = (classes.Single(c => c.Value.Name == "5A").Id, classes.Single(c => c.Value.Name == "5B").Id);
        var roster = new RosterSeen(own, [An, Binh]);
        host.Store.Seed(
        [
            .. Compose.Staff(catalogue, School, Homeroom, new("Đỗ Chủ Nhiệm", "Giáo viên"), "cn", Password, Roles.Teacher | Roles.HomeroomTeacher),
            Compose.Assignment(catalogue, School, new(Homeroom, own, new(2026, 9, 1), null, Homeroom: true)),
            .. Compose.Pupil(catalogue, School, An, new("0074000001", "Nguyễn Văn An", "2015-09-05", Gender.Male), own, new(2026, 9, 1)),
            .. Compose.Pupil(catalogue, School, Binh, new(null, "Lê Thị Bình", "2015", null), own, new(2026, 9, 1)),
            catalogue.Create(School, roster.IdIn(School), roster),
        ]);
        var calendar = TdmEdu.Modules.Registry.Calendar.Load(host.Store, School);
        var slots = classes.Single(c => c.Id == own).Value.Slots;
        host.Store.Seed(
            from day in Enumerable.Range(0, 30).Select(d => new DateOnly(2026, 9, 1).AddDays(d))
            where calendar.WhyClosed(day) is null
            from slot in slots
            select catalogue.Create(School, RecordId.New(host.Clock), new Submission(
                own, day, slot, roster.IdIn(School), day.Day == 1 ? [new(An, MarkCode.Unexcused)] : [], [], Homeroom, Source.Teacher, 1)));
        host.Clock.SetUtcNow(new(2026, 10, 1, 1, 0, 0, TimeSpan.Zero));
        browser = await host.Start();
    }

    public async ValueTask DisposeAsync()
    {
        browser.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Threat_T09_A_month_is_locked_and_opened_with_the_password_again_and_both_are_on_record()
    {
        await browser.SignIn("vp", Password);
        await Book();
        Assert.Contains("data-locked=\"false\"", browser.Html, StringComparison.Ordinal);
        host.Clock.Advance(TimeSpan.FromMinutes(6));
        await Post("khoa");
        Assert.Contains("Nhập lại mật khẩu", browser.Html, StringComparison.Ordinal);
        await Post("khoa", ("matkhau", Password));
        Assert.Equal(HttpStatusCode.Redirect, browser.Status);
        await Book();
        Assert.Contains("data-locked=\"true\"", browser.Html, StringComparison.Ordinal);
        Assert.Contains("data:image/png;base64,", browser.Html, StringComparison.Ordinal);
        var code = Code();
        await browser.Get($"/kiem-tra?ma={code.ToLower(CultureInfo.InvariantCulture)}");
        Assert.Contains("data-check=\"equal\"", browser.Html, StringComparison.Ordinal);

        await Book();
        await Post("mo-khoa", ("vi-sao", ""));
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Contains("Hãy ghi vì sao mở khóa", browser.Html, StringComparison.Ordinal);
        await Post("mo-khoa", ("vi-sao", "Sửa buổi <b>đầu</b>"));
        await Book();
        Assert.Contains("&lt;b&gt;", browser.RawHtml, StringComparison.Ordinal);
        Assert.Equal(["lock", "unlock"], host.Audit.Entries.Where(e => e.Event == "month_book").Select(e => e.Subject.Split('/')[0]));
        // Nothing was changed yet, so the print is still right.
        await browser.Get($"/kiem-tra?ma={code}");
        Assert.Contains("data-check=\"equal\"", browser.Html, StringComparison.Ordinal);
        host.Store.Seed([host.Store.Catalogue.Create(School, RecordId.New(host.Clock), new Submission(
            own, new(2026, 9, 2), Slot.Morning, new RosterSeen(own, [An, Binh]).IdIn(School), [new(Binh, MarkCode.Late)], [], Homeroom, Source.Office, 1))]);
        await browser.Get($"/kiem-tra?ma={code}");
        Assert.Contains("data-check=\"differs\"", browser.Html, StringComparison.Ordinal);
        await browser.Get("/kiem-tra?ma=0123-4567-89AB-CDEF-0123");
        Assert.Contains("data-check=\"unknown\"", browser.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_homeroom_teacher_reads_the_own_register_only_and_locks_none()
    {
        await browser.SignIn("cn", Password);
        await browser.Get("/so-diem-danh?thang=2026-09");
        Assert.Contains($"/so-diem-danh/{own}?thang=2026-09", browser.Html, StringComparison.Ordinal);
        Assert.DoesNotContain($"/so-diem-danh/{other}", browser.Html, StringComparison.Ordinal);
        await Book();
        Assert.Contains("Nguyễn Văn An", browser.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("mo-khoa", browser.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("Kđ", browser.Html, StringComparison.Ordinal);
        host.Store.Seed([host.Store.Catalogue.Create(School, RecordId.New(host.Clock), new AbsenceNotice(
            An, new(2026, 9, 1), new(2026, 9, 1), [Slot.Morning], null, An, Sender.Parent, 1))]);
        await Book();
        Assert.Contains("Kđ", browser.Html, StringComparison.Ordinal);
        Assert.Contains("đơn xin nghỉ chưa được trả lời", browser.Html, StringComparison.Ordinal);
        Assert.DoesNotContain($"{own}/khoa", browser.Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.Get($"/so-diem-danh/{other}?thang=2026-09")).StatusCode);
        await Post("khoa");
        Assert.Equal(HttpStatusCode.Forbidden, browser.Status);
        Assert.DoesNotContain(host.Audit.Entries, e => e.Event == "month_book");
    }

    [Fact]
    public async Task A_print_is_checked_without_sign_in_and_says_nothing_else_and_guessing_waits()
    {
        await browser.SignIn("vp", Password);
        await Book();
        await Post("khoa");
        await Book();
        var code = Code();
        using var anybody = host.NewBrowser();
        for (var guess = 0; guess < 3; guess++)
        {
            await anybody.Get("/kiem-tra?ma=0123-4567-89AB-CDEF-0123");
            Assert.Contains("data-check=\"unknown\"", anybody.Html, StringComparison.Ordinal);
        }
        await anybody.Get("/kiem-tra?ma=0123-4567-89AB-CDEF-0123");
        await anybody.Get("/kiem-tra?ma=0123-4567-89AB-CDEF-0124");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, anybody.Status);
        Assert.DoesNotContain("data-check", anybody.Html, StringComparison.Ordinal);
        // Who holds a print does not pay for that.
        await anybody.Get($"/kiem-tra?ma={code}");
        Assert.Contains("data-check=\"equal\"", anybody.Html, StringComparison.Ordinal);
        Assert.Contains("5A", anybody.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("Nguyễn Văn An", anybody.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("/so-diem-danh", anybody.Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await anybody.Get($"/so-diem-danh/{own}?thang=2026-09")).StatusCode);
    }

    private Task<HttpResponseMessage> Book() => browser.Get($"/so-diem-danh/{own}?thang=2026-09");

    private Task<HttpResponseMessage> Post(string what, params (string, string)[] more) => browser.Post($"/so-diem-danh/{own}/{what}", [("thang", "2026-09"), .. more]);

    private string Code() => CodeOnPage().Match(browser.Html).Groups[1].Value;

    [GeneratedRegex("data-code>([0-9A-F-]+)<")]
    private static partial Regex CodeOnPage();
}
