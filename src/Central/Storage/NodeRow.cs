using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Storage;

/// <summary>A school's box. The school of everything it sends is <see cref="School"/>, found by the key of its client certificate.</summary>
internal sealed class NodeRow
{
    public required Guid NodeId { get; init; }

    public required Scope School { get; set; }

    public string Name { get; set; } = "";

    /// <summary>The box's public key, as <see cref="Modules.Shell.Joining.BoxKey.Pin"/> gives it: whoever holds the key is the box.</summary>
    public required string KeyPin { get; init; }

    /// <summary>What the certificate of its pages names, with a space between.</summary>
    public string LanHosts { get; set; } = "";

    /// <summary>The root, by its thumbprint, under which it last got certificates; null before the first.</summary>
    public string? CertifiedBy { get; set; }

    public long? CertifiedUntilMs { get; set; }

    /// <summary>Since when it asks in vain to renew, after having been off for too long.</summary>
    public long? RenewalAskedAtMs { get; set; }

    public long? RenewalAllowedUntilMs { get; set; }

    public bool Revoked { get; set; }

    public long? LastSeenAtMs { get; set; }

    /// <summary>The box held its school's feed up to here when it was last the same as Central, at <see cref="SameAtMs"/>.</summary>
    public long? SameFeedSeq { get; set; }

    /// <summary>Central held all that the box had recorded at this instant.</summary>
    public long? SameAtMs { get; set; }

    /// <summary>When a second machine was noticed under this name, until the department has decided.</summary>
    public long? SuspectSinceMs { get; set; }
}

/// <summary>See <see cref="NodeRow.SameFeedSeq"/>.</summary>
internal sealed record BoxSame(long? FeedSeq, long? AtMs, long? SeenAtMs);

/// <summary>How far Central holds a lane: the last number and the chain hash there.</summary>
internal sealed class NodeLaneRow
{
    public required Guid NodeId { get; init; }

    public required Guid Epoch { get; init; }

    public required Lane Lane { get; init; }

    public required long LastSeq { get; set; }

    public required byte[] LastHash { get; set; }

    /// <summary>Up to here the lane is in a backup of Central.</summary>
    public long BackedUpSeq { get; set; }

    /// <summary>Central holds everything that the box had recorded in this lane up to this instant (design D11).</summary>
    public long? CompleteAtMs { get; set; }
}

/// <summary>The end of a lane at the beginning of a session: where a restored box finds what both sides still share.</summary>
internal sealed class LaneCheckpointRow
{
    public required Guid NodeId { get; init; }

    public required Guid Epoch { get; init; }

    public required Lane Lane { get; init; }

    public required long Seq { get; init; }

    public required byte[] Hash { get; init; }
}

/// <summary>Which feeds a school receives, kept when the registry places it.</summary>
internal sealed class MembershipRow
{
    public required Scope School { get; init; }

    /// <summary>Scopes with a space between.</summary>
    public required string Scopes { get; set; }

    public required long Version { get; set; }
}

/// <summary>The one live session of a node: a newer Open replaces it, and calls with the older token are answered ABORTED.</summary>
internal sealed class SessionRow
{
    public required Guid NodeId { get; init; }

    public required byte[] Token { get; set; }

    public required Guid Epoch { get; set; }

    /// <summary>See <see cref="Sync.Central.NodeState.Tickets"/>.</summary>
    public required byte[] Tickets { get; set; }

    public required string TicketsOf { get; set; }
}
