using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Central;

/// <summary>
/// An operation that took effect, at its place in its scope's feed. Append-only: this table is the audit of data changes.
/// Operations of Central's own office have an empty epoch, number 0 and no chain.
/// </summary>
public sealed class StoredOp
{
    public required Scope Scope { get; init; }

    public required long FeedSeq { get; init; }

    public required Guid Node { get; init; }

    public Guid Epoch { get; init; }

    public Lane Lane { get; init; }

    public long Seq { get; init; }

    public required string Entity { get; init; }

    public required Guid Id { get; init; }

    public required int Schema { get; init; }

    public required OpKind Kind { get; init; }

    /// <summary>As the node stamped it, and as the chain's hash covers it.</summary>
    public required long Hlc { get; init; }

    /// <summary>As it was applied and goes down the feed: a clock in the future is cut back on receipt.</summary>
    public required long AppliedHlc { get; init; }

    public required Guid Actor { get; init; }

    public int GroupLeft { get; init; }

    public required byte[] Data { get; init; }

    public byte[] Salt { get; init; } = [];

    public byte[] Hash { get; init; } = [];

    public required Outcome Outcome { get; init; }

    public string Reason { get; init; } = "";

    public required long ReceivedAtMs { get; init; }
}

/// <summary>An operation that took no effect, verbatim: parked for a later version of Central, or rejected with a reason.</summary>
public sealed record RefusedOp
{
    /// <summary>The school of the certificate; what the operation itself claims is <see cref="ClaimedScope"/>.</summary>
    public required Scope Scope { get; init; }

    public required Guid Node { get; init; }

    public required Guid Epoch { get; init; }

    public required Lane Lane { get; init; }

    public required long Seq { get; init; }

    public required Scope ClaimedScope { get; init; }

    public required string Entity { get; init; }

    public required Guid Id { get; init; }

    public required int Schema { get; init; }

    public required OpKind Kind { get; init; }

    public required long Hlc { get; init; }

    public required Guid Actor { get; init; }

    public int GroupLeft { get; init; }

    public required byte[] Data { get; init; }

    public required byte[] Salt { get; init; }

    public required byte[] Hash { get; init; }

    /// <summary>As of the last attempt to apply it.</summary>
    public required Outcome Outcome { get; init; }

    public required string Reason { get; init; }

    public required long ReceivedAtMs { get; init; }

    public Resolution Resolution { get; init; }

    public long? ResolvedAtMs { get; init; }

    /// <summary>Null when no person decided.</summary>
    public Guid? ResolvedBy { get; init; }

    /// <summary>Why a person dismissed it.</summary>
    public string? ResolvedWhy { get; init; }
}

/// <summary>What was done about a refused operation. The operation itself stays as it came.</summary>
public enum Resolution
{
    Open = 0,

    /// <summary>It took effect later, under a number of its own in the feed.</summary>
    Applied,

    /// <summary>A person decided that it shall have no effect.</summary>
    Dismissed,
}
