using TdmEdu.Simulation.Boxes;
using TdmEdu.Simulation.Plans;

namespace TdmEdu.Simulation.Worlds;

/// <summary>Makes things happen: mostly work, now and then a fault, each from its own stream of chance.</summary>
internal sealed class Director
{
    private readonly World world;
    private readonly Rng rng;
    private readonly Dictionary<Fault, Rng> streams;
    private readonly Mischief mischief;
    private readonly Department department;
    private readonly Workload workload;
    private readonly Adversary? adversary;

    /// <summary>Per tick. The gravest are rare; a schedule in which they are enabled has about one.</summary>
    private static readonly IReadOnlyList<(Fault Fault, double Rate)> Rates =
    [
        (Fault.Partition, 0.06), (Fault.Swizzle, 0.024), (Fault.Crash, 0.04), (Fault.Pause, 0.04), (Fault.Restore, 0.03), (Fault.Clone, 0.024),
        (Fault.DiskFull, 0.04), (Fault.DiskError, 0.04), (Fault.DiskLiar, 0.02), (Fault.BitRot, 0.016), (Fault.ClockJump, 0.04),
        (Fault.ClockDrift, 0.02), (Fault.CentralCrash, 0.03), (Fault.CentralRestore, 0.03), (Fault.Revoke, 0.008), (Fault.OldBox, 0.02),
        (Fault.OldCentral, 0.02), (Fault.Wipe, 0.012), (Fault.CentralDisk, 0.04), (Fault.Ward, 0.06), (Fault.Evict, 0.08),
        (Fault.Reconnect, 0.04), (Fault.DiskReadOnly, 0.04), (Fault.DiskUnreadable, 0.03), (Fault.DiskSlow, 0.04), (Fault.Settle, 0.1), (Fault.EvictMany, 0.04),
        (Fault.CentralClock, 0.06),
    ];

    public Director(World world)
    {
        this.world = world;
        rng = Rng.Of(world.Plan.Seed, Plan.WorkStream);
        streams = Plan.All.ToDictionary(f => f, world.Plan.Stream);
        department = new(world);
        workload = new(world, department);
        mischief = new(world, department);
        adversary = world.Plan.Has(Fault.Adversary) ? new(world) : null;
        TicksLeft = world.Plan.Ticks;
    }

    public int TicksLeft { get; private set; }

    public void Start() => world.Time.After(1_000, Tick);

    private void Tick()
    {
        if (world.Healed)
        {
            return;
        }
        TicksLeft--;
        workload.Step(rng);
        foreach (var (fault, rate) in Rates)
        {
            var stream = streams[fault];
            if (stream.Chance(rate) && world.Plan.Has(fault))
            {
                world.Seen(fault);
                mischief.Do(fault, stream);
            }
        }
        var evil = streams[Fault.Adversary];
        if (evil.Chance(0.25))
        {
            adversary?.Act(evil);
        }
        world.Time.After(rng.Chance(0.06) ? rng.Between(2_000, 20_000) : rng.Between(20, 900), Tick);
    }
}
