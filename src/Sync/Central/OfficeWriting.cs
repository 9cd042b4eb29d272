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
        foreach (var scope in seqs.Keys.ToList())
        {
            changes.Load(scope, drafts.Where(d => d.Scope == scope).Select(d => ToOp(d, actor, hlc)));
        }
        foreach (var draft in drafts)
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
        }
        changes.Flush();
        foreach (var (scope, seq) in seqs)
        {
            transaction.SetFeed(scope, seq);
        }
        transaction.SetMeta(MetaKeys.CentralHlc, hlc.Value.ToString(CultureInfo.InvariantCulture));
        return null;
    }

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
