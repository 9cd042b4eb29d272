using DotNet.Testcontainers.Builders;
using Npgsql;
using Testcontainers.PostgreSql;

[assembly: AssemblyFixture(typeof(TdmEdu.Tests.Postgres))]

namespace TdmEdu.Tests;

/// <summary>
/// A real PostgreSQL: the one that TDMEDU_TEST_POSTGRES names, else a container when a Docker engine answers, else a cluster made
/// from Debian's binaries in a temporary folder. It starts when a test first asks and never leaves a test out in silence.
/// </summary>
public sealed class Postgres : IAsyncDisposable
{
    private const string Image = "postgres:17";

    private readonly SemaphoreSlim gate = new(1);
    private string? server;
    private PostgreSqlContainer? container;
    private PostgresCluster? cluster;
    private int databases;

    /// <summary>The connection string of a new, empty database.</summary>
    public async Task<string> NewDatabase()
    {
        await gate.WaitAsync();
        try
        {
            server ??= Environment.GetEnvironmentVariable("TDMEDU_TEST_POSTGRES") is { Length: > 0 } given ? given
                : await StartContainer() ?? (cluster = await PostgresCluster.Start()).ConnectionString;
            var name = $"tdmedu_{Environment.ProcessId}_{++databases}";
            await PostgresCluster.CreateDatabase(server, name);
            return new NpgsqlConnectionStringBuilder(server) { Database = name }.ToString();
        }
        finally
        {
            gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (container is not null)
        {
            await container.DisposeAsync();
        }
        if (cluster is not null)
        {
            await cluster.DisposeAsync();
        }
        gate.Dispose();
    }

    private async Task<string?> StartContainer()
    {
        try
        {
            container = new PostgreSqlBuilder(Image).Build();
            await container.StartAsync();
            return container.GetConnectionString();
        }
        catch (DockerUnavailableException)
        {
            return null;
        }
    }
}
