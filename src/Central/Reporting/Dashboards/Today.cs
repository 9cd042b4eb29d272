using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;

namespace TdmEdu.Central.Reporting.Dashboards;

/// <summary>One class in one slot. <see cref="Tally"/> is null while nothing was submitted, which says nothing about presence.</summary>
public sealed record ClassDay(Guid Class, string Name, int Enrolled, Tally? Tally);

/// <summary>The school's line as Central sees it.</summary>
public enum LineSeen
{
    Online = 1,
    Offline,

    /// <summary>No box has ever been set up for this unit.</summary>
    NoBox,
}

/// <summary>
/// A school on a day and slot. <see cref="CompleteAt"/> is the instant up to which Central holds everything the school had recorded.
/// <see cref="Closed"/> is the reason when the school does not work that day.
/// </summary>
public sealed record SchoolDay(
    Guid School, string Name, Guid? Ward, IReadOnlyList<ClassDay> Classes, string? Closed, LineSeen Line, DateTimeOffset? LastSeen, DateTimeOffset? CompleteAt)
{
    public Figure Figure { get; } = Figure.Of(Classes, Closed is not null);

    /// <summary>True when the school is open and something of it is not in the figures.</summary>
    public bool IsMissing => Closed is null && (Classes.Count == 0 || Figure.Submitted < Figure.Classes);
}

/// <summary>
/// Sums over classes. Present and absent count only the pupils of submitted classes, <see cref="Reported"/>; the rest of
/// <see cref="Enrolled"/> is unknown, never zero absent.
/// </summary>
public sealed record Figure(int Classes, int Submitted, int Enrolled, int Reported, int Present, int Excused, int Unexcused, int Late, int LeftEarly, int TwoOpinions)
{
    public static readonly Figure Zero = new(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    public int Unsubmitted => Classes - Submitted;

    public static Figure Of(IReadOnlyList<ClassDay> classes, bool closed)
    {
        if (closed)
        {
            return Zero;
        }
        var tallies = classes.Select(c => c.Tally).OfType<Tally>().ToList();
        return new(classes.Count, tallies.Count, classes.Sum(c => c.Enrolled), tallies.Sum(t => t.Pupils), tallies.Sum(t => t.Present), tallies.Sum(t => t.Excused),
            tallies.Sum(t => t.Unexcused), tallies.Sum(t => t.Late), tallies.Sum(t => t.LeftEarly), tallies.Sum(t => t.TwoOpinions));
    }

    public static Figure Sum(IEnumerable<SchoolDay> schools) => schools.Select(s => s.Figure).Aggregate(Zero, (a, b) => new(
        a.Classes + b.Classes, a.Submitted + b.Submitted, a.Enrolled + b.Enrolled, a.Reported + b.Reported, a.Present + b.Present, a.Excused + b.Excused,
        a.Unexcused + b.Unexcused, a.Late + b.Late, a.LeftEarly + b.LeftEarly, a.TwoOpinions + b.TwoOpinions));
}

/// <summary>A ward, with the units whose data is missing from its figure. <see cref="Name"/> is null for the city and for units without a ward.</summary>
public sealed record AreaDay(string? Name, IReadOnlyList<SchoolDay> Schools)
{
    public Figure Figure { get; } = Figure.Sum(Schools);

    public IReadOnlyList<SchoolDay> Missing { get; } = [.. Schools.Where(s => s.IsMissing)];
}

public sealed record TodayReport(DateOnly Date, Slot Slot, DateTimeOffset MadeAt, AreaDay City, IReadOnlyList<AreaDay> Wards);
