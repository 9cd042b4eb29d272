using System.Globalization;
using TdmEdu.Simulation.Plans;
using TdmEdu.Simulation.Worlds;
using TdmEdu.Sync;

namespace TdmEdu.Simulation.Runs;

/// <summary>Does the test test? Each mistake is switched on until a seed finds it that the kernel itself passes.</summary>
internal static class MutantRun
{
    private const int Count = 15;
    private const int SeedsMax = 10_000;

    private static readonly string[] Names =
    [
        .. typeof(Mutant).GetProperties().Select(p => p.Name).Where(n => n != nameof(Mutant.On)),
    ];

    public static int Do(Options options)
    {
        var max = options.Seeds == 1_000 ? SeedsMax : options.Seeds;
        var found = new (long Seeds, string Name)[Count + 1];
        var next = 0;
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(() =>
        {
            while (Interlocked.Increment(ref next) is var mutant && mutant <= Count)
            {
                if (options.Mutant is 0 || options.Mutant == mutant)
                {
                    found[mutant] = Find(mutant, options.First, max);
                    Console.WriteLine(found[mutant].Seeds == 0
                        ? $"{Names[mutant - 1]}: not detected in {max} seeds"
                        : $"{Names[mutant - 1]}: {found[mutant].Seeds} seeds, {found[mutant].Name}");
                }
            }
        }, maxStackSize: 4 * 1024 * 1024)).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        var seeds = found.Skip(1).Where(f => f.Seeds > 0).Select(f => f.Seeds).Order().ToList();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"mutants: detected={seeds.Count}/{Count} median_seeds={(seeds.Count == 0 ? 0 : seeds[seeds.Count / 2])}"));
        return seeds.Count == Count ? 0 : 1;
    }

    private static (long Seeds, string Name) Find(int mutant, long first, long max)
    {
        for (var i = 0L; i < max; i++)
        {
            Mutant.On = mutant;
            var run = new World(Plan.Of(first + i), null, []).Play();
            Mutant.On = 0;
            // A seed that the kernel fails by itself says nothing about the mutant.
            if (run.Violation is not null && new World(Plan.Of(first + i), null, []).Play().Violation is null)
            {
                return (i + 1, run.Violation.Name);
            }
        }
        return (0, "");
    }
}
