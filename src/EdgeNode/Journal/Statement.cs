using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace TdmEdu.EdgeNode.Journal;

/// <summary>
/// A statement prepared once and bound by number. The hot path writes dozens of rows between two fsyncs, and looking
/// parameters up by name for each of them takes longer than the insert itself.
/// </summary>
internal sealed class Statement : IDisposable
{
    private readonly sqlite3 db;
    private readonly sqlite3_stmt prepared;

    public Statement(SqliteConnection connection, string sql)
    {
        db = connection.Handle!;
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(db, sql, out prepared), db);
    }

    public Statement Bind(int index, long? value)
    {
        Check(value is { } number ? raw.sqlite3_bind_int64(prepared, index, number) : raw.sqlite3_bind_null(prepared, index));
        return this;
    }

    public Statement Bind(int index, ReadOnlySpan<byte> value)
    {
        // An empty span has no address, and SQLite would take that for NULL.
        Check(value.IsEmpty ? raw.sqlite3_bind_zeroblob(prepared, index, 0) : raw.sqlite3_bind_blob(prepared, index, value));
        return this;
    }

    public Statement Bind(int index, string? value)
    {
        Check(value is null
            ? raw.sqlite3_bind_null(prepared, index)
            : raw.sqlite3_bind_text(prepared, index, Encoding.UTF8.GetBytes(value)));
        return this;
    }

    public void Run()
    {
        var code = raw.sqlite3_step(prepared);
        var reset = raw.sqlite3_reset(prepared);
        if (code is not (raw.SQLITE_DONE or raw.SQLITE_ROW))
        {
            Check(reset == raw.SQLITE_OK ? code : reset);
        }
    }

    public void Dispose() => prepared.Dispose();

    private void Check(int code) => SqliteException.ThrowExceptionForRC(code, db);
}
