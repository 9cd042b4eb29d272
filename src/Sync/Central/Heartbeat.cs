using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Central;

/// <summary>A box asks whether either side has something new; what it does not say in figures, it says in one hash.</summary>
public static class Heartbeat
{
    /// <returns>Whether Central holds exactly what the box holds.</returns>
    public static Result<bool> Same(ICentralTransaction transaction, NodeIdentity node, byte[] token, byte[] state)
    {
        var session = Greeting.Check(transaction, node.Node, token);
        if (!session.Ok)
        {
            return session.Error;
        }
        var heads = Enum.GetValues<Lane>().Select(lane => transaction.FindLane(node.Node, session.Value.Epoch, lane)).OfType<LaneHead>();
        var cursors = FeedPages.ScopesOf(transaction, node.School).Select(scope => (Scope: scope, Seq: transaction.Counter(scope)))
            .Select(c => KeyValuePair.Create(c.Scope, new Cursor(c.Seq, FeedPages.Mark(transaction, c.Scope, c.Seq))));
        return ExchangeState.Hash(heads, transaction.Meta(MetaKeys.FeedEpoch)!, cursors).AsSpan().SequenceEqual(state);
    }

    /// <summary>All lanes are here as they were when the box asked: complete up to its clock, but never beyond Central's.</summary>
    public static void NoteSame(ICentralTransaction transaction, NodeIdentity node, long clockMs, long nowMs)
    {
        if (transaction.Node(node.Node) is not { } state)
        {
            return;
        }
        transaction.SetSeen(node.Node, nowMs);
        foreach (var lane in Enum.GetValues<Lane>())
        {
            FeedPages.NoteComplete(transaction, node, state.Epoch, lane, Math.Min(clockMs, nowMs));
        }
    }
}
