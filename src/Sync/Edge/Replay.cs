namespace TdmEdu.Sync.Edge;

/// <summary>Makes the documents from the journal, by the same steps in the same order as when they were new.</summary>
public static class Replay
{
    /// <returns>What this version cannot apply; it failed when it was new as well, and stays in the journal.</returns>
    public static Exception? Apply(JournalEntry entry, Applier applier, Tables tables)
    {
        if (entry.Idle)
        {
            return null;
        }
        try
        {
            applier.Apply(entry.Op, entry.Node, entry.OwnSeq);
            tables.Keep();
            return null;
        }
        catch (Exception e) when (e is not CacheBrokenException)
        {
            tables.Undo(0);
            return e;
        }
    }
}
