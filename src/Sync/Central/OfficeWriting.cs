using System.Globalization;
using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Central;

/// <summary>What Central's own office writes: one more node, whose id and clock are kept in the store.</summary>
public sealed class OfficeWriting
{
    private static readonly Comparer<Scope> ScopeOrder = Comparer<Scope>.Create((a, b) => string.CompareOrdinal(a.Value, b.Value));

    private readonly ICentralTransaction transaction;
    private readonly Actor actor;
    private readonly SortedDictionary<Scope, long> seqs;
    private readonly long nowMs;
    private readonly Guid node;
    private readonly Changes changes;
    private Hlc hlc;

    private OfficeWriting(ICentralTransaction transaction, Catalogue catalogue, Actor actor, SortedDictionary<Scope, long> seqs, long nowMs)
    {
        (this.transaction, this.actor, this.seqs, this.nowMs) = (transaction, actor, seqs, nowMs);
        node = Guid.ParseExact(transaction.Meta(MetaKeys.CentralNode)!, "n");
        hlc = new(long.Parse(transaction.Meta(MetaKeys.CentralHlc) ?? "0", CultureInfo.InvariantCulture));
        changes = new(transaction, catalogue);
    }

    /// <summary>
    /// Decides and writes. The city's lock orders all decisions made at Central; the other scopes follow it in ordinal order. Evictions
    /// that are too many at once are not written, but a list of them, for a person to confirm.
    /// </summary>
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
        var writing = new OfficeWriting(transaction, catalogue, actor, seqs, nowMs);
        return writing.Write(decision.Drafts) is { } refusal ? refusal : decision.Reply;
    }

    private Error? Write(IReadOnlyList<Draft> drafts)
    {
        foreach (var scope in seqs.Keys)
        {
            changes.Load(scope, drafts.Where(d => d.Scope == scope).Select(ToOp));
        }
        var (tooMany, held) = (TooMany(drafts), new List<Draft>());
        foreach (var draft in drafts)
        {
            if (draft.Kind == OpKind.Evict && tooMany.Contains((draft.Scope, draft.Entity)) && !IsConfirmed(draft))
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
    }

    private Error? Apply(Draft draft)
    {
        // A change stands above everything it was made from, even what a fast clock stamped.
        var below = changes.Find(new(draft.Scope, draft.Entity, draft.Id))?.Version.Hlc ?? default;
        hlc = new Hlc(Math.Max(hlc.Value, below.Value)).Next(nowMs);
        var op = ToOp(draft);
        var effect = changes.Apply(op, node);
        if (effect.Refusal is { } refusal)
        {
            return refusal;
        }
        if (effect.Outcome != Outcome.Superseded)
        {
            changes.Append(ToStored(op, effect.Outcome, seqs[draft.Scope] += 1));
        }
        else if (draft.Kind != OpKind.Fact)
        {
            throw new InvalidOperationException($"What the office wrote of {draft.Entity} {draft.Id} does not stand above what was there.");
        }
        return null;
    }

    /// <summary>Of which entities in which scopes a decision evicts more than may go unasked.</summary>
    private HashSet<(Scope, string)> TooMany(IReadOnlyList<Draft> drafts) =>
    [
        .. drafts.Where(d => d.Kind == OpKind.Evict).GroupBy(d => (d.Scope, d.Entity))
            .Where(g => EvictionGuard.Holds(transaction.RecordsOf(g.Key.Scope, g.Key.Entity), g.Select(d => (d.Id, Hlc.At(nowMs))))).Select(g => g.Key),
    ];

    /// <summary>By a list that stood before this decision, or stands before the draft in it.</summary>
    private bool IsConfirmed(Draft draft) =>
        Eviction.Of(draft.Data)?.List is { } list && HeldEvictions.Confirms(changes.Get<HeldEvictions>(draft.Scope, list), draft.Entity, draft.Id);

    private static IEnumerable<Draft> Lists(IEnumerable<Draft> held) =>
        held.GroupBy(d => d.Scope).SelectMany(g => HeldEvictions.Of(g.Key, g.Select(d => (d.Entity, d.Id, d.Data))));

    private Op ToOp(Draft d) => new(d.Scope, d.Entity, d.Id, d.Schema, d.Kind, hlc, actor.Id, d.Data);

    private StoredOp ToStored(Op op, Outcome outcome, long feedSeq) => new()
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
