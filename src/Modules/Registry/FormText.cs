using System.Globalization;
using System.Text;
using TdmEdu.Sync;

namespace TdmEdu.Modules.Registry;

/// <summary>What addresses and forms carry as text. Empty or broken text is no value.</summary>
internal static class FormText
{
    private const int NameRunesMax = 80;

    public static Guid? Id(string? text) => Guid.TryParse(text, out var id) && id != Guid.Empty ? id : null;

    public static DateOnly? Day(string? text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    /// <summary>A whole or partial birth date as people write it.</summary>
    public static string Birth(string? iso) => string.Join('/', (iso ?? "–").Split('-').Reverse());

    /// <summary>
    /// How a file is called, to be shown and for nothing else: what comes after the last folder, without what cannot be seen or turns the text round.
    /// </summary>
    public static string FileName(string sent)
    {
        var seen = sent.Split('/', '\\')[^1].EnumerateRunes().Where(r => Rune.GetUnicodeCategory(r) is not (UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned)).ToList();
        return seen.Count == 0 ? "–" : string.Concat(seen.Take(NameRunesMax)) + (seen.Count > NameRunesMax ? "…" : "");
    }

    public static Error NoDay { get; } = Error.Invalid("calendar_date", "Hãy chọn ngày.");
}
