using System.Text;
using System.Text.Json;
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

    /// <summary>As CommandSession names it.</summary>
    private const string FactExists = "fact_exists";

    /// <summary>A Push for each lane, and one each of Open, Pull, Beat and Watch.</summary>
    private const int CallsMax = 9;

    private readonly List<Wish> wishes = [];
    private readonly Dictionary<string, Wish> byText = [];
    private readonly HashSet<int> mayLose = [];
    private readonly Dictionary<int, JournalState> lastState = [];
    private readonly CentralLog log = new();
    private readonly Chains chains = new();
    private readonly Dictionary<Guid, (int Machine, long AtMs)> lastSession = [];
    private readonly Dictionary<Guid, (int Machine, long AtMs, int Turns)> lastRegression = [];

    public IReadOnlyList<Wish> Wishes => wishes;

    /// <summary>All that Central keeps of what was sent, taken or refused.</summary>
    public IReadOnlySet<string> AtCentral => log.Held;

    public Watermarks Watermarks { get; } = new(world);

    public void Wanted(Wish wish)
    {
        wishes.Add(wish);
        byText[wish.Text] = wish;
    }

    /// <summary>The user reads "saved".</summary>
    public void Answered(Box box, Wish wish)
    {
        (wish.Answered, wish.AnsweredAtMs) = (true, world.Time.NowMs);
        Watermarks.Answered(wish);
        world.Trace.Add(world.Time.NowMs, "saved", box.Machine, wishes.IndexOf(wish));
    }

    public void ExpectLoss(Box box) => mayLose.Add(box.Machine);

    /// <summary>S1: what a user was told is saved is on the disk that comes up. S5: and it has forgotten nothing that it took from Central.</summary>
    public void Started(Box box)
    {
        var held = box.Journal.Entries.Select(e => Encoding.UTF8.GetString(e.Op.Data.Span)).ToHashSet();
        var excused = mayLose.Remove(box.Machine) | box.Disk.TakeLoss();
        foreach (var wish in wishes.Where(w => w.Machine == box.Machine && w.Answered && !w.DiskLost && !held.Contains(w.Text)))
        {
            if (!excused && !box.Journal.Spoilt.Contains(wish.Text))
            {
                throw new ViolationException("S1", $"box{box.Machine} answered {wish.Text} and has lost it");
            }
            Lose(wish);
        }
        if (!excused && box.Journal.Spoilt.Count == 0 && lastState.TryGetValue(box.Machine, out var before))
        {
            NotBack(box, before);
        }
        lastState[box.Machine] = box.Journal.State;
    }

    public void Lose(Wish wish) => (wish.DiskLost, wish.AtLoss) = (true, (AtCentral.Contains(wish.Text), world.Centre.Restores));

    /// <summary>After each batch of a box.</summary>
    public void Recorded(Box box, JournalState before)
    {
        var now = lastState[box.Machine] = box.Journal.State;
        NotBack(box, before);
        if (box.CallsOpen > CallsMax)
        {
            throw new ViolationException("S8", $"box{box.Machine} has {box.CallsOpen} calls open");
        }
        if (now.FeedEpoch != world.Centre.FeedEpoch || box.Exchange.Session is not { } session || !now.Session.AsSpan().SequenceEqual(session))
        {
            // It still speaks of the Central before a restore, or has not noted yet what the new one says it holds.
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

    /// <summary>S5: within one feed a cursor goes forward only.</summary>
    private static void NotBack(Box box, JournalState before)
    {
        var now = box.Journal.State;
        foreach (var (scope, cursor) in before.Cursors)
        {
            if (before.FeedEpoch == now.FeedEpoch && (now.Cursors.GetValueOrDefault(scope) is not { } later || later.Seq < cursor.Seq))
            {
                throw new ViolationException("S5", $"the cursor of {scope} at box{box.Machine} went back");
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
            if (op.Epoch != Guid.Empty && IsAhead(op.AppliedHlc, op.ReceivedAtMs) && !WasGivenBefore(op))
            {
                throw new ViolationException("S10", "a stamp from the future was taken as it is");
            }
            if (world.RevokedAt(op.Node) is { } at && transaction.BeganAtMs > at && !AtCentral.Contains(Encoding.UTF8.GetString(op.Data)))
            {
                throw new ViolationException("S7", "a withdrawn box was heard");
            }
        }
        chains.Add(transaction, world.Centre.Data);
        log.Add(transaction);
        world.Evicted.UnionWith(transaction.NewOps.Where(o => o.Kind == OpKind.Evict).Select(o => (o.Entity, o.Id)));
        foreach (var op in transaction.NewOps.Where(o => o.GroupLeft > 0))
        {
            if (byText.TryGetValue(Encoding.UTF8.GetString(op.Data), out var wish) && wish.Peer is { } peer && !log.Applied.Contains(peer.Text))
            {
                throw new ViolationException("S6", $"{wish.Text} took effect before {peer.Text}, with which it was saved");
            }
        }
        if (world.Centre.Watchers.Count > (2 * world.Boxes.Count) + 1)
        {
            throw new ViolationException("S8", $"{world.Centre.Watchers.Count} watches are open for {world.Boxes.Count} boxes");
        }
    }

    private static bool IsAhead(long hlc, long receivedAtMs) => hlc > Hlc.At(receivedAtMs + BatchIntake.AheadMsMax + ClampSlackMs).Value;

    /// <summary>
    /// By a clock of Central that was ahead then: to what is sent again now, to what it is written over, or when it was refused. Above what it
    /// is written over it may stand by one, and by one more for each stamp between that was itself cut.
    /// </summary>
    private bool WasGivenBefore(StoredOp op)
    {
        var before = world.Centre.Data.Ops[op.Scope].Where(o => o.FeedSeq < op.FeedSeq && o.Id == op.Id).ToList();
        var refused = world.Centre.Data.Refused.Where(o => (o.Node, o.Id) == (op.Node, op.Id)).ToList();
        return IsGiven(op.AppliedHlc) || IsGiven(Under())
            || refused.Exists(o => (o.Epoch, o.Lane, o.Seq) == (op.Epoch, op.Lane, op.Seq) && !IsAhead(op.AppliedHlc, o.ReceivedAtMs));

        bool IsGiven(long hlc) => before.Exists(o => o.AppliedHlc == hlc);

        long Under()
        {
            var under = op.AppliedHlc - 1;
            while (!IsGiven(under) && (before.Exists(o => o.Node == op.Node && o.Hlc == under) || refused.Exists(o => o.Hlc == under)))
            {
                under--;
            }
            return under;
        }
    }

    public void Restored()
    {
        chains.Read(world.Centre.Data);
        log.Read(world.Centre.Data);
        Watermarks.Restored();
        // Of the turns before, this Central knows nothing.
        lastRegression.Clear();
    }

    /// <summary>I5: by the record that places the school, not by the kernel's index of it.</summary>
    public void Fed(NodeIdentity node, FeedAnswer answer)
    {
        if (answer.Pages.FirstOrDefault(p => !ScopesOf(node.School).Contains(p.Scope)) is { } page)
        {
            throw new ViolationException("I5", $"the feed of {page.Scope} went to {node.School}");
        }
    }

    public IReadOnlyList<Scope> ScopesOf(Scope school) => world.Centre.Data.Records.All.TryGetValue(new(Scope.City, Entities.Place, school.Owner), out var place)
        ? [Scope.City, Scope.TryParse(JsonDocument.Parse(place.State.Data).RootElement.GetProperty("ward").GetString()!)!.Value, school]
        : [Scope.City, school];

    public void Opened(NodeIdentity node, int machine, Hello hello, Welcome welcome)
    {
        world.Trace.Add(world.Time.NowMs, $"opens: {welcome.Action}", machine);
        // By Central's clock, as its lease is: while that is set anew, nobody knows who is alive.
        var now = world.Centre.NowMs;
        if (welcome.Action == OpenAction.Regression)
        {
            // Two machines that are made to go on under ever new epochs, and nobody is told.
            var turns = 0;
            if (lastRegression.TryGetValue(node.Node, out var other) && other.Machine != machine && IsLately(other.AtMs)
                && lastSession.TryGetValue(node.Node, out var live) && live.Machine != machine && IsLately(live.AtMs))
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

        // At the very beginning of 1970 it has no lease either.
        bool IsLately(long atMs) => atMs > 0 && Math.Abs(now - atMs) < Greeting.Lease.TotalMilliseconds;
    }

    public void Admitted(NodeIdentity node)
    {
        lastSession.Remove(node.Node);
        lastRegression.Remove(node.Node);
    }

    /// <summary>
    /// I7: only a broken disk may refuse a teacher, or that the record has left the school. A full one still takes attendance, into the room
    /// that is kept for it.
    /// </summary>
    public void Refused(Box box, IReadOnlyList<Wish> wishes, string reason)
    {
        var isRoom = box.Disk.Mode is DiskMode.Honest or DiskMode.Liar
            || (box.Disk.Mode == DiskMode.Full && wishes.All(w => w.Lane == Lane.Attendance) && box.Disk.ReserveLeft > 0);
        foreach (var wish in wishes)
        {
            wish.Declined = reason == FactExists;
        }
        if (reason is not (RefusalReason.Evicted or FactExists) && isRoom)
        {
            throw new ViolationException("I7", $"box{box.Machine} refused a write: {reason}");
        }
    }
}
