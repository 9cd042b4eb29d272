using TdmEdu.Sync.Central;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Simulation.Centres;

internal sealed partial class CentralTransaction
{
    public IReadOnlyList<RecordState> FindRecords(Scope scope, IReadOnlyCollection<RecordKey> keys)
    {
        port();
        var found = new List<RecordState>(keys.Count);
        foreach (var key in keys)
        {
            if (records.TryGet(key with { Scope = scope }, out var record))
            {
                found.Add(record.State);
            }
        }
        return found;
    }

    public IReadOnlyList<RecordState> RecordsOf(Scope scope, string entity) =>
        [.. records.Merged().Select(r => r.Value.State).Where(s => s.Scope == scope && s.Entity == entity).OrderBy(s => s.Id)];

    public IReadOnlyList<IndexedRecord> PageRecords(
        Scope scope, string entity, string? from, string? to, (string Key, Guid Id)? after, int rowsMax) =>
    [
        .. records.Merged().Select(r => r.Value)
            .Where(r => r.State.Scope == scope && r.State.Entity == entity && !r.State.Deleted && IsIn(r.IndexKey, from, to))
            .Where(r => after is not { } a || (string.CompareOrdinal(r.IndexKey, a.Key), r.State.Id.CompareTo(a.Id)).CompareTo((0, 0)) > 0)
            .OrderBy(r => r.IndexKey, StringComparer.Ordinal).ThenBy(r => r.State.Id).Take(rowsMax),
    ];

    public IReadOnlyList<ViewDocument> FindViews(Scope scope, IReadOnlyCollection<ViewKey> keys)
    {
        port();
        return [.. keys.Select(k => views.TryGet(k, out var view) ? view : null).OfType<ViewDocument>()];
    }

    public IEnumerable<ViewDocument> RangeViews(Scope? scope, string view, string? from, string? to) => views.Merged().Select(v => v.Value).OfType<ViewDocument>()
        .Where(v => v.Key.View == view && (scope is null || v.Key.Scope == scope) && IsIn(v.Range, from, to))
        .OrderBy(v => v.Range, StringComparer.Ordinal).ThenBy(v => v.Key.Scope.Value, StringComparer.Ordinal).ThenBy(v => v.Key.Id);

    public void InsertOps(IReadOnlyList<StoredOp> more)
    {
        port();
        ops.AddRange(more);
    }

    public IReadOnlyList<RefusedOp> FindRefused(RefusedQuery query)
    {
        var open = Open().Where(o => (query.School is null || o.Scope == query.School) && (query.Reasons.Count == 0 || query.Reasons.Contains(o.Reason)))
            .OrderBy(Order);
        var turned = query.OldestFirst ? open : open.Reverse();
        var after = query.After is { } place ? turned.Where(o => Order(o).CompareTo(Order(place)) * (query.OldestFirst ? 1 : -1) > 0) : turned;
        return [.. after.Take(query.RowsMax)];
    }

    public IReadOnlyList<Refusal> OpenRefusals(Scope school, Guid node, Guid epoch, Lane lane, int max) =>
    [
        .. OpenOf(school, node, epoch, lane).OrderByDescending(o => o.Seq).Take(max)
            .Select(o => new Refusal(o.Lane, o.Seq, o.Outcome, o.Reason)),
    ];

    public IReadOnlyList<RefusedOp> FindRefusedGroup(RefusedPlace place)
    {
        var lane = OpenOf(place.School, place.Node, place.Epoch, place.Lane).ToList();
        var end = lane.Find(o => o.Seq == place.Seq) is { } one ? one.Seq + one.GroupLeft : 0;
        return [.. lane.Where(o => o.Seq + o.GroupLeft == end).OrderBy(o => o.Seq)];
    }

    public void UpdateRefused(RefusedOp op) => resolved.Set(RefusedPlace.Of(op), op);

    private IEnumerable<RefusedOp> Open() => Open(data.Refused.Concat(refused));

    private IEnumerable<RefusedOp> Open(IEnumerable<RefusedOp> all) =>
        all.Select(o => resolved.TryGet(RefusedPlace.Of(o), out var now) ? now : o).Where(o => o.Resolution == Resolution.Open);

    /// <summary>What a refusal is of never changes, so the cheap question comes before the dear one.</summary>
    private IEnumerable<RefusedOp> OpenOf(Scope school, Guid node, Guid epoch, Lane lane) =>
        Open(data.Refused.Concat(refused).Where(o => o.Lane == lane && o.Node == node && o.Epoch == epoch && o.Scope == school));

    private static (long, Guid, Guid, Lane, long) Order(RefusedOp o) => Order(RefusedPlace.Of(o));

    private static (long, Guid, Guid, Lane, long) Order(RefusedPlace p) => (p.ReceivedAtMs, p.Node, p.Epoch, p.Lane, p.Seq);

    public void InsertRefused(IReadOnlyList<RefusedOp> more)
    {
        port();
        refused.AddRange(more);
    }

    public void UpsertRecords(IReadOnlyCollection<IndexedRecord> more)
    {
        port();
        foreach (var record in more)
        {
            records.Set(new(record.State.Scope, record.State.Entity, record.State.Id), record);
        }
    }

    public void UpsertViews(IReadOnlyCollection<ViewDocument> more)
    {
        foreach (var view in more)
        {
            views.Set(view.Key, view);
        }
    }

    public void DeleteView(ViewKey key) => views.Set(key, null);

    public (IReadOnlyList<FeedOp> Ops, bool Cut) Feed(Scope scope, long after, (Guid Node, Guid Epoch) own, int opsMax, int bytesMax)
    {
        var bytes = 0;
        var found = new List<FeedOp>();
        if (data.Ops.TryGetValue(scope, out var all))
        {
            // Numbers have no gaps, so a number is a place; a Central that broke this would be found by S4.
            for (var i = (int)after; i < all.Count && found.Count < opsMax && bytes < bytesMax; i++)
            {
                var op = all[i];
                if (!IsHeldBy(op, own))
                {
                    var stamped = op.Hlc == op.AppliedHlc ? Hlc.Zero : new Hlc(op.Hlc);
                    found.Add(new(
                        new(scope, op.Entity, op.Id, op.Schema, op.Kind, new(op.AppliedHlc), op.Actor, op.Data) { Stamped = stamped, GroupLeft = op.GroupLeft },
                        op.Node, op.FeedSeq));
                    bytes += op.Data.Length;
                }
            }
        }
        return (found, found.Count == opsMax || bytes >= bytesMax);
    }

    public bool HasNews(Scope scope, long after, (Guid Node, Guid Epoch) own) =>
        data.Ops.TryGetValue(scope, out var all) && all.Skip((int)after).Any(o => !IsHeldBy(o, own));

    private static bool IsHeldBy(StoredOp op, (Guid Node, Guid Epoch) own) => op.Node == own.Node && op.Epoch == own.Epoch && op.Hlc == op.AppliedHlc;

    public (Guid Id, long Hlc, Guid Node)? FeedAt(Scope scope, long seq) =>
        seq > 0 && data.Ops.TryGetValue(scope, out var all) && seq <= all.Count
            ? (all[(int)seq - 1].Id, all[(int)seq - 1].AppliedHlc, all[(int)seq - 1].Node)
            : null;

    public IReadOnlyDictionary<(RecordKey Record, long Stamped), Hlc> CutStamps(Scope scope, Guid node, IReadOnlyList<Op> ops)
    {
        var asked = ops.Select(o => (new RecordKey(scope, o.Entity, o.Id), o.Hlc.Value)).ToHashSet();
        return (data.Ops.TryGetValue(scope, out var all) ? all : [])
            .Where(o => o.Hlc != o.AppliedHlc && o.Node == node)
            .Select(o => KeyValuePair.Create((new RecordKey(scope, o.Entity, o.Id), o.Hlc), new Hlc(o.AppliedHlc)))
            .Where(o => asked.Contains(o.Key)).DistinctBy(o => o.Key).ToDictionary();
    }

    private static bool IsIn(string key, string? from, string? to) =>
        (from is null || string.CompareOrdinal(key, from) >= 0) && (to is null || string.CompareOrdinal(key, to) < 0);
}
