using System.Diagnostics;
using System.Globalization;
using TdmEdu.Simulation.Cases;
using TdmEdu.Simulation.Plans;
using TdmEdu.Simulation.Worlds;

namespace TdmEdu.Simulation.Runs;

/// <summary>As many schedules as asked for, one a thread at a time.</summary>
internal static class ManySeeds
{
    private const int FailuresExplainedMax = 3;
    private const int TwiceEvery = 100;

    public static int Do(Options options)
    {
        var watch = Stopwatch.StartNew();
        Console.WriteLine($"seeds from {options.First}");
        var tally = new Tally();
        var (casesFailed, next, stop) = (0, options.First - 1, false);
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(i => new Thread(() =>
        {
            var states = new HashSet<int>();
            if (i == 0)
            {
                casesFailed = Case.RunAll(Console.Out);
                RunKept(tally, states);
            }
            while (!Volatile.Read(ref stop) && Interlocked.Increment(ref next) is var seed && seed - options.First < options.Seeds)
            {
                var run = new World(Plan.Of(seed), null, states).Play();
                if (seed % TwiceEvery == 0)
                {
                    tally.AddTwice();
                    var again = new World(Plan.Of(seed), null, states).Play().Hash;
                    run = again == run.Hash ? run : run with { Violation = new("X3", "the same seed gave another trace") };
                }
                tally.Add(run);
                if (run.Violation is { } violation)
                {
                    Console.WriteLine($"seed {seed} fails: {violation.Name}");
                }
            }
            tally.Add(states);
        }, maxStackSize: 4 * 1024 * 1024)).ToList();
        threads.ForEach(t => t.Start());
        var shown = 0L;
        while (threads.Exists(t => !t.Join(50)))
        {
            if (options.Seconds is { } seconds && watch.Elapsed.TotalSeconds >= seconds)
            {
                Volatile.Write(ref stop, true);
            }
            if (watch.ElapsedMilliseconds - shown >= 5_000)
            {
                shown = watch.ElapsedMilliseconds;
                Console.WriteLine($"{watch.Elapsed.TotalSeconds:0} s: {tally.Schedules} schedules, {tally.Failed.Count} failed");
            }
        }
        return Math.Max(casesFailed, Report(tally, watch.Elapsed.TotalSeconds));
    }

    private static void RunKept(Tally tally, HashSet<int> states)
    {
        foreach (var (seed, name, _) in Kept.Seeds)
        {
            var run = new World(Plan.Of(seed), null, states).Play();
            tally.Add(run);
            if (run.Violation is not null)
            {
                Console.WriteLine($"kept seed {name} fails again");
            }
        }
    }

    private static int Report(Tally tally, double seconds)
    {
        foreach (var name in tally.Failed.GroupBy(f => f.Violation!.Name).OrderByDescending(g => g.Count()))
        {
            Console.WriteLine($"{name.Key}: {name.Count()} failed, first {string.Join(" ", name.Select(f => f.Plan.Seed).Order().Take(8))}");
        }
        foreach (var failed in tally.Failed.OrderBy(f => f.Plan.Seed).DistinctBy(f => f.Violation!.Name).Take(FailuresExplainedMax))
        {
            OneSeed.Explain(failed, Console.Out);
        }
        var invariant = CultureInfo.InvariantCulture;
        Console.WriteLine(string.Create(invariant, $"healed in ms: {tally.HealPercentiles()}"));
        Console.WriteLine(string.Create(
            invariant, $"mean: nodes={(double)tally.Nodes / tally.Schedules:0.0} steps={(double)tally.Steps / tally.Schedules:0}; run twice: {tally.Twice}"));
        Console.WriteLine(string.Create(
            invariant,
            $"simulation: schedules={tally.Schedules} steps={tally.Steps} failed={tally.Failed.Count} states={tally.States.Count} per_second={tally.Schedules / seconds:0}"));
        return tally.Failed.Count == 0 ? 0 : 1;
    }
}
