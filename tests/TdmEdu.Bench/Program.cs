using TdmEdu.Bench;

// dotnet run -c Release --project tests/TdmEdu.Bench -- <verb>
Dictionary<string, Func<Task>> verbs = new()
{
    ["journal"] = JournalBench.Run,
    ["uplink"] = UplinkBench.Run,
    ["https"] = HttpsBench.Run,
    ["signin"] = SignInBench.Run,
    ["idle"] = IdleBench.Run,
    ["intake"] = IntakeBench.Run,
    ["parked"] = ParkedBench.Run,
    ["beat"] = BeatBench.Run,
    ["flood"] = FloodBench.Run,
    ["book"] = BookBench.Run,
};
verbs["all"] = async () =>
{
    foreach (var one in verbs.Where(v => v.Key != "all").Select(v => v.Value).ToList())
    {
        await one();
    }
};
if (args is not [var verb] || !verbs.TryGetValue(verb, out var run))
{
    Console.Error.WriteLine($"Usage: TdmEdu.Bench {string.Join(" | ", verbs.Keys)}");
    return 1;
}
await run();
return 0;
