namespace TdmEdu.Sync.Exchange;

/// <summary>Full jitter: a random wait between zero and the cap, the cap doubling with each failure in a row.</summary>
public static class Backoff
{
    public static readonly TimeSpan FirstCap = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Short, so that a line that is back is used within a heartbeat. All 160 schools at once are then some 200 tries a second, and a
    /// Central for which that is too many says itself when to come back.
    /// </summary>
    public static readonly TimeSpan LastCap = TimeSpan.FromMilliseconds(1_500);

    /// <param name="failures">Failures in a row, from 1.</param>
    /// <param name="random">Uniform in [0, 1).</param>
    public static TimeSpan Wait(int failures, double random)
    {
        var cap = Math.Min(FirstCap.TotalMilliseconds * Math.Pow(2, Math.Clamp(failures - 1, 0, 16)), LastCap.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(cap * random);
    }
}
