using System.Globalization;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

/// <summary>How many sessions of a school year a pupil may miss and still move up, as dated data (absence-limits.csv).</summary>
/// <param name="WarnAt">From here on the family is asked to come; the product's own figure.</param>
public sealed record AbsenceLimit(int FromGrade, int ToGrade, int SessionsMax, int WarnAt, string Source, DateOnly From, DateOnly? To)
{
    private static readonly List<AbsenceLimit> All =
    [
        .. DataFile.Rows("Attendance.absence-limits.csv").Select(r => r.Cells).Select(c => new AbsenceLimit(
            Number(c[0]), Number(c[1]), Number(c[2]), Number(c[3]), c[4], FormText.Day(c[5])!.Value, FormText.Day(c[6]))),
    ];

    public static AbsenceLimit? For(int? grade, DateOnly day) =>
        All.Find(l => l.FromGrade <= grade && grade <= l.ToGrade && l.From <= day && (l.To is null || day <= l.To));

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>
/// A pupil's absences in a school year as the rule counts them: by the plan of one session a day, so that a day counts once however many sessions of
/// it were missed.
/// </summary>
/// <param name="Carried">From the school where the pupil was before, in the same year.</param>
public sealed record MeterLine(
    Guid Pupil, string FullName, Guid Class, string ClassName, decimal Excused, decimal Unexcused, decimal Carried, AbsenceLimit Limit)
{
    public decimal Total => Excused + Unexcused + Carried;

    public bool IsOver => Total > Limit.SessionsMax;
}

/// <param name="HasLimits">Some class of the school has one.</param>
public sealed record MeterModel(SchoolYear? Year, bool HasLimits, DateTimeOffset At, IReadOnlyList<MeterLine> Lines)
{
    public IReadOnlyList<RunLine> Runs { get; init; } = [];
}

/// <summary>Counted anew from the months' books whenever it is looked at: what arrives late is in it, also under a lock.</summary>
internal static class AbsenceMeter
{
    public static MeterModel Load(IRecords records, Scope school, TimeProvider clock, Func<Guid, bool> wanted)
    {
        var today = clock.Today();
        if (Registry.Calendar.Load(records, school).YearFor(today) is not { } year)
        {
            return new(null, false, clock.SchoolNow(), []);
        }
        var classes = records.AllAt<SchoolClass>(school, year.Name).Where(c => AbsenceLimit.For(c.Value.Grade, today) is not null).ToList();
        var missed = MissedDays(records, school, classes, year);
        var carried = CarriedTo(records, school, year);
        var lines =
            from lop in classes
            where wanted(lop.Id)
            from pupil in records.View<ClassRoster>(school, lop.Id)?.PupilsOn(today) ?? []
            let days = missed.GetValueOrDefault(pupil)?.Values ?? Enumerable.Empty<(decimal Weight, bool Excused)>()
            let line = new MeterLine(
                pupil, records.Get<Pupil>(school, pupil)?.Value.FullName ?? "", lop.Id, lop.Value.Name, days.Where(d => d.Excused).Sum(d => d.Weight),
                days.Where(d => !d.Excused).Sum(d => d.Weight), carried.GetValueOrDefault(pupil), AbsenceLimit.For(lop.Value.Grade, today)!)
            where line.Total >= line.Limit.WarnAt
            select line;
        return new(year, classes.Count > 0, clock.SchoolNow(),
            [.. lines.OrderByDescending(l => l.Total).ThenBy(l => l.FullName, VietnameseText.ByGivenName).ThenBy(l => l.Pupil)]);
    }

    /// <summary>By pupil and day: the most that one session of the day weighs, and whether all of the day was with leave.</summary>
    private static Dictionary<Guid, Dictionary<DateOnly, (decimal Weight, bool Excused)>> MissedDays(
        IRecords records, Scope school, IReadOnlyList<Row<SchoolClass>> classes, SchoolYear year)
    {
        var missed = new Dictionary<Guid, Dictionary<DateOnly, (decimal Weight, bool Excused)>>();
        for (var month = MonthBook.FirstOf(year.From); month <= year.To; month = month.AddMonths(1))
        {
            foreach (var book in classes.Select(c => MonthBook.Of(records, school, c.Id, month)).OfType<MonthBook>())
            {
                foreach (var (pupil, day, code) in Absences(book).Where(a => year.From <= a.Day && a.Day <= year.To))
                {
                    var days = missed.TryGetValue(pupil, out var held) ? held : missed[pupil] = [];
                    var (weight, excused) = days.GetValueOrDefault(day, (0, true));
                    days[day] = (Math.Max(weight, code.Weight), excused && code.Excused == Excuse.Yes);
                }
            }
        }
        return missed;
    }

    private static IEnumerable<(Guid Pupil, DateOnly Day, CodeFacts Code)> Absences(MonthBook book) =>
        from said in book.Exceptions()
        let code = said.Code.Facts(said.Day)
        where code.IsAbsence
        select (said.Pupil, said.Day, code);

    private static Dictionary<Guid, decimal> CarriedTo(IRecords records, Scope school, SchoolYear year) =>
        (PupilMoves.Of(records, school)?.Transfers.Values ?? Enumerable.Empty<Transfer>())
            .Where(t => t.To == school.Owner && year.From <= t.Effective && t.Effective <= year.To)
            .GroupBy(t => t.Pupil).ToDictionary(g => g.Key, g => (decimal)g.Sum(t => (t.Excused ?? 0) + (t.Unexcused ?? 0)));
}
