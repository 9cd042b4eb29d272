using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <param name="From">The first day in class of the pupils that are added.</param>
public sealed record PupilFile(Scope School, PupilSheet Sheet, DateOnly From);

/// <summary>What an import would do with one row of the file.</summary>
/// <param name="Page">The pupil on whose page a person goes on; null where the file alone says enough.</param>
public sealed record PupilRow(
    int Number, string ClassName, string Name, Verdict Verdict, IReadOnlyList<RowIssue> Issues, IReadOnlyList<Draft> Drafts, Guid? Page = null);

public sealed record PupilPlan(IReadOnlyList<PupilRow> Rows)
{
    public int Count(Verdict verdict) => Rows.Count(r => r.Verdict == verdict);
}

/// <summary>
/// Pupils and their places in classes from a ministry list. An existing pupil is found by the ministry's id, else by name and
/// birth date within the class. Empty cells change nothing; nobody is moved between classes or removed by a file.
/// </summary>
public static class ImportPupils
{
    private const int BatchDraftsMax = 500;
    private const int BatchesMax = 2 * XlsxReader.RowsMax / BatchDraftsMax + 2;

    public static Result<PupilPlan> Plan(Catalogue catalogue, Seals seals, IRecords records, PupilFile file, TimeProvider clock)
    {
        if (Calendar.Load(records, file.School).YearOf(file.From) is not { } year)
        {
            return Error.Invalid(
                "outside_year", "Ngày {0:dd/MM/yyyy} không thuộc năm học nào. Hãy chọn ngày vào học trong năm học.", file.From);
        }
        if (file.Sheet.Lines.Any(l => !l.Secrets.IsEmpty) && seals.WhyNot(file.School) is { } noSeal)
        {
            return noSeal;
        }
        var planner = new PupilPlanner(catalogue, seals, PupilsOfYear.Load(records, file.School, year.Name, file.From), file, clock);
        return new PupilPlan([.. file.Sheet.Lines.Select(planner.Plan)]);
    }

    /// <summary>Writes what the plan adds and changes, and returns the number of pupils. Every batch is planned anew on the state that
    /// it changes.</summary>
    public static async Task<Result<int>> Apply(
        IRecordStore store, Catalogue catalogue, Seals seals, Actor actor, PupilFile file, TimeProvider clock, CancellationToken cancel)
    {
        var written = 0;
        for (var batch = 0; batch < BatchesMax; batch++)
        {
            var result = await store.Decide(actor, records => Batch(catalogue, seals, records, file, clock), cancel);
            if (!result.Ok || result.Value == 0)
            {
                return result.Ok ? written : result;
            }
            written += result.Value;
        }
        return written;
    }

    /// <summary>A pupil and their place in the class are never in different batches.</summary>
    private static Decision<int> Batch(Catalogue catalogue, Seals seals, IRecords records, PupilFile file, TimeProvider clock)
    {
        var plan = Plan(catalogue, seals, records, file, clock);
        if (!plan.Ok)
        {
            return plan.Error;
        }
        var (pupils, drafts) = (0, new List<Draft>());
        foreach (var row in plan.Value.Rows.Where(r => r.Drafts.Count > 0).TakeWhile(r => drafts.Count + r.Drafts.Count <= BatchDraftsMax))
        {
            drafts.AddRange(row.Drafts);
            pupils++;
        }
        return new(pupils, drafts);
    }
}
