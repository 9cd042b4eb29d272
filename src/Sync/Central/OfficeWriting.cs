using System.Globalization;
using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Central;

/// <summary>What Central's own office writes: one more node, whose id and clock are kept in the store.</summary>
public static class OfficeWriting
{
    private static readonly Comparer<Scope> ScopeOrder = Comparer<Scope>.Create((a, b) => string.CompareOrdinal(a.Value, b.Value));

    /// <summary>Decides and writes. The city's lock orders all decisions made at Central; the other scopes follow it in ordinal order.</summary>
    public static Result<T> Decide<T>(
        ICentralTransaction transaction, Catalogue catalogue, Actor actor, Func<IRecords, Decision<T>> decide, long nowMs,
        out IReadOnlyList<Scope> grown)
    {
        grown = [];
        var seqs = new SortedDictionary<Scope, long>(ScopeOrder) { [Scope.City] = transaction.LockFeed(Scope.City) };
        var decision = decide(new Snapshot(transaction, catalogue));
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
            seqs[scope] = transaction.LockFeed(scope);
        }
        grown = [.. decision.Drafts.Select(d => d.Scope).Distinct()];
        return Write(transaction, catalogue, actor, decision.Drafts, seqs, nowMs) is { } refusal ? refusal : decision.Reply;
    }

    private static Error? Write(
        ICentralTransaction transaction, Catalogue catalogue, Actor actor, IReadOnlyList<Draft> drafts, SortedDictionary<Scope, long> seqs,
        long nowMs)
    {
        var node = Guid.ParseExact(transaction.Meta(MetaKeys.CentralNode)!, "n");
        var hlc = new Hlc(long.Parse(transaction.Meta(MetaKeys.CentralHlc) ?? "0", CultureInfo.InvariantCulture));
        var changes = new Changes(transaction, catalogue);
        var tooMany = TooMany(transaction, drafts, nowMs);
        foreach (var scope in seqs.Keys.ToList())
        {
            changes.Load(scope, drafts.Where(d => d.Scope == scope).Select(d => ToOp(d, actor, hlc)));
        }
        var held = new List<Draft>();
        foreach (var draft in drafts)
        {
            if (IsHeld(draft))
            {
                held.Add(draft);
            }
            else if (Apply(draft) is { } refusal)
            {
                return refusal;
            }
        }
        foreach (var list in Lists(held).Where(l => changes.Find(new(l.Scope, l.Entity, l.Id)) is null))
        {
            Apply(list);
        }
        changes.Flush();
        foreach (var (scope, seq) in seqs)
        {
            transaction.SetFeed(scope, seq);
        }
        transaction.SetMeta(MetaKeys.CentralHlc, hlc.Value.ToString(CultureInfo.InvariantCulture));
        return null;

        Error? Apply(Draft draft)
        {
            // A change stands above everything it was made from, even what a fast clock stamped.
            var held = changes.Find(new(draft.Scope, draft.Entity, draft.Id))?.Version.Hlc ?? default;
            hlc = new Hlc(Math.Max(hlc.Value, held.Value)).Next(nowMs);
            var op = ToOp(draft, actor, hlc);
            var effect = changes.Apply(op, node);
            if (effect.Refusal is { } refusal)
            {
                return refusal;
            }
            if (effect.Outcome != Outcome.Superseded)
            {
                changes.Append(ToStored(op, node, effect.Outcome, seqs[draft.Scope] += 1, nowMs));
            }
            return null;
        }

        // What a person confirmed, by a list that stands before it in this decision or stood before it, is not asked about again.
        bool IsHeld(Draft draft) => draft.Kind == OpKind.Evict && tooMany.Contains((draft.Scope, draft.Entity))
            && !(Eviction.Of(draft.Data)?.List is { } list && HeldEvictions.Confirms(changes.Get<HeldEvictions>(draft.Scope, list), draft.Entity, draft.Id));
    }

    /// <summary>Of which entities in which scopes a decision evicts more than may go unasked.</summary>
    private static HashSet<(Scope, string)> TooMany(ICentralTransaction transaction, IReadOnlyList<Draft> drafts, long nowMs) =>
    [
        .. drafts.Where(d => d.Kind == OpKind.Evict).GroupBy(d => (d.Scope, d.Entity))
            .Where(g => EvictionGuard.Holds(transaction.RecordsOf(g.Key.Scope, g.Key.Entity), g.Select(d => (d.Id, Hlc.At(nowMs))))).Select(g => g.Key),
    ];

    private static IEnumerable<Draft> Lists(IEnumerable<Draft> held) =>
        held.GroupBy(d => d.Scope).SelectMany(g => HeldEvictions.Of(g.Key, g.Select(d => (d.Entity, d.Id, d.Data))));

    private static Op ToOp(Draft d, Actor actor, Hlc hlc) => new(d.Scope, d.Entity, d.Id, d.Schema, d.Kind, hlc, actor.Id, d.Data);

    private static StoredOp ToStored(Op op, Guid node, Outcome outcome, long feedSeq, long nowMs) => new()
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
        Data = Bytes.Whole(op.Data),
        Outcome = outcome,
        ReceivedAtMs = nowMs,
    };
}
