using TdmEdu.Sync;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Records;

namespace TdmEdu.Simulation.Centres;

/// <summary>A box that asked to be nudged.</summary>
internal sealed record Watcher(int Machine, NodeIdentity Node, byte[] Token, Action Nudge, Action<Error> End)
{
    public Dictionary<Scope, long> Seen { get; } = [];
}
