using TdmEdu.Modules.Registry;
using TdmEdu.Sync;

namespace TdmEdu.Central.Duplicates;

/// <summary>What a pupil is compared by.</summary>
/// <param name="Name">Folded.</param>
/// <param name="PersonalId">A mark of the number, and no number (<see cref="Modules.Shell.Sealing.Seals.Mark"/>).</param>
/// <param name="Phone">As <paramref name="PersonalId"/>.</param>
internal sealed record PupilFacts(
    Guid School, Guid Id, string Name, string? BirthDate, Gender? Gender, string? MinistryId, string? PersonalId, string? Phone);

public sealed record Reason(Text What, int Points);

/// <param name="Why">Each with its points; <see cref="Points"/> is their sum.</param>
internal sealed record LikePair(PupilFacts First, PupilFacts Second, IReadOnlyList<Reason> Why)
{
    public int Points { get; } = Why.Sum(r => r.Points);
}

/// <summary>How much two pupils of two schools look like one person: by what both say, point by point, so that who decides sees why.</summary>
internal static class Likeness
{
    public const int ShownFrom = 70;
    public const int Certain = 100;

    /// <summary>More pupils than these with one number: somebody typed zeros.</summary>
    private const int SameNumberMax = 3;

    /// <summary>A telephone of a family, with children of several schools; one of more is the school's own.</summary>
    private const int SamePhoneMax = 6;

    /// <summary>More pupils than these under one key: it tells nobody apart, and would cost the square of them.</summary>
    private const int BlockPupilsMax = 60;

    /// <summary>Those from <see cref="ShownFrom"/> points on, most first. Only pupils that share a key are compared at all.</summary>
    public static List<LikePair> Pairs(IEnumerable<PupilFacts> pupils)
    {
        var all = Trusted([.. pupils]);
        var seen = new HashSet<(Guid, Guid, Guid, Guid)>();
        var pairs = new List<LikePair>();
        foreach (var block in all.SelectMany(p => KeysOf(p).Select(key => (key, p))).GroupBy(k => k.key, k => k.p, StringComparer.Ordinal))
        {
            var members = block.Take(BlockPupilsMax + 1).ToList();
            if (members.Count is < 2 or > BlockPupilsMax)
            {
                continue;
            }
            for (var i = 0; i < members.Count; i++)
            {
                for (var j = i + 1; j < members.Count; j++)
                {
                    var (a, b) = (members[i], members[j]);
                    // One id is one person: a transfer leaves it in both schools.
                    if (a.School != b.School && a.Id != b.Id && seen.Add((a.School, a.Id, b.School, b.Id)) && Of(a, b) is { Points: >= ShownFrom } pair)
                    {
                        pairs.Add(pair);
                    }
                }
            }
        }
        return [.. pairs.OrderByDescending(p => p.Points).ThenBy(p => p.First.Name, StringComparer.Ordinal).ThenBy(p => p.First.Id)];
    }

    public static LikePair Of(PupilFacts a, PupilFacts b)
    {
        var why = new List<Reason>();
        Compare(a.PersonalId, b.PersonalId, new("Cùng số định danh cá nhân"), Certain, new("Khác số định danh cá nhân"), -60);
        Compare(a.MinistryId, b.MinistryId, new("Cùng mã định danh của Bộ"), 90, new("Khác mã định danh của Bộ"), -20);
        Compare(a.Name, b.Name, new("Cùng họ tên"), 40, new("Khác họ tên"), -20);
        Compare(a.Gender?.ToString(), b.Gender?.ToString(), new("Cùng giới tính"), 5, new("Khác giới tính"), -25);
        Compare(a.Phone, b.Phone, new("Cùng số điện thoại gia đình"), 25, new("Khác số điện thoại gia đình"), 0);
        if (a.BirthDate is { } one && b.BirthDate is { } other)
        {
            // Some papers hold only a part of the day.
            why.Add(one == other ? one.Length == "2016-01-31".Length ? new(new("Cùng ngày sinh"), 30) : new(new("Cùng phần đã biết của ngày sinh"), 10)
                : one.StartsWith(other, StringComparison.Ordinal) || other.StartsWith(one, StringComparison.Ordinal) ? new(new("Cùng phần đã biết của ngày sinh"), 10)
                : new(new("Khác ngày sinh"), -30));
        }
        return new(a, b, why);

        void Compare(string? mine, string? yours, Text same, int points, Text differs, int against)
        {
            if (mine is not null && yours is not null && (mine == yours ? points : against) is not 0 and var given)
            {
                why.Add(new(mine == yours ? same : differs, given));
            }
        }
    }

    private static IEnumerable<string> KeysOf(PupilFacts p)
    {
        if (p.PersonalId is { } number)
        {
            yield return $"n{number}";
        }
        if (p.MinistryId is { } ministry)
        {
            yield return $"m{ministry}";
        }
        if (p.BirthDate is { Length: >= 4 } birth)
        {
            yield return $"b{p.Name}|{birth[..4]}";
        }
    }

    /// <summary>Without numbers that so many have that they are nobody's.</summary>
    private static List<PupilFacts> Trusted(List<PupilFacts> pupils)
    {
        var (numbers, phones) = (Common(p => p.PersonalId, SameNumberMax), Common(p => p.Phone, SamePhoneMax));
        return numbers.Count + phones.Count == 0 ? pupils :
        [
            .. pupils.Select(p => p with
            {
                PersonalId = numbers.Contains(p.PersonalId ?? "") ? null : p.PersonalId, Phone = phones.Contains(p.Phone ?? "") ? null : p.Phone,
            }),
        ];

        HashSet<string> Common(Func<PupilFacts, string?> of, int max) =>
            [.. pupils.Select(of).OfType<string>().GroupBy(v => v, StringComparer.Ordinal).Where(g => g.Count() > max).Select(g => g.Key)];
    }
}
