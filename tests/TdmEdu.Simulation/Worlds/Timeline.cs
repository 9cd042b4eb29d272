namespace TdmEdu.Simulation.Worlds;

/// <summary>Virtual time: what happens next happens at once, and nothing waits.</summary>
internal sealed class Timeline
{
    private readonly PriorityQueue<Action, (long At, long Order)> queue = new();
    private long order;

    public long NowMs { get; private set; }

    public int Steps { get; private set; }

    public void After(long delayMs, Action action) => queue.Enqueue(action, (NowMs + Math.Max(0, delayMs), order++));

    /// <summary>False when nothing is left before that time; the time is then reached all the same.</summary>
    public bool Step(long untilMs)
    {
        if (!queue.TryPeek(out _, out var next) || next.At > untilMs)
        {
            NowMs = Math.Max(NowMs, untilMs == long.MaxValue ? NowMs : untilMs);
            return false;
        }
        var action = queue.Dequeue();
        NowMs = next.At;
        Steps++;
        action();
        return true;
    }
}
