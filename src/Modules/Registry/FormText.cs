using System.Globalization;
using TdmEdu.Sync;

namespace TdmEdu.Modules.Registry;

/// <summary>What addresses and forms carry as text. Empty or broken text is no value.</summary>
internal static class FormText
{
    public static Guid? Id(string? text) => Guid.TryParse(text, out var id) && id != Guid.Empty ? id : null;

    public static DateOnly? Day(string? text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    /// <summary>A whole or partial birth date as people write it.</summary>
    public static string Birth(string? iso) => string.Join('/', (iso ?? "–").Split('-').Reverse());

    public static Error NoDay { get; } = Error.Invalid("calendar_date", "Hãy chọn ngày.");
}
