using TdmEdu.Simulation.Cases;
using TdmEdu.Simulation.Runs;

Options options;
try
{
    options = Options.Parse(args);
}
catch (ArgumentException wrong)
{
    await Console.Error.WriteLineAsync(wrong.Message);
    return 2;
}
return options.Cases ? Case.RunAll(Console.Out) : options.Mutants ? MutantRun.Do(options) : options.Seed is { } seed ? OneSeed.Do(seed, options) : ManySeeds.Do(options);
