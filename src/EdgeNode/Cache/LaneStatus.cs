using System.Collections.Immutable;
using TdmEdu.EdgeNode.Journal;
using TdmEdu.Sync.Records;

namespace TdmEdu.EdgeNode.Cache;

/// <summary>
/// What is durable on this box and how much of it Central has not acknowledged, as of one moment.
/// <see cref="Replaced"/> ends when there is a newer one.
/// </summary>
internal sealed class LaneStatus(JournalState state)
{
    private readonly TaskCompletionSource replaced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ImmutableArray<LaneHead> Heads => state.Heads;

    public ImmutableArray<long> Acked => state.Acked;

    public string FeedEpoch => state.FeedEpoch;

    public ImmutableDictionary<Scope, long> Cursors => state.Cursors;

    public Task Replaced => replaced.Task;

    /// <summary>How many own operations are only on this box.</summary>
    public long Pending => state.Heads.Sum(h => h.Seq - state.Acked[(int)h.Lane]);

    public LaneHead Head(Lane lane) => state.Heads[(int)lane];

    public long AckedOf(Lane lane) => state.Acked[(int)lane];

    public void Replace() => replaced.TrySetResult();
}
