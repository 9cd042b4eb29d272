using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
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
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim gate = new(1);
    private string? server;
    private PostgreSqlContainer? container;
    private Process? cluster;
    private string? folder;
    private int databases;

    /// <summary>The connection string of a new, empty database.</summary>
    public async Task<string> NewDatabase()
    {
        await gate.WaitAsync();
        try
        {
            server ??= Environment.GetEnvironmentVariable("TDMEDU_TEST_POSTGRES") is { Length: > 0 } given ? given
                : await StartContainer() ?? await StartCluster();
            var name = $"tdmedu_{Environment.ProcessId}_{++databases}";
            await using var connection = new NpgsqlConnection(server);
            await connection.OpenAsync();
            await using var create = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
            await create.ExecuteNonQueryAsync();
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
            // SIGINT is PostgreSQL's fast shutdown; the postmaster ends its children itself.
            await Run("kill", "-INT", cluster.Id.ToString());
            await cluster.WaitForExitAsync();
            cluster.Dispose();
        }
        if (folder is not null)
        {
            Directory.Delete(folder, recursive: true);
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

    private async Task<string> StartCluster()
    {
        const string Root = "/usr/lib/postgresql";
        var versions = Directory.Exists(Root) ? Directory.GetDirectories(Root) : [];
        var binaries = versions.Select(d => Path.Combine(d, "bin")).Where(d => File.Exists(Path.Combine(d, "initdb"))).Max();
        if (binaries is null)
        {
            throw new InvalidOperationException(
                "These tests need PostgreSQL: set TDMEDU_TEST_POSTGRES to a connection string, start Docker, or run "
                + " 'apt-get install postgresql'.");
        }
        folder = Directory.CreateTempSubdirectory("tdmedu-pg-").FullName;
        if (Environment.UserName == "root")
        {
            await Run("chown", "nobody", folder);
        }
        var data = Path.Combine(folder, "data");
        await Run([.. AsNobody, Path.Combine(binaries, "initdb"), "-D", data, "-U", "postgres", "-A", "trust",
            "-E", "UTF8", "--locale=C.UTF-8"]);
        var port = FreePort();
        cluster = Start([.. AsNobody, Path.Combine(binaries, "postgres"), "-D", data, "-p", port.ToString(),
            "-c", "listen_addresses=127.0.0.1", "-c", $"unix_socket_directories={folder}"]);
        var connection = $"Host=127.0.0.1;Port={port};Username=postgres;Database=postgres";
        await WaitUntilReady(connection);
        return connection;
    }

    /// <summary>PostgreSQL refuses to run as root.</summary>
    private static string[] AsNobody =>
        Environment.UserName == "root" ? ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] : [];

    private static async Task WaitUntilReady(string server)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(server);
                await connection.OpenAsync();
                return;
            }
            catch (NpgsqlException) when (waited.Elapsed < StartMax)
            {
                await Task.Delay(50);
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static Process Start(params string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static async Task Run(params string[] command)
    {
        using var process = Start(command);
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"'{string.Join(' ', command)}' ended with {process.ExitCode}.");
        }
    }
}
