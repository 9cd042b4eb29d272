namespace TdmEdu.Sync.Records;

/// <summary>How a field stands towards the law on personal data (Law 91/2025/QH15, Decree 356/2025/NĐ-CP).</summary>
public enum Says
{
    /// <summary>Nothing of any person.</summary>
    Nothing = 1,

    /// <summary>Basic personal data; the law's word for what is not on its list of sensitive data.</summary>
    Basic,

    /// <summary>
    /// On the law's list (ethnicity, religion, health, credentials of accounts), or kept as if it were (personal id numbers): never readable in a
    /// database, a log or an export.
    /// </summary>
    Sensitive,
}

/// <summary>Why something about people is kept.</summary>
/// <param name="Basis">What allows it: without one that the law gives, somebody has to consent.</param>
/// <param name="Kept">For how long.</param>
/// <param name="YearsAfterLeaving">Not for ever: after so many years the person's part must be unreadable, in every journal and copy.</param>
public sealed record Purpose(string Key, string Why, string Basis, string Kept, int? YearsAfterLeaving = null)
{
    /// <summary>Who did what with the data: the audit, and lists that a person has to decide on.</summary>
    public static readonly Purpose Accountability = new(
        "accountability", "To find out afterwards who read, changed or refused what",
        "A duty by law: Law 91/2025, Decree 85/2016 and TCVN 11930 (logs of at least 12 months)", "As long as the journal and Central's table that hold it");
}

/// <summary>What one field of an entity says, and what for; null for a field that says nothing of a person.</summary>
public sealed record FieldMark(Says Says, Purpose? For)
{
    public static readonly FieldMark Nothing = new(Says.Nothing, null);

    internal static IReadOnlyDictionary<string, FieldMark> Of(FieldMark mark, params string[] fields) => fields.ToDictionary(f => f, _ => mark);
}
