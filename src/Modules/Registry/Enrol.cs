using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>
/// A pupil's places in classes over time: never two on one day. A place is ended and another begun; only the step into a year
/// (<see cref="RollYear"/>), taken twice apart, gives a record another class. Days in class are facts: a place that began is ended from a
/// later day on. Only one that has not begun, or began on the very day and so was wrong, is ended before its first day, after a person
/// agreed to that.
/// </summary>
internal static class Enrol
{
    /// <summary>Reasons that are questions: the same once more, agreed to, is done.</summary>
    internal const string AskMove = "move_confirm";
    internal const string AskLeave = "leave_confirm";

    public static Decision<Guid> Move(Catalogue catalogue, IRecords records, Scope school, Enrolment wanted, DateOnly today, bool agreed)
    {
        var (to, from) = (wanted.Class, wanted.From);
        if (records.Get<SchoolClass>(school, to)?.Value is not { } schoolClass)
        {
            return Assign.NoClass;
        }
        if (YearOf(records, schoolClass) is not { } year || from < year.From || from > year.To)
        {
            return Error.Invalid(
                "enrol_day", "Ngày {0:dd/MM/yyyy} không thuộc năm học {1} của lớp. Hãy chọn ngày trong năm học.", from, schoolClass.Year);
        }
        var places = PlacesOf(records, school, wanted.Pupil);
        if (places.Any(p => p.Value.Class == to && p.Value.IsActiveOn(from)))
        {
            return Error.Conflict(
                "enrolled_already", "Học sinh đã ở lớp {0} vào ngày {1:dd/MM/yyyy}. Hãy chọn lớp hoặc ngày khác.", schoolClass.Name, from);
        }
        if (WhyHistory(records, school, places, from, today) is { } refusal)
        {
            return refusal;
        }
        return !agreed && NotBegun(places, from) is { } replaced
            ? Error.Conflict(
                AskMove, "Học sinh đã được xếp vào lớp {0} từ ngày {1:dd/MM/yyyy}. Lớp {2} từ ngày {3:dd/MM/yyyy} sẽ thay cho lớp đó.",
                NameOf(records, school, replaced), replaced.From, schoolClass.Name, from)
            : new Decision<Guid>(to, Begin(catalogue, school, places, wanted));
    }

    /// <param name="from">The first day on which the pupil no longer comes.</param>
    public static Decision<Guid> Leave(
        Catalogue catalogue, IRecords records, Scope school, Guid pupil, DateOnly from, DateOnly today, bool agreed)
    {
        var places = PlacesOf(records, school, pupil);
        if (places.Select(p => p.Value).Where(p => Period.Of(p).Overlaps(new(from, null))).MinBy(p => p.From) is not { } first)
        {
            return Error.Conflict("not_enrolled", "Từ ngày {0:dd/MM/yyyy} học sinh này không còn ở lớp nào. Hãy kiểm tra lại ngày.", from);
        }
        if ((WhyHistory(records, school, places, from, today) ?? WhyAfterYear(records, school, first, from)) is { } refusal)
        {
            return refusal;
        }
        return agreed ? new Decision<Guid>(pupil, End(catalogue, school, places, from))
            : NotBegun(places, from) is { } replaced
                ? Error.Conflict(
                    AskLeave, "Học sinh được xếp vào lớp {0} từ ngày {1:dd/MM/yyyy} và sẽ được coi như chưa vào lớp đó.",
                    NameOf(records, school, replaced), replaced.From)
                : Error.Conflict(
                    AskLeave, "Học sinh sẽ không còn trong danh sách lớp {0}; ngày học cuối cùng là {1:dd/MM/yyyy}.",
                    NameOf(records, school, first), from.AddDays(-1));
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

    internal static List<Draft> End(Catalogue catalogue, Scope school, IReadOnlyList<Row<Enrolment>> places, DateOnly day) =>
    [
        .. places.Where(p => Period.Of(p.Value).Overlaps(new(day, null)))
            .Select(p => catalogue.Change(school, p, p.Value with { To = Period.Of(p.Value).EndBefore(day) })).OfType<Draft>(),
    ];

    /// <summary>Why nothing can be changed from this day on: the pupil began in a class after it, and not after today.</summary>
    private static Error? WhyHistory(IRecords records, Scope school, IReadOnlyList<Row<Enrolment>> places, DateOnly day, DateOnly today) =>
        places.Select(p => p.Value).Where(p => !Period.Of(p).IsEmpty && day < p.From && p.From <= today).MaxBy(p => p.From) is { } begun
            ? Error.Conflict(
                "enrol_history",
                "Học sinh đã học lớp {0} từ ngày {1:dd/MM/yyyy}; những ngày đã học không xóa được. Hãy chọn ngày sau ngày {1:dd/MM/yyyy}.",
                NameOf(records, school, begun), begun.From)
            : null;

    private static Error? WhyAfterYear(IRecords records, Scope school, Enrolment place, DateOnly from) =>
        records.Get<SchoolClass>(school, place.Class)?.Value is { } schoolClass && YearOf(records, schoolClass) is { } year
            && from.AddDays(-1) > year.To
            ? Error.Invalid(
                "leave_day", "Ngày {0:dd/MM/yyyy} ở ngoài năm học {1}. Hãy chọn ngày từ {2:dd/MM/yyyy} đến {3:dd/MM/yyyy}.",
                from, year.Name, place.From, year.To.AddDays(1))
            : null;

    /// <summary>A place of which nothing is left when the pupil's places end before this day.</summary>
    internal static Enrolment? NotBegun(IEnumerable<Row<Enrolment>> places, DateOnly day) =>
        places.Select(p => p.Value).FirstOrDefault(p => !Period.Of(p).IsEmpty && p.From >= day);

    private static SchoolYear? YearOf(IRecords records, SchoolClass schoolClass) =>
        records.All<SchoolYear>(Scope.City).FirstOrDefault(y => y.Value.Name == schoolClass.Year)?.Value;

    private static string NameOf(IRecords records, Scope school, Enrolment place) =>
        records.Get<SchoolClass>(school, place.Class)?.Value.Name ?? "";
}
