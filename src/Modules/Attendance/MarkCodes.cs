using System.Globalization;
using TdmEdu.Modules.Shell.Sheets;

namespace TdmEdu.Modules.Attendance;

/// <summary>What every code comes down to, whatever schools call it.</summary>
public enum MarkKind
{
    Present = 1,
    Absent,
    Late,
    LeftEarly,

    /// <summary>Elsewhere for the school: counted as present.</summary>
    OffSite,
}

public enum Excuse
{
    Yes = 1,
    No,

    /// <summary>Counted as without leave until somebody decides.</summary>
    Pending,
}

/// <param name="Weight">How much of a session is missed: 0, 0.5 or 1.</param>
/// <param name="EnteredBy">Whose phone offers it; null for what is implied.</param>
public sealed record CodeFacts(
    MarkCode Code, string Letter, string Name, MarkKind Kind, Excuse? Excused, decimal Weight, Source? EnteredBy, DateOnly From, DateOnly? To)
{
    public bool IsAbsence => Kind == MarkKind.Absent;

    public Presence Presence => !IsAbsence ? Presence.There : Excused == Excuse.Yes ? Presence.Excused : Presence.Unexcused;
}

/// <summary>What the codes mean on a day, as dated data (mark-codes.csv): letters, names and what counts for what change without the code.</summary>
public static class MarkCodes
{
    private static readonly List<CodeFacts> All = Parse(DataFile.Rows("Attendance.mark-codes.csv"));

    public static IEnumerable<CodeFacts> On(DateOnly day) => All.Where(c => c.From <= day && (c.To is null || day <= c.To));

    /// <summary>Null where the code is not in use on that day.</summary>
    public static CodeFacts? Find(MarkCode code, DateOnly day) => On(day).FirstOrDefault(c => c.Code == code);

    /// <summary>Of what is recorded already: also where the code had gone out of use by then.</summary>
    public static CodeFacts Facts(this MarkCode code, DateOnly day) => Find(code, day) ?? All.Last(c => c.Code == code);

    internal static List<CodeFacts> Parse(IEnumerable<CsvRow> rows) =>
    [
        .. rows.Select(r => r.Cells).Select(c => new CodeFacts(
            Enum.Parse<MarkCode>(c[0], ignoreCase: true), c[1], c[2], Enum.Parse<MarkKind>(c[3], ignoreCase: true),
            c[4] is [] ? null : Enum.Parse<Excuse>(c[4], ignoreCase: true), decimal.Parse(c[5], CultureInfo.InvariantCulture),
            c[6] is [] ? null : Enum.Parse<Source>(c[6], ignoreCase: true), Day(c[7]), c[8] is [] ? null : Day(c[8]))),
    ];

    private static DateOnly Day(string iso) => DateOnly.ParseExact(iso, "yyyy-MM-dd", CultureInfo.InvariantCulture);
}
