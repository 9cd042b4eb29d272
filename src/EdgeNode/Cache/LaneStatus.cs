using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Records;

namespace TdmEdu.EdgeNode.Cache;

/// <summary>What is durable on this box, as of one moment. <see cref="Replaced"/> ends when there is a newer one.</summary>
internal sealed class LaneStatus(JournalState state)
{
    private readonly TaskCompletionSource replaced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public JournalState State => state;

    public long Pending => state.Pending;

    public Task Replaced => replaced.Task;

    public LaneHead Head(Lane lane) => state.Head(lane);

    public void Replace() => replaced.TrySetResult();
}
