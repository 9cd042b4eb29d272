using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>
/// A pupil's places in classes over time: never two on one day. A record never changes its pupil or class, views are kept under
/// both: a place is ended and another begun. A place that had not begun by then is ended before its first day.
/// </summary>
internal static class Enrol
{
    public static Decision<Guid> Move(Catalogue catalogue, IRecords records, Scope school, Guid pupil, Guid to, DateOnly from)
    {
        if (records.Get<SchoolClass>(school, to)?.Value is not { } schoolClass)
        {
            return Assign.NoClass;
        }
        var year = records.All<SchoolYear>(Scope.City).FirstOrDefault(y => y.Value.Name == schoolClass.Year)?.Value;
        if (year is null || from < year.From || from > year.To)
        {
            return Error.Invalid(
                "enrol_day", "Ngày {0:dd/MM/yyyy} không thuộc năm học {1} của lớp. Hãy chọn ngày trong năm học.", from, schoolClass.Year);
        }
        var places = PlacesOf(records, school, pupil);
        return places.Any(p => p.Value.Class == to && p.Value.IsActiveOn(from))
            ? Error.Conflict("enrolled_already", "Học sinh đã ở lớp {0} vào ngày {1:dd/MM/yyyy}. Hãy chọn lớp hoặc ngày khác.", schoolClass.Name, from)
            : new Decision<Guid>(to, Begin(catalogue, school, places, new(pupil, to, from, null)));
    }

    /// <param name="from">The first day on which the pupil no longer comes.</param>
    public static Decision<Guid> Leave(Catalogue catalogue, IRecords records, Scope school, Guid pupil, DateOnly from)
    {
        var drafts = End(catalogue, school, PlacesOf(records, school, pupil), from);
        return drafts is []
            ? Error.Conflict("not_enrolled", "Từ ngày {0:dd/MM/yyyy} học sinh này không còn ở lớp nào. Hãy kiểm tra lại ngày.", from)
            : new Decision<Guid>(pupil, drafts);
    }

    public static IReadOnlyList<Row<Enrolment>> PlacesOf(IRecords records, Scope school, Guid pupil) =>
        records.AllAt<Enrolment>(school, pupil.ToString("n"));

    /// <summary>The new place, and the end of all others from its first day on.</summary>
    internal static List<Draft> Begin(Catalogue catalogue, Scope school, IReadOnlyList<Row<Enrolment>> places, Enrolment wanted)
    {
        var draft = Compose.Enrolment(catalogue, school, wanted);
        var drafts = End(catalogue, school, [.. places.Where(p => p.Id != draft.Id)], wanted.From);
        // The same pupil in the same class from the same day is the same record: taken up again, its end is taken back.
        if ((places.FirstOrDefault(p => p.Id == draft.Id) is { } before ? catalogue.Change(school, before, wanted) : draft) is { } begun)
        {
            drafts.Add(begun);
        }
        return drafts;
    }

    private static List<Draft> End(Catalogue catalogue, Scope school, IReadOnlyList<Row<Enrolment>> places, DateOnly day) =>
    [
        .. places.Where(p => Period.Of(p.Value).Overlaps(new(day, null)))
            .Select(p => catalogue.Change(school, p, p.Value with { To = Period.Of(p.Value).EndBefore(day) })).OfType<Draft>(),
    ];
}
