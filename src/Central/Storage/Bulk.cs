using System.Data.Common;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Storage;

/// <summary>
/// One connection, in a transaction, with the prepared statements that the intake and the feed live on. The statements below
/// are the same text on both databases; what must be fast or differs is abstract. Not thread-safe; broken once it has thrown.
/// </summary>
internal abstract partial class Bulk(DbConnection connection) : ICentralTransaction, IDisposable
{
    private const int CheckpointsMax = 32;

    protected DbConnection Connection => connection;

    /// <param name="only">The box in whose name everything is done; null for the office.</param>
    public abstract void BeginWrite(NodeIdentity? only);

    /// <summary>Everything read until <see cref="Commit"/> is of one instant; <paramref name="only"/> as in <see cref="BeginWrite"/>.</summary>
    public abstract void BeginRead(NodeIdentity? only);

    public abstract void Commit();

    public abstract void Rollback();

    /// <summary>Those of the records that exist, deleted ones included.</summary>
    public abstract IReadOnlyList<RecordState> FindRecords(Scope scope, IReadOnlyCollection<RecordKey> keys);

    public abstract IReadOnlyList<ViewDocument> FindViews(Scope scope, IReadOnlyCollection<ViewKey> keys);

    public abstract IReadOnlyDictionary<(RecordKey Record, long Stamped), Hlc> CutStamps(Scope scope, Guid node, IReadOnlyList<Op> ops);

    public abstract void InsertOps(IReadOnlyList<StoredOp> ops);

    public abstract void InsertRefused(IReadOnlyList<RefusedOp> ops);

    public abstract void UpsertRecords(IReadOnlyCollection<IndexedRecord> records);

    public abstract void UpsertViews(IReadOnlyCollection<ViewDocument> views);

    public void DeleteView(ViewKey key) => Execute(
        "DELETE FROM views WHERE scope = @scope AND view = @view AND id = @id",
        ("@scope", key.Scope.Value), ("@view", key.View), ("@id", Id(key.Id)));

    /// <summary>
    /// Waits for the other writers of this scope, then gives the number of its last operation. Whoever needs several scopes
    /// locks them in ordinal order.
    /// </summary>
    public long LockFeed(Scope scope) => Scalar(
        "INSERT INTO feed_counters AS c (scope, seq) VALUES (@scope, 0) ON CONFLICT (scope) DO UPDATE SET seq = c.seq RETURNING seq",
        ("@scope", scope.Value))!.Value;

    public void SetFeed(Scope scope, long seq) =>
        Execute("UPDATE feed_counters SET seq = @seq WHERE scope = @scope", ("@seq", seq), ("@scope", scope.Value));

    public IReadOnlyDictionary<Scope, long> Counters() => Rows(
        "SELECT scope, seq FROM feed_counters",
        r => (Scope: ScopeOf(r, 0), Seq: r.GetInt64(1))).ToDictionary(c => c.Scope, c => c.Seq);

    public long Counter(Scope scope) => Scalar("SELECT seq FROM feed_counters WHERE scope = @scope", ("@scope", scope.Value)) ?? 0;

    public void SetSavepoint() => Execute("SAVEPOINT operations");

    public void RollbackToSavepoint() => Execute("ROLLBACK TO SAVEPOINT operations");

    public NodeState? Node(Guid node) => Rows(
        "SELECT s.token, s.epoch, n.revoked, n.last_seen_at_ms, n.suspect_since_ms, s.tickets, s.tickets_of, "
            + "EXISTS (SELECT 1 FROM node_lanes l WHERE l.node_id = n.node_id AND l.epoch <> s.epoch) "
            + "FROM nodes n LEFT JOIN sessions s ON s.node_id = n.node_id WHERE n.node_id = @node",
        r => new NodeState(
            r.IsDBNull(0) ? [] : (byte[])r[0], r.IsDBNull(1) ? Guid.Empty : ReadId(r, 1), r.GetBoolean(2),
            r.IsDBNull(3) ? null : r.GetInt64(3), r.IsDBNull(4) ? null : r.GetInt64(4))
        {
            Tickets = r.IsDBNull(5) ? [] : (byte[])r[5], TicketsOf = r.IsDBNull(6) ? "" : r.GetString(6), SentEarlier = r.GetBoolean(7),
        },
        ("@node", Id(node))).SingleOrDefault();

    public void SetSession(Guid node, byte[] token, Guid epoch, byte[] tickets, string ticketsOf) => Execute(
        "INSERT INTO sessions (node_id, token, epoch, tickets, tickets_of) VALUES (@node, @token, @epoch, @tickets, @of) ON CONFLICT (node_id) "
            + "DO UPDATE SET token = excluded.token, epoch = excluded.epoch, tickets = excluded.tickets, tickets_of = excluded.tickets_of",
        ("@node", Id(node)), ("@token", token), ("@epoch", Id(epoch)), ("@tickets", tickets), ("@of", ticketsOf));

    public bool KnowsEpoch(Guid node, Guid epoch) => Rows(
        "SELECT 1 FROM node_lanes WHERE node_id = @node AND epoch = @epoch AND last_seq > 0 LIMIT 1", _ => true,
        ("@node", Id(node)), ("@epoch", Id(epoch))).Any();

    public LaneHead? FindLane(Guid node, Guid epoch, Lane lane) => Rows(
        "SELECT last_seq, last_hash FROM node_lanes WHERE node_id = @node AND epoch = @epoch AND lane = @lane",
        r => new LaneHead(lane, r.GetInt64(0), (byte[])r[1]),
        ("@node", Id(node)), ("@epoch", Id(epoch)), ("@lane", (short)lane)).SingleOrDefault();

    public void SetLane(Guid node, Guid epoch, LaneHead head) => Execute(
        "INSERT INTO node_lanes (node_id, epoch, lane, last_seq, last_hash, backed_up_seq) VALUES (@node, @epoch, @lane, @seq, @hash, 0) "
            + "ON CONFLICT (node_id, epoch, lane) DO UPDATE SET last_seq = excluded.last_seq, last_hash = excluded.last_hash",
        ("@node", Id(node)), ("@epoch", Id(epoch)), ("@lane", (short)head.Lane), ("@seq", head.Seq), ("@hash", head.Hash));

    public IReadOnlyDictionary<Lane, long> BackedUp(Guid node, Guid epoch) => Rows(
        "SELECT lane, backed_up_seq FROM node_lanes WHERE node_id = @node AND epoch = @epoch",
        r => (Lane: (Lane)r.GetInt16(0), Seq: r.GetInt64(1)),
        ("@node", Id(node)), ("@epoch", Id(epoch))).ToDictionary(l => l.Lane, l => l.Seq);

    public IReadOnlyList<LaneHead> Checkpoints(Guid node, Guid epoch, Lane lane) =>
    [
        .. Rows(
            "SELECT seq, hash FROM lane_checkpoints WHERE node_id = @node AND epoch = @epoch AND lane = @lane ORDER BY seq DESC LIMIT @max",
            r => new LaneHead(lane, r.GetInt64(0), (byte[])r[1]),
            ("@node", Id(node)), ("@epoch", Id(epoch)), ("@lane", (short)lane), ("@max", CheckpointsMax)),
    ];

    public void AddCheckpoint(Guid node, Guid epoch, LaneHead head) => Execute(
        "INSERT INTO lane_checkpoints (node_id, epoch, lane, seq, hash) VALUES (@node, @epoch, @lane, @seq, @hash) ON CONFLICT DO NOTHING",
        ("@node", Id(node)), ("@epoch", Id(epoch)), ("@lane", (short)head.Lane), ("@seq", head.Seq), ("@hash", head.Hash));

    public void SetSeen(Guid node, long atMs) =>
        Execute("UPDATE nodes SET last_seen_at_ms = @at WHERE node_id = @node", ("@at", atMs), ("@node", Id(node)));

    public void SetSame(Guid node, long feedSeq, long atMs) => Execute(
        "UPDATE nodes SET same_feed_seq = @seq, same_at_ms = @at WHERE node_id = @node", ("@seq", feedSeq), ("@at", atMs), ("@node", Id(node)));

    /// <summary>How far each box of a school, but those withdrawn, was the same as Central; null when it never was.</summary>
    public IReadOnlyList<BoxSame> BoxesOf(Scope school) =>
    [
        .. Rows(
            "SELECT same_feed_seq, same_at_ms, last_seen_at_ms FROM nodes WHERE school = @school AND NOT revoked",
            r => new BoxSame(r.IsDBNull(0) ? null : r.GetInt64(0), r.IsDBNull(1) ? null : r.GetInt64(1), r.IsDBNull(2) ? null : r.GetInt64(2)),
            ("@school", school.Value)),
    ];

    public void SetSuspect(Guid node, long? sinceMs) => Execute(
        "UPDATE nodes SET suspect_since_ms = @at WHERE node_id = @node", ("@at", (object?)sinceMs ?? DBNull.Value), ("@node", Id(node)));

    public void SetComplete(Guid node, Guid epoch, Lane lane, long atMs, long nowMs) => Execute(
        "UPDATE node_lanes SET complete_at_ms = @at WHERE node_id = @node AND epoch = @epoch AND lane = @lane "
            + "AND (complete_at_ms IS NULL OR complete_at_ms < @at OR complete_at_ms > @now)",
        ("@at", atMs), ("@now", nowMs), ("@node", Id(node)), ("@epoch", Id(epoch)), ("@lane", (short)lane));

    public bool Reopen(Guid node, Lane lane, long fromMs, long slackMs) => Rows(
        "UPDATE node_lanes SET complete_at_ms = @from WHERE node_id = @node AND lane = @lane AND complete_at_ms > @beyond RETURNING 1", _ => true,
        ("@from", fromMs), ("@beyond", fromMs + slackMs), ("@node", Id(node)), ("@lane", (short)lane)).ToList().Count > 0;

    public Membership? FindMembership(Scope school) => Rows(
        "SELECT scopes, version FROM memberships WHERE school = @school",
        r => new Membership([.. r.GetString(0).Split(' ').Select(s => Scope.TryParse(s)!.Value)], r.GetInt64(1)),
        ("@school", school.Value)).SingleOrDefault();

    public void SetMembership(Scope school, Membership membership) => Execute(
        "INSERT INTO memberships (school, scopes, version) VALUES (@school, @scopes, @version) "
            + "ON CONFLICT (school) DO UPDATE SET scopes = excluded.scopes, version = excluded.version",
        ("@school", school.Value), ("@scopes", string.Join(' ', membership.Scopes)), ("@version", membership.Version));

    public string? Meta(string key) =>
        Rows("SELECT value FROM meta WHERE key = @key", r => r.GetString(0), ("@key", key)).SingleOrDefault();

    public void SetMeta(string key, string value) => Execute(
        "INSERT INTO meta (key, value) VALUES (@key, @value) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        ("@key", key), ("@value", value));

    public void Dispose()
    {
        DisposeStatements();
        connection.Dispose();
    }

    protected abstract void DisposeStatements();

    protected abstract object Id(Guid id);

    protected abstract Guid ReadId(DbDataReader row, int column);

    private static Scope ScopeOf(DbDataReader row, int column) => Scope.TryParse(row.GetString(column))!.Value;

    /// <summary>A statement that answers nothing. When it is carried out is for the database to choose, before the next answer or the commit.</summary>
    protected virtual void Execute(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = Command(sql, parameters);
        command.ExecuteNonQuery();
    }

    protected virtual IEnumerable<T> Rows<T>(string sql, Func<DbDataReader, T> read, params (string Name, object Value)[] parameters)
    {
        using var command = Command(sql, parameters);
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            yield return read(rows);
        }
    }

    private long? Scalar(string sql, params (string Name, object Value)[] parameters) =>
        Rows(sql, row => (long?)row.GetInt64(0), parameters).SingleOrDefault();

    private DbCommand Command(string sql, ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }
        return command;
    }
}
