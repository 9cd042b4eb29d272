using System.Data.Common;
using Npgsql;
using NpgsqlTypes;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Storage;

/// <summary>
/// Whole batches as arrays: one statement a table, however many rows. Statements that answer nothing wait for the next one that
/// does, or for the commit, and go with it in one round trip. The driver keeps the statements prepared.
/// </summary>
internal sealed class PostgresBulk(NpgsqlDataSource source) : Bulk(source.OpenConnection())
{
    private readonly List<NpgsqlBatchCommand> waiting = [];

    /// <summary>How many of those have rows that nobody reads.</summary>
    private int unread;

    /// <summary>Not a snapshot: what the lock of <see cref="Bulk.LockFeed"/> waited for must be seen after it.</summary>
    public override void BeginWrite(NodeIdentity? only) => Begin("READ COMMITTED", only);

    public override void BeginRead(NodeIdentity? only) => Begin("REPEATABLE READ", only);

    public override void Commit()
    {
        Run("COMMIT");
        Flush();
    }

    public override void Rollback()
    {
        waiting.Clear();
        Run("ROLLBACK");
        Flush();
    }

    public override string? Pin() => Answer(
        Command(
            """
            SELECT holder || ', xid ' || held FROM (
                SELECT 'pid ' || pid || coalesce(' ' || usename, '') AS holder, coalesce(backend_xid, backend_xmin)::text AS held,
                    greatest(age(backend_xid), age(backend_xmin)) AS age
                FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND (datname IS NULL OR datname = current_database())
                UNION ALL SELECT 'slot ' || slot_name, coalesce(xmin, catalog_xmin)::text, greatest(age(xmin), age(catalog_xmin)) FROM pg_replication_slots
                UNION ALL SELECT 'prepared ' || gid, transaction::text, age(transaction) FROM pg_prepared_xacts WHERE database = current_database()
            ) holders WHERE age > 0 ORDER BY age DESC, holder LIMIT 1
            """),
        row => row.GetString(0)).SingleOrDefault();

    /// <summary>
    /// OFFSET 0 keeps the planner from joining the other way round: whatever its statistics say, each key is looked up by itself,
    /// and only the primary key's index serves for that, since the other one is partial.
    /// </summary>
    public override IReadOnlyList<RecordState> FindRecords(Scope scope, IReadOnlyCollection<RecordKey> keys) =>
    [
        .. Answer(
            Command(
                "SELECT r.* FROM unnest($2, $3) AS k (entity, id) CROSS JOIN LATERAL (SELECT entity, id, data, versions, deleted FROM records "
                    + "WHERE scope = $1 AND entity = k.entity AND id = k.id OFFSET 0) r",
                Text(scope.Value), Texts(keys.Select(k => k.Entity)), Ids(keys.Select(k => k.Id))),
            row => new RecordState(scope, row.GetString(0), row.GetGuid(1), (byte[])row[2], row.GetString(3), row.GetBoolean(4))),
    ];

    public override IReadOnlyList<ViewDocument> FindViews(Scope scope, IReadOnlyCollection<ViewKey> keys) =>
    [
        .. Answer(
            Command(
                "SELECT v.* FROM unnest($2, $3) AS k (view, id) CROSS JOIN LATERAL (SELECT view, id, range_key, data FROM views "
                    + "WHERE scope = $1 AND view = k.view AND id = k.id OFFSET 0) v",
                Text(scope.Value), Texts(keys.Select(k => k.View)), Ids(keys.Select(k => k.Id))),
            row => new ViewDocument(new(scope, row.GetString(0), row.GetGuid(1)), row.GetString(2), (byte[])row[3])),
    ];

    public override IReadOnlyDictionary<(RecordKey Record, long Stamped), Hlc> CutStamps(Scope scope, Guid node, IReadOnlyList<Op> ops) => Answer(
        Command(
            "SELECT k.entity, k.id, k.hlc, o.applied_hlc FROM unnest($3, $4, $5) AS k (entity, id, hlc) CROSS JOIN LATERAL (SELECT applied_hlc FROM ops "
                + "WHERE scope = $1 AND id = k.id AND hlc = k.hlc AND hlc <> applied_hlc AND entity = k.entity AND node = $2 LIMIT 1) o",
            Text(scope.Value), new() { Value = node }, Texts(ops.Select(o => o.Entity)), Ids(ops.Select(o => o.Id)), Longs(ops.Select(o => o.Hlc.Value))),
        row => ((new RecordKey(scope, row.GetString(0), row.GetGuid(1)), row.GetInt64(2)), new Hlc(row.GetInt64(3)))).DistinctBy(c => c.Item1).ToDictionary();

    public override void InsertOps(IReadOnlyList<StoredOp> ops) => Run(
        "INSERT INTO ops (scope, feed_seq, node, epoch, lane, seq, entity, id, schema, kind, hlc, applied_hlc, actor, data, salt, hash, "
            + "outcome, reason, received_at_ms, group_left) SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, "
            + "$15, $16, $17, $18, $19, $20)",
        Texts(ops.Select(o => o.Scope.Value)), Longs(ops.Select(o => o.FeedSeq)), Ids(ops.Select(o => o.Node)),
        Ids(ops.Select(o => o.Epoch)), Shorts(ops.Select(o => (short)o.Lane)), Longs(ops.Select(o => o.Seq)), Texts(ops.Select(o => o.Entity)), Ids(ops.Select(o => o.Id)),
        Ints(ops.Select(o => o.Schema)), Ints(ops.Select(o => (int)o.Kind)), Longs(ops.Select(o => o.Hlc)),
        Longs(ops.Select(o => o.AppliedHlc)), Ids(ops.Select(o => o.Actor)), Blobs(ops.Select(o => o.Data)), Blobs(ops.Select(o => o.Salt)),
        Blobs(ops.Select(o => o.Hash)), Ints(ops.Select(o => (int)o.Outcome)), Texts(ops.Select(o => o.Reason)),
        Longs(ops.Select(o => o.ReceivedAtMs)), Ints(ops.Select(o => o.GroupLeft)));

    public override void InsertRefused(IReadOnlyList<RefusedOp> ops) => Run(
        "INSERT INTO refused_ops (scope, node, epoch, lane, seq, claimed_scope, entity, id, schema, kind, hlc, actor, data, salt, hash, "
            + "outcome, reason, received_at_ms, group_left) SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, "
            + "$15, $16, $17, $18, $19)",
        Texts(ops.Select(o => o.Scope.Value)), Ids(ops.Select(o => o.Node)), Ids(ops.Select(o => o.Epoch)),
        Shorts(ops.Select(o => (short)o.Lane)), Longs(ops.Select(o => o.Seq)), Texts(ops.Select(o => o.ClaimedScope.Value)),
        Texts(ops.Select(o => o.Entity)), Ids(ops.Select(o => o.Id)), Ints(ops.Select(o => o.Schema)), Ints(ops.Select(o => (int)o.Kind)),
        Longs(ops.Select(o => o.Hlc)), Ids(ops.Select(o => o.Actor)), Blobs(ops.Select(o => o.Data)), Blobs(ops.Select(o => o.Salt)),
        Blobs(ops.Select(o => o.Hash)), Ints(ops.Select(o => (int)o.Outcome)), Texts(ops.Select(o => o.Reason)),
        Longs(ops.Select(o => o.ReceivedAtMs)), Ints(ops.Select(o => o.GroupLeft)));

    public override void UpsertRecords(IReadOnlyCollection<IndexedRecord> records) => Run(
        "INSERT INTO records (scope, entity, id, data, versions, deleted, index_key) SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7) "
            + "ON CONFLICT (scope, entity, id) DO UPDATE SET data = excluded.data, versions = excluded.versions, "
            + "deleted = excluded.deleted, index_key = excluded.index_key",
        Texts(records.Select(r => r.State.Scope.Value)), Texts(records.Select(r => r.State.Entity)), Ids(records.Select(r => r.State.Id)),
        Blobs(records.Select(r => Bytes.Whole(r.State.Data))), Texts(records.Select(r => r.State.Versions)),
        Array(NpgsqlDbType.Boolean, records.Select(r => r.State.Deleted)), Texts(records.Select(r => r.IndexKey)));

    public override void UpsertViews(IReadOnlyCollection<ViewDocument> views) => Run(
        "INSERT INTO views (scope, view, id, range_key, data) SELECT * FROM unnest($1, $2, $3, $4, $5) "
            + "ON CONFLICT (scope, view, id) DO UPDATE SET range_key = excluded.range_key, data = excluded.data",
        Texts(views.Select(v => v.Key.Scope.Value)), Texts(views.Select(v => v.Key.View)), Ids(views.Select(v => v.Key.Id)),
        Texts(views.Select(v => v.Range)), Blobs(views.Select(v => Bytes.Whole(v.Data))));

    protected override object Id(Guid id) => id;

    protected override Guid ReadId(DbDataReader row, int column) => row.GetGuid(column);

    protected override void DisposeStatements() => waiting.Clear();

    protected override void Execute(string sql, params ReadOnlySpan<(string Name, object Value)> parameters) =>
        waiting.Add(Named(sql, parameters));

    protected override IEnumerable<T> Rows<T>(string sql, Func<DbDataReader, T> read, params (string Name, object Value)[] parameters) =>
        Answer(Named(sql, parameters), read);

    private static NpgsqlParameter Text(string value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter Texts(IEnumerable<string> values) => Array(NpgsqlDbType.Text, values);

    private static NpgsqlParameter Ids(IEnumerable<Guid> values) => Array(NpgsqlDbType.Uuid, values);

    private static NpgsqlParameter Longs(IEnumerable<long> values) => Array(NpgsqlDbType.Bigint, values);

    private static NpgsqlParameter Ints(IEnumerable<int> values) => Array(NpgsqlDbType.Integer, values);

    private static NpgsqlParameter Shorts(IEnumerable<short> values) => Array(NpgsqlDbType.Smallint, values);

    private static NpgsqlParameter Blobs(IEnumerable<byte[]> values) => Array(NpgsqlDbType.Bytea, values);

    private static NpgsqlParameter Array<T>(NpgsqlDbType type, IEnumerable<T> values) =>
        new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type };

    private static NpgsqlBatchCommand Named(string sql, ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var (name, value) in parameters)
        {
            command.Parameters.Add(new() { ParameterName = name, Value = value });
        }
        return command;
    }

    private static NpgsqlBatchCommand Command(string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }
        return command;
    }

    /// <summary>The role, whose rows the tables choose by the two settings, ends with the transaction.</summary>
    private void Begin(string isolation, NodeIdentity? only)
    {
        Run($"BEGIN ISOLATION LEVEL {isolation}");
        // A plan made while a table was small is kept when it has grown, and must not read the whole of it.
        Run("SET LOCAL enable_seqscan = off");
        if (only is not null)
        {
            Run(
                "SELECT set_config('tdmedu.school', $1, true), set_config('tdmedu.node', $2, true), set_config('role', 'tdmedu_box', true)",
                Text(only.School.Value), Text(only.Node.ToString()));
            unread = 1;
        }
    }

    private void Run(string sql, params ReadOnlySpan<NpgsqlParameter> parameters) => waiting.Add(Command(sql, parameters));

    private void Flush()
    {
        using var batch = TakeWaiting();
        batch.ExecuteNonQuery();
    }

    /// <summary>The reader stands at the first rows; those that nobody reads are before this command's.</summary>
    private IEnumerable<T> Answer<T>(NpgsqlBatchCommand command, Func<DbDataReader, T> read)
    {
        waiting.Add(command);
        var before = unread;
        using var batch = TakeWaiting();
        using var rows = batch.ExecuteReader();
        for (; before > 0; before--)
        {
            rows.NextResult();
        }
        while (rows.Read())
        {
            yield return read(rows);
        }
    }

    private NpgsqlBatch TakeWaiting()
    {
        var batch = new NpgsqlBatch((NpgsqlConnection)Connection);
        foreach (var command in waiting)
        {
            batch.BatchCommands.Add(command);
        }
        waiting.Clear();
        unread = 0;
        return batch;
    }
}
