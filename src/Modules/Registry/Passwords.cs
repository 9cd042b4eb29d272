using System.Collections.Frozen;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;

namespace TdmEdu.Modules.Registry;

/// <summary>Which passwords a person may choose: long ones that nobody guesses. No rules on kinds of characters and no expiry: they make people
/// write passwords down (NIST SP 800-63B-4).</summary>
internal static class Passwords
{
    internal const int CharsMin = 15;

    /// <summary>For who also types a code from a phone.</summary>
    internal const int CharsMinWithCode = 8;

    internal const int CharsMax = 128;
    private const int WordCharsMin = 4;
    private const int OwnWordCharsMin = 2;
    private const int DifferentCharsMin = 5;

    /// <summary>What may be left of a password besides guessable words.</summary>
    private const int RestCharsMax = 3;

    private static readonly FrozenSet<string> Blocked = Load();
    private static readonly int WordCharsMax = Blocked.Max(w => w.Length);

    internal static int BlockedCount => Blocked.Count;

    internal static int CharsMinOf(bool withCode) => withCode ? CharsMinWithCode : CharsMin;

    /// <param name="about">What others know of the person: their names, the school's.</param>
    public static Error? WhyNot(string wanted, bool withCode, params IEnumerable<string> about)
    {
        var charsMin = CharsMinOf(withCode);
        if (wanted.Length < charsMin || wanted.Length > CharsMax)
        {
            return Error.Invalid(
                "password_short", "Mật khẩu phải có ít nhất {0} ký tự, nhiều nhất {1}. Hãy ghép bốn, năm từ không liên quan nhau thành một câu dễ nhớ.",
                charsMin, CharsMax);
        }
        var own = about.SelectMany(a => VietnameseText.Fold(a).Split(' ')).Select(Letters).Where(w => w.Length >= OwnWordCharsMin).ToHashSet();
        var folded = VietnameseText.Fold(wanted);
        return IsGuessable(Letters(folded), own) || IsGuessable(Letters(folded.Replace('@', 'a').Replace('0', 'o').Replace('3', 'e').Replace('1', 'i').Replace('$', 's')), own)
            ? Error.Invalid(
                "password_common", "Mật khẩu này dễ bị đoán: chỉ gồm từ hay dùng, tên người, tên trường hoặc dãy số. Hãy ghép vài từ không liên quan nhau.")
            : null;
    }

    private static bool IsGuessable(string text, HashSet<string> own) =>
        text.Distinct().Count() < DifferentCharsMin || RestOf(text, own) <= RestCharsMax;

    /// <summary>How many letters remain at least when guessable words and digits are cut out.</summary>
    private static int RestOf(string text, HashSet<string> own)
    {
        var rest = new int[text.Length + 1];
        for (var end = 1; end <= text.Length; end++)
        {
            rest[end] = rest[end - 1] + (char.IsAsciiDigit(text[end - 1]) ? 0 : 1);
            for (var start = Math.Max(0, end - WordCharsMax); start <= end - OwnWordCharsMin; start++)
            {
                if (rest[start] < rest[end] && IsWord(text[start..end], own))
                {
                    rest[end] = rest[start];
                }
            }
        }
        return rest[^1];
    }

    private static bool IsWord(string text, HashSet<string> own) => (text.Length >= WordCharsMin && Blocked.Contains(text)) || own.Contains(text);

    private static string Letters(string folded) => new([.. folded.Where(char.IsLetterOrDigit)]);

    private static FrozenSet<string> Load()
    {
        using var stream = typeof(Passwords).Assembly.GetManifestResourceStream("TdmEdu.Modules.Registry.Data.blocked-passwords.txt")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n').Where(line => line is not ['#', ..]).SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .ToFrozenSet(StringComparer.Ordinal);
    }
}
