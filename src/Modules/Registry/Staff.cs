using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

public sealed record Staff(string FullName, string Title);

/// <summary>What a person is at the school or the department, from a day to a day, both inside; several at once are usual.</summary>
/// <param name="Code">Of <see cref="Positions"/>.</param>
public sealed record StaffPosition(Guid Staff, string Code, DateOnly From, DateOnly? To);

/// <summary>A named person's sign-in; its id is the staff member's id.</summary>
/// <param name="UserName">Lower case, without tones.</param>
/// <param name="PasswordHash">As <see cref="PasswordHash"/> writes it.</param>
/// <param name="GivenHash">The hash of the last password that somebody else made: while it is the current one, the person may only choose their own.
/// Not a flag, which a change made elsewhere at the same time would leave behind beside the wrong password.</param>
/// <param name="TotpSecret">As <see cref="SecondFactor"/> protects it; null without a second factor.</param>
/// <param name="GivenAt">When that was.</param>
/// <param name="ExtendedTo">Until when the school itself vouches for the person (<see cref="Lease"/>).</param>
public sealed record Account(
    string UserName, string PasswordHash, Roles Roles, bool Disabled = false, string? GivenHash = null, string? TotpSecret = null,
    DateOnly? ExtendedTo = null, DateTimeOffset? GivenAt = null)
{
    /// <summary>A slip of paper that nobody has used by then lies about.</summary>
    public static readonly TimeSpan GivenFor = TimeSpan.FromHours(72);

    /// <summary>With a password for one sign-in. A lost phone is replaced in the same way, so the codes end with it.</summary>
    public Account Given(string hash, DateTimeOffset now) => this with { PasswordHash = hash, GivenHash = hash, GivenAt = now, TotpSecret = null };

    internal bool IsGiven() => GivenHash == PasswordHash;

    /// <summary>One of which nobody knows since when, too.</summary>
    internal bool IsGivenOver(DateTimeOffset now) => IsGiven() && !(now - GivenAt <= GivenFor);
}
