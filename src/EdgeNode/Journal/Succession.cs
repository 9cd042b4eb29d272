using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Records;

namespace TdmEdu.EdgeNode.Journal;

/// <summary>
/// A box that was withdrawn and has joined anew goes on with its journal under its new name: what Central has of the old one stays as it is, what
/// waits to be sent is numbered from one in a new epoch.
/// </summary>
internal static class Succession
{
    /// <summary>Nothing when the journal is not the old one's, or is the new one's already.</summary>
    public static void Run(string folder, Guid before, Guid node, TimeProvider clock)
    {
        if (JournalIdentity.NodeOf(folder) != before)
        {
            return;
        }
        using var journal = JournalFile.Open(folder, before, clock);
        var (state, batch) = (journal.State, new JournalBatch(journal.State, node));
        batch.BeginEpoch(RecordId.New(clock));
        foreach (var lane in JournalState.Lanes)
        {
            // Of a history that has parted from Central's nobody knows what was taken; sending it twice has one effect.
            foreach (var entry in Batching.Mended(Batching.Once(journal.OwnAfter(lane, state.Forked ? 0 : state.Acked[(int)lane]))))
            {
                batch.Renumber(entry.Position, lane, entry.Op);
            }
        }
        batch.SetMeta("node", node.ToString("n"));
        journal.Write(batch);
        journal.Sync();
    }
}
