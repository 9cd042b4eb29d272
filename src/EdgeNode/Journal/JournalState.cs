using System.Collections.Immutable;
using TdmEdu.Sync.Records;

namespace TdmEdu.EdgeNode.Journal;

/// <summary>
/// What is durable: the ends of the lanes, how far Central has them, and how far its feed was taken. A lane's index is its number.
/// </summary>
internal sealed record JournalState(
    long Position,
    ImmutableArray<LaneHead> Heads,
    ImmutableArray<long> Acked,
    string FeedEpoch,
    ImmutableDictionary<Scope, long> Cursors,
    Hlc Hlc);
