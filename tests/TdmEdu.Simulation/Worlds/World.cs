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
internal sealed partial class World
{
    private const int StepsMin = 200;
    private const int StepsMax = 20_000;
    private const long LookMs = 100;
    private const int NoteEvery = 8;
    private const double RestartRate = 0.25;

    private readonly HashSet<int> states;
    private readonly List<Box> boxes = [];
    private readonly Dictionary<Guid, Scope> schools = [];
    private readonly Dictionary<Guid, long> revoked = [];
    private readonly Dictionary<int, long> letInAt = [];
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

    /// <summary>What people write is numbered, and so like nothing else.</summary>
    public int NextText { get; set; }

    public IReadOnlyList<Box> Boxes => boxes;

    /// <summary>Records of the office that Central lost with a restore; getting them back from boxes is the digests' work.</summary>
    public HashSet<(string Entity, Guid Id)> LostOffice { get; } = [];

    /// <summary>Records that the department has once taken from a school.</summary>
    public HashSet<(string Entity, Guid Id)> Evicted { get; } = [];

    public Guid AdversaryNode { get; private set; }

    /// <summary>The boxes that must hold what Central holds.</summary>
    public IEnumerable<Box> Live => boxes.Where(b => !b.Retired && !IsRevoked(b.Identity.Node));

    /// <param name="script">What happens, for a case that leaves nothing to chance; else whatever the plan's seed says.</param>
    public Run Play(Action<World>? script = null)
    {
        var heal = (SinceLetIn: 0L, SinceHeal: 0L);
        ViolationException? violation = null;
        try
        {
            Build();
            (script ?? Direct)(this);
            Heal();
            heal = Settle();
            TakeTurns();
            var rng = Rng.Of(Plan.Seed, Plan.TimeStream);
            if (rng.Chance(RestartRate))
            {
                RestartAll();
            }
            new FinalChecks(this).Run(rng);
        }
        catch (ViolationException e)
        {
            violation = e;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            violation = new("X1", e.ToString());
        }
        return new(Plan, boxes.Count + 1 + (AdversaryNode == Guid.Empty ? 0 : 1), Time.Steps, Trace.Hash, heal.SinceLetIn, heal.SinceHeal, violation);
    }

    public void Seen(Fault fault) => lastFault = fault;

    public Scope SchoolOf(Guid node) => schools[node];

    public bool IsHonest(Guid node) => node != AdversaryNode;

    public bool IsRevoked(Guid node) => revoked.ContainsKey(node);

    public long? RevokedAt(Guid node) => revoked.TryGetValue(node, out var at) ? at : null;

    public IEnumerable<Guid> Revoked => revoked.Keys;

    public void Revoke(Guid node)
    {
        revoked[node] = Time.NowMs;
        Centre.Data.Revoked.All[node] = true;
    }

    public void CentralGone() => boxes.ForEach(b => b.Reset());

    public Box AddMachine(NodeIdentity node, Disk disk, Catalogue catalogue)
    {
        var box = new Box(this, boxes.Count, node, disk, catalogue);
        boxes.Add(box);
        return box;
    }

    /// <summary>A school that nobody has heard of, with its box switched on.</summary>
    public Box AddSchool(Rng rng)
    {
        var box = AddMachine(Enrol(rng), new Disk(), Entities.BoxNow);
        box.Start();
        return box;
    }

    private static void Direct(World world)
    {
        var director = new Director(world);
        director.Start();
        while ((director.TicksLeft > 0 || world.Time.Steps < StepsMin) && world.Time.Step(long.MaxValue))
        {
            if (world.Time.Steps % NoteEvery == 0)
            {
                world.NoteState();
            }
        }
    }

    private void Build()
    {
        var rng = Rng.Of(Plan.Seed, Plan.ShapeStream + 7);
        Centre.Data.Meta.All[MetaKeys.FeedEpoch] = rng.Id().ToString("n");
        Centre.Data.Meta.All[MetaKeys.CentralNode] = rng.Id().ToString("n");
        if (Plan.Has(Fault.OldCentral))
        {
            Centre.Install(Entities.CentralOld);
            Centre.StartNow();
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
                states.Add((s * 64) + (lastFault == 0 ? 63 : (int)long.TrailingZeroCount((long)lastFault)));
            }
        }
    }
}
