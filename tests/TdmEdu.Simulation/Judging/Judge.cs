using System.Text;
using TdmEdu.Simulation.Boxes;
using TdmEdu.Simulation.Centres;
using TdmEdu.Simulation.Plans;
using TdmEdu.Simulation.Worlds;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Simulation.Judging;

/// <summary>Knows what users were told, and compares it with what is there. Here: what is cheap enough for every step.</summary>
internal sealed class Judge(World world)
{
    private const long ClampSlackMs = 1_000;

    private readonly List<Wish> wishes = [];
    private readonly HashSet<int> mayLose = [];
    private readonly Dictionary<(Guid Node, long AtMs), int> claims = [];
    private readonly Dictionary<Guid, (int Machine, long AtMs)> lastSession = [];
    private readonly Dictionary<Guid, (int Machine, long AtMs, int Turns)> lastRegression = [];

    public IReadOnlyList<Wish> Wishes => wishes;

    public void Wanted(Wish wish) => wishes.Add(wish);

    /// <summary>The user reads "saved".</summary>
    public void Answered(Box box, Wish wish)
    {
        (wish.Answered, wish.AnsweredWallMs) = (true, box.Clock.NowMs);
        world.Trace.Add(world.Time.NowMs, "saved", box.Machine, wishes.IndexOf(wish));
    }

    public void ExpectLoss(Box box) => mayLose.Add(box.Machine);

    /// <summary>S1: what a user was told is saved is on the disk that comes up.</summary>
    public void Started(Box box)
    {
        var held = box.Journal.Entries.Select(e => Encoding.UTF8.GetString(e.Op.Data.Span)).ToHashSet();
        var excused = mayLose.Remove(box.Machine) || box.Disk.Lied;
        foreach (var wish in wishes.Where(w => w.Machine == box.Machine && w.Answered && !w.DiskLost && !held.Contains(w.Text)))
        {
            if (!excused)
            {
                throw new ViolationException("S1", $"box{box.Machine} answered {wish.Text} and has lost it");
            }
            Lose(wish);
        }
    }

    public void Lose(Wish wish) =>
        (wish.DiskLost, wish.AtLoss) = (true, (AtCentral().Contains(wish.Text), world.Centre.Restores));

    public HashSet<string> AtCentral() =>
    [
        .. world.Centre.Data.Ops.Values.SelectMany(o => o).Select(o => Encoding.UTF8.GetString(o.Data)),
        .. world.Centre.Data.Refused.Select(o => Encoding.UTF8.GetString(o.Data)),
    ];

    /// <summary>After each batch of a box.</summary>
    public void Recorded(Box box, JournalState before)
    {
        var now = box.Journal.State;
        if (before.FeedEpoch == now.FeedEpoch && world.Centre.Restores == 0)
        {
            foreach (var (scope, cursor) in before.Cursors)
            {
                if (now.Cursors.GetValueOrDefault(scope) is not { } later || later.Seq < cursor.Seq)
                {
                    throw new ViolationException("S5", $"the cursor of {scope} at box{box.Machine} went back");
                }
            }
        }
        if (world.Centre.Restores > 0)
        {
            return;
        }
        foreach (var lane in JournalState.Lanes)
        {
            var acked = now.Acked[(int)lane];
            var held = world.Centre.Data.Lanes.All.GetValueOrDefault((box.Identity.Node, now.Epoch, lane))?.Seq ?? 0;
            if (acked > held)
            {
                throw new ViolationException("S2", $"box{box.Machine} counts {acked} of lane {lane} as received, Central holds {held}");
            }
        }
    }

    /// <summary>After each commit at Central.</summary>
    public void Committed(CentralTransaction transaction)
    {
        foreach (var op in transaction.NewOps)
        {
            if (op.Epoch != Guid.Empty && world.SchoolOf(op.Node) != op.Scope)
            {
                throw new ViolationException("S3", $"a row of {op.Scope} came from another school's box");
            }
            if (op.Epoch != Guid.Empty && op.AppliedHlc > Hlc.At(op.ReceivedAtMs + BatchIntake.AheadMsMax + ClampSlackMs).Value)
            {
                throw new ViolationException("S10", "a stamp from the future was taken as it is");
            }
            if (world.RevokedAt(op.Node) is { } at && op.ReceivedAtMs > at)
            {
                throw new ViolationException("S7", "a withdrawn box was heard");
            }
        }
    }

    public void Opened(NodeIdentity node, int machine, Hello hello, Welcome welcome)
    {
        world.Trace.Add(world.Time.NowMs, $"opens: {welcome.Action}", machine);
        var now = world.Time.NowMs;
        if (welcome.Action == OpenAction.Regression)
        {
            // Two machines that are made to go on under ever new epochs, and nobody is told.
            var turns = 0;
            if (lastRegression.TryGetValue(node.Node, out var other) && other.Machine != machine && now - other.AtMs < Greeting.Lease.TotalMilliseconds
                && lastSession.TryGetValue(node.Node, out var live) && live.Machine != machine && now - live.AtMs < Greeting.Lease.TotalMilliseconds)
            {
                turns = other.Turns + 1;
            }
            // One turn may be a line that garbled an answer and then a copy of that disk; two are not.
            if (turns > 1)
            {
                throw new ViolationException("S4", $"two machines live as {node.Node} and Central has not noticed");
            }
            lastRegression[node.Node] = (machine, now, turns);
        }
        if (welcome.Session.Length > 0)
        {
            lastSession[node.Node] = (machine, now);
        }
    }

    /// <summary>A machine said that up to this time of its clock all is sent.</summary>
    public void Claimed(NodeIdentity node, int machine, long clockMs)
    {
        if (world.Plan.Has(Fault.Clone))
        {
            claims[(node.Node, Math.Min(clockMs, world.Centre.NowMs))] = machine;
        }
    }

    /// <summary>Null when nothing but this time is known of it.</summary>
    public int? ClaimedBy(Guid node, long atMs) => claims.TryGetValue((node, atMs), out var machine) ? machine : null;

    public void Admitted(NodeIdentity node)
    {
        lastSession.Remove(node.Node);
        lastRegression.Remove(node.Node);
    }

    /// <summary>I7: only a broken disk may refuse a teacher, or that the record has left the school.</summary>
    public void Refused(Box box, string reason)
    {
        if (reason != RefusalReason.Evicted && box.Disk.Mode is DiskMode.Honest or DiskMode.Liar)
        {
            throw new ViolationException("I7", $"box{box.Machine} refused a write: {reason}");
        }
    }
}
