using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>How far an import is that this host is writing, or has written since it started.</summary>
/// <param name="Error">Why it went no further.</param>
public sealed record ImportProgress(Guid Run, Scope School, int Rows, int Written, bool Done, Error? Error);

/// <summary>
/// Writes a file that somebody has looked at. Each batch is planned anew on the state that it changes and says in a record what it did; a host that ends in
/// the middle leaves whole batches, which the next import of the same file finds unchanged.
/// </summary>
internal sealed class RunImport(IRecordStore store, Catalogue catalogue, Seals seals, TimeProvider clock)
{
    private const int BatchDraftsMax = 500;
    private const int BatchesMax = XlsxReader.RowsMax + 2;

    /// <summary>Of former values in one batch: an operation is carried by a line whole.</summary>
    private const int FormerCharsMax = 96 * 1024;
    private const int KnownMax = 100;
    private static readonly TimeSpan WaitsFor = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<Guid, ImportProgress> known = new();

    public ImportProgress? Find(Scope school, Guid run) => known.TryGetValue(run, out var progress) && progress.School == school ? progress : null;

    /// <summary>Answers when all is written, or, for a large file, after a second: the rest goes on, and <see cref="Find"/> knows how far it is.</summary>
    /// <param name="wrong">How many wrong rows the person has seen and leaves out.</param>
    public async Task<Result<Guid>> Start(Actor actor, ImportKind kind, ImportFile file, int wrong, CancellationToken cancel)
    {
        var plan = await store.Read(records => kind.Plan(records, actor, file), cancel);
        if ((plan.Ok ? WhyNot(plan.Value, wrong) : plan.Error) is { } refused)
        {
            return refused;
        }
        foreach (var old in known.Values.Where(p => p.Done).OrderBy(p => p.Run).Take(known.Count - KnownMax + 1))
        {
            known.TryRemove(old.Run, out _);
        }
        var progress = new ImportProgress(RecordId.New(clock), file.School, plan.Value.Rows.Count(r => r.Drafts.Count > 0), 0, false, null);
        known[progress.Run] = progress;
        var writing = Finish();
        if (await Task.WhenAny(writing, Task.Delay(WaitsFor, clock, cancel)) == writing)
        {
            await writing;
        }
        return known[progress.Run] is { Error: { } error, Written: 0 } ? error : progress.Run;

        async Task Finish()
        {
            Error? error = null;
            try
            {
                var written = await Write(
                    actor, kind, file, progress.Run, rows => known[progress.Run] = known[progress.Run] with { Written = rows }, CancellationToken.None);
                error = written.Ok ? null : written.Error;
            }
            finally
            {
                known[progress.Run] = known[progress.Run] with { Done = true, Error = error };
            }
        }
    }

    /// <summary>The number of rows that something was written for.</summary>
    internal async Task<Result<int>> Write(Actor actor, ImportKind kind, ImportFile file, Guid run, Action<int> wrote, CancellationToken cancel)
    {
        var written = 0;
        for (var batch = 0; batch < BatchesMax; batch++)
        {
            var result = await store.Decide(actor, records => Batch(actor, kind, file, run, records), cancel);
            if (!result.Ok || result.Value == 0)
            {
                return result.Ok ? written : result;
            }
            wrote(written += result.Value);
        }
        return written;
    }

    private static Error? WhyNot(ImportPlan plan, int wrong) =>
        plan.Count(Verdict.Wrong) > wrong
            ? Error.Conflict("import_wrong", "Tệp có {0} dòng sai. Hãy sửa tệp rồi chọn lại, hoặc đánh dấu bỏ qua các dòng sai.", plan.Count(Verdict.Wrong))
        : plan.Together.Count == 0 && plan.Rows.All(r => r.Drafts.Count == 0)
            ? Error.Conflict("import_nothing", "Không có gì mới để ghi: mọi dòng đúng của tệp đã có trong phần mềm.")
        : null;

    /// <summary>What belongs to one row is never in different batches.</summary>
    private Decision<int> Batch(Actor actor, ImportKind kind, ImportFile file, Guid run, IRecords records)
    {
        var plan = kind.Plan(records, actor, file);
        if (!plan.Ok)
        {
            return plan.Error;
        }
        if (seals.WhyNot(file.School) is { } noSeal)
        {
            return noSeal;
        }
        var (rows, former, drafts, did) = (0, 0, new List<Draft>(), new List<ImportedRecord>());
        foreach (var row in plan.Value.Rows.Select(r => r.Drafts).Prepend(plan.Value.Together).Where(d => d.Count > 0))
        {
            if (drafts.Count > 0 && drafts.Count + row.Count >= BatchDraftsMax || former > FormerCharsMax)
            {
                break;
            }
            var before = row.Select(d => Before(kind, records, file.School, d)).OfType<ImportedRecord>().ToList();
            drafts.AddRange(row);
            did.AddRange(before);
            former += before.Sum(r => r.Before?.Text.Length ?? 0);
            rows++;
        }
        if (drafts.Count == 0)
        {
            return 0;
        }
        // The rows of what is written for all of them together.
        rows = plan.Value.Together.Count > 0 ? rows - 1 + plan.Value.Rows.Count(r => r.Drafts.Count == 0 && r.Verdict is Verdict.Add or Verdict.Change) : rows;
        return new(Math.Max(1, rows), [.. drafts, catalogue.Create(file.School, RecordId.New(clock), new ImportPart(run, kind.Key, rows, did, actor.Id))]);
    }

    private ImportedRecord? Before(ImportKind kind, IRecords records, Scope school, Draft draft)
    {
        if (kind.Writes.FirstOrDefault(w => w.Key == draft.Entity) is not { } entity)
        {
            return null;
        }
        if (entity.Find(records, school, draft.Id) is not { } found)
        {
            return new(draft.Entity, draft.Id, Made: true);
        }
        var fields = new JsonObject(JsonNode.Parse(draft.Data.Span)!.AsObject().Where(f => !f.Key.StartsWith('$'))
            .Select(f => KeyValuePair.Create(f.Key, found.Fields[f.Key]?.DeepClone())));
        return new(draft.Entity, draft.Id, Made: false, seals.Seal(school, draft.Id, ImportPart.Field, fields.ToJsonString(Json.Options)));
    }
}
