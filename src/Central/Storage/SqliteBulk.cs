using System.Data.Common;
using Microsoft.Data.Sqlite;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Storage;

internal sealed class SqliteBulk : Bulk
{
    private const int BusyMsMax = 10_000;
    private const int CacheKib = 64 * 1024;

    /// <summary>64 MiB of log: pages that many batches touch are copied back once instead of once a batch.</summary>
    private const int CheckpointPages = 16384;

    private readonly Dictionary<string, SqliteStatement> statements = [];

    /// <param name="isCopy">Somebody's backup, only to be read.</param>
    public SqliteBulk(string connectionString, bool isCopy = false) : base(new SqliteConnection(connectionString))
    {
        Connection.Open();
        if (isCopy)
        {
            return;
        }
        Execute($"PRAGMA busy_timeout = {BusyMsMax}");
        Execute($"PRAGMA cache_size = -{CacheKib}");
        Execute($"PRAGMA wal_autocheckpoint = {CheckpointPages}");
        Assert("PRAGMA journal_mode = WAL", "wal");
        Execute("PRAGMA synchronous = FULL");
        Assert("PRAGMA synchronous", "2");
    }

    public override void BeginWrite(NodeIdentity? only) => Execute("BEGIN IMMEDIATE");

    public override void BeginRead(NodeIdentity? only) => Execute("BEGIN");

    public override void Commit() => Execute("COMMIT");

    public override void Rollback() => Execute("ROLLBACK");

    public override bool IsWhole() => Ask("PRAGMA integrity_check") == "ok";

    /// <summary>What is committed at this instant, as a database of its own; others go on writing. Not yet on the disk when it returns.</summary>
    public void CopyTo(string file) => Execute("VACUUM INTO @file", ("@file", file));

    public override IReadOnlyList<RecordState> FindRecords(Scope scope, IReadOnlyCollection<RecordKey> keys)
    {
        var find = Statement("SELECT data, versions, deleted FROM records WHERE scope = ?1 AND entity = ?2 AND id = ?3");
        var found = new List<RecordState>(keys.Count);
        foreach (var key in keys)
        {
            if (find.Bind(scope.Value).Bind(key.Entity).Bind(key.Id).Step())
            {
                found.Add(new(scope, key.Entity, key.Id, find.Bytes(0), find.Text(1), find.Number(2) != 0));
                find.Reset();
            }
        }
        return found;
    }

    public override IReadOnlyList<ViewDocument> FindViews(Scope scope, IReadOnlyCollection<ViewKey> keys)
    {
        var find = Statement("SELECT range_key, data FROM views WHERE scope = ?1 AND view = ?2 AND id = ?3");
        var found = new List<ViewDocument>(keys.Count);
        foreach (var key in keys)
        {
            if (find.Bind(scope.Value).Bind(key.View).Bind(key.Id).Step())
            {
                found.Add(new(key, find.Text(0), find.Bytes(1)));
                find.Reset();
            }
        }
        return found;
    }

    public override IReadOnlyDictionary<(RecordKey Record, long Stamped), Hlc> CutStamps(Scope scope, Guid node, IReadOnlyList<Op> ops)
    {
        var find = Statement(
            "SELECT applied_hlc FROM ops WHERE scope = ?1 AND id = ?2 AND hlc = ?3 AND hlc <> applied_hlc AND entity = ?4 AND node = ?5 LIMIT 1");
        var found = new Dictionary<(RecordKey, long), Hlc>();
        foreach (var op in ops)
        {
            if (find.Bind(scope.Value).Bind(op.Id).Bind(op.Hlc.Value).Bind(op.Entity).Bind(node).Step())
            {
                found[(new(scope, op.Entity, op.Id), op.Hlc.Value)] = new(find.Number(0));
                find.Reset();
            }
        }
        return found;
    }

    public override void InsertOps(IReadOnlyList<StoredOp> ops)
    {
        var insert = Statement(
            "INSERT INTO ops (scope, feed_seq, node, epoch, lane, seq, entity, id, schema, kind, hlc, applied_hlc, actor, data, salt, "
                + "hash, outcome, reason, received_at_ms, group_left) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        foreach (var op in ops)
        {
            insert.Bind(op.Scope.Value).Bind(op.FeedSeq).Bind(op.Node).Bind(op.Epoch).Bind((long)op.Lane).Bind(op.Seq).Bind(op.Entity)
                .Bind(op.Id).Bind(op.Schema).Bind((long)op.Kind).Bind(op.Hlc).Bind(op.AppliedHlc).Bind(op.Actor).Bind(op.Data)
                .Bind(op.Salt).Bind(op.Hash).Bind((long)op.Outcome).Bind(op.Reason).Bind(op.ReceivedAtMs)
                .Bind(op.GroupLeft).Step();
        }
    }

    public override void InsertRefused(IReadOnlyList<RefusedOp> ops)
    {
        var insert = Statement(
            "INSERT INTO refused_ops (scope, node, epoch, lane, seq, claimed_scope, entity, id, schema, kind, hlc, actor, data, salt, "
                + "hash, outcome, reason, received_at_ms, group_left) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        foreach (var op in ops)
        {
            insert.Bind(op.Scope.Value).Bind(op.Node).Bind(op.Epoch).Bind((long)op.Lane).Bind(op.Seq).Bind(op.ClaimedScope.Value)
                .Bind(op.Entity).Bind(op.Id).Bind(op.Schema).Bind((long)op.Kind).Bind(op.Hlc).Bind(op.Actor).Bind(op.Data)
                .Bind(op.Salt).Bind(op.Hash).Bind((long)op.Outcome).Bind(op.Reason).Bind(op.ReceivedAtMs)
                .Bind(op.GroupLeft).Step();
        }
    }

    public override void UpsertRecords(IReadOnlyCollection<IndexedRecord> records)
    {
        var upsert = Statement(
            "INSERT INTO records (scope, entity, id, data, versions, deleted, index_key) VALUES (?, ?, ?, ?, ?, ?, ?) "
                + "ON CONFLICT (scope, entity, id) DO UPDATE SET data = excluded.data, versions = excluded.versions, "
                + "deleted = excluded.deleted, index_key = excluded.index_key");
        foreach (var (state, index) in records)
        {
            upsert.Bind(state.Scope.Value).Bind(state.Entity).Bind(state.Id).Bind(state.Data.Span).Bind(state.Versions)
                .Bind(state.Deleted ? 1 : 0).Bind(index).Step();
        }
    }

    public override void UpsertViews(IReadOnlyCollection<ViewDocument> views)
    {
        var upsert = Statement(
            "INSERT INTO views (scope, view, id, range_key, data) VALUES (?, ?, ?, ?, ?) "
                + "ON CONFLICT (scope, view, id) DO UPDATE SET range_key = excluded.range_key, data = excluded.data");
        foreach (var view in views)
        {
            upsert.Bind(view.Key.Scope.Value).Bind(view.Key.View).Bind(view.Key.Id).Bind(view.Range).Bind(view.Data.Span).Step();
        }
    }

    protected override object Id(Guid id) => RecordId.ToBytes(id);

    protected override Guid ReadId(DbDataReader row, int column) => RecordId.FromBytes((byte[])row[column]);

    protected override void DisposeStatements()
    {
        foreach (var statement in statements.Values)
        {
            statement.Dispose();
        }
    }

    private SqliteStatement Statement(string sql)
    {
        if (!statements.TryGetValue(sql, out var statement))
        {
            statements[sql] = statement = new((SqliteConnection)Connection, sql);
        }
        return statement;
    }

    private string? Ask(string pragma)
    {
        using var command = Connection.CreateCommand();
        command.CommandText = pragma;
        return Convert.ToString(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }

    private void Assert(string pragma, string expected)
    {
        var actual = Ask(pragma);
        if (actual != expected)
        {
            throw new InvalidOperationException(
                $"SQLite answered '{actual}' to '{pragma}'; without '{expected}' an acknowledged operation could be lost.");
        }
    }
}
