using System.Net;
using Microsoft.Extensions.DependencyInjection;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.Modules.Registry;
using static TdmEdu.Tests.Modules.Registry.PagesTests;

namespace TdmEdu.Tests.Modules.Attendance;

/// <summary>What families were told, the long absences and the day's summary, as people meet them on the pages of a box and of Central.</summary>
public class MessagePagesTests
{
    private static readonly DateOnly Monday = new(2026, 9, 7);
    private static readonly Guid An = Guid.Parse("01900000-0000-7000-8000-000000000d01");
    private static readonly Guid Chi = Guid.Parse("01900000-0000-7000-8000-000000000d03");

    [Fact]
    public async Task A_school_sees_what_its_families_were_told_and_a_homeroom_teacher_of_the_own_class()
    {
        await using var host = NewEdge();
        Seed(host);
        using var browser = await host.Start();
        await browser.SignIn("vp", Password);
        await browser.Get("/tin-nhan");
        Assert.Contains("Nguyễn Văn An", browser.Html, StringComparison.Ordinal);
        Assert.Contains("Đã gửi thư", browser.Html, StringComparison.Ordinal);
        Assert.Contains("gia đình chưa có địa chỉ thư điện tử", browser.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("data-messages-off", browser.Html, StringComparison.Ordinal);
        await browser.Get("/tin-nhan?ngay=2026-09-04");
        Assert.Contains("Không có tin nào của ngày này", browser.Html, StringComparison.Ordinal);

        using var teacher = host.NewBrowser();
        await teacher.SignIn("cn", Password);
        await teacher.Get("/tin-nhan");
        Assert.Contains("Nguyễn Văn An", teacher.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("Trần Chi", teacher.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_summary_and_the_long_absences_are_there_on_the_pages()
    {
        await using var host = NewEdge();
        Seed(host);
        using var browser = await host.Start();
        await browser.SignIn("cn", Password);
        await browser.Get("/tong-hop");
        Assert.Contains("Lớp 5A, ngày 07/09/2026", browser.Html, StringComparison.Ordinal);
        Assert.Contains("2 em: có mặt 1 (muộn 0), vắng có phép 0, vắng không phép 1.", browser.Html, StringComparison.Ordinal);
        Assert.Contains($"data-run=\"{An}\" data-days=\"5\"", browser.RawHtml, StringComparison.Ordinal);
        await browser.Get($"/tong-hop?lop={Chi}");
        Assert.Equal(HttpStatusCode.NotFound, browser.Status);
        await browser.Get("/chuyen-can");
        Assert.Contains($"data-run=\"{An}\"", browser.RawHtml, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_department_sees_who_stays_away_for_five_days_and_that_nothing_is_sent_without_a_mail_server()
    {
        await using var host = new WebHost(new(Side.Central, Scope.City), s => s.AddSingleton(new MessageSending(IsOn: false)));
        var catalogue = host.Store.Catalogue;
        host.Store.Seed([.. Compose.Staff(catalogue, Scope.Department, Lan, new("Lê Chuyên Viên", ""), "cv", Password, Roles.DepartmentOfficer)]);
        await using (var edge = NewEdge())
        {
            host.Store.Seed(edge.Store.All<Unit>(Scope.City).Select(u => catalogue.Create(Scope.City, u.Id, u.Value)));
            host.Store.Seed(edge.Store.All<SchoolYear>(Scope.City).Select(y => catalogue.Create(Scope.City, y.Id, y.Value)));
            host.Store.Seed(edge.Store.All<SchoolClass>(School).Select(c => catalogue.Create(School, c.Id, c.Value)));
        }
        Seed(host);
        using var browser = await host.Start();
        await browser.SignIn("cv", Password);
        await browser.Get("/vang-lien-tuc");
        Assert.Contains("Trường Tiểu học Mẫu", browser.Html, StringComparison.Ordinal);
        Assert.Contains($"data-run=\"{An}\" data-days=\"5\"", browser.RawHtml, StringComparison.Ordinal);
        Assert.Contains(host.Audit.Entries, e => e is { Event: "read_pupils", Subject: "absence_runs" });
        await browser.Get("/tin-nhan");
        Assert.Contains("data-messages-off", browser.RawHtml, StringComparison.Ordinal);
        Assert.DoesNotContain("Nguyễn Văn An", browser.Html, StringComparison.Ordinal);
        await browser.Get($"/tin-nhan?truong={School.Owner}");
        Assert.Contains("Nguyễn Văn An", browser.Html, StringComparison.Ordinal);
        Assert.Contains(host.Audit.Entries, e => e.Event == "read_pupils" && e.Subject == $"{School.Owner:n}");
    }

    /// <summary>An of 5A has been missing since the school year began, on 1 September; Chi is of 5B.</summary>
    private static void Seed(WebHost host)
    {
        var (catalogue, classes) = (host.Store.Catalogue, host.Store.All<SchoolClass>(School));
        var (own, other) = (classes.Single(c => c.Value.Name == "5A").Id, classes.Single(c => c.Value.Name == "5B").Id);
        var (homeroom, binh) = (RecordId.New(host.Clock), RecordId.New(host.Clock));
        var roster = new RosterSeen(own, [An, binh]);
        host.Store.Seed(
        [
            .. Compose.Staff(catalogue, School, homeroom, new("Đỗ Chủ Nhiệm", "Giáo viên"), "cn", Password, Roles.Teacher | Roles.HomeroomTeacher),
            Compose.Assignment(catalogue, School, new(homeroom, own, new(2026, 9, 1), null, Homeroom: true)),
            .. Compose.Pupil(catalogue, School, An, new(null, "Nguyễn Văn An", null, null), own, new(2026, 9, 1)),
            .. Compose.Pupil(catalogue, School, binh, new(null, "Lê Thị Bình", null, null), own, new(2026, 9, 1)),
            .. Compose.Pupil(catalogue, School, Chi, new(null, "Trần Chi", null, null), other, new(2026, 9, 1)),
            catalogue.Create(School, roster.IdIn(School), roster),
            Told(An, 1, MessageState.Sent, null), Told(Chi, 1, MessageState.Waiting, MessageWait.NoAddress),
            .. from day in new[] { 1, 2, 3, 4, 7 }
               select catalogue.Create(School, RecordId.New(host.Clock), new Submission(
                   own, new(2026, 9, day), Slot.Morning, roster.IdIn(School), [new(An, MarkCode.Unexcused)], [], homeroom, Source.Teacher, 1)),
        ]);

        Draft Told(Guid pupil, int number, MessageState state, MessageWait? why) => catalogue.Create(
            School, ParentMessage.IdOf(School, new(pupil, Monday, Slot.Morning), number), new ParentMessage(pupil, Monday, Slot.Morning, number, state, why, 1));
    }
}
