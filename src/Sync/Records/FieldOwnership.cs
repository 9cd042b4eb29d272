namespace TdmEdu.Sync.Records;

/// <summary>Some fields of a record may belong to one side alone: what the department fixed is not changed by a school that was offline.</summary>
public static class FieldOwnership
{
    /// <summary>
    /// The fields, in ordinal order, that this operation writes and <paramref name="writer"/> does not own. With one in it nothing of the
    /// operation may be applied: half of what somebody saved together is something that nobody saved.
    /// </summary>
    public static IReadOnlyList<string> NotOwnedBy(Side writer, EntityType type, Op op)
    {
        if (type.FieldsOwnedBy.Count == 0)
        {
            return [];
        }
        if (op.Kind == OpKind.Delete)
        {
            return IsForeign(RecordState.DeletedField) ? [RecordState.DeletedField] : [];
        }
        return Fields.Scan(op.Data.Span, [], out _, out _) == Fields.Shape.Broken
            ? []
            : [.. Fields.Read(op.Data).Keys.Where(IsForeign).Order(StringComparer.Ordinal)];

        bool IsForeign(string field) => type.FieldsOwnedBy.TryGetValue(field, out var owner) && !owner.HasFlag(writer);
    }
}
