using System.Collections.Concurrent;
using System.Globalization;
using TdmEdu.EdgeNode.Journal;
using TdmEdu.Sync;
using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Records;

namespace TdmEdu.EdgeNode.Cache;

/// <summary>
/// The owner's thread. It never waits for company: a batch is what queued while the last one was committed. The journal is
/// committed before anything reaches LiteDB, and LiteDB is written between batches: a journal that refuses leaves nothing to
/// roll back there.
/// </summary>
internal sealed partial class Worker(EdgeIdentity identity, Catalogue catalogue, TimeProvider clock, ILogger logger) : IDisposable
{
    private const int BatchCommandsMax = 256;

    /// <summary>Changed documents wait this long for company on their way to the cache file; people never wait for it.</summary>
    private static readonly TimeSpan FlushAfter = TimeSpan.FromMilliseconds(50);

    /// <summary>Between two tries to make a cache file on a disk that does not take one.</summary>
    private static readonly TimeSpan ReplaceAgainAfter = TimeSpan.FromSeconds(5);

    private readonly Tables tables = new(catalogue);
    private IRecords records = null!;
    private CacheStore cache = null!;
    private long replaceFailedAt;
    private bool onReserve;
    private volatile LaneStatus status = null!;

    public JournalFile Journal { get; } = OpenJournal(identity, clock);

    public LaneStatus Status => status;

    public void Open()
    {
        if (Journal.Damaged.Count > 0)
        {
            LogDamaged(Journal.Damaged.Count);
        }
        status = new(Journal.State);
        records = new TableRecords(catalogue, tables);
        cache = new(identity.DataFolder, catalogue, Journal, tables, new(catalogue, tables, records), logger);
        TryKeep(cache.Open);
    }

    public void Serve(BlockingCollection<Command> queue)
    {
        var batch = new List<Command>(BatchCommandsMax);
        var idle = false;
        while (!queue.IsCompleted)
        {
            var wait = !HasToFlush ? Timeout.InfiniteTimeSpan : idle ? TimeSpan.Zero : FlushAfter;
            idle = !queue.TryTake(out var command, wait);
            if (idle)
            {
                FlushSome();
                continue;
            }
            do
            {
                if (command!.Alone)
                {
                    Process(batch);
                    batch.Clear();
                }
                batch.Add(command);
            }
            while (!command.Alone && batch.Count < BatchCommandsMax && queue.TryTake(out command));
            Process(batch);
            batch.Clear();
            // A bulk load makes documents faster than one flush a batch would write them.
            while (tables.DirtyCount >= CacheStore.DirtyDocsMax)
            {
                FlushSome();
            }
        }
    }

    /// <summary>So that the next start trusts the cache.</summary>
    public void Close() => TryKeep(cache.Close);

    public void Dispose()
    {
        cache.Dispose();
        Journal.Dispose();
    }

    public Result<bool> CopyCache(CommandSession session)
    {
        if (Journal.OnReserve)
        {
            return false;
        }
        cache.CopyVerified();
        return session.SetMeta(CacheCopyJob.LastRun, clock.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>A broken cache is replaced and the batch run again, once: nothing of it was in the journal yet.</summary>
    private void Process(List<Command> batch)
    {
        try
        {
            if (!cache.IsOpen)
            {
                Replace();
            }
            try
            {
                Run(batch);
            }
            catch (CacheBrokenException e)
            {
                LogBroken(e);
                Replace();
                Run(batch);
            }
        }
        catch (Exception e) when (CacheStore.IsBroken(e))
        {
            LogBroken(e);
            Refuse(batch, Error.Unavailable(
                "cache_unavailable",
                "Máy của trường chưa đọc được dữ liệu, có thể vì ổ đĩa đầy. Hãy báo phụ trách CNTT kiểm tra ổ đĩa, rồi thử lại."));
        }
        catch (Exception e)
        {
            LogFault(e);
            tables.Undo(0);
            batch.ForEach(c => c.Fail(e));
        }
    }

    private void Run(List<Command> commands)
    {
        Journal.KeepReserve();
        var refused = CommandBatch.Run(commands, Journal, tables, NewSession, out var session);
        if (onReserve != Journal.OnReserve)
        {
            onReserve = Journal.OnReserve;
            LogReserve(onReserve ? "spent: attendance goes on in it, everything else is refused until somebody frees space" : "kept again");
        }
        foreach (var op in session.Unapplied)
        {
            LogUnapplied(op.Cause, op.Seq, op.Feed.Value, op.Entity, op.Id);
        }
        if (refused is not null)
        {
            LogJournalRefused(refused, session.Batch.Lines.Count);
            return;
        }
        if (!session.Batch.IsEmpty)
        {
            var before = status;
            status = new(Journal.State);
            before.Replace();
        }
        if (session.Batch.Renumbers)
        {
            // The documents still carry the numbers of before.
            Replace();
        }
    }

    private static JournalFile OpenJournal(EdgeIdentity identity, TimeProvider clock)
    {
        if (identity.Before is { } before)
        {
            Succession.Run(identity.DataFolder, before, identity.Node, clock);
        }
        return JournalFile.Open(identity.DataFolder, identity.Node, clock);
    }

    private CommandSession NewSession() =>
        new(identity, catalogue, tables, records, Journal.State, clock.GetUtcNow().ToUnixTimeMilliseconds()) { OnReserve = Journal.OnReserve };

    private void Replace()
    {
        if (replaceFailedAt != 0 && clock.GetElapsedTime(replaceFailedAt) < ReplaceAgainAfter)
        {
            throw new CacheBrokenException(new IOException("The last try to make a cache file failed a moment ago."));
        }
        replaceFailedAt = clock.GetTimestamp();
        Journal.SpendReserveIfFull();
        cache.Replace();
        replaceFailedAt = 0;
    }

    /// <summary>Between batches nobody waits: the journal has everything, and the next batch makes a cache if there is none.</summary>
    private void TryKeep(Action step)
    {
        try
        {
            step();
        }
        catch (Exception e) when (CacheStore.IsBroken(e))
        {
            LogBroken(e);
            cache.Dispose();
            Journal.SpendReserveIfFull();
        }
    }

    private void FlushSome()
    {
        if (HasToFlush)
        {
            TryKeep(cache.FlushSome);
        }
    }

    /// <summary>On a full disk documents wait in memory while they can: the cache must not take the journal's room.</summary>
    private bool HasToFlush => tables.DirtyCount >= (Journal.OnReserve ? CacheStore.DirtyDocsMax : 1);

    private static void Refuse(List<Command> commands, Error error) => commands.ForEach(c => c.Refuse(error));

    [LoggerMessage(10, LogLevel.Error, "The cache failed and is replaced; nothing is lost.")]
    private partial void LogBroken(Exception cause);

    [LoggerMessage(11, LogLevel.Error, "The journal did not take a batch of {Operations} operations; its callers were told.")]
    private partial void LogJournalRefused(Exception cause, int operations);

    [LoggerMessage(12, LogLevel.Critical, "A batch failed in an unforeseen way.")]
    private partial void LogFault(Exception cause);

    [LoggerMessage(13, LogLevel.Critical, "The disk has changed {Count} operations in the journal; they are set aside, and the audit names them. Replace the disk.")]
    private partial void LogDamaged(int count);

    [LoggerMessage(14, LogLevel.Warning, "The disk's reserve is {What}.")]
    private partial void LogReserve(string what);

    [LoggerMessage(20, LogLevel.Warning, "Operation {Seq} of feed {Feed} ({Entity} {Id}) has no effect on this version and stays in the journal.")]
    private partial void LogUnapplied(Exception? cause, long seq, string feed, string entity, Guid id);
}
