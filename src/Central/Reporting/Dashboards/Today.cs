using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync;

namespace TdmEdu.Central.Reporting.Dashboards;

/// <summary>One class in one slot. <see cref="Tally"/> is null while nothing was submitted, which says nothing about presence.</summary>
/// <param name="Unknown">The pupils on the class's list of whom nobody has said anything.</param>
public sealed record ClassDay(Guid Class, string Name, int Enrolled, int Unknown, Tally? Tally)
{
    /// <summary>A class whose pupils have not been entered yet has nothing to submit.</summary>
    public bool Counts => Enrolled > 0 || Tally is not null;
}

/// <summary>The school's line as Central sees it.</summary>
public enum LineSeen
{
    Online = 1,
    Offline,

    /// <summary>No box has ever been set up for this unit.</summary>
    NoBox,

    /// <summary>Its box was withdrawn, and no other is in its place.</summary>
    Withdrawn,

    /// <summary>A unit that works here: what it has recorded is what is known.</summary>
    AtCentral,
}

/// <summary>What a school owes on a day and slot. Only <see cref="Due"/> knows "not submitted".</summary>
public enum DayState
{
    Due = 1,

    /// <summary>The day or the slot is still to come.</summary>
    NotBegun,
    Closed,

    /// <summary>The school works that day, but no class has lessons in this slot.</summary>
    NoLessons,

    /// <summary>Central knows no class with pupils.</summary>
    NoData,
}

/// <summary>
/// A school on a day and slot. <see cref="CompleteAt"/> is the instant up to which Central holds everything the school had recorded.
/// <see cref="Closed"/> is the reason when the school does not work that day.
/// </summary>
public sealed record SchoolDay(
    Guid School, string Name, Guid? Ward, DayState State, IReadOnlyList<ClassDay> Classes, Error? Closed, LineSeen Line, DateTimeOffset? LastSeen, DateTimeOffset? CompleteAt)
{
    /// <summary>Nothing is known yet of the box that came in place of the one from which <see cref="CompleteAt"/> is.</summary>
    public bool FromWithdrawn { get; init; }

    public Figure Figure { get; } = Figure.Of(Classes, State);

    /// <summary>What classes had sent before the day was declared free; it stays, and counts again when the day is taken back.</summary>
    public int SubmittedThoughClosed => State == DayState.Closed ? Classes.Count(c => c.Tally is not null) : 0;

    /// <summary>True when something that should be in the figures is not.</summary>
    public bool IsMissing => State == DayState.NoData || Figure.Unsubmitted > 0;
}

/// <summary>
/// Sums over classes. Present and absent count only the pupils of submitted classes, <see cref="Reported"/>; of
/// <see cref="Unknown"/> nobody has said anything, which is never zero absent.
/// </summary>
/// <param name="Due">The classes that should have submitted by now; those that did so early are among them.</param>
public sealed record Figure(
    int Due, int Submitted, int Enrolled, int Reported, int Unknown, int Present, int Excused, int Unexcused, int Late, int LeftEarly, int TwoOpinions)
{
    public static readonly Figure Zero = new(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    public int Unsubmitted => Due - Submitted;

    public static Figure Of(IReadOnlyList<ClassDay> classes, DayState state)
    {
        if (state is not (DayState.Due or DayState.NotBegun))
        {
            return Zero;
        }
        var counted = classes.Where(c => c.Tally is not null || (state == DayState.Due && c.Counts)).ToList();
        var tallies = counted.Select(c => c.Tally).OfType<Tally>().ToList();
        return new(counted.Count, tallies.Count, counted.Sum(c => c.Enrolled), tallies.Sum(t => t.Pupils), counted.Sum(c => c.Unknown),
            tallies.Sum(t => t.Present), tallies.Sum(t => t.Excused), tallies.Sum(t => t.Unexcused), tallies.Sum(t => t.Late),
            tallies.Sum(t => t.LeftEarly), tallies.Sum(t => t.TwoOpinions));
    }

    public static Figure Sum(IEnumerable<SchoolDay> schools) => schools.Select(s => s.Figure).Aggregate(Zero, (a, b) => new(
        a.Due + b.Due, a.Submitted + b.Submitted, a.Enrolled + b.Enrolled, a.Reported + b.Reported, a.Unknown + b.Unknown, a.Present + b.Present,
        a.Excused + b.Excused, a.Unexcused + b.Unexcused, a.Late + b.Late, a.LeftEarly + b.LeftEarly, a.TwoOpinions + b.TwoOpinions));
}

/// <summary>A ward, with the units whose data is missing from its figure. <see cref="Name"/> is null for the city and for units whose ward is not known.</summary>
public sealed record AreaDay(string? Name, IReadOnlyList<SchoolDay> Schools)
{
    public Figure Figure { get; } = Figure.Sum(Schools);

    public IReadOnlyList<SchoolDay> Missing { get; } = [.. Schools.Where(s => s.IsMissing)];

    /// <summary>Without a box, and nothing is known: named, but not each with a row of its own.</summary>
    public IReadOnlyList<SchoolDay> Silent { get; } = [.. Schools.Where(s => s is { Line: LineSeen.NoBox or LineSeen.AtCentral, State: DayState.NoData })];

    public IEnumerable<SchoolDay> Heard => Schools.Except(Silent);

    /// <summary>What to say instead of figures: the state of all when it is one; <see cref="DayState.Due"/> when anything is due.</summary>
    public DayState State { get; } =
        Schools.Select(s => s.State).Distinct().ToList() is var states && states is [] ? DayState.NoData
        : states.Contains(DayState.Due) ? DayState.Due
        : states.Contains(DayState.NotBegun) ? DayState.NotBegun
        : states.Contains(DayState.NoData) ? DayState.NoData
        : states[0];
}

/// <param name="Borders">The day by whose borders the units are grouped.</param>
public sealed record TodayReport(
    DateOnly Date, Slot Slot, Borders By, DateOnly Borders, DateTimeOffset MadeAt, AreaDay City, IReadOnlyList<AreaDay> Wards)
{
    /// <summary>No school is known on any day: another day would not help.</summary>
    public bool NoUnitYet { get; init; }

    /// <summary>Null where it is not known.</summary>
    public string? WardOf(SchoolDay school) => Wards.FirstOrDefault(w => w.Schools.Contains(school))?.Name;

    /// <summary>Why schools do not work on this day, each reason once.</summary>
    public IReadOnlyList<Text> Reasons { get; } =
        [.. City.Schools.Select(s => s.Closed?.Message).OfType<Text>().DistinctBy(m => m.Vietnamese)];
}
