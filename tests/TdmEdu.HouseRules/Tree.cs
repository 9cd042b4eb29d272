using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace TdmEdu.HouseRules;

/// <summary>A file by its path in the repository; <paramref name="Given"/> stands in for what a deliberate offence would hold.</summary>
internal sealed record TextFile(string Path, string? Given = null)
{
    public string Text => Given ?? File.ReadAllText(OnDisk);

    public string[] Lines => Text.Split('\n');

    public long Bytes => Given?.Length ?? new FileInfo(OnDisk).Length;

    public string Extension => System.IO.Path.GetExtension(Path);

    private string OnDisk => System.IO.Path.Combine(Tree.Root, Path);

    public bool IsIn(string folder) => Path.StartsWith(folder + "/", StringComparison.Ordinal);

    public override string ToString() => Path;
}

/// <summary>The repository's own files, as git would commit them.</summary>
internal static partial class Tree
{
    public static string Root { get; } = Find();

    public static IReadOnlyList<TextFile> Files { get; } =
        [.. Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Root, f).Replace('\\', '/'))
            .Where(f => !Ignored().IsMatch(f)).Select(f => new TextFile(f))];

    private static string Find([CallerFilePath] string here = "") => Path.GetFullPath("../..", Path.GetDirectoryName(here)!);

    [GeneratedRegex(@"(^|/)(bin|obj|\.git|\.vs|\.demo|node_modules|TestResults|wwwroot/(lib|js))(/|$)|\.received\.txt$|\.user$")]
    private static partial Regex Ignored();
}
