using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Exporting;
using TdmEdu.Central.Storage;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Central;

/// <summary>The commands <c>full-export</c> and <c>full-export-opened</c>, without the two people.</summary>
public abstract partial class StoreTests
{
    private const string Formula = "=HYPERLINK(\"x\");@SUM";
    private const string Hash = "canary-of-a-hash";

    private static readonly PupilSecrets Private = new("canary-1", "canary-2", "canary-3", "canary-4", "canary-5", "canary-6", "canary-7", "canary-8");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Threat_T17_A_full_export_holds_every_record_of_every_school_and_what_is_private_only_where_it_was_asked_to(bool opens)
    {
        var schools = await TwoFullSchools();
        var (zip, manifest, tables) = await Export(opens);
        using var _ = zip;
        await using var db = central.Db();
        var held = await db.Records.Where(r => !r.Deleted).Select(r => new { r.Entity, r.Scope, r.Id }).ToListAsync(Cancel);
        var rows = tables.SelectMany(t => t.Value.Skip(1).Select(r => new { Entity = t.Key, Scope = Scope.TryParse(r.Cells[0])!.Value, Id = Guid.Parse(r.Cells[2]) })).ToList();
        Assert.Equal(held.ToHashSet(), rows.ToHashSet());
        Assert.Equal(held.Count, rows.Count);
        Assert.Equal(central.Catalogue.Entities.Select(e => e.Key), tables.Keys);
        Assert.All(schools, s => Assert.True(rows.Count(r => r.Scope == s && r.Entity == "registry.pupil") > 200));

        var pupil = tables["registry.pupil"].Single(r => r.Cells[2] == $"{A}" && r.Cells[0] == schools[0].Value);
        Assert.Equal(["79000001", Formula], [pupil.Cells[1], pupil.Cells[4]]);
        // However often the same words were sealed, all of them can be read, or none.
        Assert.Equal(opens ? 16 : 0, tables["registry.pupil"].Sum(r => r.Cells.Count(c => c.StartsWith("canary-", StringComparison.Ordinal))));
        foreach (var (entity, secrets) in new[] { ("attendance.notice", 1), ("attendance.notice_decision", 1), ("attendance.collector", 3), ("registry.consent", 1) })
        {
            Assert.Equal((entity, 2 * secrets), (entity, tables[entity].Sum(r => r.Cells.Count(c => c == (opens ? "canary-9" : "…")))));
        }
        Assert.Equal("…", tables["registry.account"][1].Cells[tables["registry.account"][0].Cells.ToList().IndexOf("passwordHash")]);
        Assert.All(
            zip.Entries, entry =>
            {
                var text = Text(entry);
                Assert.DoesNotContain(Hash, text, StringComparison.Ordinal);
                Assert.DoesNotContain("s1.", text, StringComparison.Ordinal);
                Assert.True(opens || !text.Contains("canary-", StringComparison.Ordinal), entry.FullName);
            });

        Assert.Equal((opens, 2, 0L), (manifest.Opened, manifest.Schools, manifest.Files.Sum(f => f.Unreadable)));
        Assert.Equal(rows.Count, manifest.Files.Sum(f => f.Rows));
        foreach (var file in manifest.Files)
        {
            var bytes = Bytes(zip.GetEntry(file.Name)!);
            Assert.Equal(file.Sha256, Convert.ToHexStringLower(SHA256.HashData(bytes)));
            Assert.Equal(Encoding.UTF8.Preamble, bytes.AsSpan(0, 3));
        }
        var told = await db.Audit.SingleAsync(a => a.Event == "full_export", Cancel);
        Assert.Equal($"os:it; {A:n}; {B:n}; full-export{(opens ? "-opened" : "")}; schools/2; records/{rows.Count}", told.Subject);
    }

    [Fact]
    public async Task What_nobody_can_open_any_more_is_counted_in_a_full_export()
    {
        var schools = await TwoFullSchools();
        central.Seals.Erase(schools[0], [A]);
        var (zip, manifest, tables) = await Export(opens: true);
        using var _ = zip;
        Assert.Equal(8, tables["registry.pupil"].Sum(r => r.Cells.Count(c => c.StartsWith("canary-", StringComparison.Ordinal))));
        Assert.Equal(8 + 1 + 1 + 3 + 1, manifest.Files.Sum(f => f.Unreadable));
    }

    [Fact]
    public async Task A_full_export_that_cannot_be_written_says_so_leaves_nothing_and_takes_no_files_place()
    {
        await TwoFullSchools();
        var (export, file) = (central.Get<FullExport>(), Path.Combine(central.Folder, "export.sealed"));
        Assert.Equal("backup_key_missing", export.WhyNot(file)!.Reason);
        Assert.True(central.Get<Backups>().MakeKey(Path.Combine(central.Folder, "key")).Ok);
        Assert.Null(export.WhyNot(file));
        Assert.Equal("target_exists", export.WhyNot(Path.Combine(central.Folder, "key"))!.Reason);
        Directory.CreateDirectory($"{file}.part");
        Assert.Equal("backup_failed", (await export.Make(file, opens: true, "os:it", [], Cancel)).Error.Reason);
        Assert.False(File.Exists(file));
        Directory.Delete($"{file}.part");

        // The database fails in the middle.
        await using (var db = central.Db())
        {
            await db.Records.Where(r => r.Id == B).ExecuteUpdateAsync(r => r.SetProperty(x => x.Data, Encoding.UTF8.GetBytes("{")), Cancel);
        }
        await Assert.ThrowsAnyAsync<JsonException>(() => export.Make(file, opens: true, "os:it", [], Cancel));
        Assert.False(File.Exists(file));
    }

    private async Task<Scope[]> TwoFullSchools()
    {
        NodeBox[] boxes = [await central.Enrol(), await central.Enrol()];
        await Write(
        [
            .. boxes.Select((b, n) => central.Catalogue.Create(
                Scope.City, b.Identity.School.Owner, new Unit(UnitKind.School, $"7900000{n + 1}", $"Trường {n}", "TH", null, new(2020, 1, 1), null))),
            central.Catalogue.Create(Scope.Department, A, new Account("mot", Hash, Roles.DepartmentIt)),
        ]);
        foreach (var box in boxes)
        {
            var school = box.Identity.School;
            Sealed Seal(Guid person, string field, string value = "canary-9") => central.Seals.Seal(school, person, field, value)!;
            await box.Push(Enumerable.Range(0, 230).Select(n => box.Op(RecordId.New(central.Clock), new Pupil(null, $"Em {n}", "2015", null))));
            var gone = RecordId.New(central.Clock);
            await box.Push(
            [
                box.Op(A, Private.SealInto(new("0000000001", Formula, "2015-01-02", Gender.Female), central.Seals, school, A)),
                box.Op(B, new AbsenceNotice(A, new(2026, 9, 14), new(2026, 9, 14), [Slot.Morning], Seal(A, "Reason"), A, Sender.Parent, central.NowMs)),
                box.Op(A, new NoticeDecision(B, new(2026, 9, 14), NoticeState.Approved, B, Seal(A, "Why"))),
                box.Op(A, new Collector(A, Seal(A, "collector.name"), Seal(A, "collector.relation"), Seal(A, "collector.phone"), Ended: false)),
                box.Op(A, new Consent(A, "photo", 1, Given: true, Party.Parent, Seal(A, "Name"), new(2026, 9, 1), B)),
                box.Op(A, new ImportPart(B, "pupils", 1, [new("registry.pupil", A, Made: false, Seal(A, "before", "canary-10"))], B)),
                box.Op(gone, new Pupil(null, "Em đã bỏ", "2015", null)),
                box.Op(gone, new Pupil(null, "", null, null), Hlc.At(central.NowMs + 1)) with { Kind = OpKind.Delete, Data = ReadOnlyMemory<byte>.Empty },
            ]);
        }
        return [.. boxes.Select(b => b.Identity.School)];
    }

    private async Task<(ZipArchive Zip, ExportManifest Manifest, SortedDictionary<string, List<CsvRow>> Tables)> Export(bool opens)
    {
        var (file, key, opened) = (Path.Combine(central.Folder, "export.sealed"), Path.Combine(central.Folder, "key"), Path.Combine(central.Folder, "export.zip"));
        Assert.True(central.Get<Backups>().MakeKey(key).Ok);
        var made = await central.Get<FullExport>().Make(file, opens, "os:it", [A, B], Cancel);
        Assert.True(made.Ok, made.Ok ? "" : made.Error.Reason);
        Assert.True(BackupFile.Open(file, key, opened).Ok);
        var zip = ZipFile.OpenRead(opened);
        var tables = zip.Entries.Where(e => e.Name.EndsWith(".csv", StringComparison.Ordinal)).ToDictionary(e => e.Name[..^4], e => Csv.Parse(Text(e)).ToList());
        return (zip, JsonSerializer.Deserialize<ExportManifest>(Bytes(zip.GetEntry("manifest.json")!), Json.Options)!, new(tables, StringComparer.Ordinal));
    }

    private static string Text(ZipArchiveEntry entry) => Encoding.UTF8.GetString(Bytes(entry));

    private static byte[] Bytes(ZipArchiveEntry entry)
    {
        using var stream = entry.Open();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
