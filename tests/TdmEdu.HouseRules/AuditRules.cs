using System.Text.RegularExpressions;
using Grpc.Core;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;

namespace TdmEdu.HouseRules;

/// <summary>Whoever reads the audit reads words. What the code can write there is looked for in the code, so that something new does not go without.</summary>
public partial class AuditRules
{
    private static readonly string[] Words = [.. AuditWords.Events.Keys, .. AuditWords.Objects.Keys];

    private static readonly HashSet<string> Reasons = [.. AuditWords.Results.Keys, .. RefusalWords.Codes];

    /// <summary>Whose refusals go into the audit with their code, beside all that anybody is denied.</summary>
    private static readonly string[] Refusing =
    [
        "src/Modules/Registry/MergePupils.cs", "src/Modules/Registry/TransferPupil.cs", "src/Modules/Registry/EditFamily.cs", "src/Modules/Registry/Lease.cs",
        "src/Modules/Registry/SignIn.cs", "src/Modules/Registry/PupilSignIn.cs", "src/Modules/Registry/Erasure.cs", "src/Modules/Registry/PupilPlaces.cs",
    ];

    /// <summary>Said by a status when no reason came with it; what is left out is never noted.</summary>
    private static readonly StatusCode[] Everyday = [StatusCode.OK, StatusCode.Cancelled, StatusCode.Unavailable, StatusCode.Aborted, StatusCode.DeadlineExceeded];

    [Fact]
    public void Every_event_and_every_word_of_a_subject_has_its_words() => Rule.Holds(
        Tree.Files,
        f => f.IsIn("src") && f.Extension == ".cs" && (Writing().IsMatch(f.Text) || Helper().IsMatch(f.Text) || Key().IsMatch(f.Text)),
        f => Said(f.Text).Where(w => !Words.Contains(w)).Select(w => $"{f.Path}: \"{w}\""),
        new TextFile("src/Pages.cs", """await audit.Write(new("sung", actor.Id, "", ""), cancel);"""),
        new TextFile("src/Pages.cs", """await audit.Write(new("import", actor.Id, $"hummed/{id:n}", ""), cancel);"""),
        new TextFile("src/Pages.cs", """Act(http, lop, "whistle", decide, cancel)"""));

    [Fact]
    public void Every_command_has_its_words() => Rule.Holds(
        Tree.Files, f => f.Path == "src/Central/Schools/OfficeCommand.cs",
        f => Command().Matches(f.Text).Select(m => m.Groups[1].Value).Where(c => c != "open-backup" && !AuditWords.Events.ContainsKey($"command_{c.Replace('-', '_')}")),
        new TextFile("src/Central/Schools/OfficeCommand.cs", "          sing-a-song LIED    x / y\n"));

    [Fact]
    public void Every_reason_that_can_stand_there_has_its_words() => Rule.Holds(
        Tree.Files,
        f => f.IsIn("src") && Refused().IsMatch(f.Text),
        f => Refused().Matches(f.Text).Where(m => m.Groups[1].Value == "Denied" || f.IsIn("src/Central") || f.IsIn("src/Sync") || Refusing.Contains(f.Path))
            .Select(m => m.Groups[2].Value).Where(r => !Reasons.Contains(r)),
        new TextFile("src/Central/Song.cs", """Error.Conflict("out_of_tune", "…")"""), new TextFile("src/Modules/Song.cs", """Error.Denied("out_of_tune", "…")"""));

    [Fact]
    public void Every_status_of_a_call_and_every_private_field_has_its_words()
    {
        Assert.Empty(Enum.GetValues<StatusCode>().Except(Everyday).Select(s => $"{s}").Except(Reasons));
        Assert.Empty(PupilSecrets.Fields.Except(AuditWords.Objects.Keys));
        Assert.All(Refusing, file => Assert.Contains(Tree.Files, f => f.Path == file));
    }

    /// <summary>The words in the literals of each statement that writes, without what is filled in and without reasons; and those that helpers are given.</summary>
    private static IEnumerable<string> Said(string code) =>
        Writing().Matches(code).Select(m => m.Value).Concat(Helper().Matches(code).Select(m => m.Value)).Concat(Key().Matches(code).Select(m => m.Value))
            .SelectMany(s => Literal().Matches(s)).SelectMany(m => Word().Matches(Filled().Replace(m.Groups[1].Value, ""))).Select(m => m.Value)
            .Where(w => !w.EndsWith('_') && !AuditWords.Results.ContainsKey(w));

    [GeneratedRegex(@"(?:\bWrite\(\s*new\(|\bNote\((?:node\.Node|await NodeOf\(http\)),)[^;]*;|\(""[a-z_]+"", await register")]
    private static partial Regex Writing();

    [GeneratedRegex("""\b(?:Act|Finish|Revoke|Make|Save)\(\s*(?:http|actor)\b[^\n;\[]*;?""")]
    private static partial Regex Helper();

    [GeneratedRegex("""override string Key => "[a-z-]+";""")]
    private static partial Regex Key();

    [GeneratedRegex(@"^ {10}([a-z]+(?:-[a-z]+)*) ", RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex(@"Error\.(\w+)\(\s*""(\w+)""")]
    private static partial Regex Refused();

    [GeneratedRegex(@"\$?""((?:[^""\\]|\\.)*)""")]
    private static partial Regex Literal();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Filled();

    [GeneratedRegex("[a-z][a-z_-]+")]
    private static partial Regex Word();
}
