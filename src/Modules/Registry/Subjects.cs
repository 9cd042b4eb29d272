using TdmEdu.Modules.Shell.Sheets;

namespace TdmEdu.Modules.Registry;

/// <param name="Code">Of the ministry's list DM_MON_HOC; letters where that list has no code yet.</param>
/// <param name="Levels">As in a unit's level: TH, THCS.</param>
public sealed record Subject(string Code, string Name, IReadOnlyList<string> Levels);

/// <summary>What is taught, as data (subjects.csv): the programme of 2018.</summary>
public static class Subjects
{
    public static IReadOnlyList<Subject> All { get; } =
        [.. DataFile.Rows("Registry.subjects.csv").Select(r => new Subject(r.Cells[0], r.Cells[1], r.Cells[2].Split(' ')))];

    public static Subject? Find(string code) => All.FirstOrDefault(s => s.Code == code);

    /// <summary>A school of two levels teaches both; one without subjects of its own, as a kindergarten, has none.</summary>
    public static IEnumerable<Subject> At(string? level) => All.Where(s => s.Levels.Intersect((level ?? "").Split('-')).Any());
}
