namespace TdmEdu.Simulation.Runs;

/// <summary>Seeds that found something once. They run first, every time.</summary>
internal static class Kept
{
    public static readonly IReadOnlyList<(long Seed, string Name, string What)> Seeds =
    [
    ];
}
