using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.EdgeNode.Journal;

/// <summary>
/// The truth of an edge (design D1): every operation of this school and every page that came from Central, on disk when
/// <see cref="Append"/> returns. One thread appends; <see cref="Reader"/> may be used from any.
/// </summary>
internal sealed class JournalFile : IDisposable
{
    public static readonly ImmutableArray<Lane> Lanes = [.. Enum.GetValues<Lane>()];

    private readonly FileStream fileLock;
    private readonly SqliteConnection connection;
    private readonly Statement begin;
    private readonly Statement commit;
    private readonly Statement insertEntry;
    private readonly Statement insertAudit;
    private readonly Statement setMeta;
    private readonly Statement setAcked;
    private readonly Statement setCursor;
    private readonly Statement clearCursors;

    private JournalFile(FileStream fileLock, SqliteConnection connection, string path, Guid node, Guid epoch)
    {
        this.fileLock = fileLock;
        this.connection = connection;
        (Node, Epoch) = (node, epoch);
        Reader = new(path, node, epoch);
        State = Load();
        begin = new(connection, "BEGIN IMMEDIATE");
        commit = new(connection, "COMMIT");
        insertEntry = new(connection, """
            INSERT INTO entries(pos, node, lane, seq, feed, feed_seq, scope, entity, id, schema, kind, hlc, actor, data, salt, hash)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
            """);
        insertAudit = new(connection, "INSERT INTO audit(at_ms, event, actor, subject, reason) VALUES (?1, ?2, ?3, ?4, ?5)");
        setMeta = new(connection, "INSERT INTO meta VALUES (?1, ?2) ON CONFLICT(key) DO UPDATE SET value = excluded.value");
        setAcked = new(connection, "INSERT INTO acked VALUES (?1, ?2) ON CONFLICT(lane) DO UPDATE SET seq = excluded.seq");
        setCursor = new(connection, "INSERT INTO cursors VALUES (?1, ?2) ON CONFLICT(scope) DO UPDATE SET seq = excluded.seq");
        clearCursors = new(connection, "DELETE FROM cursors");
    }

    public Guid Node { get; }

    public Guid Epoch { get; }

    public JournalReader Reader { get; }

    public JournalState State { get; private set; }

    /// <exception cref="StartRefusedException">The data is in use, belongs elsewhere, or cannot be written safely.</exception>
    public static JournalFile Open(string folder, Guid node, TimeProvider clock)
    {
        Directory.CreateDirectory(folder);
        var fileLock = TakeLock(folder);
        SqliteConnection? connection = null;
        try
        {
            var path = Path.Combine(folder, "journal.db");
            connection = JournalSchema.OpenForWriting(path);
            var isNew = JournalIdentity.Meta(connection, "epoch") is null;
            return new(fileLock, connection, path, node, JournalIdentity.Claim(connection, folder, node, clock, isNew));
        }
        catch
        {
            connection?.Dispose();
            fileLock.Dispose();
            throw;
        }
    }

    /// <summary>Writes the whole batch in one transaction, or nothing.</summary>
    /// <exception cref="SqliteException">The disk is full or failing. Nothing was written; a later call may succeed.</exception>
    public void Append(JournalBatch batch)
    {
        try
        {
            begin.Run();
            var state = Write(batch);
            commit.Run();
            State = state;
        }
        catch
        {
            // SQLite has rolled some of these failures back by itself.
            if (SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle) == 0)
            {
                JournalSchema.Execute(connection, "ROLLBACK");
            }
            throw;
        }
    }

    public string? Meta(string key) => JournalIdentity.Meta(connection, key);

    public void Dispose()
    {
        foreach (var statement in (Statement[])[begin, commit, insertEntry, insertAudit, setMeta, setAcked, setCursor, clearCursors])
        {
            statement.Dispose();
        }
        Reader.Dispose();
        connection.Dispose();
        fileLock.Dispose();
    }

    private JournalState Write(JournalBatch batch)
    {
        var heads = State.Heads.ToArray();
        var position = State.Position;
        var salts = RandomNumberGenerator.GetBytes(batch.Lines.Count * HashChain.SaltBytes);
        for (var i = 0; i < batch.Lines.Count; i++)
        {
            Insert(++position, batch.Lines[i], salts.AsSpan(i * HashChain.SaltBytes, HashChain.SaltBytes), heads);
        }
        foreach (var (entry, atMs) in batch.Audits)
        {
            insertAudit.Bind(1, atMs).Bind(2, entry.Event).Bind(3, RecordId.ToBytes(entry.Actor))
                .Bind(4, entry.Subject).Bind(5, entry.Reason).Run();
        }
        var cursors = WriteCursors(batch);
        var acked = State.Acked.ToArray();
        foreach (var (lane, seq) in batch.Acked)
        {
            setAcked.Bind(1, (long)lane).Bind(2, seq).Run();
            acked[(int)lane] = seq;
        }
        foreach (var (key, value) in batch.Meta)
        {
            setMeta.Bind(1, key).Bind(2, value).Run();
        }
        return new(position, [.. heads], [.. acked], batch.NewFeedEpoch ?? State.FeedEpoch, cursors, batch.Hlc);
    }

    private void Insert(long position, JournalLine line, ReadOnlySpan<byte> salt, LaneHead[] heads)
    {
        var op = line.Op;
        insertEntry.Bind(1, position).Bind(2, RecordId.ToBytes(line.Node))
            .Bind(7, op.Scope.Value).Bind(8, op.Entity).Bind(9, RecordId.ToBytes(op.Id))
            .Bind(10, op.Schema).Bind(11, (long)op.Kind).Bind(12, op.Hlc.Value).Bind(13, RecordId.ToBytes(op.Actor)).Bind(14, op.Data.Span);
        if (line.Lane is { } lane)
        {
            var head = heads[(int)lane];
            if (line.Seq != head.Seq + 1)
            {
                throw new InvalidOperationException($"Lane {lane} ends at {head.Seq}; the batch was numbered from another state.");
            }
            var hash = HashChain.Next(head.Hash, line.Seq, op, salt);
            heads[(int)lane] = new(lane, line.Seq, hash);
            insertEntry.Bind(3, (long)lane).Bind(4, line.Seq).Bind(5, (string?)null).Bind(6, (long?)null)
                .Bind(15, salt).Bind(16, hash).Run();
        }
        else
        {
            insertEntry.Bind(3, (long?)null).Bind(4, (long?)null)
                .Bind(5, line.Feed!.Value.Value).Bind(6, line.Seq).Bind(15, (long?)null).Bind(16, (long?)null).Run();
        }
    }

    private ImmutableDictionary<Scope, long> WriteCursors(JournalBatch batch)
    {
        var cursors = State.Cursors;
        if (batch.NewFeedEpoch is not null)
        {
            clearCursors.Run();
            setMeta.Bind(1, "feed_epoch").Bind(2, batch.NewFeedEpoch).Run();
            cursors = cursors.Clear();
        }
        foreach (var (scope, seq) in batch.Cursors)
        {
            setCursor.Bind(1, scope.Value).Bind(2, seq).Run();
        }
        if (batch.Cursors.Count > 0)
        {
            setMeta.Bind(1, "hlc").Bind(2, batch.Hlc.Value.ToString(CultureInfo.InvariantCulture)).Run();
        }
        return cursors.SetItems(batch.Cursors);
    }

    private JournalState Load()
    {
        var heads = Lanes.Select(Reader.Head).ToImmutableArray();
        var stored = long.Parse(Meta("hlc") ?? "0", CultureInfo.InvariantCulture);
        var hlc = new Hlc(Math.Max(stored, heads.Max(h => Reader.HlcAt(h))));
        return new(Reader.End(), heads, Reader.Acked(), Meta("feed_epoch") ?? "", Reader.Cursors(), hlc);
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
