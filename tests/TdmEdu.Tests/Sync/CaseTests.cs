using System.Text.RegularExpressions;

namespace TdmEdu.Tests.Sync;

/// <summary>
/// The 85 ways in which an exchange can go wrong, and the test that plays each: a method whose name begins with Case_ and the
/// number, over real stores here, over real processes in the system tests, or as a script in the simulated world.
/// </summary>
public sealed partial class CaseTests(ITestOutputHelper output)
{
    private const string Box = "BOX: snapshot seeds, digests and repair, and USB bundles are built there.";
    private const string Learning = "LEARNING: files travel beside the records, and are built there.";

    /// <summary>With a reason where no test plays it.</summary>
    private static readonly IReadOnlyList<(string What, string? WhyNot)> All =
    [
        ("line cut before the first call", null),
        ("line cut between a batch and its answer", null),
        ("answer lost and the box crashes", null),
        ("every message twice", null),
        ("a batch of an older connection arrives late", null),
        ("deaf upwards", null),
        ("deaf downwards", null),
        ("line up one second in four", null),
        ("slow line that loses packets", null),
        ("connection dead without a word", null),
        ("message cut or garbled on the way", null),
        ("a gate answers in Central's place", null),
        ("Central moves to another process", null),
        ("two sessions of one box", null),
        ("box killed at any write", null),
        ("power cut under the cache", null),
        ("power cut at Central before the answer", null),
        ("torn end of the journal", null),
        ("byte changed in the journal", null),
        ("cache lost or broken", null),
        ("box's disk full", null),
        ("box's disk fails to write", null),
        ("Central's disk full", null),
        ("crash between page and cursor", null),
        ("crash while a seed is switched in", Box),
        ("killed in a migration", null),
        ("machine asleep for ten minutes", null),
        ("box restored from an old backup", null),
        ("box's disk cloned", null),
        ("box rolled back with its epoch file", null),
        ("Central restored", null),
        ("Central restored and a box away for a month", null),
        ("certificate run out in a long outage", null),
        ("certificate withdrawn while sending", null),
        ("school A speaks for school B", null),
        ("clock at 1970", null),
        ("clock years ahead", null),
        ("clock set back", null),
        ("two stamps alike", null),
        ("stamp counter full", null),
        ("transaction commits a minute late", null),
        ("transaction that took a number is rolled back", null),
        ("ten thousand rows in one millisecond", null),
        ("page ends with the last row", null),
        ("a reading transaction stays open for hours", null),
        ("cursor below the low-water mark", null),
        ("feed compacted under a reader", "Nothing compacts a feed: pages are cut from the operations as they were committed, and no row of them ever goes."),
        ("two teachers, different pupils", null),
        ("absent against present by default", null),
        ("parents' note days later", null),
        ("correction after the month is locked", null),
        ("any order, any repetition, any partition", null),
        ("update beside delete", null),
        ("one copy lent at two desks", null),
        ("card number given twice", null),
        ("child before its parent", "No record refuses for a missing parent: folds take any order (52), and what must come together is one group of one lane."),
        ("operation that is not valid", null),
        ("operation that breaks its module", null),
        ("pupil transferred while the old school is offline", null),
        ("transferred and back, out of order", null),
        ("scope shrinks to nothing by mistake", null),
        ("wards drawn anew", null),
        ("erasure with the box offline", null),
        ("old and new versions, both ways", null),
        ("new collection and an old box", null),
        ("field renamed while old operations wait", null),
        ("seed cut at 99 % again and again", Box),
        ("wrong chunk from a neighbour", Box),
        ("two gigabytes over a thin line", Learning),
        ("content replaced while it is fetched", Learning),
        ("content deleted while it is fetched", Learning),
        ("no room for content", Learning),
        ("160 boxes at once after a week", null),
        ("one box sends far more than all others", null),
        ("a reader too slow for its feed", null),
        ("Central gone for an hour", null),
        ("healed: empty queues, equal digests, in time", "Every seed of the simulation ends with it: invariants E1 to E4 in its Judging folder."),
        ("a send that failed once", null),
        ("class not submitted", null),
        ("late operation below the watermark", null),
        ("report cut, then late data", "CENTRAL: what was sent to the ministry is kept there, and late data make a report of the difference."),
        ("USB and network bring the same", Box),
        ("USB bundle forged", Box),
        ("row changed by hand at the box", Box),
        ("mistake in the digests' bookkeeping", Box),
    ];

    [Fact]
    public void Every_case_has_a_test_or_says_why_not()
    {
        var tests = Tests();
        var wrong = new List<string>();
        foreach (var ((what, whyNot), number) in All.Select((c, i) => (c, i + 1)))
        {
            var played = tests[number].ToList();
            output.WriteLine($"{number:00} {what}: {whyNot ?? string.Join(", ", played)}");
            if (played.Count > 0 == whyNot is not null)
            {
                wrong.Add($"{number:00} {what}");
            }
        }
        Assert.Empty(wrong);
        Assert.Equal(85, All.Count);
        Assert.DoesNotContain(tests, t => t.Key is < 1 or > 85);
    }

    [Theory]
    [InlineData("[Fact]\n    public async Task Case_01_X()", true)]
    [InlineData("[Theory]\n    [InlineData(1)]\n    public void Case_01_X(int n)", true)]
    [InlineData("internal static class C\n{\n    public static void Case_01_X(Case c)", true)]
    [InlineData("public async Task Case_01_X()", false)]
    [InlineData("[Fact]\n    public void Y()\n    {\n    }\n\n    public void Case_01_X()", false)]
    [InlineData("[Fact(Skip = \"later\")]\n    public void Case_01_X()", false)]
    [InlineData("[Fact]\n    private static void Case_01_X()", false)]
    public void Only_a_test_that_runs_counts(string source, bool counts) => Assert.Equal(counts, Method().IsMatch(source));

    private static ILookup<int, string> Tests() => Directory
        .EnumerateFiles(Path.Combine(Root(), "tests"), "*.cs", SearchOption.AllDirectories)
        .Where(f => !f.Contains("/obj/", StringComparison.Ordinal))
        .SelectMany(f => Method().Matches(File.ReadAllText(f)).Select(m => (Number: int.Parse(m.Groups["number"].ValueSpan), Name: m.Groups["name"].Value)))
        .ToLookup(m => m.Number, m => m.Name);

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "TdmEdu.sln")))
        {
            folder = folder.Parent!;
        }
        return folder.FullName;
    }

    /// <summary>A test that nobody skips, or a script of the simulated world, which finds its own by their shape.</summary>
    [GeneratedRegex(
        @"^\s*(?:\[(?:Fact|Theory)\]\n(?:\s*\[.*\]\n)*\s*public (?:async )?(?:void|Task) |public static void (?=\w+\(Case c\)))(?<name>Case_(?<number>\d\d)_\w+)\(",
        RegexOptions.Multiline)]
    private static partial Regex Method();
}
