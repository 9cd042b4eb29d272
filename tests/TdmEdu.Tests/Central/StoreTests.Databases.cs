using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace TdmEdu.Tests.Central;

public sealed class SqliteStoreTests : StoreTests
{
    private readonly string folder = Directory.CreateTempSubdirectory("tdmedu-central-").FullName;
    private int copies;

    protected override Task<string> NewDatabase() => Task.FromResult($"Data Source={Path.Combine(folder, "central.db")};Pooling=false");

    protected override Task<string> NewDatabaseBeside() => Task.FromResult($"Data Source={Path.Combine(folder, $"beside-{++copies}.db")};Pooling=false");

    /// <summary>As <c>sqlite3 central.db ".backup FILE"</c> does.</summary>
    protected override async Task<string> CopyElsewhere(string connection)
    {
        var file = Path.Combine(folder, $"copy-{++copies}.db");
        await using var source = new SqliteConnection(connection);
        await using var copy = new SqliteConnection($"Data Source={file};Pooling=false");
        await source.OpenAsync();
        await copy.OpenAsync();
        source.BackupDatabase(copy);
        return file;
    }

    protected override void DropDatabase() => Directory.Delete(folder, recursive: true);
}

public sealed class PostgresStoreTests(Postgres postgres) : StoreTests
{
    private static readonly string[] Tables = ["nodes", "node_lanes", "ops", "refused_ops", "meta"];

    [Fact]
    public Task Case_45_A_snapshot_that_is_held_for_two_hours_is_an_alarm_while_attendance_and_the_feed_go_on() => PinFor(TimeSpan.FromHours(2));

    protected override Task<string> NewDatabase() => postgres.NewDatabase();

    protected override Task<string> NewDatabaseBeside() => postgres.NewDatabase();

    /// <summary>The rows of what a backup is asked about, carried over as pg_dump and pg_restore carry them.</summary>
    protected override async Task<string> CopyElsewhere(string connection)
    {
        var into = await postgres.NewDatabase();
        await using (var db = CentralBox.Open(into))
        {
            await db.Database.MigrateAsync();
        }
        await using var source = new NpgsqlConnection(connection);
        await using var copy = new NpgsqlConnection(into);
        await source.OpenAsync();
        await copy.OpenAsync();
        foreach (var table in Tables)
        {
            await using var rows = await source.BeginRawBinaryCopyAsync($"COPY {table} TO STDOUT (FORMAT BINARY)");
            await using var taken = await copy.BeginRawBinaryCopyAsync($"COPY {table} FROM STDIN (FORMAT BINARY)");
            await rows.CopyToAsync(taken);
        }
        return into;
    }
}
