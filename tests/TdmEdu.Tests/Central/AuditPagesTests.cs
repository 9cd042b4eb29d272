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
        foreach (var told in new[] { "Lê Thị Tò Mò", $"Trường {CentralHost.SchoolCode} pupils/2001" })
        {
            Assert.Contains(told, it.Html, StringComparison.Ordinal);
        }
        await using var db = central.Db();
        Assert.Equal(1, await db.Audit.CountAsync(a => a.Event == ReadVolume.Event, Cancel));
    }

    private async Task<List<string>> Read()
    {
        await using var db = central.Db();
        return await db.Audit.Where(a => a.Event == "read_audit" && a.Actor != Guid.Empty).OrderBy(a => a.Pos).Select(a => a.Subject).ToListAsync(Cancel);
    }
}
