using System.Globalization;
using System.Text.RegularExpressions;
using TdmEdu.Modules.Shell;

namespace TdmEdu.Modules.Registry;

/// <summary>Classes in the order of the ministry's lists: by khối, in kindergarten by age, then 1/2 before 1/10.</summary>
public sealed partial class ClassOrder : IComparer<SchoolClass>
{
    public static readonly ClassOrder Instance = new();

    /// <summary>The age of the groups and classes of Circular 52/2020/TT-BGDĐT, in the words that names have in north and south, without tones.</summary>
    private static readonly Dictionary<string, int> AgeByWord = new(StringComparer.Ordinal)
    {
        ["nhom"] = 2,
        ["nha"] = 2,
        ["mam"] = 3,
        ["be"] = 3,
        ["choi"] = 4,
        ["nho"] = 4,
        ["la"] = 5,
        ["lon"] = 5,
    };

    internal const int LastKindergartenAge = 5;

    private ClassOrder()
    {
    }

    public int Compare(SchoolClass? x, SchoolClass? y)
    {
        if (x is null || y is null)
        {
            return (x is null ? 0 : 1) - (y is null ? 0 : 1);
        }
        var byLevel = LevelOf(x).CompareTo(LevelOf(y));
        return byLevel != 0 ? byLevel : CompareNames(x.Name, y.Name);
    }

    /// <summary>The number that a name starts with: 1 of "1/9", 6 of "6A2".</summary>
    internal static int? LeadingNumber(string name) =>
        int.TryParse(Runs().Match(name).Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    internal static int LevelOf(SchoolClass schoolClass) => schoolClass.Grade
        ?? VietnameseText.Fold(schoolClass.Name).Split(' ').Select(w => AgeByWord.GetValueOrDefault(w)).FirstOrDefault(a => a > 0) switch
        {
            0 => LeadingNumber(schoolClass.Name) ?? 0,
            var age => age,
        };

    private static int CompareNames(string a, string b)
    {
        foreach (var (x, y) in Runs().Matches(a).Zip(Runs().Matches(b), (x, y) => (x.Value, y.Value)))
        {
            var order = char.IsAsciiDigit(x[0]) && char.IsAsciiDigit(y[0]) ? CompareNumbers(x, y) : VietnameseText.ByText.Compare(x, y);
            if (order != 0)
            {
                return order;
            }
        }
        return VietnameseText.ByText.Compare(a, b);
    }

    private static int CompareNumbers(string a, string b)
    {
        var (x, y) = (a.TrimStart('0'), b.TrimStart('0'));
        return x.Length != y.Length ? x.Length - y.Length : string.CompareOrdinal(x, y);
    }

    [GeneratedRegex("[0-9]+|[^0-9]+")]
    private static partial Regex Runs();
}
