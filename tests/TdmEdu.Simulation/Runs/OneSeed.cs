using TdmEdu.Simulation.Plans;
using TdmEdu.Simulation.Worlds;
using TdmEdu.Sync;

namespace TdmEdu.Simulation.Runs;

/// <summary>One schedule, and when it fails the least that still makes it fail.</summary>
internal static class OneSeed
{
    public static int Do(long seed, Options options)
    {
        Mutant.On = options.Mutant;
        var run = new World(Plan.Of(seed), options.Trace ? Console.Out : null, []).Play();
        Console.WriteLine($"seed {seed}: nodes {run.Nodes}, steps {run.Steps}, healed in {run.HealMs} ms, hash {run.Hash:x16}, faults {run.Plan.Faults}");
        if (run.Violation is null)
        {
            return 0;
        }
        Explain(run, Console.Out);
        return 1;
    }

    public static void Explain(Run run, TextWriter text)
    {
        var least = Shrink(run);
        text.WriteLine($"FAILED seed {run.Plan.Seed}: {run.Violation!.Message}");
        text.WriteLine($"  minimal plan: ticks {least.Plan.Ticks} of {run.Plan.Ticks}, faults {least.Plan.Faults} of {run.Plan.Faults}");
        text.WriteLine($"  then: {least.Violation!.Message}");
        var trace = new StringWriter();
        new World(least.Plan, trace, []).Play();
        text.WriteLine(trace.ToString());
    }

    /// <summary>Fault kinds one by one, then the length by bisection. Any violation of the same name will do.</summary>
    public static Run Shrink(Run failed)
    {
        var best = failed;
        foreach (var fault in Plan.All.Where(f => failed.Plan.Has(f)))
        {
            best = Try(best.Plan with { Faults = best.Plan.Faults & ~fault }, failed) ?? best;
        }
        var (low, high) = (1, best.Plan.Ticks);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Try(best.Plan with { Ticks = middle }, failed) is { } shorter)
            {
                (best, high) = (shorter, middle);
            }
            else
            {
                low = middle + 1;
            }
        }
        return best;
    }

    private static Run? Try(Plan plan, Run failed)
    {
        var run = new World(plan, null, []).Play();
        return run.Violation?.Name == failed.Violation!.Name ? run : null;
    }
}
