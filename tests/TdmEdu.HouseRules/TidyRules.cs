using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace TdmEdu.HouseRules;

/// <summary>What a reader may expect of every file.</summary>
public partial class TidyRules
{
    private const int FileLinesMax = 300;
    private const int LineColumnsMax = 180;
    private const int BlobBytesMax = 256 * 1024;
    private const int ArchitectureLinesMax = 200;
    private const int DecisionLinesMax = 40;

    private static readonly string[] RootFiles =
        ["TdmEdu.sln", "README.md", "global.json", "Directory.Build.props", "Directory.Packages.props", "BannedSymbols.txt", ".editorconfig", ".gitignore", ".gitattributes"];

    private static readonly string[] RootFolders = [".ci", "deploy", "docs", "proto", "src", "tests"];

    private static readonly string[] Deciders = ["src/Sync/Exchange/Intake.cs", "src/Sync/Central/BatchIntake.cs", "src/Sync/Central/Changes.cs"];

    [Fact]
    public void The_root_holds_what_a_newcomer_expects() => Rule.Holds(
        _ => true,
        f => f.Path.Split('/') is [var folder, _, ..] ? !RootFolders.Contains(folder) : !RootFiles.Contains(f.Path),
        new TextFile("NOTES.md"), new TextFile("scratch/Try.cs"));

    [Fact]
    public void Prose_lives_in_docs() =>
        Rule.Holds(f => f.Extension == ".md" && f.Path != "README.md", f => !f.IsIn("docs"), new TextFile("src/Sync/PLAN.md"));

    [Fact]
    public void Files_are_short_and_lines_fit_a_screen() => Rule.Holds(
        f => f.Extension == ".cs" && !f.Path.Contains("/Migrations/", StringComparison.Ordinal),
        f => f.Lines.Length > FileLinesMax || f.Lines.Any(l => l.Length > LineColumnsMax),
        new TextFile("src/Long.cs", new string('\n', FileLinesMax)), new TextFile("src/Wide.cs", new string('x', LineColumnsMax + 1)));

    [Fact]
    public void No_file_is_a_blob() =>
        Rule.Holds(_ => true, f => f.Bytes > BlobBytesMax, new TextFile("docs/film.webm", new string('x', BlobBytesMax + 1)));

    [Fact]
    public void Nothing_is_left_for_later() => Rule.Holds(
        f => f.Extension is ".cs" or ".razor" or ".ts" or ".sh" or ".proto" or ".md" or ".css" or ".yaml" && !f.IsIn("tests/TdmEdu.HouseRules"),
        f => Leftover().IsMatch(f.Text),
        new TextFile("src/Half.cs", "// TODO: the rest"), new TextFile("tests/Staged.cs", "    // Arrange"));

    [Fact]
    public void Architecture_names_only_what_exists() => Rule.Holds(
        Tree.Files.Where(f => f.Path == "docs/architecture.md"),
        f => PathInText().IsMatch(f.Text),
        f => PathInText().Matches(f.Text).Select(m => m.Groups[1].Value).Where(p => !Path.Exists(Path.Combine(Tree.Root, p))),
        new TextFile("docs/architecture.md", "The kernel is in `src/Nowhere`."));

    [Fact]
    public void Architecture_is_read_in_one_sitting() => Rule.Holds(
        f => f.Path == "docs/architecture.md", f => f.Lines.Length > ArchitectureLinesMax,
        new TextFile("docs/architecture.md", new string('\n', ArchitectureLinesMax)));

    [Fact]
    public void Decisions_are_short() => Rule.Holds(
        f => f.IsIn("docs/decisions"), f => f.Lines.Length > DecisionLinesMax + 1,
        new TextFile("docs/decisions/0000-ramble.md", new string('\n', DecisionLinesMax + 1)));

    [Fact]
    public void Every_Vietnamese_sentence_has_its_English()
    {
        var english = XDocument.Load(Path.Combine(Tree.Root, "src/Modules/Shell/Words.en.resx")).Root!.Elements("data").Select(d => d.Attribute("name")!.Value).ToHashSet();
        Rule.Holds(
            Tree.Files,
            f => f.IsIn("src") && f.Extension is ".cs" or ".razor" && Sentence().IsMatch(f.Text),
            f => Sentence().Matches(f.Text).Select(m => Regex.Unescape(m.Groups[1].Value)).Where(s => s.Length > 0 && !english.Contains(s)),
            new TextFile("src/Page.razor", """W["Chưa dịch"]"""));
    }

    /// <summary>A refusal without a sentence leaves a school that does not know what to do.</summary>
    [Fact]
    public void The_kernel_takes_the_reason_of_an_outcome_from_the_table_of_reasons() => Rule.Holds(
        f => Deciders.Contains(f.Path), f => Literal().IsMatch(f.Text),
        new TextFile("src/Sync/Exchange/Intake.cs", """return (Outcome.Rejected, "brand_new");"""),
        new TextFile("src/Sync/Central/Changes.cs", """new(Outcome.Rejected, Error.Conflict("brand_new", "…"))"""));

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b|//\s*(Arrange|Act|Assert)\s*$", RegexOptions.Multiline)]
    private static partial Regex Leftover();

    [GeneratedRegex(@"`((?:src|proto|tests|deploy|docs)/[\w./-]+)`")]
    private static partial Regex PathInText();

    /// <summary>Page texts, refusals and plain texts; the sentence is a literal in the place where the key is expected.</summary>
    [GeneratedRegex("""(?:\bW\[|\bwords\[|new Text\(|Error\.\w+\(\s*"[\w.]+",\s*)"((?:[^"\\]|\\.)*)"[\],)]""")]
    private static partial Regex Sentence();

    /// <summary>A code beside an outcome; or the refusal of one, other than that of a whole batch.</summary>
    [GeneratedRegex("""[Oo]utcome(?:\.\w+)?,\s*(?:Error\.\w+\(\s*)?"[a-z_]+"|Error Bad\w+ => Error\.\w+\(\s*"[a-z_]+""")]
    private static partial Regex Literal();
}
