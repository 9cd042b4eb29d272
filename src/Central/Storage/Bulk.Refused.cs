using System.Data.Common;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Storage;

internal abstract partial class Bulk
{
    private const string RefusedColumns =
        "scope, node, epoch, lane, seq, claimed_scope, entity, id, schema, kind, hlc, actor, group_left, data, salt, hash, outcome, reason, received_at_ms";

    private const string RefusedKey = "scope = @scope AND node = @node AND epoch = @epoch AND lane = @lane";

    public IReadOnlyList<RefusedOp> FindRefused(RefusedQuery query)
    {
        var (compare, direction) = query.OldestFirst ? (">", "ASC") : ("<", "DESC");
        string[] order = ["received_at_ms", "node", "epoch", "lane", "seq"];
        var after = query.After;
        var reasons = query.Reasons.Select((reason, n) => (Name: $"@reason{n}", Value: (object)reason)).ToList();
        return
        [
            .. Rows(
                $"SELECT {RefusedColumns} FROM refused_ops WHERE resolution = 0"
                    + (query.School is null ? "" : " AND scope = @scope")
                    + (reasons.Count == 0 ? "" : $" AND reason IN ({string.Join(", ", reasons.Select(r => r.Name))})")
                    + (after is null ? "" : $" AND ({string.Join(", ", order)}) {compare} (@at, @node, @epoch, @lane, @seq)")
                    + $" ORDER BY {string.Join(", ", order.Select(column => $"{column} {direction}"))} LIMIT @max",
                ReadRefused,
                [
                    .. reasons, ("@scope", query.School?.Value ?? ""), ("@at", after?.ReceivedAtMs ?? 0), ("@node", Id(after?.Node ?? Guid.Empty)),
                    ("@epoch", Id(after?.Epoch ?? Guid.Empty)), ("@lane", (short)(after?.Lane ?? 0)), ("@seq", after?.Seq ?? 0),
                    ("@max", query.RowsMax),
                ]),
        ];
    }

    public IReadOnlyList<Refusal> OpenRefusals(Scope school, Guid node, Guid epoch, Lane lane, int max) =>
    [
        .. Rows(
            "SELECT seq, outcome, reason FROM refused_ops WHERE scope = @scope AND node = @node AND epoch = @epoch AND lane = @lane AND resolution = 0 "
                + "ORDER BY seq DESC LIMIT @max",
            row => new Refusal(lane, row.GetInt64(0), (Outcome)row.GetInt32(1), row.GetString(2)),
            ("@scope", school.Value), ("@node", Id(node)), ("@epoch", Id(epoch)), ("@lane", (short)lane), ("@max", max)),
    ];

    public IReadOnlyList<RefusedOp> FindRefusedGroup(RefusedPlace place) =>
    [
        .. Rows(
            $"SELECT {RefusedColumns} FROM refused_ops WHERE {RefusedKey} AND seq > @seq - @max AND seq < @seq + @max AND resolution = 0 "
                + $"AND seq + group_left = (SELECT seq + group_left FROM refused_ops WHERE {RefusedKey} AND seq = @seq) ORDER BY seq",
            ReadRefused,
            ("@scope", place.School.Value), ("@node", Id(place.Node)), ("@epoch", Id(place.Epoch)), ("@lane", (short)place.Lane),
            ("@seq", place.Seq), ("@max", (long)Op.GroupOpsMax)),
    ];

    public void UpdateRefused(RefusedOp op) => Execute(
        "UPDATE refused_ops SET outcome = @outcome, reason = @reason, resolution = @resolution, resolved_at_ms = @at, resolved_by = @by, "
            + $"resolved_why = @why WHERE {RefusedKey} AND seq = @seq",
        ("@outcome", (int)op.Outcome), ("@reason", op.Reason), ("@resolution", (int)op.Resolution),
        ("@at", (object?)op.ResolvedAtMs ?? DBNull.Value), ("@by", op.ResolvedBy is { } by ? Id(by) : DBNull.Value),
        ("@why", (object?)op.ResolvedWhy ?? DBNull.Value), ("@scope", op.Scope.Value), ("@node", Id(op.Node)), ("@epoch", Id(op.Epoch)),
        ("@lane", (short)op.Lane), ("@seq", op.Seq));

    private RefusedOp ReadRefused(DbDataReader row) => new()
    {
        Scope = ScopeOf(row, 0),
        Node = ReadId(row, 1),
        Epoch = ReadId(row, 2),
        Lane = (Lane)row.GetInt16(3),
        Seq = row.GetInt64(4),
        ClaimedScope = ScopeOf(row, 5),
        Entity = row.GetString(6),
        Id = ReadId(row, 7),
        Schema = row.GetInt32(8),
        Kind = (OpKind)row.GetInt32(9),
        Hlc = row.GetInt64(10),
        Actor = ReadId(row, 11),
        GroupLeft = row.GetInt32(12),
        Data = (byte[])row[13],
        Salt = (byte[])row[14],
        Hash = (byte[])row[15],
        Outcome = (Outcome)row.GetInt32(16),
        Reason = row.GetString(17),
        ReceivedAtMs = row.GetInt64(18),
    };
}
