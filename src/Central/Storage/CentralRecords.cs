using System.Globalization;
using TdmEdu.Central.Feed;
using TdmEdu.Sync;
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
        var reply = await store.Write(
            bulk =>
            {
                // The city's lock orders all decisions made at Central. The other scopes follow it in ordinal order.
                var seqs = new SortedDictionary<Scope, long>(ScopeOrder) { [Scope.City] = bulk.LockFeed(Scope.City) };
                var decision = decide(new Snapshot(bulk, catalogue));
                if (!decision.Reply.Ok)
                {
                    return decision.Reply;
                }
                if (decision.Drafts.Select(d => catalogue.Refusal(d, actor, Side.Central)).FirstOrDefault(e => e is not null) is { } denied)
                {
                    return denied;
                }
                foreach (var scope in decision.Drafts.Select(d => d.Scope).Where(s => s != Scope.City).Distinct().Order(ScopeOrder))
                {
                    seqs[scope] = bulk.LockFeed(scope);
                }
                grown = [.. decision.Drafts.Select(d => d.Scope).Distinct()];
                return Write(bulk, actor, decision.Drafts, seqs) is { } refusal ? refusal : decision.Reply;
            },
            cancel);
        if (reply.Ok)
        {
            signal.Grew(grown);
        }
        return reply;
    }

    private static Comparer<Scope> ScopeOrder { get; } = Comparer<Scope>.Create((a, b) => string.CompareOrdinal(a.Value, b.Value));

    private Error? Write(Bulk bulk, Actor actor, IReadOnlyList<Draft> drafts, SortedDictionary<Scope, long> seqs)
    {
        var node = Guid.ParseExact(bulk.Meta(MetaRow.CentralNode)!, "n");
        var hlc = new Hlc(long.Parse(bulk.Meta(MetaRow.CentralHlc) ?? "0", CultureInfo.InvariantCulture));
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var changes = new Changes(bulk, catalogue);
        foreach (var scope in seqs.Keys.ToList())
        {
            changes.Load(scope, drafts.Where(d => d.Scope == scope).Select(d => ToOp(d, actor, hlc)));
        }
        foreach (var draft in drafts)
        {
            // A change stands above everything it was made from, even what a fast clock stamped.
            var held = changes.Find(new(draft.Scope, draft.Entity, draft.Id))?.Version.Hlc ?? default;
            hlc = new Hlc(Math.Max(hlc.Value, held.Value)).Next(now);
            var op = ToOp(draft, actor, hlc);
            var effect = changes.Apply(op, node);
            if (effect.Refusal is { } refusal)
            {
                return refusal;
            }
            if (effect.Outcome != Outcome.Superseded)
            {
                changes.Append(ToRow(op, node, effect.Outcome, seqs[draft.Scope] += 1, now));
            }
        }
        changes.Flush();
        foreach (var (scope, seq) in seqs)
        {
            bulk.SetFeed(scope, seq);
        }
        bulk.SetMeta(MetaRow.CentralHlc, hlc.Value.ToString(CultureInfo.InvariantCulture));
        return null;
    }

    private static Op ToOp(Draft d, Actor actor, Hlc hlc) => new(d.Scope, d.Entity, d.Id, d.Schema, d.Kind, hlc, actor.Id, d.Data);

    private static OpRow ToRow(Op op, Guid node, Outcome outcome, long feedSeq, long now) => new()
    {
        Scope = op.Scope,
        FeedSeq = feedSeq,
        Node = node,
        Entity = op.Entity,
        Id = op.Id,
        Schema = op.Schema,
        Kind = op.Kind,
        Hlc = op.Hlc.Value,
        AppliedHlc = op.Hlc.Value,
        Actor = op.Actor,
        Data = Bulk.WholeArray(op.Data),
        Outcome = outcome,
        ReceivedAtMs = now,
    };
}
