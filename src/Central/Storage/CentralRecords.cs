using TdmEdu.Central.Feed;
using TdmEdu.Sync;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Storage;

/// <summary>The door to the records for Central's own pages. Its office writes as one more node, whose id is kept in the store.</summary>
internal sealed class CentralRecords(CentralStore store, Catalogue catalogue, FeedSignal signal, TimeProvider clock) : IRecordStore
{
    public Task<T> Read<T>(Func<IRecords, T> read, CancellationToken cancel) => Query(read, cancel);

    /// <summary>As <see cref="Read"/>, with the questions that go across all scopes.</summary>
    public Task<T> Query<T>(Func<Snapshot, T> read, CancellationToken cancel) => store.Read(bulk => read(new(bulk, catalogue)), cancel);

    public Task<IReadOnlyDictionary<Guid, Receipt>> Receipts<T>(Scope scope, IReadOnlyList<Guid> ids, CancellationToken cancel) =>
        store.Read<IReadOnlyDictionary<Guid, Receipt>>(
            bulk => bulk.FindRecords(scope, catalogue.Of<T>().Key, ids).ToDictionary(r => r.Id, _ => Receipt.AtCentre), cancel);

    public async Task<Result<T>> Decide<T>(Actor actor, Func<IRecords, Decision<T>> decide, CancellationToken cancel)
    {
        IReadOnlyList<Scope> grown = [];
        var nowMs = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var reply = await store.Write(bulk => OfficeWriting.Decide(bulk, catalogue, actor, decide, nowMs, out grown), cancel);
        if (reply.Ok)
        {
            signal.Grew(grown);
        }
        return reply;
    }
}
