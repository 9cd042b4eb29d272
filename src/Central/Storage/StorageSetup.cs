using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Npgsql;
using TdmEdu.Central.Exporting;
using TdmEdu.Central.Feed;
using TdmEdu.Modules;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Storage;

internal static class StorageSetup
{
    /// <summary>Transactions that may write at once to PostgreSQL; more would only wait on each other's connections.</summary>
    private const int PostgresWritersMax = 16;
    private const int PreparedStatementsMax = 64;
    private const int MigrationLookMs = 100;

    /// <summary>
    /// Central's data on SQLite, or on PostgreSQL when <c>ConnectionStrings:Central</c> names a Host. The connection string is
    /// read when the store is first used.
    /// </summary>
    public static IServiceCollection AddCentralStore(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(_ => AllModules.Catalogue());
        services.AddSingleton<IDbContextFactory<CentralDb>>(s => Databases(ConnectionString(s)));
        services.AddSingleton(s => Store(ConnectionString(s)));
        services.AddSingleton<FeedSignal>();
        services.AddSingleton<CentralRecords>();
        services.AddSingleton<IRecordStore>(s => s.GetRequiredService<CentralRecords>());
        services.AddSingleton<IAuditLog, CentralAudit>();
        services.AddSingleton<FullExport>();
        services.AddSingleton(s => new Backups(s.GetRequiredService<CentralStore>(), ConnectionString(s), s.GetRequiredService<CentralSettings>().DataDir));
        return services;
    }

    /// <summary>Brings the tables up to date and writes what is made once. Several copies of Central may do so at the same time.</summary>
    /// <exception cref="StartRefusedException">A newer version has written the database.</exception>
    public static async Task MigrateCentral(this IServiceProvider services, CancellationToken cancel)
    {
        await using (var db = await services.GetRequiredService<IDbContextFactory<CentralDb>>().CreateDbContextAsync(cancel))
        {
            using var alone = db is SqliteCentralDb ? await MigrateAlone(db, cancel) : null;
            if ((await db.Database.GetAppliedMigrationsAsync(cancel)).Except(db.Database.GetMigrations()).Any())
            {
                throw TooNew;
            }
            await db.Database.MigrateAsync(cancel);
        }
        var upgraded = await services.GetRequiredService<CentralStore>().Write<int>(
            bulk =>
            {
                bulk.LockFeed(Scope.City);
                foreach (var key in new[] { MetaKeys.FeedEpoch, MetaKeys.CentralNode }.Where(key => bulk.Meta(key) is null))
                {
                    bulk.SetMeta(key, RandomNumberGenerator.GetHexString(MetaKeys.FeedEpochChars, lowercase: true));
                }
                return SchemaUpgrade.Run(bulk, services.GetRequiredService<Catalogue>());
            },
            cancel);
        if (!upgraded.Ok)
        {
            throw TooNew;
        }
    }

    private static StartRefusedException TooNew => new(
        "Cơ sở dữ liệu này đã được một phiên bản Central mới hơn ghi. Hãy cài lại phiên bản mới nhất rồi khởi động lại; đừng sửa dữ liệu bằng tay.",
        "A newer Central has written this database. Install the newest version again and start it; do not change the data by hand.");

    public static bool IsPostgres(string connection) => connection.Contains("Host=", StringComparison.OrdinalIgnoreCase);

    /// <summary>A backup to be read: a file, or the connection string of a database into which one was put back.</summary>
    public static CentralStore OpenCopy(string copy)
    {
        var file = new SqliteConnectionStringBuilder { DataSource = copy, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString();
        return IsPostgres(copy) ? Store(copy) : new(() => new SqliteBulk(file, isCopy: true), writersMax: 1, keepsConnections: false);
    }

    /// <summary>
    /// On SQLite EF's own lock is a row, which a killed process leaves behind and the next would wait for for ever. A locked file
    /// ends with its process, so whoever holds it may take such a row away.
    /// </summary>
    private static async Task<FileStream> MigrateAlone(CentralDb db, CancellationToken cancel)
    {
        var path = new SqliteConnectionStringBuilder(db.Database.GetConnectionString()).DataSource + ".migrating";
        while (true)
        {
            try
            {
                var alone = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
                await db.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"__EFMigrationsLock\"", cancel);
                return alone;
            }
            catch (IOException)
            {
                await Task.Delay(MigrationLookMs, cancel);
            }
        }
    }

    private static string ConnectionString(IServiceProvider services) =>
        services.GetRequiredService<IConfiguration>().GetConnectionString("Central") ?? "Data Source=central.db";

    private static DatabaseFactory Databases(string connection) => IsPostgres(connection)
        ? new(() => new PostgresCentralDb(new DbContextOptionsBuilder<PostgresCentralDb>().UseNpgsql(connection).Options))
        : new(() => new SqliteCentralDb(new DbContextOptionsBuilder<SqliteCentralDb>().UseSqlite(connection).Options));

    private static CentralStore Store(string connection)
    {
        if (!IsPostgres(connection))
        {
            var own = new SqliteConnectionStringBuilder(connection) { Pooling = false }.ToString();
            return new(() => new SqliteBulk(own), writersMax: 1, keepsConnections: true);
        }
        var builder = new NpgsqlDataSourceBuilder(connection);
        builder.ConnectionStringBuilder.MaxAutoPrepare = PreparedStatementsMax;
        builder.ConnectionStringBuilder.AutoPrepareMinUsages = 2;
        var source = builder.Build();
        return new(() => new PostgresBulk(source), PostgresWritersMax, keepsConnections: false, source);
    }

    private sealed class DatabaseFactory(Func<CentralDb> open) : IDbContextFactory<CentralDb>
    {
        public CentralDb CreateDbContext() => open();
    }
}
