using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>Who speaks for a child: whoever represents it, and from seven years on the child as well.</summary>
public enum Party
{
    Parent = 1,
    Child,
}

/// <summary>
/// One line of the ledger of consents: given, or taken back. What the law gives schools to do needs none, so this is about the rest only. Lines are
/// never changed; the newest of a party says how it is now.
/// </summary>
/// <param name="Version">Of the purpose's words, which were read to the person.</param>
/// <param name="Name">Of the person who said it, sealed with the child's key.</param>
/// <param name="By">Who wrote it down.</param>
public sealed record Consent(Guid Pupil, string Purpose, int Version, bool Given, Party Party, Sealed Name, DateOnly On, Guid By);

/// <summary>Something for which people are asked.</summary>
/// <param name="Version">Grows when <paramref name="Words"/> change in meaning: who agreed to others is asked again.</param>
public sealed record ConsentPurpose(string Key, int Version, Text Words)
{
    public static IReadOnlyList<ConsentPurpose> All { get; } =
    [
        new("photo", 1, new("Đăng ảnh, tên của em trong tin bài của trường")),
        new("recording", 1, new("Ghi hình buổi học, buổi họp trực tuyến có em")),
    ];
}

public enum ConsentState
{
    None,
    InForce,

    /// <summary>The parent agrees; the child, of seven years or more, has not been asked or does not.</summary>
    ChildMissing,
    Withdrawn,

    /// <summary>The pupil's private part was erased, and with it who said so: nobody can rely on it any more.</summary>
    Ended,
}

internal static class ConsentLedger
{
    private const int ChildSpeaksFromYears = 7;
    private const int NameCharsMax = 100;

    /// <summary>The state of one purpose by its lines.</summary>
    public static ConsentState StateOf(ConsentPurpose purpose, IEnumerable<Row<Consent>> lines, string? birthDate, DateOnly today, bool erased = false)
    {
        if (erased)
        {
            return ConsentState.Ended;
        }
        var newest = lines.Where(l => l.Value.Purpose == purpose.Key).GroupBy(l => l.Value.Party)
            .ToDictionary(p => p.Key, p => p.OrderBy(l => l.Value.On).ThenBy(l => l.Version.Hlc.Value).ThenBy(l => l.Id).Last().Value);
        var (parent, child) = (newest.GetValueOrDefault(Party.Parent), newest.GetValueOrDefault(Party.Child));
        return parent is { Given: false } || child is { Given: false } ? ConsentState.Withdrawn
            : parent?.Version != purpose.Version ? ConsentState.None
            : Speaks(birthDate, today) && child?.Version != purpose.Version ? ConsentState.ChildMissing
            : ConsentState.InForce;
    }

    public static Decision<Guid> Add(
        Catalogue catalogue, Seals seals, Scope school, Consent line, string name, DateOnly today, TimeProvider clock)
    {
        if (ConsentPurpose.All.All(p => p.Key != line.Purpose) || !Enum.IsDefined(line.Party) || name.Length is 0 or > NameCharsMax)
        {
            return Error.Invalid("consent_incomplete", "Hãy chọn việc, ai nói, và ghi họ tên người nói (nhiều nhất {0} chữ).", NameCharsMax);
        }
        if (line.On > today)
        {
            return Error.Invalid("consent_day", "Ngày đồng ý không thể ở tương lai. Hãy sửa lại ngày.");
        }
        if (seals.WhyNot(school) is { } noSeal)
        {
            return noSeal;
        }
        var id = RecordId.New(clock);
        return seals.Seal(school, line.Pupil, nameof(Consent.Name), name) is { } kept
            ? new Decision<Guid>(id, [catalogue.Create(school, id, line with { Name = kept })])
            : Erasure.Done;
    }

    /// <summary>Of a birth date that is known in part only, as early as it may be: the child is asked rather than not.</summary>
    private static bool Speaks(string? birthDate, DateOnly today) => birthDate is null
        || DateOnly.ParseExact(birthDate + "-01-01"[..(10 - birthDate.Length)], "yyyy-MM-dd").AddYears(ChildSpeaksFromYears) <= today;
}
