using System.Globalization;
using System.Text.RegularExpressions;
using TdmEdu.Modules.Shell;

namespace TdmEdu.Modules.Registry;

/// <summary>How schools and FET write days and lessons: "Thứ Hai", "T2", "S2" (sáng), "Monday"; "Tiết 3", "3".</summary>
internal static partial class LessonWords
{
    private const int LessonsInHalf = 5;

    private static readonly string[][] Days =
    [
        ["hai", "mon"], ["ba", "tue"], ["tu", "wed"], ["nam", "thu"], ["sau", "fri"], ["bay", "sat"], ["chu nhat", "sun", "cn"],
    ];

    /// <summary>ISO day; null where it is none.</summary>
    public static int? Day(string text)
    {
        var word = VietnameseText.Fold(text);
        if (DayNumber().Match(word) is { Success: true } numbered)
        {
            return int.Parse(numbered.Groups[1].Value, CultureInfo.InvariantCulture) - 1;
        }
        var bare = Halves().Replace(word, " ").Trim();
        bare = bare.StartsWith("thu ", StringComparison.Ordinal) ? bare[4..] : bare;
        bool IsCalled(string name) => bare == name
            || (name.Length == 3 && bare.StartsWith(name, StringComparison.Ordinal) && bare.EndsWith("day", StringComparison.Ordinal));
        var found = Array.FindIndex(Days, d => d.Any(IsCalled));
        return found < 0 ? null : found + 1;
    }

    /// <summary>True: the afternoon; null where it is not said.</summary>
    public static bool? IsAfternoon(params IEnumerable<string> texts) => texts.Select(VietnameseText.Fold).Select(t =>
        t.Contains("chieu", StringComparison.Ordinal) || AfternoonDay().IsMatch(t) ? true
        : t.Contains("sang", StringComparison.Ordinal) || MorningDay().IsMatch(t) ? false : (bool?)null).FirstOrDefault(half => half is not null);

    public static int? Number(string text) => LessonNumber().Match(VietnameseText.Fold(text)) is { Success: true } found
        ? int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture) : null;

    /// <summary>The fifth lesson is the morning's last: the afternoon's first is also called "tiết 1".</summary>
    public static Slot? Lesson(string text, bool? isAfternoon) => Number(text) switch
    {
        { } n when isAfternoon == true && n is >= 1 and <= LessonsInHalf => Slot.Lesson1 + LessonsInHalf + n - 1,
        { } n when n >= 1 && Slot.Lesson1 + n - 1 <= Slot.Lesson10 => Slot.Lesson1 + n - 1,
        _ => null,
    };

    [GeneratedRegex(@"^(?:(?:sang|chieu)\s+)?(?:thu|t|s|c)?\s*([2-7])(?:\s*\(?(?:sang|chieu)\)?)?$")]
    private static partial Regex DayNumber();

    [GeneratedRegex(@"^c\s*[2-7]$")]
    private static partial Regex AfternoonDay();

    [GeneratedRegex(@"^s\s*[2-7]$")]
    private static partial Regex MorningDay();

    [GeneratedRegex(@"\b(?:sang|chieu)\b|[()]")]
    private static partial Regex Halves();

    [GeneratedRegex(@"^(?:tiet|t|hour|period)?\s*(\d{1,2})$")]
    private static partial Regex LessonNumber();
}
