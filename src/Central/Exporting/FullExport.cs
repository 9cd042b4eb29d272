using System.Data.Common;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TdmEdu.Central.Storage;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Exporting;

/// <param name="Masked">Fields of which only is said that there is something.</param>
/// <param name="Unreadable">Sealed values that nothing here opens: of who was erased, or whose school's keys are not here.</param>
internal sealed record ExportedFile(string Name, string Entity, string Called, long Rows, IReadOnlyList<string> Masked, long Unreadable, string Sha256);

/// <param name="AskedBy">The machine's user.</param>
internal sealed record ExportManifest(DateTimeOffset At, string AskedBy, IReadOnlyList<Guid> AgreedBy, bool Opened, int Schools, IReadOnlyList<ExportedFile> Files);

/// <summary>
/// What the records of the whole city hold at one instant, a CSV for each entity in a zip. It is sealed for the backup key while it is made, page by page:
/// nothing of it is ever readable on Central's disk, and memory does not grow with the city.
/// </summary>
internal sealed class FullExport(CentralStore store, Catalogue catalogue, Backups backups, Seals seals, IAuditLog audit, TimeProvider clock)
{
    /// <summary>The commands, and what two people agree to.</summary>
    public const string Masked = "full-export";
    public const string Opened = "full-export-opened";

    private const int PageRows = 200;

    private static readonly JsonSerializerOptions Indented = new(Json.Options) { WriteIndented = true };

    /// <summary>Before two people's agreement is used up.</summary>
    public Error? WhyNot(string file) => backups.WhyNot(file);

    /// <param name="opens">What is sealed is readable in it. Credentials never are.</param>
    public async Task<Result<string>> Make(string file, bool opens, string askedBy, IReadOnlyList<Guid> agreedBy, CancellationToken cancel)
    {
        var pipe = new Pipe();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var writing = Task.Run(() => Write(pipe.Writer, opens, askedBy, agreedBy, stop.Token), CancellationToken.None);
        var sealing = backups.Seal(pipe.Reader.AsStream(), file);
        await stop.CancelAsync();
        await pipe.Reader.CompleteAsync();
        try
        {
            var files = await writing;
            return sealing.Ok ? $"exported: {files.Count} files, {files.Sum(f => f.Rows)} rows, {file}" : sealing.Error;
        }
        catch (Exception fault) when (!sealing.Ok && fault is DbException or IOException or OperationCanceledException)
        {
            return sealing.Error;
        }
    }

    private async Task<IReadOnlyList<ExportedFile>> Write(PipeWriter writer, bool opens, string askedBy, IReadOnlyList<Guid> agreedBy, CancellationToken stop)
    {
        try
        {
            List<ExportedFile> files;
            int schools;
            using (var zip = new ZipArchive(writer.AsStream(leaveOpen: true), ZipArchiveMode.Create))
            {
                (files, schools) = await store.Read(bulk => WriteFiles(zip, bulk, opens, stop), stop);
                using var manifest = zip.CreateEntry("manifest.json").Open();
                JsonSerializer.Serialize(manifest, new ExportManifest(clock.GetUtcNow(), askedBy, agreedBy, opens, schools, files), Indented);
            }
            // Before the file has its name: what nobody knows of does not leave.
            var people = string.Join("; ", [askedBy, .. agreedBy.Select(id => $"{id:n}")]);
            await audit.Write(
                new("full_export", Guid.Empty, $"{people}; {(opens ? Opened : Masked)}; schools/{schools}; records/{files.Sum(f => f.Rows)}", ""), CancellationToken.None);
            await writer.CompleteAsync();
            return files;
        }
        catch (Exception fault)
        {
            await writer.CompleteAsync(new IOException("The export has no end.", fault));
            throw;
        }
    }

    private (List<ExportedFile> Files, int Schools) WriteFiles(ZipArchive zip, Bulk bulk, bool opens, CancellationToken stop)
    {
        var records = new Snapshot(bulk, catalogue);
        var units = records.All<Unit>(Scope.City).ToDictionary(u => u.Id, u => u.Value);
        var scopes = bulk.Counters().Keys.OrderBy(s => s.Value, StringComparer.Ordinal).ToList();
        return (catalogue.Entities.Select(e => WriteFile(zip, new(e, opens, seals, records, units), scopes, bulk, stop)).ToList(),
            scopes.Count(s => s.Kind == ScopeKind.School));
    }

    private static ExportedFile WriteFile(ZipArchive zip, ExportedEntity entity, IReadOnlyList<Scope> scopes, Bulk bulk, CancellationToken stop)
    {
        var (name, rows) = ($"{entity.Type.Key}.csv", 0L);
        using var sha = SHA256.Create();
        using (var hashed = new CryptoStream(zip.CreateEntry(name).Open(), sha, CryptoStreamMode.Write))
        using (var text = new StreamWriter(hashed, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true)))
        {
            text.Write(Csv.Line(entity.Header));
            foreach (var scope in scopes.Where(s => entity.Type.Scopes.HasFlag(s.Kind)))
            {
                var after = Guid.Empty;
                IReadOnlyList<RecordState> page;
                do
                {
                    stop.ThrowIfCancellationRequested();
                    page = bulk.RecordsAfter(scope, entity.Type.Key, after, PageRows);
                    foreach (var record in page)
                    {
                        text.Write(Csv.Line(entity.Row(record)));
                        after = record.Id;
                    }
                    rows += page.Count;
                }
                while (page.Count == PageRows);
            }
        }
        return new(name, entity.Type.Key, entity.Type.Name, rows, entity.Masked, entity.Unreadable, Convert.ToHexStringLower(sha.Hash!));
    }
}
