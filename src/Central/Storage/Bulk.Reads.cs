using System.Data.Common;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Storage;

internal abstract partial class Bulk
{
    /// <summary>A range of the one text "6A" ends with "6A\0", which PostgreSQL cannot be asked about; no key has the letter.</summary>
    private const char JustAbove = '\0';

    /// <summary>A node has what it wrote itself, but for the stamp that was cut back.</summary>
    private const string NotHeldBy = "NOT (node = @node AND epoch = @epoch AND hlc = applied_hlc)";

    /// <summary>The scope's operations after a number, oldest first, without those that this node wrote in this epoch itself and holds as they are.</summary>
    /// <param name="bytesMax">The list ends with the operation that reaches this much data.</param>
    public (IReadOnlyList<FeedOp> Ops, bool Cut) Feed(Scope scope, long after, (Guid Node, Guid Epoch) own, int opsMax, int bytesMax)
    {
        var bytes = 0;
        var ops = new List<FeedOp>();
        var rows = Rows(
            "SELECT feed_seq, node, entity, id, schema, kind, applied_hlc, actor, data, hlc, group_left FROM ops WHERE scope = @scope AND feed_seq > @after "
                + "AND " + NotHeldBy + " ORDER BY feed_seq LIMIT @max",
            row => ReadFeedOp(scope, row),
            ("@scope", scope.Value), ("@after", after), ("@node", Id(own.Node)), ("@epoch", Id(own.Epoch)), ("@max", opsMax));
        foreach (var op in rows)
        {
            ops.Add(op);
            bytes += op.Op.Data.Length;
            if (bytes >= bytesMax)
            {
                break;
            }
        }
        return (ops, ops.Count == opsMax || bytes >= bytesMax);
    }

    /// <summary>Whether others than this node have written after a number.</summary>
    public bool HasNews(Scope scope, long after, (Guid Node, Guid Epoch) own) => Rows(
        "SELECT 1 FROM ops WHERE scope = @scope AND feed_seq > @after AND " + NotHeldBy + " LIMIT 1",
        _ => true,
        ("@scope", scope.Value), ("@after", after), ("@node", Id(own.Node)), ("@epoch", Id(own.Epoch))).Any();

    public (Guid Id, long Hlc, Guid Node)? FeedAt(Scope scope, long seq) => Rows(
        "SELECT id, applied_hlc, node FROM ops WHERE scope = @scope AND feed_seq = @seq",
        row => ((Guid, long, Guid)?)(ReadId(row, 0), row.GetInt64(1), ReadId(row, 2)),
        ("@scope", scope.Value), ("@seq", seq)).SingleOrDefault();

    /// <summary>Records that are not deleted, by index and id, after a place in that order.</summary>
    public IReadOnlyList<IndexedRecord> PageRecords(
        Scope scope, string entity, string? from, string? to, (string Key, Guid Id)? after, int rowsMax) =>
    [
        .. Rows(
            "SELECT id, data, versions, index_key FROM records WHERE scope = @scope AND entity = @entity AND NOT deleted"
                + Range("index_key", from, to) + (after is null ? "" : " AND (index_key, id) > (@key, @id)")
                + " ORDER BY index_key, id LIMIT @max",
            row => new IndexedRecord(
                new(scope, entity, ReadId(row, 0), (byte[])row[1], row.GetString(2), Deleted: false), row.GetString(3)),
            ("@scope", scope.Value), ("@entity", entity), ("@from", from ?? ""), ("@to", to?.TrimEnd(JustAbove) ?? ""),
            ("@key", after?.Key ?? ""), ("@id", Id(after?.Id ?? Guid.Empty)), ("@max", rowsMax)),
    ];

    /// <summary>Records that are not deleted, in the order of their ids, which takes as long wherever one begins.</summary>
    public IReadOnlyList<RecordState> RecordsAfter(Scope scope, string entity, Guid after, int rowsMax) =>
    [
        .. Rows(
            "SELECT id, data, versions FROM records WHERE scope = @scope AND entity = @entity AND id > @after AND NOT deleted ORDER BY id LIMIT @max",
            row => new RecordState(scope, entity, ReadId(row, 0), (byte[])row[1], row.GetString(2), Deleted: false),
            ("@scope", scope.Value), ("@entity", entity), ("@after", Id(after)), ("@max", rowsMax)),
    ];

    public IReadOnlyList<RecordState> RecordsOf(Scope scope, string entity) =>
    [
        .. Rows(
            "SELECT id, data, versions, deleted FROM records WHERE scope = @scope AND entity = @entity ORDER BY id",
            row => new RecordState(scope, entity, ReadId(row, 0), (byte[])row[1], row.GetString(2), row.GetBoolean(3)),
            ("@scope", scope.Value), ("@entity", entity)),
    ];

    /// <param name="scope">Null for all scopes.</param>
    public IEnumerable<ViewDocument> RangeViews(Scope? scope, string view, string? from, string? to) => Rows(
        "SELECT scope, id, range_key, data FROM views WHERE view = @view" + (scope is null ? "" : " AND scope = @scope")
            + Range("range_key", from, to) + " ORDER BY range_key, scope, id",
        row => new ViewDocument(new(ScopeOf(row, 0), view, ReadId(row, 1)), row.GetString(2), (byte[])row[3]),
        ("@view", view), ("@scope", scope?.Value ?? ""), ("@from", from ?? ""), ("@to", to?.TrimEnd(JustAbove) ?? ""));

    /// <summary>Those of the ids that exist, deleted ones included.</summary>
    public IReadOnlyList<RecordState> FindRecords(Scope scope, string entity, IEnumerable<Guid> ids) =>
        FindRecords(scope, [.. ids.Select(id => new RecordKey(scope, entity, id))]);

    /// <summary>Who of all sessions keeps the oldest state of the database alive, and which; null where nobody does, and always on SQLite.</summary>
    public virtual string? Pin() => null;

    private static string Range(string column, string? from, string? to) =>
        (from is null ? "" : $" AND {column} >= @from")
            + (to is null ? "" : to.EndsWith(JustAbove) ? $" AND {column} <= @to" : $" AND {column} < @to");

    private FeedOp ReadFeedOp(Scope scope, DbDataReader row) => new(
        new(
            scope, row.GetString(2), ReadId(row, 3), row.GetInt32(4), (OpKind)row.GetInt32(5), new(row.GetInt64(6)), ReadId(row, 7), (byte[])row[8])
        {
            Stamped = row.GetInt64(9) == row.GetInt64(6) ? Hlc.Zero : new(row.GetInt64(9)),
            GroupLeft = row.GetInt32(10),
        },
        ReadId(row, 1),
        row.GetInt64(0));
}
