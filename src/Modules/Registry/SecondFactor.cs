using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using OtpNet;
using TdmEdu.Modules.Shell;

namespace TdmEdu.Modules.Registry;

/// <summary>
/// Codes of six digits from a phone (RFC 6238), which need no line. The secret is kept in the account, protected by the keys of the host on
/// which the person signs in: what is replicated is of use to nobody else, and after a box was replaced the person is given a new password.
/// </summary>
internal sealed class SecondFactor(IDataProtectionProvider keys, TimeProvider clock)
{
    private const int SecretBytes = 20;
    private static readonly TimeSpan OfferedFor = TimeSpan.FromMinutes(15);
    private static readonly VerificationWindow OneStepEachWay = new(previous: 1, future: 1);

    private readonly IDataProtector protector = keys.CreateProtector("TdmEdu.SecondFactor.v1");
    private readonly IDataProtector offers = keys.CreateProtector("TdmEdu.SecondFactor.Offer.v1");
    private readonly ConcurrentDictionary<Guid, long> lastSteps = new();

    /// <summary>A secret that is not in force yet: the form brings it back with the first code, so that nothing is kept for who leaves.</summary>
    public Offer Propose(Guid person, string userName)
    {
        var secret = Base32Encoding.ToString(RandomNumberGenerator.GetBytes(SecretBytes));
        return Show(userName, secret, offers.Protect(string.Create(CultureInfo.InvariantCulture, $"{person:n} {secret} {(clock.GetUtcNow() + OfferedFor).Ticks}")));
    }

    /// <summary>The same once more, for who mistyped the code and has scanned it already; null when it is old or another person's.</summary>
    public Offer? Again(Guid person, string userName, string offered) =>
        SecretIn(person, offered) is { } secret ? Show(userName, secret, offered) : null;

    /// <summary>What to keep in the account; null when the offer is old or another person's, or the code is not its code.</summary>
    public string? Accept(Guid person, string offered, string code) =>
        SecretIn(person, offered) is { } secret && IsRight(person, secret, code) ? protector.Protect(secret) : null;

    /// <summary>True for who has no second factor. A code is good once, also for who looked over the shoulder.</summary>
    public bool Verify(Guid person, string? kept, string code)
    {
        try
        {
            return kept is null || IsRight(person, protector.Unprotect(kept), code);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static Offer Show(string userName, string secret, string token) =>
        new(secret, QrPicture.Of(new OtpUri(OtpType.Totp, secret, userName, "TdmEdu").ToString()), token);

    private string? SecretIn(Guid person, string offered)
    {
        try
        {
            var parts = offers.Unprotect(offered).Split(' ');
            var isFresh = clock.GetUtcNow().Ticks < long.Parse(parts[2], CultureInfo.InvariantCulture);
            return isFresh && parts[0] == $"{person:n}" ? parts[1] : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private bool IsRight(Guid person, string secret, string code)
    {
        var digits = new string([.. code.Where(char.IsAsciiDigit)]);
        if (!new Totp(Base32Encoding.ToBytes(secret)).VerifyTotp(clock.GetUtcNow().UtcDateTime, digits, out var step, OneStepEachWay))
        {
            return false;
        }
        while (true)
        {
            var last = lastSteps.GetOrAdd(person, long.MinValue);
            if (step <= last)
            {
                return false;
            }
            if (lastSteps.TryUpdate(person, step, last))
            {
                return true;
            }
        }
    }

    internal sealed record Offer(string Secret, string Picture, string Token);
}
