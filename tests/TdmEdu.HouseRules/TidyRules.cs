using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace TdmEdu.HouseRules;

/// <summary>What a reader may expect of every file.</summary>
public partial class TidyRules
{
    private const int FileLinesMax = 300;
    private const int LineColumnsMax = 180;
    private const int BlobBytesMax = 256 * 1024;

    private static readonly string[] RootFiles =
        ["TdmEdu.sln", "README.md", "global.json", "Directory.Build.props", "Directory.Packages.props", "BannedSymbols.txt", ".editorconfig", ".gitignore", ".gitattributes"];

    private static readonly string[] RootFolders = [".ci", "deploy", "docs", "proto", "src", "tests"];

    private static IEnumerable<string> Code => Tree.Files.Where(f => f.EndsWith(".cs", StringComparison.Ordinal) && !f.Contains("/Migrations/", StringComparison.Ordinal));

    private static IEnumerable<string> Texts => Tree.Files.Where(f => Path.GetExtension(f) is ".cs" or ".razor" or ".ts" or ".sh" or ".proto" or ".md" or ".css" or ".yaml");

    [Fact]
    public void The_root_holds_what_a_newcomer_expects()
    {
        Assert.Contains("README.md", Tree.Files);
        Tree.None(Tree.Files.Where(IsStranger));
        Assert.True(IsStranger("NOTES.md"));

        static bool IsStranger(string file) => file.Contains('/', StringComparison.Ordinal)
            ? !RootFolders.Contains(file[..file.IndexOf('/', StringComparison.Ordinal)])
            : !RootFiles.Contains(file);
    }

    [Fact]
    public void Prose_lives_in_docs()
    {
        Assert.NotEmpty(Tree.Files.Where(f => f.StartsWith("docs/", StringComparison.Ordinal)));
        Tree.None(Tree.Files.Where(IsStray));
        Assert.True(IsStray("src/Sync/PLAN.md"));

        static bool IsStray(string file) => file.EndsWith(".md", StringComparison.Ordinal) && file != "README.md" && !file.StartsWith("docs/", StringComparison.Ordinal);
    }

    [Fact]
    public void Files_are_short_and_lines_fit_a_screen()
    {
        Assert.True(Code.Count() > 50);
        Tree.None(Code.Where(f => IsLong(Tree.Read(f))));
        Assert.True(IsLong(new string('\n', FileLinesMax)));
        Assert.True(IsLong(new string('x', LineColumnsMax + 1)));

        static bool IsLong(string text) => text.Split('\n') is var lines && (lines.Length > FileLinesMax || lines.Any(l => l.Length > LineColumnsMax));
    }

    [Fact]
    public void No_file_is_a_blob()
    {
        Tree.None(Tree.Files.Where(f => new FileInfo(Path.Combine(Tree.Root, f)).Length > BlobBytesMax));
    }

    [Fact]
    public void Nothing_is_left_for_later()
    {
        Assert.True(Texts.Count() > 80);
        Tree.None(Texts.Where(f => !f.StartsWith("tests/TdmEdu.HouseRules/", StringComparison.Ordinal) && Leftover().IsMatch(Tree.Read(f))));
        Assert.Matches(Leftover(), "// TODO: the rest");
        Assert.Matches(Leftover(), "    // Arrange");
    }

    [Fact]
    public void Architecture_names_only_what_exists_in_200_lines()
    {
        var text = Tree.Read("docs/architecture.md");
        Assert.True(text.Split('\n').Length <= 200);
        var paths = PathInText().Matches(text).Select(m => m.Groups[1].Value.TrimEnd('/')).ToList();
        Assert.True(paths.Count > 10);
        Tree.None(paths.Where(IsMissing));
        Assert.True(IsMissing("src/Nowhere"));

        static bool IsMissing(string path) => !File.Exists(Path.Combine(Tree.Root, path)) && !Directory.Exists(Path.Combine(Tree.Root, path));
    }

    [Fact]
    public void Decisions_are_short()
    {
        var decisions = Tree.Files.Where(f => f.StartsWith("docs/decisions/", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(decisions);
        Tree.None(decisions.Where(d => Tree.Read(d).Split('\n').Length > 41));
    }

    [Fact]
    public void Every_Vietnamese_sentence_has_its_English()
    {
        var english = XDocument.Load(Path.Combine(Tree.Root, "src/Modules/Shell/Words.en.resx")).Root!.Elements("data").Select(d => d.Attribute("name")!.Value).ToHashSet();
        var sentences = Tree.Files.Where(f => f.StartsWith("src/", StringComparison.Ordinal) && Path.GetExtension(f) is ".cs" or ".razor")
            .SelectMany(f => Sentence().Matches(Tree.Read(f)).Select(m => Regex.Unescape(m.Groups[1].Value))).Where(s => s.Length > 0).Distinct().ToList();
        Assert.True(sentences.Count > 60);
        Tree.None(sentences.Where(s => !english.Contains(s)));
        Assert.Matches(Sentence(), """W["Chưa dịch"]""");
    }

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b|//\s*(Arrange|Act|Assert)\s*$", RegexOptions.Multiline)]
    private static partial Regex Leftover();

    [GeneratedRegex(@"`((?:src|proto|tests|deploy|docs)/[\w./-]+)`")]
    private static partial Regex PathInText();

    /// <summary>Page texts, refusals and plain texts; the sentence is a literal in the place where the key is expected.</summary>
    [GeneratedRegex("""(?:\bW\[|\bwords\[|new Text\(|Error\.\w+\(\s*"[\w.]+",\s*)"((?:[^"\\]|\\.)*)"[\],)]""")]
    private static partial Regex Sentence();
}
