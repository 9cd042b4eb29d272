using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Central;

public readonly record struct RecordKey(Scope Scope, string Entity, Guid Id);

public readonly record struct ViewKey(Scope Scope, string View, Guid Id);

/// <summary>A record to write, with the text it is listed under.</summary>
public sealed record IndexedRecord(RecordState State, string IndexKey);

/// <summary>A view's document to write or just read.</summary>
public sealed record ViewDocument(ViewKey Key, string Range, ReadOnlyMemory<byte> Data);

/// <summary>Which feeds a school receives. <paramref name="Version"/> grows with each change.</summary>
public sealed record Membership(IReadOnlyList<Scope> Scopes, long Version);

/// <summary>The box behind a connection, and the one school whose rows it may write.</summary>
public sealed record NodeIdentity(Guid Node, Scope School)
{
    /// <summary>Whose operations are its own echoes: those of its present epoch. A box made anew wants the older ones back.</summary>
    public (Guid Node, Guid Epoch) In(Guid epoch) => (Node, epoch);
}

/// <summary>What Central knows of a box. Token and epoch are those of its last session, empty before the first.</summary>
/// <param name="SuspectSinceMs">When a second machine was noticed under its name, until the department has decided.</param>
public sealed record NodeState(byte[] Token, Guid Epoch, bool Revoked, long? SeenAtMs, long? SuspectSinceMs)
{
    /// <summary>The tokens of which the next Open must show one, one after the other: the newest, and the one it was given for.</summary>
    public byte[] Tickets { get; init; } = [];

    /// <summary>The feed's epoch in which the tickets were given: a Central from a backup does not know the newest ones.</summary>
    public string TicketsOf { get; init; } = "";

    /// <summary>It has sent under another epoch than its session's, so that it may send something for the second time.</summary>
    public bool SentEarlier { get; init; }
}

/// <summary>Names of what Central keeps about itself.</summary>
public static class MetaKeys
{
    /// <summary>New when Central was restored; every edge then takes the feeds from their beginning.</summary>
    public const string FeedEpoch = "feed_epoch";

    public const int FeedEpochChars = 32;

    /// <summary>The node id under which Central's own office writes.</summary>
    public const string CentralNode = "central_node";

    public const string CentralHlc = "central_hlc";
}
