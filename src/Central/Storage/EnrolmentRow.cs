using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Storage;

/// <summary>A code by which one box may ask to join one school, once. The code itself is nowhere.</summary>
internal sealed class JoinCodeRow
{
    public required byte[] CodeHash { get; init; }

    public required Scope School { get; init; }

    public required Guid MadeBy { get; init; }

    public required long MadeAtMs { get; init; }

    public required long ExpiresAtMs { get; init; }

    public long? UsedAtMs { get; set; }

    public long? CancelledAtMs { get; set; }
}

internal enum EnrolmentDecision
{
    Waiting = 1,
    Approved,
    Refused,
}

/// <summary>A box that has asked to join, and what a person of the department decided.</summary>
internal sealed class EnrolmentRow
{
    public required Guid EnrolmentId { get; init; }

    /// <summary>SHA-256 of the ticket with which the box asks for the decision.</summary>
    public required byte[] TicketHash { get; init; }

    public required Scope School { get; init; }

    public required byte[] NodeRequest { get; init; }

    public required byte[] LanRequest { get; init; }

    /// <summary>With a space between.</summary>
    public required string LanHosts { get; init; }

    public required byte[] Commitment { get; init; }

    public required byte[] Nonce { get; init; }

    /// <summary>The root that the box was shown.</summary>
    public required byte[] Authority { get; init; }

    /// <summary>The network address that asked.</summary>
    public required string Address { get; init; }

    public required long AskedAtMs { get; init; }

    /// <summary>Empty until the box has shown them too; only then is there something to compare.</summary>
    public string Words { get; set; } = "";

    public EnrolmentDecision Decision { get; set; } = EnrolmentDecision.Waiting;

    /// <summary>Set when approved.</summary>
    public Guid? NodeId { get; set; }
}
