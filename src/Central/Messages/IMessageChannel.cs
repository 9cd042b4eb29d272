using TdmEdu.Modules.Registry;

namespace TdmEdu.Central.Messages;

public enum Delivery
{
    Sent = 1,

    /// <summary>For good, and certainly not delivered.</summary>
    Refused,

    /// <summary>Certainly not delivered: this one may be tried again.</summary>
    Later,

    /// <summary>As <see cref="Later"/>, and no other one would be taken now.</summary>
    Unreachable,

    /// <summary>The answer was lost: it may have been delivered.</summary>
    Unknown,
}

/// <param name="Id">The same for the same message for ever, so that a server's own log can be asked for it.</param>
public sealed record Letter(Guid Id, string To, string Subject, string Text);

/// <summary>One way to families: here by e-mail; what hands over to an SMS or Zalo gateway is another one beside it.</summary>
internal interface IMessageChannel
{
    /// <summary>Where this way leads to a pupil's family; null where it leads nowhere.</summary>
    string? AddressOf(PupilSecrets family);

    Task<Delivery> Send(Letter letter, CancellationToken cancel);
}
