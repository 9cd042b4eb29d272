namespace TdmEdu.Sync.Records;

public enum OpKind
{
    /// <summary>Sets the fields it names; per field the last writer wins.</summary>
    Put = 1,

    /// <summary>Something that happened: written once, never changed.</summary>
    Fact = 2,

    /// <summary>A tombstone.</summary>
    Delete = 3,

    /// <summary>Written by Central alone: the record is no longer this scope's, and nothing older of it may be read there.</summary>
    Evict = 4,
}

/// <summary>Lanes are numbered separately, so that bulk work in one never delays another. Lower goes first.</summary>
public enum Lane : byte
{
    Control = 0,
    Attendance = 1,
    Desks = 2,
    Learning = 3,
    Telemetry = 4,
}

/// <summary>
/// The envelope of everything a school records. <paramref name="Data"/> is a UTF-8 JSON object: the changed fields of a PUT,
/// the whole of a FACT, empty for a DELETE, the reason of an EVICT. <paramref name="Actor"/> is the person, empty for the system.
/// </summary>
public sealed record Op(
    Scope Scope,
    string Entity,
    Guid Id,
    int Schema,
    OpKind Kind,
    Hlc Hlc,
    Guid Actor,
    ReadOnlyMemory<byte> Data)
{
    /// <summary>Operations that must take effect together, or not at all, follow each other in one lane.</summary>
    public const int GroupOpsMax = 100;

    /// <summary>How many operations of the same group follow this one; 0 when it stands alone or ends its group.</summary>
    public int GroupLeft { get; init; }

    /// <summary>
    /// In the feed, of an operation whose stamp Central cut back (design D7): the stamp that its node gave it. Whoever holds fields under
    /// that one, above all the node itself, holds them under <see cref="Hlc"/> from then on. Zero everywhere else.
    /// </summary>
    public Hlc Stamped { get; init; }

    /// <summary>Sent once more: the lower stamp that Central gave it when it first came, which a restored one has forgotten. Zero everywhere else.</summary>
    public Hlc CutTo { get; init; }
}

/// <summary>An operation with its place in the chain of its lane. Sequence numbers start at 1 and have no gaps.</summary>
public sealed record NumberedOp(long Seq, Op Op, byte[] Salt, byte[] Hash);

/// <summary>The end of a lane: the last number, and the chain hash there (the chain's base when the lane is empty).</summary>
public sealed record LaneHead(Lane Lane, long Seq, byte[] Hash);

/// <summary>An operation as it comes down from Central: who wrote it, and its place in its scope's feed.</summary>
public sealed record FeedOp(Op Op, Guid Node, long Seq);

public enum Outcome
{
    Applied = 1,

    /// <summary>
    /// Some of its fields were older than what is there; the others took effect. Of a FACT: it is earlier than a fact of the same id
    /// with another content, which is forged or cloned, and stands instead of it.
    /// </summary>
    Merged,

    /// <summary>Everything in it was there already or has a newer value.</summary>
    Superseded,

    /// <summary>Kept verbatim for later: this side does not know the entity yet.</summary>
    Parked,

    /// <summary>Kept verbatim and refused, with a reason.</summary>
    Rejected,
}
