using TdmEdu.Modules.Shell.Sheets;

namespace TdmEdu.Modules.Registry;

/// <param name="Code">Of the ministry's list DM_LOAI_CAN_BO; letters where that list has no code.</param>
/// <param name="Levels">As in a unit's level, and PHONG for the department.</param>
/// <param name="Single">One person at a time holds it.</param>
public sealed record Position(string Code, string Name, IReadOnlyList<string> Levels, bool Single);

/// <summary>Chức vụ, as data (positions.csv).</summary>
public static class Positions
{
    internal const string Department = "PHONG";

    public static IReadOnlyList<Position> All { get; } =
        [.. DataFile.Rows("Registry.positions.csv").Select(r => new Position(r.Cells[0], r.Cells[1], r.Cells[2].Split(' '), r.Cells[3] == "1"))];

    public static Position? Find(string code) => All.FirstOrDefault(p => p.Code == code);

    public static IEnumerable<Position> At(string? level) => All.Where(p => p.Levels.Intersect((level ?? "").Split('-')).Any());
}
