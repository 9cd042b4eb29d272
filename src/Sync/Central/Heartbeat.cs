using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Central;

/// <summary>A box asks whether either side has something new; what it does not say in figures, it says in one hash.</summary>
public static class Heartbeat
{
    /// <returns>When Central holds exactly what the box holds: the number of the school's feed up to which both do. Else null.</returns>
    public static Result<long?> Same(ICentralTransaction transaction, NodeIdentity node, byte[] token, byte[] state)
    {
        var session = Greeting.Check(transaction, node.Node, token);
        if (!session.Ok)
        {
            return session.Error;
        }
        var heads = Enum.GetValues<Lane>().Select(lane => transaction.FindLane(node.Node, session.Value.Epoch, lane)).OfType<LaneHead>();
        var counters = FeedPages.ScopesOf(transaction, node.School).ToDictionary(scope => scope, transaction.Counter);
        var cursors = counters.Select(c => KeyValuePair.Create(c.Key, new Cursor(c.Value, FeedPages.Mark(transaction, c.Key, c.Value))));
        var mine = ExchangeState.Hash(
            heads, transaction.BackedUp(node.Node, session.Value.Epoch), transaction.Meta(MetaKeys.FeedEpoch)!, cursors);
        return mine.AsSpan().SequenceEqual(state) ? counters[node.School] : (long?)null;
    }

    /// <summary>All lanes are here as they were when the box asked: complete up to its clock, but never beyond Central's.</summary>
    /// <param name="feedSeq">As <see cref="Same"/> gave it.</param>
    public static void NoteSame(ICentralTransaction transaction, NodeIdentity node, long feedSeq, long clockMs, long nowMs)
    {
        if (transaction.Node(node.Node) is not { } state)
        {
            return;
        }
        transaction.SetSeen(node.Node, nowMs);
        transaction.SetSame(node.Node, feedSeq, Math.Min(clockMs, nowMs));
        foreach (var lane in state.SuspectSinceMs is null ? Enum.GetValues<Lane>() : [])
        {
            FeedPages.NoteComplete(transaction, node, state.Epoch, lane, clockMs, nowMs);
        }
    }
}
