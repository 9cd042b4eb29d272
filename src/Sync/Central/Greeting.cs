using System.Security.Cryptography;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Central;

/// <summary>One live session for each box. Whoever opens last holds it, and a machine whose history does not fit gets none.</summary>
public static class Greeting
{
    public const int TokenBytes = 32;

    /// <summary>A box that was heard of this recently is taken to be alive: another under its name is a clone, not its restored self.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    /// <summary>Of more open refusals in a lane the latest are told; the department's list has all.</summary>
    public const int RefusalsMax = 1000;

    public static Error Stale => Error.Conflict(
        "session_stale", "Phiên trao đổi đã được thay bằng phiên mới hơn. Máy chủ trường sẽ tự mở lại.");

    public static Error Revoked => Error.Denied(
        "node_revoked", "Máy chủ trường này đã bị thu hồi. Hãy liên hệ Phòng Giáo dục để ghi danh lại.");

    /// <param name="token">Random bytes for the session, if there will be one.</param>
    public static Welcome Open(ICentralTransaction transaction, NodeIdentity node, Hello hello, byte[] token, long nowMs)
    {
        transaction.LockFeed(node.School);
        var state = transaction.Node(node.Node);
        var lanes = hello.Lanes.Select(own => (Own: own, Held: transaction.FindLane(node.Node, hello.Epoch, own.Head.Lane))).ToList();
        var feedEpoch = transaction.Meta(MetaKeys.FeedEpoch)!;
        var action = state is null || state.Revoked ? OpenAction.Revoked
            : hello.Protocol < Hello.ProtocolMin ? OpenAction.Upgrade
            : Fits(transaction, node, state, hello, lanes, nowMs);
        if (action is OpenAction.Revoked or OpenAction.Upgrade)
        {
            return new(action, [], feedEpoch, []);
        }
        if (action == OpenAction.CloneSuspect)
        {
            transaction.SetSuspect(node.Node, state!.SuspectSinceMs ?? nowMs);
            if (MissedASession(transaction, node, state, hello, lanes))
            {
                // Nobody can tell which of the two is the school's: neither goes on before a person has looked.
                EndSession(transaction, node.Node, []);
            }
            return new(action, [], feedEpoch, []);
        }
        var backedUp = transaction.BackedUp(node.Node, hello.Epoch);
        IReadOnlyList<WelcomeLane> welcome =
        [
            .. lanes.Select(l => new WelcomeLane(
                l.Held ?? new(l.Own.Head.Lane, 0, []),
                action == OpenAction.Regression ? transaction.Checkpoints(node.Node, hello.Epoch, l.Own.Head.Lane) : [],
                backedUp.GetValueOrDefault(l.Own.Head.Lane))
            {
                Refused = transaction.OpenRefusals(node.School, node.Node, hello.Epoch, l.Own.Head.Lane, RefusalsMax),
            }),
        ];
        if (action == OpenAction.Regression)
        {
            return new(action, [], feedEpoch, welcome);
        }
        foreach (var (_, held) in lanes.Where(l => l.Held is { Seq: > 0 }))
        {
            transaction.AddCheckpoint(node.Node, hello.Epoch, held!);
        }
        transaction.SetSession(node.Node, token, hello.Epoch, [.. token, .. hello.LastSession], feedEpoch);
        transaction.SetSeen(node.Node, nowMs);
        return new(action, token, feedEpoch, welcome);
    }

    /// <summary>The department has looked: whichever machine calls next under this name is let in.</summary>
    public static void Admit(ICentralTransaction transaction, NodeIdentity node)
    {
        transaction.LockFeed(node.School);
        transaction.SetSuspect(node.Node, null);
        transaction.SetSeen(node.Node, 0);
    }

    /// <summary>What a box knows of its refused operations has changed: it opens anew, and is told.</summary>
    /// <param name="transaction">As for Open.</param>
    /// <param name="node">The box.</param>
    /// <param name="tickets">What its next Open may show; by default what it might have shown anyway.</param>
    internal static void EndSession(ICentralTransaction transaction, Guid node, byte[]? tickets = null)
    {
        if (transaction.Node(node) is { Token.Length: > 0 } state)
        {
            transaction.SetSession(node, SHA256.HashData(state.Token), state.Epoch, tickets ?? state.Tickets, state.TicketsOf);
        }
    }

    /// <summary>The session, when this token is still the node's.</summary>
    public static Result<NodeState> Check(ICentralTransaction transaction, Guid node, ReadOnlySpan<byte> token)
    {
        var state = transaction.Node(node);
        return state is null || state.Revoked ? Revoked
            : state.Token.Length == 0 || !CryptographicOperations.FixedTimeEquals(state.Token, token) ? Stale
            : state;
    }

    private static OpenAction Fits(
        ICentralTransaction transaction, NodeIdentity node, NodeState state, Hello hello,
        List<(HelloLane Own, LaneHead? Held)> lanes, long nowMs)
    {
        var feedEpoch = transaction.Meta(MetaKeys.FeedEpoch)!;
        var first = state.Token.Length == 0;
        var same = !first && CryptographicOperations.FixedTimeEquals(state.Token, hello.LastSession);
        // From further ahead, a time was noted before Central's clock was put back, and says nothing. A clock that never jumps would not do:
        // the copies of Central have none in common, and none outlives a restart.
        // Zero is no time, also for a clock at 1970: a person has just let the box in.
        var otherLives = !same && state.SuspectSinceMs is not null
            || !same && state.SeenAtMs is > 0 and var seen && Math.Abs(nowMs - seen) < Lease.TotalMilliseconds;
        var parted = IsParted(hello, lanes);
        if (MissedASession(transaction, node, state, hello, lanes) && !Mutant.M13CloneUnnoticed)
        {
            return OpenAction.CloneSuspect;
        }
        if (first ? !hello.Forked : hello.Epoch == state.Epoch && !parted)
        {
            return lanes.Exists(l => l.Own.Acked > (l.Held?.Seq ?? 0)) ? OpenAction.ResyncFrom
                : hello.FeedEpoch.Length > 0 && hello.FeedEpoch != feedEpoch ? OpenAction.Reseed
                : OpenAction.Continue;
        }
        if (otherLives && !Mutant.M13CloneUnnoticed)
        {
            return OpenAction.CloneSuspect;
        }
        return parted || transaction.KnowsEpoch(node.Node, hello.Epoch) ? OpenAction.Regression : OpenAction.Continue;
    }

    /// <summary>History that fits, shown by somebody who missed a session that was opened with it: one of two is a copy of the key and the disk.</summary>
    private static bool MissedASession(
        ICentralTransaction transaction, NodeIdentity node, NodeState state, Hello hello, List<(HelloLane Own, LaneHead? Held)> lanes) =>
        !ShowsTicket(state, hello, transaction.Meta(MetaKeys.FeedEpoch)!)
        && (hello.Epoch == state.Epoch ? !IsParted(hello, lanes) : transaction.KnowsEpoch(node.Node, hello.Epoch));

    private static bool IsParted(Hello hello, List<(HelloLane Own, LaneHead? Held)> lanes) =>
        hello.Forked || lanes.Exists(l => l.Held is { } held && Parts(l.Own.Head, held));

    /// <summary>
    /// Each session's token is good for one next Open, and so is, until the newer one was shown, the one before it: an answer that was lost
    /// harms nobody. Not asked of a box that never had a session, that a person has just let in, or whose Central came from a backup.
    /// </summary>
    private static bool ShowsTicket(NodeState state, Hello hello, string feedEpoch) =>
        state.Token.Length == 0 || state.SeenAtMs == 0 || state.TicketsOf != feedEpoch
        || state.Tickets.Chunk(TokenBytes).Any(ticket => CryptographicOperations.FixedTimeEquals(ticket, hello.LastSession));

    /// <summary>Central knows the hash at its own end of the lane only; whether a longer lane grew from it, the box sees.</summary>
    private static bool Parts(LaneHead own, LaneHead held) =>
        held.Seq > own.Seq || (held.Seq == own.Seq && !held.Hash.AsSpan().SequenceEqual(own.Hash));
}
