using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.EdgeNode;
using TdmEdu.Tests.Modules.Registry;
using TdmEdu.Tests.Rights;

namespace TdmEdu.Tests.Modules.Shell;

/// <summary>Threat T21: somebody reads far more than their work asks for.</summary>
public class ReadVolumeTests
{
    private static readonly Guid Person = new(1, 2, 3, new byte[8]);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Threat_T21_So_many_reads_in_a_day_are_noticed_once_and_the_days_work_of_an_office_is_not()
    {
        var (audit, clock) = (new ListAudit(), new FakeTimeProvider(new DateTimeOffset(2026, 9, 7, 1, 0, 0, TimeSpan.Zero)));
        var reads = new ReadVolume(audit, clock);
        await Read(reads, ReadVolume.PupilsMax, sensitive: false);
        await Read(reads, ReadVolume.SensitivePupilsMax, sensitive: true);
        Assert.Empty(Noticed());
        await Read(reads, 1, sensitive: true);
        await Read(reads, 45, sensitive: true);
        Assert.Equal(["sensitive/501"], Noticed());
        // 5,000 pupils in ten minutes.
        for (var n = 0; n < 100; n++)
        {
            await Read(reads, 50, sensitive: false);
            clock.Advance(TimeSpan.FromSeconds(6));
        }
        Assert.Equal(["sensitive/501", "pupils/2050"], Noticed());
        Assert.NotNull(await reads.Last(Cancel));

        clock.Advance(ReadVolume.Window);
        await Read(reads, ReadVolume.PupilsMax, sensitive: false);
        Assert.Equal(2, Noticed().Count());
        clock.Advance(ReadVolume.ShownFor);
        Assert.Null(await reads.Last(Cancel));

        IEnumerable<string> Noticed() => audit.Entries.Where(e => e.Event == ReadVolume.Event && e.Actor == Person).Select(e => e.Subject);
    }

    [Fact]
    public async Task Threat_T21_The_head_is_told_on_every_page_also_after_a_restart_and_nobody_else_is()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 9, 7, 1, 0, 0, TimeSpan.Zero));
        await using var edge = await EdgeHost.Start(enrolled: true, clock);
        var (catalogue, office, pupil) = (edge.Get<Catalogue>(), RecordId.New(clock), RecordId.New(clock));
        await edge.Feed(
        [
            .. Compose.Staff(catalogue, EdgeBox.School, RecordId.New(clock), new("Nguyễn Thị Hiệu", ""), "hieu", RightsCity.Password, Roles.Head),
            .. Compose.Staff(catalogue, EdgeBox.School, office, new("Trần Văn Phòng", ""), "phong", RightsCity.Password, Roles.Office),
            catalogue.Create(EdgeBox.School, pupil, new Pupil(null, "Lê Thị Bé", "2016", null)),
        ]);
        using var head = new WebHost.Browser(edge.Address, edge.Thumbprint);
        await head.SignIn("hieu", RightsCity.Password);
        await head.Get("/can-bo");
        Assert.DoesNotContain("read_volume", head.Html, StringComparison.Ordinal);
        for (var n = 0; n < ReadVolume.PupilsMax; n += 100)
        {
            await edge.Get<ReadVolume>().Write(new("export", office, "", ""), 100, sensitive: false, Cancel);
        }
        using var reader = new WebHost.Browser(edge.Address, edge.Thumbprint);
        await reader.SignIn("phong", RightsCity.Password);
        await reader.Get($"/hoc-sinh/{pupil}");
        Assert.DoesNotContain("read_volume", reader.Html, StringComparison.Ordinal);
        await head.Get("/can-bo");
        Assert.Contains("/nhat-ky?ngay=2026-09-07&loai=read_volume", head.Html, StringComparison.Ordinal);
        await head.Get("/nhat-ky?ngay=2026-09-07&loai=read_volume");
        Assert.Contains("Trần Văn Phòng", head.Html, StringComparison.Ordinal);
        Assert.Contains("Số em/2001", head.Html, StringComparison.Ordinal);

        Assert.Equal(clock.GetUtcNow(), await new ReadVolume(edge.Get<IAuditLog>(), clock).Last(Cancel));
        Assert.Null(await edge.Get<IAuditLog>().Latest(ReadVolume.Event, clock.GetUtcNow().AddSeconds(1), Cancel));
    }

    private static Task Read(ReadVolume reads, int pupils, bool sensitive) => reads.Write(new("export", Person, "", ""), pupils, sensitive, Cancel);
}
