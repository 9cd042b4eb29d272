using TdmEdu.Simulation.Cases;
using TdmEdu.Simulation.Runs;

var options = Options.Parse(args);
return options.Cases ? Case.RunAll(Console.Out) : options.Mutants ? MutantRun.Do(options) : options.Seed is { } seed ? OneSeed.Do(seed, options) : ManySeeds.Do(options);
