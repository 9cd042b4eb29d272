using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace TdmEdu.Tests;

/// <summary>A PostgreSQL made from Debian's binaries in a temporary folder, with its defaults: a commit is on the disk when it returns.</summary>
internal sealed class PostgresCluster : IAsyncDisposable
{
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(60);

    private readonly string folder;
    private readonly Process server;

    private PostgresCluster(string folder, Process server, string connection) =>
        (this.folder, this.server, ConnectionString) = (folder, server, connection);

    public string ConnectionString { get; }

    public static async Task<PostgresCluster> Start()
    {
        const string Root = "/usr/lib/postgresql";
        var versions = Directory.Exists(Root) ? Directory.GetDirectories(Root) : [];
        var binaries = versions.Select(d => Path.Combine(d, "bin")).Where(d => File.Exists(Path.Combine(d, "initdb"))).Max();
        if (binaries is null)
        {
            throw new InvalidOperationException(
                "This needs PostgreSQL: set TDMEDU_TEST_POSTGRES to a connection string, start Docker, or run 'apt-get install postgresql'.");
        }
        var folder = Directory.CreateTempSubdirectory("tdmedu-pg-").FullName;
        if (Environment.UserName == "root")
        {
            await Run("chown", "nobody", folder);
        }
        var data = Path.Combine(folder, "data");
        await Run([.. AsNobody, Path.Combine(binaries, "initdb"), "-D", data, "-U", "postgres", "-A", "trust",
            "-E", "UTF8", "--locale=C.UTF-8"]);
        var port = FreePort();
        var server = Start([.. AsNobody, Path.Combine(binaries, "postgres"), "-D", data, "-p", port.ToString(),
            // Each test's database keeps a pool of its own for a while.
            "-c", "max_connections=400", "-c", "listen_addresses=127.0.0.1", "-c", $"unix_socket_directories={folder}"]);
        var connection = $"Host=127.0.0.1;Port={port};Username=postgres;Database=postgres";
        await WaitUntilReady(connection);
        return new(folder, server, connection);
    }

    public async Task<string> NewDatabase(string name)
    {
        await CreateDatabase(ConnectionString, name);
        return new NpgsqlConnectionStringBuilder(ConnectionString) { Database = name }.ToString();
    }

    public static async Task CreateDatabase(string server, string name)
    {
        await using var connection = new NpgsqlConnection(server);
        await connection.OpenAsync();
        await using var create = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await create.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        // SIGINT is PostgreSQL's fast shutdown; the postmaster ends its children itself.
        await Run("kill", "-INT", server.Id.ToString());
        await server.WaitForExitAsync();
        server.Dispose();
        Directory.Delete(folder, recursive: true);
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
