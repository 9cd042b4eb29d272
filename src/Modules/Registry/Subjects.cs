using TdmEdu.Modules.Shell;
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

    /// <summary>Whether a name typed is one of a subject, at whatever level: "i" and "y", signs and case are no difference, "Âm nhạc" is "Nghệ thuật (Âm nhạc)".</summary>
    public static bool IsKnown(string typed) => Known.Contains(Bare(typed));

    /// <summary>The name that a person may have meant; null where none is near.</summary>
    public static string? Nearest(string typed, string? level)
    {
        var best = At(level).Concat(All).Select(s => (s.Name, Away: Distance(typed, s.Name))).MinBy(s => s.Away);
        return best.Away <= Bare(typed).Length / AwayPart ? best.Name : null;
    }

    /// <summary>One letter in so many may differ.</summary>
    private const int AwayPart = 3;

    private static readonly HashSet<string> Known = [.. All.SelectMany(s => Names(s.Name)).Select(Bare)];

    private static IEnumerable<string> Names(string name) => name.Split('(', ')').Append(name).Where(n => n.Trim().Length > 0);

    private static string Bare(string name) => ImportColumns.Heading(name).Replace('y', 'i');

    /// <summary>Letters to change; none for the beginnings of the words, as "TNXH", "HĐTN", "T.Việt".</summary>
    private static int Distance(string typed, string name)
    {
        var (bare, words, parts) = (Bare(typed), Words(name), Words(typed));
        var begins = words.Length == parts.Length && words.Zip(parts).All(w => w.First.StartsWith(w.Second, StringComparison.Ordinal));
        return begins || bare == string.Concat(words.Select(w => w[0])) ? 0
            : Names(name).Min(n => HoldsOther(Words(typed), Words(n)) || HoldsOther(Words(n), Words(typed)) ? 1 : Levenshtein(bare, Bare(n)));

        static string[] Words(string text) => [.. VietnameseText.Fold(text).Split([' ', '.', '(', ')'], StringSplitOptions.RemoveEmptyEntries).Where(w => w != "va")];
    }

    /// <summary>"Anh", "Toán học": whole words, or "Hát" would be in "Giáo dục thể chất".</summary>
    private static bool HoldsOther(string[] text, string[] other) =>
        string.Concat(other).Length >= AwayPart && $" {string.Join(' ', text)} ".Contains($" {string.Join(' ', other)} ", StringComparison.Ordinal);

    private static int Levenshtein(string a, string b)
    {
        int[] before = [.. Enumerable.Range(0, b.Length + 1)];
        for (var i = 1; i <= a.Length; i++)
        {
            var row = new int[b.Length + 1];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                row[j] = Math.Min(Math.Min(row[j - 1], before[j]) + 1, before[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
            }
            before = row;
        }
        return before[^1];
    }
}
