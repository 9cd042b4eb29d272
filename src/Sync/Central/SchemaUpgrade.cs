using System.Globalization;
using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Central;

/// <summary>
/// Once after an upgrade: the records of entities whose fields have changed, in the words of this version. Boxes need none of this, they make
/// their records anew from the journal. All copies of an older Central must have stopped.
/// </summary>
public static class SchemaUpgrade
{
    private static readonly Comparer<Scope> ScopeOrder = Comparer<Scope>.Create((a, b) => string.CompareOrdinal(a.Value, b.Value));

    /// <returns>How many records were written anew; refused by a version that is older than the records.</returns>
    public static Result<int> Run(ICentralTransaction transaction, Catalogue catalogue)
    {
        var written = 0;
        foreach (var type in catalogue.Entities)
        {
            // Whoever comes second finds it done.
            transaction.LockFeed(Scope.City);
            var key = $"schema/{type.Key}";
            var kept = int.Parse(transaction.Meta(key) ?? "1", CultureInfo.InvariantCulture);
            if (kept > type.Schema)
            {
                return Error.Conflict("schema_too_new", $"{type.Key} {kept} > {type.Schema}");
            }
            if (kept == type.Schema)
            {
                continue;
            }
            foreach (var scope in transaction.Counters().Keys.Order(ScopeOrder))
            {
                transaction.LockFeed(scope);
                written += Run(transaction, type, scope, kept);
            }
            transaction.SetMeta(key, type.Schema.ToString(CultureInfo.InvariantCulture));
        }
        return written;
    }

    private static int Run(ICentralTransaction transaction, EntityType type, Scope scope, int kept)
    {
        List<IndexedRecord> changed =
        [
            .. from before in transaction.RecordsOf(scope, type.Key)
               let now = type.ToNow(before, kept)
               where !ReferenceEquals(now, before)
               select new IndexedRecord(now, now.Deleted || type.Index is null ? "" : type.Index(now.Data)),
        ];
        if (changed.Count > 0)
        {
            transaction.UpsertRecords(changed);
        }
        return changed.Count;
    }
}
