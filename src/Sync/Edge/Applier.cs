using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Edge;

/// <summary>
/// Puts operations into records and views, the same way when they are new and when the cache is rebuilt. What it throws is the
/// fault of this one operation; the caller takes its changes back.
/// </summary>
public sealed class Applier(Catalogue catalogue, Tables tables, IRecords records)
{
    /// <param name="ownSeq">The operation's number in its lane, 0 when it came from Central.</param>
    public Outcome Apply(Op op, Guid node, long ownSeq)
    {
        if (catalogue.Find(op.Entity) is not { } type || op.Schema > type.Schema)
        {
            return Outcome.Parked;
        }
        if (!type.Takes(op.Kind))
        {
            return Outcome.Rejected;
        }
        op = type.ToNow(op);
        var held = tables.Get(type.Key, op.Scope, op.Id);
        var (state, outcome) = RecordState.Apply(held?.ToRecord(type.Key), op, node, type.Kind);
        if (state is null || outcome == Outcome.Rejected)
        {
            return outcome;
        }
        var range = state.Deleted || type.Index is null ? "" : type.Index(state.Data);
        var lastOwn = Math.Max(ownSeq, held?.OwnSeq ?? 0);
        tables.Set(type.Key, new(state.Scope, state.Id, range, state.Data, state.Versions, state.Deleted, lastOwn));
        if (outcome != Outcome.Superseded)
        {
            if (held?.ToRecord(type.Key) is { } before)
            {
                FoldWithout(before, state);
            }
            if (!state.Deleted)
            {
                Fold(state);
            }
        }
        return outcome;
    }

    private void FoldWithout(RecordState gone, RecordState now)
    {
        foreach (var view in catalogue.ViewsOf(gone.Entity).Where(v => v.IsLeft(gone, now)))
        {
            var (id, range) = view.Key(gone);
            var data = view.Without is { } without
                ? tables.Get(view, gone.Scope, id) is { Deleted: false } held ? without(held.Data.ToArray(), gone) : null
                : tables.All(gone.Entity, gone.Scope).Where(s => !s.Deleted && view.Key(s).Id == id).OrderBy(s => s.Id)
                    .Aggregate((byte[]?)null, (folded, state) => view.Fold(folded, state, records));
            tables.Set(view, new(gone.Scope, id, data is null ? "" : range, data ?? [], deleted: data is null));
        }
    }

    private void Fold(RecordState state)
    {
        foreach (var view in catalogue.ViewsOf(state.Entity))
        {
            var (id, range) = view.Key(state);
            var before = tables.Get(view, state.Scope, id) is { Deleted: false } held ? held : null;
            tables.Set(view, new(state.Scope, id, range, view.Fold(before?.Data.ToArray(), state, records)));
        }
    }
}
