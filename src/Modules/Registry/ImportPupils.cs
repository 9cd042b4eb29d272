using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <param name="From">The first day in class of the pupils that are added.</param>
public sealed record PupilFile(Scope School, PupilSheet Sheet, DateOnly From);

/// <summary>
/// Pupils and their places in classes from a ministry list. An existing pupil is found by the ministry's id, else by name and
/// birth date within the class. Empty cells change nothing; nobody is moved between classes or removed by a file.
/// </summary>
internal sealed class ImportPupils(Catalogue catalogue, Seals seals, TimeProvider clock, IEnumerable<PupilWork> works) : ImportKind
{
    public override string Key => "hoc-sinh";

    public override Text Title { get; } = new("Học sinh");

    public override Text Hint { get; } = new("Danh sách theo mẫu của Bộ, có cột Họ tên và Lớp. Chưa ghi gì cho đến khi bạn xem và đồng ý.");

    public override Roles Writers => PupilPages.Writers;

    public override IReadOnlyList<ImportColumn> Columns => PupilSheet.Columns;

    public override IReadOnlyList<ImportedEntity> Writes { get; } =
    [
        ImportedEntity.Of<Pupil>(catalogue),
        ImportedEntity.Of<Enrolment>(catalogue, (place, school) => catalogue.Change(school, place, place.Value with { To = place.Value.From.AddDays(-1) })),
    ];

    public override bool AsksDay => true;

    public override Result<ImportPlan> Plan(IRecords records, Actor actor, ImportFile file) => PupilSheet.Of(file, clock.Today())
        .Then(sheet => Plan(catalogue, seals, records, new(file.School, sheet, file.Day), clock));

    public static Result<ImportPlan> Plan(Catalogue catalogue, Seals seals, IRecords records, PupilFile file, TimeProvider clock)
    {
        if (Calendar.Load(records, file.School).YearOf(file.From) is not { } year)
        {
            return Error.Invalid(
                "outside_year", "Ngày {0:dd/MM/yyyy} không thuộc năm học nào. Hãy chọn ngày vào học trong năm học.", file.From);
        }
        if (file.Sheet.Lines.Any(l => l.IsPrivate) && seals.WhyNot(file.School) is { } noSeal)
        {
            return noSeal;
        }
        var planner = new PupilPlanner(catalogue, seals, PupilsOfYear.Load(records, file.School, year.Name, file.From), file, clock);
        return new ImportPlan([.. file.Sheet.Lines.Select(planner.Plan)], file.Sheet.Skipped) { Notes = planner.Notes };
    }

    public override Guid SubjectOf(IRecords records, Scope school, ImportedRecord record) => records.Get<Enrolment>(school, record.Id)?.Value.Pupil ?? record.Id;

    public override string NameOf(IRecords records, Scope school, Guid subject) => records.Get<Pupil>(school, subject)?.Value.FullName ?? "–";

    /// <summary>A pupil who goes, or a place that goes, must have left no trace elsewhere.</summary>
    public override IReadOnlyDictionary<Guid, Text> WhyKept(IRecords records, Scope school, ILookup<Guid, ImportedRecord> bySubject)
    {
        var made = bySubject.SelectMany(s => s).Where(r => r.Made).Select(r => r.Id).ToHashSet();
        var begun = made.Select(id => records.Get<Enrolment>(school, id)).OfType<Row<Enrolment>>().ToList();
        var kept = new Dictionary<Guid, Text>();
        foreach (var other in records.All<Enrolment>(school).Where(p => made.Contains(p.Value.Pupil) && !made.Contains(p.Id)))
        {
            kept[other.Value.Pupil] = new("Đã được xếp vào lớp khác sau khi nhập.");
        }
        foreach (var ofClass in begun.ToLookup(p => (p.Value.Class, p.Value.From), p => p.Value.Pupil))
        {
            foreach (var (pupil, why) in works.SelectMany(w => w.WhyKept(records, school, ofClass.Key.Class, ofClass.Key.From, ofClass.ToHashSet())))
            {
                kept[pupil] = why;
            }
        }
        return kept;
    }
}

/// <summary>What is kept of pupils since they came into a class, so that they can no longer be taken out of it as if they had never been there.</summary>
public abstract class PupilWork
{
    public abstract IEnumerable<(Guid Pupil, Text Why)> WhyKept(IRecords records, Scope school, Guid schoolClass, DateOnly from, IReadOnlySet<Guid> pupils);
}

/// <summary>Their families' words and their cards.</summary>
internal sealed class PapersOfPupils : PupilWork
{
    public override IEnumerable<(Guid Pupil, Text Why)> WhyKept(
        IRecords records, Scope school, Guid schoolClass, DateOnly from, IReadOnlySet<Guid> pupils) =>
        pupils.Where(p => records.Get<PupilKey>(school, p) is not null || records.AllAt<Consent>(school, p.ToString("n")).Count > 0)
            .Select(p => (p, new Text("Đã có thẻ hoặc sự đồng ý của gia đình.")));
}
