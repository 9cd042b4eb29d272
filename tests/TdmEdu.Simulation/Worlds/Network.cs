using TdmEdu.Simulation.Plans;
using TdmEdu.Sync.Edge;

namespace TdmEdu.Simulation.Worlds;

/// <summary>A line for each machine, each direction by itself: it loses, repeats, delays and so reorders, and is cut.</summary>
internal sealed class Network
{
    private readonly World world;
    private readonly Rng rng;
    private readonly double loss;
    private readonly double meanMs;
    private readonly Dictionary<(int Machine, bool Up), long> blockedUntil = [];
    private readonly List<Action> late = [];

    public Network(World world)
    {
        (this.world, rng) = (world, world.Plan.Stream(Fault.Loss));
        loss = world.Plan.Has(Fault.Loss) ? rng.Unit() * 0.3 : 0;
        Duplicate = world.Plan.Has(Fault.Duplicate) ? rng.Unit() * 0.5 : 0;
        meanMs = world.Plan.Has(Fault.Delay) ? 50 + (rng.Unit() * 3_000) : 20;
    }

    /// <summary>How likely a message arrives twice.</summary>
    public double Duplicate { get; set; }

    /// <param name="lost">Called when it will not arrive, or too late to be waited for, at that moment; the caller does not know it yet.</param>
    public void Send(int machine, bool up, Action deliver, Action lost)
    {
        if (world.Time.NowMs < blockedUntil.GetValueOrDefault((machine, up)))
        {
            world.Seen(Fault.Partition);
            lost();
            return;
        }
        if (!world.Healed && rng.Chance(loss))
        {
            world.Seen(Fault.Loss);
            lost();
            return;
        }
        var delay = Delay();
        if (delay > EdgeExchange.DoubtMs)
        {
            lost();
        }
        if (delay > EdgeExchange.SilenceMs)
        {
            return;
        }
        world.Time.After(delay, delay > EdgeExchange.DoubtMs ? Late(deliver) : deliver);
        if (!world.Healed && rng.Chance(Duplicate))
        {
            world.Seen(Fault.Duplicate);
            world.Time.After(Delay() + rng.Between(0, 2_000), deliver);
        }
    }

    public void Block(int machine, bool up, long forMs) => blockedUntil[(machine, up)] = world.Time.NowMs + forMs;

    /// <summary>What was held up on the way gets through with the rest.</summary>
    public void Heal()
    {
        blockedUntil.Clear();
        late.ForEach(arrive => world.Time.After(Delay(), arrive));
    }

    /// <summary>What ends with the fault that it waits behind.</summary>
    public void OnHeal(Action action) => late.Add(action);

    private Action Late(Action deliver)
    {
        var arrived = false;
        late.Add(Arrive);
        return Arrive;

        void Arrive()
        {
            if (!arrived)
            {
                arrived = true;
                deliver();
            }
        }
    }

    private long Delay() => world.Healed ? 5 + rng.Below(20) : 1 + (long)(-Math.Log(1 - rng.Unit()) * meanMs);
}
