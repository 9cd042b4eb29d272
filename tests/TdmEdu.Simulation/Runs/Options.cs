using System.Globalization;

namespace TdmEdu.Simulation.Runs;

internal sealed record Options(long Seeds, double? Seconds, long? Seed, bool Trace, bool Mutants, bool Cases, long First, int Mutant)
{
    private const long FreshMax = 1_000_000_000_000;

    public static Options Parse(string[] args)
    {
        var options = new Options(1_000, null, null, false, false, false, 1, 0);
        for (var i = 0; i < args.Length; i++)
        {
            options = args[i] switch
            {
                "--seeds" => options with { Seeds = Number(args, ++i) },
                "--seconds" => options with { Seconds = Number(args, ++i), Seeds = options.Seeds == 1_000 ? long.MaxValue : options.Seeds },
                "--seed" => options with { Seed = Number(args, ++i) },
                "--first" => options with { First = Number(args, ++i) },
                "--fresh" => options with { First = Random.Shared.NextInt64(1, FreshMax) },
                "--mutant" => options with { Mutant = (int)Number(args, ++i) },
                "--trace" => options with { Trace = true },
                "--cases" => options with { Cases = true },
                "--mutants" => options with { Mutants = true },
                _ => throw new ArgumentException($"Unknown option {args[i]}. Use --seeds N, --seconds S, --seed X, --trace, --first N, --fresh, --cases, --mutants, --mutant M."),
            };
        }
        return options;
    }

    private static long Number(string[] args, int at) => at < args.Length && long.TryParse(args[at], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        ? number : throw new ArgumentException($"{args[at - 1]} wants a whole number after it.");
}
