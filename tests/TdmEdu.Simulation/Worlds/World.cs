using TdmEdu.Simulation.Boxes;
using TdmEdu.Simulation.Centres;
using TdmEdu.Simulation.Judging;
using TdmEdu.Simulation.Plans;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Records;

namespace TdmEdu.Simulation.Worlds;

/// <summary>What a schedule came to.</summary>
internal sealed record Run(Plan Plan, int Nodes, int Steps, ulong Hash, long HealMs, long SinceHealMs, ViolationException? Violation);

/// <summary>One schedule: a Central, schools with their boxes, and all that goes wrong. Phase 1 with faults, phase 2 healed and without
/// new work, phase 3 the final checks.</summary>
internal sealed class World
{
    /// <summary>One heartbeat after a box can know of the heal.</summary>
    public const long SettledMsMax = EdgeExchange.HeartbeatMs;

    /// <summary>What a box may need before it can know of the heal: a call that was lost, and the department that looks at it.</summary>
    public const long HealMsMax = EdgeExchange.SilenceMs + (2 * SettledMsMax);

    private const int StepsMin = 200;
    private const int StepsMax = 20_000;
    private const long LookMs = 100;
    private const int NoteEvery = 8;

    private readonly HashSet<int> states;
    private readonly List<Box> boxes = [];
    private readonly Dictionary<Guid, Scope> schools = [];
    private readonly Dictionary<Guid, long> revoked = [];
    private readonly Dictionary<int, long> knowsAt = [];
    private Fault lastFault;

    public World(Plan plan, TextWriter? text, HashSet<int> states)
    {
        (Plan, this.states) = (plan, states);
        Trace = new(text);
        CentralRng = Rng.Of(plan.Seed, Plan.CentralStream);
        Network = new(this);
        Centre = new(this);
        Exchange = new(this);
        Judge = new(this);
    }

    public Plan Plan { get; }

    public Timeline Time { get; } = new();

    public Trace Trace { get; }

    public Rng CentralRng { get; }

    public Network Network { get; }

    public Centre Centre { get; }

    public CentralExchange Exchange { get; }

    public Judge Judge { get; }

    public bool Healed { get; private set; }

    public IReadOnlyList<Box> Boxes => boxes;

    /// <summary>Records of the office that Central lost with a restore; getting them back from boxes is the digests' work.</summary>
    public HashSet<(string Entity, Guid Id)> LostOffice { get; } = [];

    /// <summary>Records with a stamp that Central cut back: the box that made it keeps its own stamp, and so may differ (open question).</summary>
    public IEnumerable<(string Entity, Guid Id)> Clamped =>
        Centre.Data.Ops.Values.SelectMany(o => o).Where(o => o.Hlc != o.AppliedHlc).Select(o => (o.Entity, o.Id));

    public Guid AdversaryNode { get; private set; }

    /// <summary>The boxes that must hold what Central holds.</summary>
    public IEnumerable<Box> Live => boxes.Where(b => !b.Retired && !IsRevoked(b.Identity.Node));

    public Run Play()
    {
        var heal = (SinceKnown: 0L, SinceHeal: 0L);
        ViolationException? violation = null;
        try
        {
            Build();
            var director = new Director(this);
            director.Start();
            while ((director.TicksLeft > 0 || Time.Steps < StepsMin) && Time.Step(long.MaxValue))
            {
                if (Time.Steps % NoteEvery == 0)
                {
                    NoteState();
                }
            }
            Heal();
            heal = Settle();
            new FinalChecks(this).Run(Rng.Of(Plan.Seed, Plan.TimeStream));
        }
        catch (ViolationException e)
        {
            violation = e;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            violation = new("X1", e.ToString());
        }
        return new(Plan, boxes.Count + 1 + (AdversaryNode == Guid.Empty ? 0 : 1), Time.Steps, Trace.Hash, heal.SinceKnown, heal.SinceHeal, violation);
    }

    public void Seen(Fault fault) => lastFault = fault;

    public Scope SchoolOf(Guid node) => schools[node];

    public bool IsHonest(Guid node) => node != AdversaryNode;

    public bool IsRevoked(Guid node) => revoked.ContainsKey(node);

    public long? RevokedAt(Guid node) => revoked.TryGetValue(node, out var at) ? at : null;

    public IEnumerable<Guid> Revoked => revoked.Keys;

    public void Revoke(Guid node)
    {
        revoked[node] = Centre.NowMs;
        Centre.Data.Revoked.All[node] = true;
    }

    public void CentralGone() => boxes.ForEach(b => b.Reset());

    public Box AddMachine(NodeIdentity node, Disk disk, Catalogue catalogue)
    {
        var box = new Box(this, boxes.Count, node, disk, catalogue);
        boxes.Add(box);
        return box;
    }

    private void Build()
    {
        var rng = Rng.Of(Plan.Seed, Plan.ShapeStream + 7);
        Centre.Data.Meta.All[MetaKeys.FeedEpoch] = rng.Id().ToString("n");
        Centre.Data.Meta.All[MetaKeys.CentralNode] = rng.Id().ToString("n");
        if (Plan.Has(Fault.OldCentral))
        {
            Centre.Catalogue = Entities.CentralOld;
        }
        var count = 2 + rng.Below(3);
        for (var i = 0; i < count; i++)
        {
            var old = Plan.Has(Fault.OldBox) && rng.Chance(0.5);
            AddMachine(Enrol(rng), new Disk(), old ? Entities.BoxOld : Entities.BoxNow);
        }
        if (Plan.Has(Fault.Adversary))
        {
            AdversaryNode = Enrol(rng).Node;
        }
        boxes.ForEach(b => Time.After(rng.Below(500), b.Start));
    }

    private NodeIdentity Enrol(Rng rng)
    {
        var (node, school) = (rng.Id(), Scope.School(rng.Id()));
        schools[node] = school;
        Centre.Data.Revoked.All[node] = false;
        return new(node, school);
    }

    private void Heal()
    {
        Trace.Add(Time.NowMs, "healed", -1);
        (Healed, Centre.Catalogue) = (true, Entities.CentralNow);
        Network.Heal();
        boxes.ForEach(b => b.LineHealed());
        Centre.StartNow();
        Centre.Hurry();
        foreach (var twins in boxes.GroupBy(b => b.Identity.Node).Where(g => g.Count() > 1))
        {
            // The department has looked, and keeps one of them.
            foreach (var box in twins.Skip(1))
            {
                box.Stop();
                box.Retired = true;
                foreach (var wish in Judge.Wishes.Where(w => w.Machine == box.Machine && w.Answered && !w.DiskLost))
                {
                    Judge.Lose(wish);
                }
            }
        }
        foreach (var box in boxes.Where(b => !b.Retired))
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
        Operate();
    }

    /// <summary>The department admits whichever box is held back as a suspected clone.</summary>
    private void Operate()
    {
        foreach (var box in Live.Where(b => Centre.Data.Suspects.All.GetValueOrDefault(b.Identity.Node) is not null))
        {
            Exchange.Admit(box.Identity);
            knowsAt[box.Machine] = Time.NowMs;
        }
        Time.After(500, Operate);
    }

    /// <summary>
    /// How long the slowest box took until it held what Central holds and Central what it holds, from when it could know of the heal: its
    /// calls of before have ended, and the department has let it in.
    /// </summary>
    private (long SinceKnown, long SinceHeal) Settle()
    {
        var (began, slowest) = (Time.NowMs, 0L);
        var waiting = Live.ToList();
        while (true)
        {
            foreach (var box in waiting.Where(b => b.CannotKnowOfHeal))
            {
                knowsAt[box.Machine] = Time.NowMs;
            }
            slowest = Math.Max(slowest, waiting.Select(b => Time.NowMs - Math.Max(began, knowsAt.GetValueOrDefault(b.Machine))).DefaultIfEmpty(0).Max());
            waiting.RemoveAll(IsSettled);
            if (waiting.Count == 0)
            {
                return (slowest, Time.NowMs - began);
            }
            if (slowest > SettledMsMax || Time.NowMs - began > HealMsMax || Time.Steps > StepsMax)
            {
                var box = waiting[0];
                throw new ViolationException(
                    "E4", $"box{box.Machine} is not done after {slowest} ms, {Time.NowMs - began} after the heal: {box.Exchange.Line} {box.Exchange.Reason}, pending {box.Journal.State.Pending}, session {box.Exchange.Session is not null}");
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
        return box.Exchange.Session is not null && state.Pending == 0 && box.IsIdle
            && state.FeedEpoch == Centre.Data.Meta.All[MetaKeys.FeedEpoch]
            && ScopesOf(box.Identity.School).All(s => HasAll(box, s, state.Cursors.GetValueOrDefault(s)?.Seq ?? 0));
    }

    /// <summary>What lies beyond the cursor is the box's own: it moves past that with the next heartbeat, and learns nothing by it.</summary>
    private bool HasAll(Box box, Scope scope, long cursor) =>
        cursor <= Centre.Data.Feeds.All.GetValueOrDefault(scope) && (!Centre.Data.Ops.TryGetValue(scope, out var ops)
            || ops.Skip((int)cursor).All(o => o.Node == box.Identity.Node && o.Epoch == box.Journal.State.Epoch));

    /// <summary>What the kernel's FeedPages.ScopesOf says, without a transaction.</summary>
    public IReadOnlyList<Scope> ScopesOf(Scope school) =>
        Centre.Data.Memberships.All.TryGetValue(school, out var membership) ? membership.Scopes : [Scope.City, school];

    private void NoteState()
    {
        foreach (var box in boxes)
        {
            if (box.Up)
            {
                var s = ((int)box.Exchange.Line * 2) + (box.Exchange.Session is null ? 0 : 1);
                s = (s * 4) + (int)Math.Min(3, box.Exchange.Failures);
                s = (s * 3) + (int)Math.Min(2, box.Journal.State.Pending);
                s = (s * 3) + Math.Min(2, box.CallsOpen);
                s = (s * 2) + (box.Journal.State.Forked ? 1 : 0);
                s = (s * 3) + (Centre.Up ? Centre.IsSlow ? 2 : 1 : 0);
                states.Add((s * 32) + (lastFault == 0 ? 31 : int.TrailingZeroCount((int)lastFault)));
            }
        }
    }
}
