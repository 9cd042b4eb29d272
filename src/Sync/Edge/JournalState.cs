using System.Collections.Immutable;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Edge;

/// <summary>
/// What is durable: the ends of the lanes, how far Central has them, and how far its feed was taken. A lane's index is its number.
/// </summary>
/// <param name="BackedUp">Up to here Central has each lane in a backup; what comes after must be kept (design D9).</param>
/// <param name="Session">The token of the last session with Central.</param>
/// <param name="Forked">This journal was restored, or Central was seen to hold another history: the next Open says so.</param>
public sealed record JournalState(
    Guid Epoch,
    long Position,
    ImmutableArray<LaneHead> Heads,
    ImmutableArray<long> Acked,
    ImmutableArray<long> BackedUp,
    string FeedEpoch,
    ImmutableDictionary<Scope, Cursor> Cursors,
    Hlc Hlc,
    byte[] Session,
    bool Forked)
{
    public static readonly ImmutableArray<Lane> Lanes = [.. Enum.GetValues<Lane>()];

    /// <summary>How many own operations are only on this box.</summary>
    public long Pending => Heads.Sum(h => h.Seq - Acked[(int)h.Lane]);

    /// <summary>How many own operations of this epoch are in no backup of Central; those that are pending are among them.</summary>
    public long NotBackedUp => Heads.Sum(h => h.Seq - BackedUp[(int)h.Lane]);

    public LaneHead Head(Lane lane) => Heads[(int)lane];

    public static JournalState Empty(Guid node, Guid epoch) => new(
        epoch, 0, EmptyHeads(node, epoch), [.. Lanes.Select(_ => 0L)], [.. Lanes.Select(_ => 0L)], "",
        ImmutableDictionary<Scope, Cursor>.Empty, default, [], Forked: false);

    internal static ImmutableArray<LaneHead> EmptyHeads(Guid node, Guid epoch) =>
        [.. Lanes.Select(lane => new LaneHead(lane, 0, HashChain.Base(node, epoch, lane)))];
}
