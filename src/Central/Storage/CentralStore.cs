using System.Collections.Concurrent;
using TdmEdu.Sync;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Storage;

/// <summary>Gives out transactions. SQLite has one writer at a time and keeps its connections; PostgreSQL's driver pools its own.</summary>
internal sealed class CentralStore(Func<Bulk> open, int writersMax, bool keepsConnections, IDisposable? source = null) : IDisposable
{
    private const int IdleMax = 8;

    private readonly SemaphoreSlim writers = new(writersMax);
    private readonly ConcurrentQueue<Bulk> idle = new();

    /// <summary>A school's writers wait for each other in any case: here they do so without a place that another school could have.</summary>
    private readonly ConcurrentDictionary<Scope, SemaphoreSlim> turns = new();

    /// <summary>Commits when the work succeeds; a refusal or an exception leaves nothing behind. Durable when it returns.</summary>
    /// <param name="work">What is done in the transaction.</param>
    /// <param name="cancel">Before it begins.</param>
    /// <param name="only">The box whose call this is: on PostgreSQL no row of another school can be touched, whatever the work asks for.</param>
    public async Task<Result<T>> Write<T>(Func<Bulk, Result<T>> work, CancellationToken cancel, NodeIdentity? only = null)
    {
        var turn = only is null ? null : turns.GetOrAdd(only.School, _ => new(1));
        await (turn?.WaitAsync(cancel) ?? Task.CompletedTask);
        try
        {
            await writers.WaitAsync(cancel);
            try
            {
                var bulk = Take();
                bulk.BeginWrite(only);
                return Finish(bulk, work, result => result.Ok);
            }
            finally
            {
                writers.Release();
            }
        }
        finally
        {
            turn?.Release();
        }
    }

    /// <summary>One instant of the data, whatever is written meanwhile; <paramref name="only"/> as in <see cref="Write"/>.</summary>
    public Task<T> Read<T>(Func<Bulk, T> work, CancellationToken cancel, NodeIdentity? only = null)
    {
        cancel.ThrowIfCancellationRequested();
        var bulk = Take();
        bulk.BeginRead(only);
        return Task.FromResult(Finish(bulk, work, _ => true));
    }

    public void Dispose()
    {
        while (idle.TryDequeue(out var bulk))
        {
            bulk.Dispose();
        }
        source?.Dispose();
        writers.Dispose();
        turns.Values.ToList().ForEach(turn => turn.Dispose());
    }

    private Bulk Take() => idle.TryDequeue(out var bulk) ? bulk : open();

    private T Finish<T>(Bulk bulk, Func<Bulk, T> work, Func<T, bool> commits)
    {
        var whole = false;
        try
        {
            var result = work(bulk);
            if (commits(result))
            {
                bulk.Commit();
            }
            else
            {
                bulk.Rollback();
            }
            whole = true;
            return result;
        }
        finally
        {
            // Closing a connection that has thrown rolls its transaction back, and nobody meets its state again.
            if (whole && keepsConnections && idle.Count < IdleMax)
            {
                idle.Enqueue(bulk);
            }
            else
            {
                bulk.Dispose();
            }
        }
    }
}
