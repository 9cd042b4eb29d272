using Microsoft.Data.Sqlite;
using TdmEdu.Modules.Shell;

namespace TdmEdu.EdgeNode.Journal;

/// <summary>The journal's connection and tables. Every open proves that a commit will be on the disk when it returns.</summary>
internal static class JournalSchema
{
    public const string Format = "2";
    private const long SynchronousFull = 2;

    private const string Tables = """
        CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS entries(
            pos INTEGER PRIMARY KEY, node BLOB NOT NULL, lane INTEGER, seq INTEGER, feed TEXT, feed_seq INTEGER,
            scope TEXT NOT NULL, entity TEXT NOT NULL, id BLOB NOT NULL, schema INTEGER NOT NULL, kind INTEGER NOT NULL,
            hlc INTEGER NOT NULL, actor BLOB NOT NULL, data BLOB NOT NULL, salt BLOB, hash BLOB, group_left INTEGER NOT NULL) STRICT;
        CREATE UNIQUE INDEX IF NOT EXISTS entries_lane ON entries(lane, seq) WHERE seq IS NOT NULL;
        CREATE TABLE IF NOT EXISTS cursors(scope TEXT PRIMARY KEY, seq INTEGER NOT NULL, mark BLOB NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS acked(lane INTEGER PRIMARY KEY, seq INTEGER NOT NULL, backed_up INTEGER NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS refusals(pos INTEGER PRIMARY KEY, outcome INTEGER NOT NULL, reason TEXT NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS damaged(pos INTEGER PRIMARY KEY) STRICT;
        CREATE TABLE IF NOT EXISTS held(pos INTEGER PRIMARY KEY) STRICT;
        CREATE TABLE IF NOT EXISTS stamped(pos INTEGER PRIMARY KEY, hlc INTEGER NOT NULL) STRICT;
        CREATE INDEX IF NOT EXISTS stamped_hlc ON stamped(hlc);
        CREATE TRIGGER IF NOT EXISTS entries_stay BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'entries are never deleted'); END;
        CREATE TRIGGER IF NOT EXISTS entries_keep BEFORE UPDATE OF scope, entity, id, schema, kind, hlc, actor, data ON entries
            BEGIN SELECT RAISE(ABORT, 'entries never change'); END;
        """;

    public static SqliteConnection OpenForWriting(string path)
    {
        var connection = Open(path, SqliteOpenMode.ReadWriteCreate);
        Execute(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16777216;");
        var mode = Scalar(connection, "PRAGMA journal_mode");
        var synchronous = Scalar(connection, "PRAGMA synchronous");
        if (mode is not "wal" || synchronous is not SynchronousFull)
        {
            connection.Dispose();
            throw new StartRefusedException(
                $"Sổ ghi không bật được chế độ ghi an toàn (journal_mode={mode}, synchronous={synchronous}). "
                + "Hãy chuyển thư mục dữ liệu sang ổ đĩa trong của máy.",
                "The journal cannot be opened with safe writes. Move the data folder to a local disk.");
        }
        Execute(connection, Tables);
        return connection;
    }

    /// <summary>
    /// After a sync that failed the system holds the pages for clean: the next sync succeeds without having written them, and a connection
    /// opened anew reads the failed commit back as if it were durable. So neither is asked. Everything that was committed is copied out of
    /// the log into the database, written and synced there, and the log is cut to nothing with whatever the failed commit left in it.
    /// </summary>
    /// <exception cref="IOException">Not all of it: nothing may be written yet.</exception>
    public static void WriteAnew(SqliteConnection connection)
    {
        // The first column of the answer says whether something held it up.
        if (Scalar(connection, "PRAGMA wal_checkpoint(TRUNCATE)") is not 0L)
        {
            throw new IOException("The journal's log could not be emptied.");
        }
    }

    public static SqliteConnection OpenForReading(string path) => Open(path, SqliteOpenMode.ReadOnly);

    public static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = new SqliteCommand(sql, connection);
        return command.ExecuteScalar();
    }

    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = new SqliteCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    private static SqliteConnection Open(string path, SqliteOpenMode mode)
    {
        var settings = new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false };
        var connection = new SqliteConnection(settings.ToString());
        connection.Open();
        Execute(connection, "PRAGMA busy_timeout = 5000;");
        return connection;
    }
}
