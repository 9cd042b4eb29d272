using TdmEdu.Simulation.Worlds;

namespace TdmEdu.Simulation.Runs;

/// <summary>What all threads have done so far.</summary>
internal sealed class Tally
{
    private const int BucketMs = 100;

    private readonly Lock gate = new();
    private readonly int[] heals = new int[(World.HealMsMax / BucketMs) + 20];
    private readonly int[] sinceHeal = new int[(World.HealMsMax / BucketMs) + 20];

    public long Schedules { get; private set; }

    public long Steps { get; private set; }

    public long Nodes { get; private set; }

    public long Twice { get; private set; }

    public List<Run> Failed { get; } = [];

    public HashSet<int> States { get; } = [];

    public void Add(Run run)
    {
        lock (gate)
        {
            Schedules++;
            Steps += run.Steps;
            Nodes += run.Nodes;
            if (run.Violation is not null)
            {
                Failed.Add(run);
            }
            else
            {
                heals[Math.Min(heals.Length - 1, run.HealMs / BucketMs)]++;
                sinceHeal[Math.Min(heals.Length - 1, run.SinceHealMs / BucketMs)]++;
            }
        }
    }

    /// <summary>One more seed was run a second time, to see that its trace is the same.</summary>
    public void AddTwice()
    {
        lock (gate)
        {
            Twice++;
        }
    }

    public void Add(HashSet<int> states)
    {
        lock (gate)
        {
            States.UnionWith(states);
        }
    }

    public string HealPercentiles() => $"{Percentiles(heals)}; from the heal itself: {Percentiles(sinceHeal)}";

    private static string Percentiles(int[] heals) =>
        string.Join(" ", new[] { 0.5, 0.9, 0.99, 0.999, 1 }.Select(p => $"p{p * 100:0.#}={At(heals, p)}"))
        + $" within 5 s: {100.0 * heals.Take((int)(World.SettledMsMax / BucketMs) + 1).Sum() / Math.Max(1, heals.Sum()):0.00} %";

    private static int At(int[] heals, double p)
    {
        var (left, i) = ((long)Math.Ceiling(heals.Sum() * p), -1);
        while (left > 0)
        {
            left -= heals[++i];
        }
        return i * BucketMs;
    }
}
