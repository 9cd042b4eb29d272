using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

public enum CheckKind
{
    /// <summary>The school had granted the family that the pupil stays away, and somebody saw the pupil.</summary>
    ThereDespiteNotice = 1,

    /// <summary>Seen in two classes in the same slot.</summary>
    TwoPlaces,

    /// <summary>What was said of a pupil was changed more than once on a day.</summary>
    ChangedOften,
}

public sealed record CheckLine(CheckKind Kind, DateOnly Date, Slot Slot, Guid Class, string ClassName, Guid Pupil, string FullName);

/// <param name="From">The first of the days that are looked at.</param>
public sealed record DayChecksModel(DateOnly From, DateOnly To, IReadOnlyList<CheckLine> Lines);

/// <summary>What does not fit together in the sheets of some days: for a person to look at, nothing is changed.</summary>
internal static class DayChecks
{
    public const int Days = 7;
    private const int ChangesADay = 1;

    private sealed record Found(CheckKind Kind, SessionSheet Sheet, Guid Pupil);

    public static DayChecksModel Load(IRecords records, Scope school, DateOnly to)
    {
        var from = to.AddDays(1 - Days);
        var found = Find([.. records.Views<SessionSheet>(school, from.Iso(), to.Iso() + '\0').Where(s => s.Tally is not null)]);
        return new(from, to,
        [
            .. found.Select(f => new CheckLine(
                f.Kind, f.Sheet.Date, f.Sheet.Slot, f.Sheet.Class, records.Get<SchoolClass>(school, f.Sheet.Class)?.Value.Name ?? "", f.Pupil,
                records.Get<Pupil>(school, f.Pupil)?.Value.FullName ?? SheetReply.Gone))
                .OrderByDescending(l => l.Date).ThenBy(l => l.Kind).ThenBy(l => l.Pupil).ThenBy(l => l.Slot).ThenBy(l => l.ClassName, StringComparer.Ordinal),
        ]);
    }

    private static IEnumerable<Found> Find(IReadOnlyCollection<SessionSheet> sent)
    {
        var despite =
            from sheet in sent
            from pupil in sheet.ExpectedAbsences().Select(x => x.Pupil).Distinct()
            where IsThere(sheet, pupil)
            select new Found(CheckKind.ThereDespiteNotice, sheet, pupil);
        var twice =
            from slot in sent.GroupBy(s => (s.Date, s.Slot))
            from pupil in slot.SelectMany(s => s.Pupils.Keys.Where(p => IsThere(s, p)).Select(p => (Pupil: p, Sheet: s))).GroupBy(p => p.Pupil)
            where pupil.Count() > 1
            from place in pupil
            select new Found(CheckKind.TwoPlaces, place.Sheet, place.Pupil);
        var often =
            from sheet in sent
            from pupil in ChangedIn(sheet)
            group sheet by (sheet.Date, pupil) into day
            where day.Count() > ChangesADay
            select new Found(CheckKind.ChangedOften, day.Last(), day.Key.pupil);
        return [.. despite, .. twice, .. often];
    }

    private static bool IsThere(SessionSheet sheet, Guid pupil) =>
        sheet.Pupils.TryGetValue(pupil, out var standing) && standing.Code.Facts(sheet.Date).Kind is not (MarkKind.Absent or MarkKind.OffSite);

    /// <summary>Each pupil as often as a word after the first one that was sent is about them.</summary>
    private static IEnumerable<Guid> ChangedIn(SessionSheet sheet) =>
        sheet.Submissions.Where(s => s.Value.IsSheet).OrderBy(s => s.Value.At).ThenBy(s => s.Key).Skip(1).SelectMany(s => s.Value.Marks.Select(m => m.Pupil));
}
