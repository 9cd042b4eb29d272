using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Edge;

/// <summary>
/// Which evictions of a page a box does not carry out: all of an entity, when there are too many of them. What a person has confirmed
/// by a list is carried out, exactly that.
/// </summary>
internal sealed class EvictionWatch(Catalogue catalogue, Tables tables, IRecords records, Scope feed, IReadOnlyList<FeedOp> page)
{
    private readonly Dictionary<string, bool> decided = [];
    private readonly List<Op> held = [];

    public IReadOnlyList<Op> Held => held;

    public bool Holds(Op op)
    {
        if (!IsEviction(op) || !(Eviction.Of(op.Data)?.List is { } list ? !IsConfirmed(op, list) : HoldsAllOf(op.Entity)))
        {
            return false;
        }
        held.Add(op);
        return true;
    }

    /// <summary>
    /// Asked at the first eviction without a list: what came before it in the page is there to be counted. Those with a list are not: the
    /// page may bring what a person has confirmed only after this one.
    /// </summary>
    private bool HoldsAllOf(string entity)
    {
        if (!decided.TryGetValue(entity, out var holds))
        {
            var wanted = page.Select(o => o.Op).Where(op => op.Entity == entity && IsEviction(op) && Eviction.Of(op.Data)?.List is null).Select(op => (op.Id, op.Hlc));
            decided[entity] = holds = EvictionGuard.Holds(tables.All(entity, feed), wanted);
        }
        return holds;
    }

    private bool IsEviction(Op op) => op.Kind == OpKind.Evict && op.Scope == feed && catalogue.Find(op.Entity) is not null;

    private bool IsConfirmed(Op op, Guid list) => HeldEvictions.Confirms(records.Get<HeldEvictions>(feed, list), op.Entity, op.Id);
}
