namespace TdmEdu.Sync.Exchange;

/// <summary>
/// How many operations the next batch may carry: a little more after each that came through in time, half after each that did
/// not (AIMD), so that a bad line still moves something each time it is up.
/// </summary>
public sealed class BatchSize
{
    public const int Min = 8;
    public const int Step = 64;

    /// <summary>A batch that takes longer than this is too large for the line.</summary>
    public const long SlowMs = 4_000;

    public int Ops { get; private set; } = Intake.BatchOpsMax;

    public void Came(long tookMs) =>
        Ops = tookMs > SlowMs ? Math.Max(Min, Ops / 2) : Math.Min(Intake.BatchOpsMax, Ops + Step);

    public void Failed() => Ops = Math.Max(Min, Ops / 2);
}
