using TdmEdu.Modules;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync.Records;

namespace TdmEdu.HouseRules;

/// <summary>What is known of people is known to be known, field by field.</summary>
public class PrivacyRules
{
    private static readonly Catalogue Catalogue = AllModules.Catalogue();

    /// <summary>Credentials: hashes that cannot be turned back, and a secret that is protected by the keys of the host where it is used.</summary>
    private static readonly string[] OneWay =
    [
        "registry.account.PasswordHash", "registry.account.GivenHash", "registry.account.TotpSecret",
        // Searched by without knowing whose they are, before anybody is signed in.
        "registry.pupil_key.PinHash", "registry.pupil_key.CardHash", "registry.pupil_key.LinkHash",
    ];

    [Fact]
    public void Every_field_says_what_it_tells_of_a_person_and_what_for() => Rule.Holds(
        Catalogue.Entities,
        e => e.Clr.GetProperties().Length > 0,
        e => e.Clr.GetProperties().Where(p => !e.Marks.TryGetValue(p.Name, out var mark) || (mark.Says == Says.Nothing) != (mark.For is null))
            .Select(p => $"{e.Key}.{p.Name} is not marked OfNobody, Basic or Sensitive."),
        new EntityType("diary", typeof(Diary), 1),
        new EntityType("diary", typeof(Diary), 1) { Marks = new Dictionary<string, FieldMark> { ["Line"] = new(Says.Basic, null) } });

    [Fact]
    public void What_is_sensitive_or_not_kept_for_ever_is_sealed_before_the_kernel_sees_it() => Rule.Holds(
        from e in Catalogue.Entities
        from m in e.Marks
        let must = m.Value is { Says: Says.Sensitive } or { For.YearsAfterLeaving: not null }
        select (Field: $"{e.Key}.{m.Key}", Must: must, Type: e.Clr.GetProperty(m.Key)!.PropertyType),
        f => f.Must && !OneWay.Contains(f.Field),
        f => f.Type == typeof(Sealed) ? [] : [$"{f.Field} must be of type Sealed."],
        (Field: "registry.pupil.Religion", Must: true, Type: typeof(string)));

    /// <summary>Otherwise a full export could not open it, and nobody would miss it there.</summary>
    [Fact]
    public void What_is_sealed_says_for_whom() => Rule.Holds(
        Catalogue.Entities,
        e => e.Clr.GetProperties().Any(p => p.PropertyType == typeof(Sealed)),
        e => e.SealedFor is null ? [$"{e.Key} must say SealedFor."] : [],
        new EntityType("letter", typeof(Letter), 1));

    [Fact]
    public void The_privacy_page_prints_the_data_map()
    {
        var table = string.Concat(Catalogue.Purposes.Select(p =>
            $"| {p.Key} | {p.Why} | {p.Basis} | {p.Kept} | {Fields(p, Says.Basic)} | {Fields(p, Says.Sensitive)} |\n"));
        Rule.Holds(
            Tree.Files, f => f.Path == "docs/privacy.md",
            f => f.Text.Contains(table, StringComparison.Ordinal) ? [] : [$"docs/privacy.md must hold the table as the code has it:\n{table}"],
            new TextFile("docs/privacy.md", "| schooling | because |"));
    }

    private static string Fields(Purpose purpose, Says says) => string.Join(", ",
        from e in Catalogue.Entities
        let fields = e.Marks.Where(m => m.Value == new FieldMark(says, purpose)).Select(m => m.Key).Order(StringComparer.Ordinal).ToList()
        where fields.Count > 0
        select $"{e.Key} ({string.Join(", ", fields)})");

    private sealed record Diary(string Line);

    private sealed record Letter(Sealed Line);
}
