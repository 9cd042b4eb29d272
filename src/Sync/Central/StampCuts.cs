using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Central;

/// <summary>
/// Stamps from the future are cut back (design D7). What comes once more must not stand above what was written since it first came: it keeps
/// the stamp that it got then, even when its own time has come meanwhile, or Central's clock was put back behind it.
/// </summary>
internal sealed class StampCuts(ICentralTransaction transaction, Changes changes, Scope school)
{
    private readonly Dictionary<(Guid Node, RecordKey Record, long Stamped), Hlc> given = [];

    /// <summary>Reads what these operations of a node got when they came before.</summary>
    public void Recall(Guid node, IReadOnlyList<Op> ops)
    {
        foreach (var ((record, stamped), cut) in transaction.CutStamps(school, node, ops))
        {
            given.TryAdd((node, record, stamped), cut);
        }
    }

    public Op Cut(NumberedOp numbered, Guid node, long receivedAtMs)
    {
        var (op, record) = (numbered.Op, new RecordKey(school, numbered.Op.Entity, numbered.Op.Id));
        if (given.TryGetValue((node, record, op.Hlc.Value), out var first))
        {
            return op with { Hlc = first };
        }
        if (op.CutTo != Hlc.Zero && op.CutTo < op.Hlc && !IsAhead(op.CutTo, receivedAtMs))
        {
            return op with { Hlc = op.CutTo };
        }
        var state = changes.Find(record);
        if (!IsAhead(op.Hlc, receivedAtMs) || state?.Holds(new(op.Hlc, node)) == true)
        {
            return op;
        }
        var cut = CutBack(numbered, new(op.Hlc, node), receivedAtMs, state);
        return op with { Hlc = given[(node, record, op.Hlc.Value)] = cut };
    }

    private static bool IsAhead(Hlc hlc, long receivedAtMs) => hlc > Hlc.At(receivedAtMs + BatchIntake.AheadMsMax);

    /// <summary>
    /// Stamps that are cut back keep their order by the lane's numbers, else the later of two would be lost as a tie; and none falls below what
    /// it was written over, as when Central's clock is behind: the box has that no more.
    /// </summary>
    private Hlc CutBack(NumberedOp numbered, FieldVersion own, long receivedAtMs, RecordState? state)
    {
        var cut = Hlc.At(receivedAtMs + BatchIntake.AheadMsMax).Value + (numbered.Seq & 0xffff);
        var above = state?.FieldVersions().Values.Where(v => v.CompareTo(own) < 0).Select(v => v.Hlc.Value + 1).DefaultIfEmpty().Max() ?? 0;
        for (; above > cut && WasCut(numbered.Op, own.Node, new(above)); above++)
        {
        }
        return new(Math.Min(own.Hlc.Value, Math.Max(cut, above)));
    }

    /// <summary>Whether the node had given the record that stamp and lost it: who moves the one operation would move the other, were it given again.</summary>
    private bool WasCut(Op op, Guid node, Hlc stamp)
    {
        Recall(node, [op with { Hlc = stamp }]);
        return given.ContainsKey((node, new(school, op.Entity, op.Id), stamp.Value));
    }
}
