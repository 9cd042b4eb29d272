using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Edge;

/// <summary>
/// One text that orders the documents of a table by scope, then range, then id. The separator sorts below every letter, so
/// that "6A" comes before "6A1" as the ranges themselves do.
/// </summary>
public static class IndexKey
{
    private const char Separator = '\u0001';
    private const char AfterSeparator = '\u0002';

    public static string Of(Doc doc) => $"{doc.Scope.Value}{Separator}{Position(doc)}";

    /// <summary>Where a page ends, as readers get it.</summary>
    public static string Position(Doc doc) => $"{doc.Range}{Separator}{doc.Id:n}";

    public static string From(Scope scope, string? from) => $"{scope.Value}{Separator}{from}";

    /// <summary>Above all keys with a range below <paramref name="to"/>, and never a key itself.</summary>
    public static string To(Scope scope, string? to) => to switch
    {
        null => $"{scope.Value}{AfterSeparator}",
        // "6A" to "6A\0" is the range of the one text "6A": above all ids under it, though the separator is not the lowest letter.
        [.. var text, '\0'] => $"{scope.Value}{Separator}{text}{AfterSeparator}",
        _ => $"{scope.Value}{Separator}{to}",
    };

    /// <summary>Just above the key at <paramref name="position"/>.</summary>
    public static string After(Scope scope, string position) => $"{scope.Value}{Separator}{position}\0";
}
