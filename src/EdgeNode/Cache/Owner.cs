using System.Collections.Concurrent;
using TdmEdu.EdgeNode.Journal;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.EdgeNode.Cache;

/// <summary>
/// The edge's store (design D1): one thread runs every command against the cache, commits the journal once for all commands that
/// queued meanwhile, and only then answers them. Starting and stopping it is opening and closing the box's data.
/// </summary>
internal sealed class Owner(EdgeIdentity identity, Catalogue catalogue, TimeProvider clock, ILogger<Owner> logger)
    : IRecordStore, IAuditLog, IHostedService, IDisposable
{
    private const int QueueCommandsMax = 8192;

    private readonly BlockingCollection<Command> queue = new(QueueCommandsMax);
    private Worker? worker;
    private Thread? thread;
    private volatile bool closing;
    private bool disposed;

    public EdgeIdentity Identity => identity;

    public Guid Epoch => Started.Journal.Epoch;

    /// <summary>For reading lanes from any thread.</summary>
    public JournalFile Journal => Started.Journal;

    public LaneStatus Status => Started.Status;

    public Task<T> Read<T>(Func<IRecords, T> read, CancellationToken cancel) =>
        Unwrap(Post<T>(s => read(s.Records), cancel, readOnly: true));

    public Task<Result<T>> Decide<T>(Actor actor, Func<IRecords, Decision<T>> decide, CancellationToken cancel) =>
        Post(s => s.Decide(actor, decide), cancel);

    public async Task<IReadOnlyDictionary<Guid, Receipt>> Receipts<T>(Scope scope, IReadOnlyList<Guid> ids, CancellationToken cancel)
    {
        var type = catalogue.Of<T>();
        return await Unwrap(Post<Dictionary<Guid, Receipt>>(s => s.Receipts(type, scope, ids), cancel, readOnly: true));
    }

    /// <summary>
    /// Operations from Central, their effect and the cursor that follows them, in one transaction. A page that is here already has no
    /// effect; a new <paramref name="feedEpoch"/> sets all cursors back. Returns the scope's cursor.
    /// </summary>
    public Task<Result<long>> TakePage(string feedEpoch, FeedPage page, CancellationToken cancel) => Post(s => s.TakePage(feedEpoch, page), cancel);

    public Task<Result<long>> Welcomed(WelcomedStep step, CancellationToken cancel) => Post(s => s.Welcomed(step), cancel);

    public Task<Result<long>> BackUp(BackUpStep step, CancellationToken cancel) => Post(s => s.BackUp(step), cancel);

    public Task<Result<long>> Acknowledge(AcknowledgeStep step, CancellationToken cancel) =>
        Post(s => s.Acknowledge(step.Lane, step.Seq, step.Refusals), cancel);

    /// <summary>The documents are made anew from the journal, so nobody is served meanwhile.</summary>
    public Task<Result<long>> BeginEpoch(IReadOnlyDictionary<Lane, long> shared, CancellationToken cancel) => Post(
        s => s.SendAgain(RecordId.New(clock), JournalState.Lanes.SelectMany(lane => Journal.OwnAfter(lane, shared.GetValueOrDefault(lane)))),
        cancel,
        alone: true);

    public Task<Result<long>> SendEarlier(CancellationToken cancel) =>
        Post(s => s.SendAgain(null, Journal.OwnOfEarlierEpochs()), cancel, alone: true);

    /// <exception cref="IOException">The disk does not take it.</exception>
    public Task Write(AuditEntry entry, CancellationToken cancel) => Unwrap(Post(s => s.Audit(RecordId.New(clock), entry), cancel));

    public Task<DateTimeOffset?> Latest(string what, DateTimeOffset since, CancellationToken cancel) => Task.FromResult(
        Journal.Reader.Audit(long.MaxValue, Hlc.At(since.ToUnixTimeMilliseconds()), new(long.MaxValue), what, 1) is [var entry]
            ? DateTimeOffset.FromUnixTimeMilliseconds(entry.Op.Hlc.Milliseconds) : (DateTimeOffset?)null);

    /// <summary>Keeps a verified copy of the cache file; a few seconds in which nobody is served.</summary>
    public Task CopyCache(CancellationToken cancel) => Unwrap(Post(s => Started.CopyCache(s), cancel, alone: true));

    /// <summary>A note of the host about itself, such as when a job last ran.</summary>
    public Task<string?> Meta(string key, CancellationToken cancel) =>
        Unwrap(Post<string?>(_ => Started.Journal.Meta(key), cancel, readOnly: true));

    public Task<Result<bool>> SetMeta(string key, string value, CancellationToken cancel) => Post(s => s.SetMeta(key, value), cancel);

    /// <exception cref="StartRefusedException">The data is in use, belongs elsewhere, or cannot be written safely.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        worker = new Worker(identity, catalogue, clock, logger);
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        thread = new Thread(() =>
        {
            worker.Open();
            foreach (var place in worker.Journal.Damaged)
            {
                // In the queue before anybody else's.
                _ = Post(s => s.Audit(RecordId.New(clock), new(JournalDamage.Event, identity.Node, place, "hash_mismatch")), CancellationToken.None);
            }
            open.SetResult();
            worker.Serve(queue);
            if (closing)
            {
                worker.Close();
            }
            worker.Dispose();
        }) { Name = "owner", IsBackground = true };
        thread.Start();
        return open.Task;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        closing = true;
        End();
        return Task.CompletedTask;
    }

    /// <summary>Without <see cref="StopAsync"/> before, the cache is left as after a power cut.</summary>
    public void Dispose()
    {
        // A container disposes a service once for each name it is known by.
        if (!disposed)
        {
            disposed = true;
            End();
            queue.Dispose();
        }
    }

    private Worker Started => worker ?? throw new InvalidOperationException("The store has not started.");

    private void End()
    {
        queue.CompleteAdding();
        thread?.Join();
        thread = null;
    }

    private Task<Result<T>> Post<T>(Func<CommandSession, Result<T>> run, CancellationToken cancel, bool readOnly = false, bool alone = false)
    {
        var command = new Command<T>(run, cancel) { ReadOnly = readOnly, Alone = alone };
        try
        {
            if (queue.TryAdd(command))
            {
                return command.Done;
            }
        }
        catch (InvalidOperationException)
        {
            return Task.FromResult<Result<T>>(Error.Unavailable(
                "stopping", "Máy của trường đang tắt. Hãy thử lại sau khi máy khởi động xong."));
        }
        return Task.FromResult<Result<T>>(Error.Unavailable("busy", "Máy của trường đang bận. Hãy thử lại sau ít giây."));
    }

    private static async Task<T> Unwrap<T>(Task<Result<T>> posted)
    {
        var result = await posted;
        return result.Ok ? result.Value : throw new IOException(result.Error.Message.Vietnamese);
    }
}
