using TdmEdu.Sync.Central;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Simulation.Centres;

/// <summary>Another transaction holds the lock; this one is taken back and begins again when that one has ended.</summary>
internal sealed class WaitException : IOException;

/// <summary>One transaction on Central's data in memory, read committed as PostgreSQL's, with the locks of the feed's counters.</summary>
internal sealed partial class CentralTransaction : ICentralTransaction
{
    private const int CheckpointsMax = 32;

    private readonly CentralData data;
    private readonly Func<Scope, bool> isLocked;
    private readonly Action port;
    private readonly IOverlay[] overlays;
    private readonly Overlay<Scope, long> feeds;
    private readonly Overlay<Guid, (byte[] Token, Guid Epoch, byte[] Tickets, string TicketsOf)> sessions;
    private readonly Overlay<Guid, long?> seen;
    private readonly Overlay<Guid, long?> suspects;
    private readonly Overlay<(Guid, Guid, Lane), LaneHead> lanes;
    private readonly Overlay<(Guid, Guid, Lane), long> complete;
    private readonly Overlay<(Guid, Guid, Lane), IReadOnlyList<LaneHead>> checkpoints;
    private readonly Overlay<Scope, Membership> memberships;
    private readonly Overlay<RecordKey, IndexedRecord> records;
    private readonly Overlay<ViewKey, ViewDocument?> views;
    private readonly Overlay<string, string> meta;
    private readonly Overlay<RefusedPlace, RefusedOp> resolved;
    private readonly List<StoredOp> ops = [];
    private readonly List<RefusedOp> refused = [];
    private List<Action>? undo;
    private (int Ops, int Refused) mark;

    public CentralTransaction(CentralData data, Func<Scope, bool> isLocked, Action port)
    {
        (this.data, this.isLocked, this.port) = (data, isLocked, port);
        var steps = () => undo;
        overlays =
        [
            feeds = new(data.Feeds, steps), sessions = new(data.Sessions, steps), seen = new(data.Seen, steps),
            suspects = new(data.Suspects, steps), lanes = new(data.Lanes, steps), complete = new(data.Complete, steps),
            checkpoints = new(data.Checkpoints, steps), memberships = new(data.Memberships, steps), records = new(data.Records, steps),
            views = new(data.Views, steps), meta = new(data.Meta, steps), resolved = new(data.Resolved, steps),
        ];
    }

    /// <summary>In the world's time.</summary>
    public long BeganAtMs { get; init; }

    /// <summary>In Central's own, right or wrong.</summary>
    public long ClockMs { get; init; }

    public HashSet<Scope> Locked { get; } = [];

    public IReadOnlyList<StoredOp> NewOps => ops;

    public IReadOnlyList<RefusedOp> NewRefused => refused;

    /// <summary>Which lanes of the caller count as complete, and up to when.</summary>
    public List<(Guid Epoch, Lane Lane, long AtMs)> Claims { get; } = [];

    public bool Touches(CentralTransaction other)
    {
        for (var i = 0; i < overlays.Length; i++)
        {
            if (overlays[i].Touches(other.overlays[i]))
            {
                return true;
            }
        }
        return false;
    }

    public void Commit()
    {
        Array.ForEach(overlays, o => o.Commit());
        foreach (var op in ops)
        {
            if (!data.Ops.TryGetValue(op.Scope, out var list))
            {
                data.Ops[op.Scope] = list = [];
            }
            list.Add(op);
        }
        data.Refused.AddRange(refused);
    }

    public void SetSavepoint() => (undo, mark) = ([], (ops.Count, refused.Count));

    public void RollbackToSavepoint()
    {
        for (var i = undo!.Count - 1; i >= 0; i--)
        {
            undo[i]();
        }
        undo.Clear();
        ops.RemoveRange(mark.Ops, ops.Count - mark.Ops);
        refused.RemoveRange(mark.Refused, refused.Count - mark.Refused);
    }

    public long LockFeed(Scope scope)
    {
        port();
        if (isLocked(scope))
        {
            throw new WaitException();
        }
        Locked.Add(scope);
        return Counter(scope);
    }

    public void SetFeed(Scope scope, long seq) => feeds.Set(scope, seq);

    public long Counter(Scope scope) => feeds.TryGet(scope, out var seq) ? seq : 0;

    public IReadOnlyDictionary<Scope, long> Counters() => feeds.Merged().ToDictionary();

    public NodeState? Node(Guid node)
    {
        if (!data.Revoked.All.TryGetValue(node, out var revoked))
        {
            return null;
        }
        var session = sessions.TryGet(node, out var held) ? held : ([], Guid.Empty, [], "");
        return new(
            session.Token, session.Epoch, revoked, seen.TryGet(node, out var at) ? at : null, suspects.TryGet(node, out var since) ? since : null)
        {
            Tickets = session.Tickets, TicketsOf = session.TicketsOf,
            SentEarlier = SentUnderAnother(session.Epoch),
        };

        bool SentUnderAnother(Guid epoch)
        {
            foreach (var (sender, under, _) in data.Lanes.All.Keys)
            {
                if (sender == node && under != epoch)
                {
                    return true;
                }
            }
            return false;
        }
    }

    public void SetSession(Guid node, byte[] token, Guid epoch, byte[] tickets, string ticketsOf) => sessions.Set(node, (token, epoch, tickets, ticketsOf));

    public void SetSeen(Guid node, long atMs) => seen.Set(node, atMs);

    /// <summary>The world moves nobody to another school.</summary>
    public void SetSame(Guid node, long feedSeq, long atMs)
    {
    }

    public void SetSuspect(Guid node, long? sinceMs) => suspects.Set(node, sinceMs);

    public bool KnowsEpoch(Guid node, Guid epoch) => Enum.GetValues<Lane>().Any(l => FindLane(node, epoch, l) is { Seq: > 0 });

    public LaneHead? FindLane(Guid node, Guid epoch, Lane lane) => lanes.TryGet((node, epoch, lane), out var head) ? head : null;

    public void SetLane(Guid node, Guid epoch, LaneHead head)
    {
        port();
        lanes.Set((node, epoch, head.Lane), head);
    }

    public IReadOnlyDictionary<Lane, long> BackedUp(Guid node, Guid epoch) =>
        data.BackedUp.All.Where(b => b.Key.Item1 == node && b.Key.Item2 == epoch).ToDictionary(b => b.Key.Item3, b => b.Value);

    public IReadOnlyList<LaneHead> Checkpoints(Guid node, Guid epoch, Lane lane) =>
        checkpoints.TryGet((node, epoch, lane), out var list) ? [.. list.OrderByDescending(c => c.Seq).Take(CheckpointsMax)] : [];

    public void AddCheckpoint(Guid node, Guid epoch, LaneHead head)
    {
        var held = checkpoints.TryGet((node, epoch, head.Lane), out var list) ? list : [];
        if (held.All(c => c.Seq != head.Seq))
        {
            checkpoints.Set((node, epoch, head.Lane), [.. held, head]);
        }
    }

    public void SetComplete(Guid node, Guid epoch, Lane lane, long atMs, long nowMs)
    {
        Claims.Add((epoch, lane, atMs));
        var key = (node, epoch, lane);
        if (lanes.TryGet(key, out _) && (!complete.TryGet(key, out var before) || before < atMs || before > nowMs))
        {
            complete.Set(key, atMs);
        }
    }

    public bool Reopen(Guid node, Lane lane, long fromMs, long slackMs)
    {
        var over = complete.Merged().Where(c => c.Key.Item1 == node && c.Key.Item3 == lane && c.Value > fromMs + slackMs).Select(c => c.Key).ToList();
        over.ForEach(key => complete.Set(key, fromMs));
        return over.Count > 0;
    }

    public Membership? FindMembership(Scope school) => memberships.TryGet(school, out var membership) ? membership : null;

    public void SetMembership(Scope school, Membership membership) => memberships.Set(school, membership);

    public string? Meta(string key) => meta.TryGet(key, out var value) ? value : null;

    public void SetMeta(string key, string value) => meta.Set(key, value);
}
