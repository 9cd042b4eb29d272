using System.Globalization;
using System.Text;

namespace TdmEdu.Modules.Shell;

/// <summary>How Vietnamese text is compared: by people who type without tones, in two spellings, from old and new keyboards.</summary>
public static class VietnameseText
{
    private static readonly CompareInfo Vietnamese = CultureInfo.GetCultureInfo("vi-VN").CompareInfo;

    /// <summary>Names in the order of a class register: by tên, then họ, then what is between.</summary>
    public static IComparer<string> ByGivenName { get; } = Comparer<string>.Create(CompareNames);

    /// <summary>The order of a Vietnamese dictionary.</summary>
    public static IComparer<string> ByText { get; } = Comparer<string>.Create((a, b) => Vietnamese.Compare(a, b));

    /// <summary>One form for one text: NFC, single spaces, none at the ends.</summary>
    public static string Normalise(string text) =>
        string.Join(' ', text.Normalize(NormalizationForm.FormC).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>For search: lower case without tones or marks, đ as d.</summary>
    public static string Fold(string text) => Rewrite(text, keepMarks: false);

    /// <summary>For equality: letters and tones count, their spelling does not; "Hoà", "Hòa" and their decomposed forms are one.</summary>
    public static string Key(string text) => Rewrite(text, keepMarks: true);

    public static bool Contains(string text, string folded) => Fold(text).Contains(folded, StringComparison.Ordinal);

    /// <summary>Decomposes every word; marks are dropped, or kept with the tone moved to the end of its word.</summary>
    private static string Rewrite(string text, bool keepMarks)
    {
        var result = new StringBuilder(text.Length);
        foreach (var word in Normalise(text).ToLowerInvariant().Split(' '))
        {
            var tones = new StringBuilder();
            foreach (var c in word.Normalize(NormalizationForm.FormD))
            {
                var isMark = CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.NonSpacingMark;
                if (!isMark)
                {
                    result.Append(c == 'đ' && !keepMarks ? 'd' : c);
                }
                else if (keepMarks)
                {
                    (IsTone(c) ? tones : result).Append(c);
                }
            }
            result.Append(tones).Append(' ');
        }
        return result.ToString().TrimEnd();
    }

    /// <summary>Grave, acute, tilde, hook above, dot below; circumflex, breve and horn make other letters.</summary>
    private static bool IsTone(char mark) => mark is '\u0300' or '\u0301' or '\u0303' or '\u0309' or '\u0323';

    private static int CompareNames(string? a, string? b)
    {
        var (x, y) = (Parts(a ?? ""), Parts(b ?? ""));
        var byGiven = Vietnamese.Compare(x.Given, y.Given);
        var byFamily = byGiven != 0 ? byGiven : Vietnamese.Compare(x.Family, y.Family);
        return byFamily != 0 ? byFamily : Vietnamese.Compare(x.All, y.All);
    }

    private static (string Given, string Family, string All) Parts(string name)
    {
        var all = Normalise(name);
        var words = all.Split(' ');
        return (words[^1], words[0], all);
    }
}
