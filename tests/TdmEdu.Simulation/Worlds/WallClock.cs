namespace TdmEdu.Simulation.Worlds;

/// <summary>What a machine believes the time is.</summary>
internal sealed class WallClock(Timeline time)
{
    /// <summary>2026-09-01 07:00 UTC: where the world begins.</summary>
    public const long EpochMs = 1_788_246_000_000;

    private long offsetMs;
    private double drift;
    private long? frozenMs;

    public long NowMs => frozenMs ?? Math.Max(0, True + offsetMs + (long)(time.NowMs * drift));

    /// <summary>Whether it has ever done what no clock should.</summary>
    public bool Jumped { get; private set; }

    public long True => EpochMs + time.NowMs;

    public void Drift(double ratio) => drift = ratio;

    public void Jump(long byMs)
    {
        (offsetMs, Jumped) = (offsetMs + byMs, true);
        frozenMs = null;
    }

    /// <summary>A dead battery: the machine begins at 1970.</summary>
    public void Reset()
    {
        (offsetMs, Jumped, frozenMs) = (-True, true, null);
    }

    public void Freeze() => (frozenMs, Jumped) = (NowMs, true);

    public void Thaw() => frozenMs = null;

    /// <summary>As after a contact with a time server.</summary>
    public void Correct() => (offsetMs, frozenMs, drift) = (0, null, 0);
}
