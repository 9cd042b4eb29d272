namespace TdmEdu.Sync.Edge;

/// <summary>
/// The order on which an edge's promise rests: every command is decided, the journal is durable, and only then is anyone
/// answered. A journal that refuses leaves nothing behind, and whoever wanted something written is told.
/// </summary>
public static class CommandBatch
{
    /// <param name="begin">Makes the session of one batch from the journal's state.</param>
    /// <returns>What the journal refused, for the host's log; null when all went well.</returns>
    public static JournalException? Run(
        IReadOnlyList<Command> commands, IJournal journal, Tables tables, Func<CommandSession> begin, out CommandSession session)
    {
        session = begin();
        var waiting = new List<Command>(commands.Count);
        foreach (var command in commands.Where(c => !c.Cancelled))
        {
            command.Run(session);
            if (command.ReadOnly && session.Batch.IsEmpty)
            {
                command.Answer();
            }
            else
            {
                waiting.Add(command);
            }
        }
        if (Mutant.M1AckBeforeSync)
        {
            waiting.ForEach(c => c.Answer());
        }
        var refused = session.Batch.IsEmpty ? null : Append(journal, session.Batch);
        if (refused is { IsFull: true } && !session.OnReserve && begin() is { OnReserve: true } saving)
        {
            tables.Undo(0);
            waiting.ForEach(c => c.Run(saving));
            session = saving;
            refused = session.Batch.IsEmpty ? null : Append(journal, session.Batch);
        }
        if (refused is not null)
        {
            tables.Undo(0);
            foreach (var command in waiting.Where(c => !c.ReadOnly))
            {
                command.Refuse(ErrorOf(refused));
            }
            waiting.RemoveAll(c => !c.ReadOnly);
            var again = begin();
            waiting.ForEach(c => c.Run(again));
        }
        tables.Keep();
        waiting.ForEach(c => c.Answer());
        return refused;
    }

    private static JournalException? Append(IJournal journal, JournalBatch batch)
    {
        try
        {
            journal.Write(batch);
            journal.Sync();
            return null;
        }
        catch (JournalException e)
        {
            return Mutant.M10IgnoreSyncError && !e.IsFull ? null : e;
        }
    }

    internal static Error DiskFull => Error.Unavailable(
        "disk_full", "Ổ đĩa của máy trường đã đầy nên chưa lưu được. Hãy báo phụ trách CNTT xóa bớt tệp trên máy, rồi gửi lại.");

    private static Error ErrorOf(JournalException refused) => refused.IsFull
        ? DiskFull
        : Error.Unavailable(
            "disk_failed",
            "Ổ đĩa của máy trường không ghi được nên chưa lưu được. Hãy báo phụ trách CNTT kiểm tra ổ đĩa, rồi gửi lại.");
}
