using TdmEdu.Simulation.Boxes;
using TdmEdu.Simulation.Judging;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Records;

namespace TdmEdu.Simulation.Worlds;

/// <summary>The end of all faults, and how long the boxes take from there.</summary>
internal sealed partial class World
{
    /// <summary>One heartbeat after the heal, or after the department has let a box in that was held.</summary>
    public const long SettledMsMax = EdgeExchange.HeartbeatMs;

    /// <summary>From the heal itself, with the department's look at a held box between.</summary>
    public const long HealMsMax = 2 * SettledMsMax;

    private readonly Queue<Box> resting = new();

    private void Heal()
    {
        Trace.Add(Time.NowMs, "healed", -1);
        Healed = true;
        Network.Heal();
        if (Centre.Catalogue != Entities.CentralNow)
        {
            Centre.Install(Entities.CentralNow);
        }
        Centre.StartNow();
        Centre.Hurry();
        foreach (var twin in boxes.GroupBy(b => b.Identity.Node).Where(g => !IsRevoked(g.Key)).SelectMany(g => g.Skip(1)))
        {
            twin.Stop();
            twin.Retired = true;
            resting.Enqueue(twin);
        }
        boxes.Where(b => !b.Retired).ToList().ForEach(Heal);
        Operate();
    }

    private static void Heal(Box box)
    {
        box.Disk.Mode = box.Disk.Mode == DiskMode.Liar ? DiskMode.Liar : DiskMode.Honest;
        box.Clock.Thaw();
        box.Resume();
        if (box.Catalogue == Entities.BoxOld || !box.Up)
        {
            box.Stop();
            box.Disk.Flush();
            box.Catalogue = Entities.BoxNow;
            box.Start();
        }
        box.Disk.Mode = DiskMode.Honest;
    }

    /// <summary>Two machines under one name: one is switched off once all is at Central, and the other brings what only it has.</summary>
    private void TakeTurns()
    {
        while (resting.TryDequeue(out var twin))
        {
            var other = boxes.Single(b => b.Identity.Node == twin.Identity.Node && !b.Retired);
            other.Stop();
            (other.Retired, twin.Retired) = (true, false);
            Heal(twin);
            letInAt[twin.Machine] = Time.NowMs;
            Settle();
        }
    }

    /// <summary>F3: every machine is switched off and on, and nothing changes.</summary>
    private void RestartAll()
    {
        var before = Counts();
        Centre.Crash(1);
        foreach (var box in Live)
        {
            box.Stop();
            box.Disk.Flush();
        }
        Centre.StartNow();
        foreach (var box in Live)
        {
            box.Start();
            letInAt[box.Machine] = Time.NowMs;
        }
        Settle();
        if (Counts() != before)
        {
            throw new ViolationException("F3", $"a restart changed {before} to {Counts()}");
        }

        string Counts() => string.Join(' ', Centre.Data.Feeds.All.Values.Append(Centre.Data.Refused.Count)
            .Concat(Live.SelectMany(b => new[] { b.Journal.State.Position, b.Journal.Refused.Count })));
    }

    /// <summary>The department admits whichever box is held back as a suspected clone.</summary>
    private void Operate()
    {
        foreach (var box in Live.Where(b => Centre.Data.Suspects.All.GetValueOrDefault(b.Identity.Node) is not null))
        {
            Exchange.Admit(box.Identity);
            letInAt[box.Machine] = Time.NowMs;
        }
        Time.After(500, Operate);
    }

    /// <summary>
    /// How long the slowest box took until it held what Central holds and Central what it holds: from the heal, or from when the department
    /// let it in.
    /// </summary>
    private (long SinceLetIn, long SinceHeal) Settle()
    {
        var (began, steps, slowest) = (Time.NowMs, Time.Steps, 0L);
        while (true)
        {
            // One that was done waits again when the news of a cut, or of a restored Central, reaches it late: from then on.
            var waiting = Live.Where(b => !IsSettled(b)).ToList();
            foreach (var box in Live.Except(waiting))
            {
                letInAt[box.Machine] = Time.NowMs;
            }
            slowest = Math.Max(slowest, waiting.Select(b => Time.NowMs - Math.Max(began, letInAt.GetValueOrDefault(b.Machine))).DefaultIfEmpty(0).Max());
            if (waiting.Count == 0)
            {
                return (slowest, Time.NowMs - began);
            }
            if (slowest > SettledMsMax || Time.NowMs - began > HealMsMax || Time.Steps - steps > StepsMax)
            {
                var box = waiting[0];
                throw new ViolationException(
                    "E4",
                    $"box{box.Machine} is not done after {slowest} ms, {Time.NowMs - began} after the heal: {box.Exchange.Line} {box.Exchange.Reason}, "
                        + $"pending {box.Journal.State.Pending}, session {box.Exchange.Session is not null}");
            }
            var until = Time.NowMs + LookMs;
            while (Time.Step(until))
            {
            }
        }
    }

    private bool IsSettled(Box box)
    {
        var state = box.Journal.State;
        return box.Exchange.Session is { } session && Centre.Data.Sessions.All.GetValueOrDefault(box.Identity.Node).Token.AsSpan().SequenceEqual(session)
            && state.Pending == 0 && box.IsIdle
            && JournalState.Lanes.All(l => state.BackedUp[(int)l] == Centre.Data.BackedUp.All.GetValueOrDefault((box.Identity.Node, state.Epoch, l)))
            && state.FeedEpoch == Centre.Data.Meta.All[MetaKeys.FeedEpoch]
            && ScopesOf(box.Identity.School).All(s => HasAll(box, s, state.Cursors.GetValueOrDefault(s)?.Seq ?? 0));
    }

    /// <summary>What lies beyond the cursor is the box's own: it moves past that with the next heartbeat, and learns nothing by it.</summary>
    private bool HasAll(Box box, Scope scope, long cursor) =>
        cursor <= Centre.Data.Feeds.All.GetValueOrDefault(scope) && (!Centre.Data.Ops.TryGetValue(scope, out var ops)
            || ops.Skip((int)cursor).All(o => o.Node == box.Identity.Node && o.Epoch == box.Journal.State.Epoch && o.Hlc == o.AppliedHlc));
}
