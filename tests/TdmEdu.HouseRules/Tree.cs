using System.Text.RegularExpressions;

namespace TdmEdu.HouseRules;

/// <summary>The repository's own files, as git would commit them.</summary>
internal static partial class Tree
{
    public static string Root { get; } = Find();

    public static IReadOnlyList<string> Files { get; } =
        [.. Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Root, f).Replace('\\', '/'))
            .Where(f => !Ignored().IsMatch(f))];

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    /// <summary>Fails with all offenders, one a line.</summary>
    public static void None(IEnumerable<string> offenders)
    {
        var all = offenders.Distinct().ToList();
        Assert.True(all.Count == 0, string.Join('\n', all));
    }

    /// <summary>Compares with the reviewed snapshot beside this project; what was found is written next to it for review.</summary>
    public static void MatchesSnapshot(string name, string found)
    {
        var verified = Path.Combine(Root, "tests/TdmEdu.HouseRules", $"{name}.verified.txt");
        var expected = File.Exists(verified) ? File.ReadAllText(verified) : "";
        if (expected != found)
        {
            File.WriteAllText(verified.Replace(".verified.", ".received.", StringComparison.Ordinal), found);
        }
        Assert.True(
            expected == found,
            $"{name} changed. Review {name}.received.txt, and let it replace {name}.verified.txt when the change is meant:\n{Difference(expected, found)}");
    }

    private static string Difference(string expected, string found)
    {
        var (before, after) = (expected.Split('\n'), found.Split('\n'));
        return string.Join('\n', before.Except(after).Select(l => "- " + l).Concat(after.Except(before).Select(l => "+ " + l)).Take(40));
    }

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "TdmEdu.sln")))
        {
            folder = folder.Parent!;
        }
        return folder.FullName;
    }

    [GeneratedRegex(@"(^|/)(bin|obj|\.git|\.vs|\.demo|node_modules|TestResults|wwwroot/(lib|js))(/|$)|\.received\.txt$|\.user$")]
    private static partial Regex Ignored();
}
