using System.Net;
using Microsoft.EntityFrameworkCore;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Central;

/// <summary>The department's audit, in the browser.</summary>
public sealed class AuditPagesTests : IAsyncLifetime
{
    private const string Page = "/nhat-ky";
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("audit-pages-");
    private CentralHost central = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => central = await CentralHost.Start();

    public async ValueTask DisposeAsync()
    {
        await central.DisposeAsync();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_box_is_named_by_its_school_and_the_end_of_its_id()
    {
        using var box = await central.Enrol(folder.FullName);
        using var it = await central.SignIn("it", Roles.DepartmentIt);
        await it.Get("/may-chu-truong");
        await it.Post("/may-chu-truong/thu-hoi", ("may", $"{box.Node}"));
        await it.Get($"{Page}?loai=node_revoke");
        Assert.Contains($"Trường {CentralHost.SchoolCode} (…{$"{box.Node:n}"[^8..]})", it.Html, StringComparison.Ordinal);
        Assert.DoesNotContain($"{box.Node}", it.Html, StringComparison.Ordinal);
        await it.Get($"{Page}?loai=join_approved");
        Assert.Equal(2, it.Html.Split($"Trường {CentralHost.SchoolCode} (…").Length - 1);
    }

    [Fact]
    public async Task Threat_T21_Who_reads_the_audit_is_on_record_once_an_hour_for_each_audit()
    {
        using var it = await central.SignIn("it", Roles.DepartmentIt);
        await it.Get(Page);
        await it.Get($"{Page}?loai=sign_in");
        await it.Get($"{Page}?truong={central.School}");
        Assert.Equal(["", $"{central.School:n}"], await Read());
        using var other = await central.SignIn("it2", Roles.DepartmentIt);
        await other.Get(Page);
        Assert.Equal(3, (await Read()).Count);
        for (var minutes = 0; minutes < 61; minutes += 10)
        {
            central.Clock.Advance(TimeSpan.FromMinutes(10));
            await it.Get("/may-chu-truong");
        }
        await it.Get(Page);
        Assert.Equal(4, (await Read()).Count);
    }

    [Fact]
    public async Task Threat_T21_What_a_box_notices_the_department_is_told_on_every_page_once()
    {
        using var it = await central.SignIn("it", Roles.DepartmentIt);
        await it.Get("/may-chu-truong");
        Assert.DoesNotContain("loai=read_volume", it.Html, StringComparison.Ordinal);
        var (behind, person, catalogue) = (CentralBox.Behind(central), RecordId.New(central.Clock), central.Get<Catalogue>());
        await central.Save(catalogue.Create(Scope.School(central.School), person, new Staff("Lê Thị Tò Mò", "")));
        var box = (await behind.Enrol(central.School)).In(Lane.Telemetry);
        AuditEntry[] entries = [new("read_pupils", person, "x", ""), new(ReadVolume.Event, person, "pupils/2001", "")];
        var batch = box.Next(entries.Select(e => box.Op(RecordId.New(central.Clock), e)));
        Assert.True((await box.Send(batch)).Ok);
        Assert.True((await box.Send(batch)).Ok);
        await it.Get("/may-chu-truong");
        Assert.Contains("loai=read_volume", it.Html, StringComparison.Ordinal);
        await it.Get($"{Page}?loai=read_volume");
        foreach (var told in new[] { "Lê Thị Tò Mò", $"Trường {CentralHost.SchoolCode} Số em/2001" })
        {
            Assert.Contains(told, it.Html, StringComparison.Ordinal);
        }
        await using var db = central.Db();
        Assert.Equal(1, await db.Audit.CountAsync(a => a.Event == ReadVolume.Event, Cancel));
    }

    [Fact]
    public async Task Who_and_what_an_entry_is_about_has_a_name_and_a_pupil_one_only_for_who_may_open_pupils()
    {
        var (catalogue, school, pupil, teacher) = (central.Get<Catalogue>(), Scope.School(central.School), RecordId.New(central.Clock), RecordId.New(central.Clock));
        var (lop, made) = Compose.Class(catalogue, school, new("5A", 5, "2026-2027", [Slot.Morning]));
        await central.Save(
        [
            made, .. Compose.Pupil(catalogue, school, pupil, new(null, "Lê Thị Bé", "2016", null), lop, new(2026, 9, 1)),
            catalogue.Create(school, teacher, new Staff("Trần Thị Giáo", "")),
        ]);
        var audit = central.Get<IAuditLog>();
        await audit.Write(new("read_pupil", teacher, $"{pupil:n}", "no_pupil"), Cancel);
        await audit.Write(new("read_pupils", teacher, $"{lop:n}", ""), Cancel);
        await audit.Write(new("read_pupils", teacher, "duplicates", ""), Cancel);
        await audit.Write(new("refused", teacher, $"GET /hoc-sinh/{pupil}", "role_denied"), Cancel);

        using var it = await central.SignIn("it", Roles.DepartmentIt);
        await it.Get(Page);
        foreach (var shown in new[] { "Trần Thị Giáo", ">5A · L.T.B.<", ">5A<", ">Học sinh trùng<", ">GET /hoc-sinh/5A · L.T.B.<", ">không có học sinh này<" })
        {
            Assert.Contains(shown, it.Html, StringComparison.Ordinal);
        }
        foreach (var hidden in new[] { "Lê Thị Bé", $"{pupil}", $"{pupil:n}", $"{lop:n}", $"{teacher:n}" })
        {
            Assert.DoesNotContain(hidden, it.Html, StringComparison.Ordinal);
        }
        await it.Get($"{Page}?truong={central.School}");
        Assert.Equal(HttpStatusCode.OK, it.Status);

        using var officer = await central.SignIn("cv", Roles.DepartmentIt | Roles.DepartmentOfficer);
        await officer.Get(Page);
        Assert.Contains(">Lê Thị Bé<", officer.Html, StringComparison.Ordinal);
    }

    private async Task<List<string>> Read()
    {
        await using var db = central.Db();
        return await db.Audit.Where(a => a.Event == "read_audit" && a.Actor != Guid.Empty).OrderBy(a => a.Pos).Select(a => a.Subject).ToListAsync(Cancel);
    }
}
