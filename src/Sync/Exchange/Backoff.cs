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

    /// <summary>
    /// For an answer that a person must change first: a box that is held back, withdrawn or too old. No faster than sessions may be opened, and used
    /// within a heartbeat all the same once it is let in.
    /// </summary>
    public static readonly TimeSpan HeldCap = TimeSpan.FromSeconds(2);

    /// <param name="failures">Failures in a row, from 1.</param>
    /// <param name="random">Uniform in [0, 1).</param>
    /// <param name="lastCap">Another than <see cref="LastCap"/>.</param>
    public static TimeSpan Wait(int failures, double random, TimeSpan? lastCap = null)
    {
        var cap = Math.Min(FirstCap.TotalMilliseconds * Math.Pow(2, Math.Clamp(failures - 1, 0, 16)), (lastCap ?? LastCap).TotalMilliseconds);
        return TimeSpan.FromMilliseconds(cap * random);
    }
}
