using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.EdgeNode.Journal;

/// <summary>
/// The truth of an edge (design D1): every operation of this school and every page that came from Central, on disk when
/// <see cref="Sync"/> returns. One thread writes; <see cref="Reader"/> may be used from any.
/// </summary>
internal sealed class JournalFile : IJournal, IDisposable
{
    private readonly FileStream fileLock;
    private readonly SqliteConnection connection;
    private readonly string folder;
    private readonly Reserve reserve;
    private readonly Dictionary<string, Statement> statements = [];
    private JournalState? written;

    /// <summary>A write or a sync has failed since the last time that all was known to be on the disk.</summary>
    private bool isDoubtful;

    private JournalFile(FileStream fileLock, SqliteConnection connection, Reserve reserve, string folder, Guid node, Guid epoch)
    {
        (this.fileLock, this.connection, this.reserve, this.folder, Node) = (fileLock, connection, reserve, folder, node);
        Reader = new(connection.DataSource, node, epoch);
        State = Load(epoch);
    }

    public Guid Node { get; }

    public Guid Epoch => State.Epoch;

    public JournalReader Reader { get; }

    public JournalState State { get; private set; }

    /// <summary>The places of operations that this start has found changed by the disk or by a person, and set aside.</summary>
    public IReadOnlyList<string> Damaged { get; private init; } = [];

    /// <summary>The disk is full, and what is written now is written into the room that was kept for it.</summary>
    public bool OnReserve => reserve.IsSpent;

    /// <exception cref="StartRefusedException">The data is in use, belongs elsewhere, or cannot be written safely.</exception>
    public static JournalFile Open(string folder, Guid node, TimeProvider clock)
    {
        Directory.CreateDirectory(folder);
        var fileLock = TakeLock(folder);
        SqliteConnection? connection = null;
        try
        {
            var reserve = new Reserve(folder);
            connection = JournalSchema.OpenForWriting(Path.Combine(folder, "journal.db"));
            var isNew = JournalIdentity.Meta(connection, "epoch") is null;
            var epoch = JournalIdentity.Claim(connection, folder, node, clock, isNew);
            var damaged = JournalDamage.SetAside(connection, node, epoch);
            return new(fileLock, connection, reserve, folder, node, epoch) { Damaged = damaged };
        }
        catch (Exception e)
        {
            connection?.Dispose();
            fileLock.Dispose();
            if (e is SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_CORRUPT or SQLitePCL.raw.SQLITE_NOTADB })
            {
                throw JournalDamage.Unreadable(folder);
            }
            throw;
        }
    }

    public void Write(JournalBatch batch) => Guarded(() =>
    {
        if (isDoubtful)
        {
            JournalSchema.WriteAnew(connection);
            isDoubtful = false;
        }
        if (batch.NewEpoch is { } epoch)
        {
            JournalIdentity.Announce(folder, State.Epoch, epoch);
        }
        Statement("BEGIN IMMEDIATE").Run();
        written = WriteAll(batch);
    });

    public void Sync() => Guarded(() =>
    {
        Statement("COMMIT").Run();
        if (written!.Epoch != State.Epoch)
        {
            Reader.Epoch = written.Epoch;
            JournalIdentity.Confirm(folder, written.Epoch);
        }
        State = written;
    });

    public IReadOnlyList<NumberedOp> ReadLane(Lane lane, long fromSeq, int opsMax, int bytesMax) =>
        Reader.ReadLane(lane, fromSeq, opsMax, bytesMax);

    public byte[] HashAt(Lane lane, long seq) => Reader.HashAt(lane, seq);

    public IEnumerable<JournalEntry> OwnAfter(Lane lane, long seq) => Reader.OwnAfter(lane, seq);

    public IEnumerable<JournalEntry> OwnOfEarlierEpochs() => Reader.OwnOfEarlierEpochs();

    /// <summary>After somebody has freed space.</summary>
    public void KeepReserve() => reserve.TryMake();

    /// <summary>Another file in this folder could not be written.</summary>
    public void SpendReserveIfFull() => reserve.SpendIfFull();

    public string? Meta(string key) => JournalIdentity.Meta(connection, key);

    public void Dispose()
    {
        foreach (var statement in statements.Values)
        {
            statement.Dispose();
        }
        Reader.Dispose();
        connection.Dispose();
        fileLock.Dispose();
    }

    private void Guarded(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e)
        {
            // SQLite has rolled some of these failures back by itself.
            if (SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle) == 0)
            {
                JournalSchema.Execute(connection, "ROLLBACK");
            }
            if (e is SqliteException or IOException or UnauthorizedAccessException)
            {
                var isFull = e is SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_FULL };
                if (isFull)
                {
                    reserve.Spend();
                }
                isDoubtful |= !isFull;
                throw new JournalException(isFull, e);
            }
            throw;
        }
    }

    private Statement Statement(string sql)
    {
        if (!statements.TryGetValue(sql, out var statement))
        {
            statements[sql] = statement = new(connection, sql);
        }
        return statement;
    }

    private JournalState WriteAll(JournalBatch batch)
    {
        var (lines, next) = batch.Seal(RandomNumberGenerator.GetBytes(batch.Lines.Count * HashChain.SaltBytes));
        if (batch.NewEpoch is { } epoch)
        {
            // The chain's hash of what came from Central and was sent again says nothing outside its lane.
            Statement("UPDATE entries SET lane = NULL, seq = NULL, hash = iif(feed IS NULL, hash, NULL) WHERE lane IS NOT NULL").Run();
            SetMeta("epoch", epoch.ToString("n"));
        }
        foreach (var line in lines)
        {
            Write(line);
        }
        WriteCursors(batch, next);
        foreach (var lane in batch.Acked.Keys.Union(batch.BackedUp.Keys))
        {
            Statement("INSERT INTO acked VALUES (?1, ?2, ?3) ON CONFLICT(lane) DO UPDATE SET seq = excluded.seq, backed_up = excluded.backed_up")
                .Bind(1, (long)lane).Bind(2, next.Acked[(int)lane]).Bind(3, next.BackedUp[(int)lane]).Run();
        }
        if (batch.OpenRefusals is not null)
        {
            Statement("DELETE FROM refusals WHERE EXISTS (SELECT 1 FROM entries WHERE entries.pos = refusals.pos AND entries.seq IS NOT NULL)").Run();
        }
        foreach (var refusal in batch.Refusals.Concat(batch.OpenRefusals ?? []))
        {
            Statement("""
                INSERT INTO refusals SELECT pos, ?3, ?4 FROM entries WHERE lane = ?1 AND seq = ?2
                ON CONFLICT(pos) DO UPDATE SET outcome = excluded.outcome, reason = excluded.reason
                """).Bind(1, (long)refusal.Lane).Bind(2, refusal.Seq).Bind(3, (long)refusal.Outcome).Bind(4, refusal.Reason).Run();
        }
        foreach (var (key, value) in batch.Meta)
        {
            SetMeta(key, value);
        }
        if (batch.Session is { } session)
        {
            SetMeta("session", Convert.ToHexStringLower(session));
        }
        if (batch.Forked is { } forked)
        {
            SetMeta("forked", forked ? "1" : "0");
        }
        return next;
    }

    private void Write(JournalLine line)
    {
        var op = line.Op;
        if (line.Position <= State.Position)
        {
            Statement("UPDATE entries SET lane = ?2, seq = ?3, salt = ?4, hash = ?5, group_left = ?6, node = ?7 WHERE pos = ?1")
                .Bind(6, op.GroupLeft).Bind(7, RecordId.ToBytes(line.Node))
                .Bind(1, line.Position).Bind(2, (long)line.Lane!.Value).Bind(3, line.Seq).Bind(4, line.Salt).Bind(5, line.Hash).Run();
            return;
        }
        var insert = Statement("""
            INSERT INTO entries(pos, node, lane, seq, feed, feed_seq, scope, entity, id, schema, kind, hlc, actor, data, salt, hash, group_left)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
            """).Bind(1, line.Position).Bind(2, RecordId.ToBytes(line.Node)).Bind(17, op.GroupLeft)
            .Bind(7, op.Scope.Value).Bind(8, op.Entity).Bind(9, RecordId.ToBytes(op.Id))
            .Bind(10, op.Schema).Bind(11, (long)op.Kind).Bind(12, op.Hlc.Value).Bind(13, RecordId.ToBytes(op.Actor)).Bind(14, op.Data.Span);
        if (line.Lane is { } lane)
        {
            insert.Bind(3, (long)lane).Bind(4, line.Seq).Bind(5, (string?)null).Bind(6, (long?)null).Bind(15, line.Salt).Bind(16, line.Hash).Run();
        }
        else
        {
            insert.Bind(3, (long?)null).Bind(4, (long?)null)
                .Bind(5, line.Feed!.Value.Value).Bind(6, line.Seq).Bind(15, (long?)null).Bind(16, JournalDamage.FeedHash(line.Node, line.Seq, op)).Run();
        }
        if (line.Held)
        {
            Statement("INSERT INTO held VALUES (?1)").Bind(1, line.Position).Run();
        }
        if (op.Stamped != Hlc.Zero)
        {
            Statement("INSERT INTO stamped VALUES (?1, ?2)").Bind(1, line.Position).Bind(2, op.Stamped.Value).Run();
        }
    }

    private void WriteCursors(JournalBatch batch, JournalState next)
    {
        if (batch.NewFeedEpoch is not null)
        {
            Statement("DELETE FROM cursors").Run();
            SetMeta("feed_epoch", next.FeedEpoch);
        }
        foreach (var (scope, cursor) in batch.Cursors)
        {
            Statement("INSERT INTO cursors VALUES (?1, ?2, ?3) ON CONFLICT(scope) DO UPDATE SET seq = excluded.seq, mark = excluded.mark")
                .Bind(1, scope.Value).Bind(2, cursor.Seq).Bind(3, cursor.Mark).Run();
        }
        if (batch.Cursors.Count > 0 || batch.Renumbers)
        {
            SetMeta("hlc", batch.Hlc.Value.ToString(CultureInfo.InvariantCulture));
        }
    }

    private void SetMeta(string key, string value) =>
        Statement("INSERT INTO meta VALUES (?1, ?2) ON CONFLICT(key) DO UPDATE SET value = excluded.value").Bind(1, key).Bind(2, value).Run();

    private JournalState Load(Guid epoch)
    {
        var heads = JournalState.Lanes.Select(Reader.Head).ToImmutableArray();
        var stored = long.Parse(Meta("hlc") ?? "0", CultureInfo.InvariantCulture);
        var hlc = new Hlc(Math.Max(stored, heads.Max(h => Reader.HlcAt(h))));
        return new(
            epoch, Reader.End(), heads, Reader.Acked(), Reader.BackedUp(), Meta("feed_epoch") ?? "", Reader.Cursors(), hlc,
            Convert.FromHexString(Meta("session") ?? ""), Meta("forked") == "1");
    }

    private static FileStream TakeLock(string folder)
    {
        try
        {
            return new FileStream(Path.Combine(folder, "journal.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new StartRefusedException(
                $"Thư mục dữ liệu {folder} đang được một chương trình khác dùng. Hãy tắt chương trình EdgeNode kia rồi khởi động lại.",
                $"The data folder {folder} is in use by another process. Stop the other EdgeNode, then start again.");
        }
    }
}
