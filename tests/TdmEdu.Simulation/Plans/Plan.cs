namespace TdmEdu.Simulation.Plans;

/// <summary>All that a schedule depends on. <see cref="Ticks"/> is how many things the world does before it is healed.</summary>
internal sealed record Plan(long Seed, Fault Faults, int Ticks)
{
    /// <summary>Stream numbers of <see cref="Rng.Of(long, int)"/> above those of the faults, which are their bit's number.</summary>
    public const int ShapeStream = 100;
    public const int WorkStream = 101;
    public const int TimeStream = 102;
    public const int CentralStream = 103;
    public const int CentralClockStream = 118;
    public const int BoxStream = 200;

    private const double CentralClockRate = 0.25;

    public static readonly IReadOnlyList<Fault> All = [.. Enum.GetValues<Fault>().Where(f => f != Fault.None)];

    public static Plan Of(long seed)
    {
        var rng = Rng.Of(seed, ShapeStream);
        var density = rng.Below(3) switch { 0 => 0.12, 1 => 0.25, _ => 0.4 };
        var faults = All.Where(f => f != Fault.CentralClock && rng.Chance(density)).Aggregate(Fault.None, (all, one) => all | one);
        // By dice of its own: a seed that was kept before this fault was there means what it meant. Not beside a Central that is restored, and has
        // forgotten what it cut by a wrong clock, or that parks what it cuts only later: both are open (docs/bench/kernel.md).
        var moves = (faults & (Fault.CentralRestore | Fault.OldCentral)) == 0 && Rng.Of(seed, CentralClockStream).Chance(CentralClockRate);
        faults |= moves ? Fault.CentralClock : Fault.None;
        return new(seed, faults, (int)rng.Between(12, 30));
    }

    public bool Has(Fault fault) => (Faults & fault) != 0;

    public Rng Stream(Fault fault) => Rng.Of(Seed, (int)long.TrailingZeroCount((long)fault));
}
