using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace TdmEdu.Demo;

/// <summary>One of our hosts as a real process; its output goes to a log file in the data folder.</summary>
public sealed class HostProcess : IDisposable
{
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopMax = TimeSpan.FromSeconds(15);
    private readonly Process process;
    private readonly StreamWriter log;

    private HostProcess(Process process, StreamWriter log) => (this.process, this.log) = (process, log);

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    /// <param name="host">EdgeNode, Central or Meeting.</param>
    /// <param name="settings">Configuration keys such as "Edge:DataDir".</param>
    public static HostProcess Start(string host, string logFile, IReadOnlyDictionary<string, string> settings, params string[] arguments)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(logFile)!);
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.ArgumentList.Add(Dll(host));
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        foreach (var (key, value) in settings)
        {
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }
        // A host's temporary files lie beside its log, are seen with it and go with it.
        start.Environment["TMPDIR"] = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(logFile)!, "tmp")).FullName;
        var log = new StreamWriter(logFile, append: true) { AutoFlush = true };
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Write(log, line.Data);
        process.ErrorDataReceived += (_, line) => Write(log, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new(process, log);
    }

    public async Task WaitUntilHealthy(HttpClient client, Uri url, CancellationToken cancel)
    {
        var started = Stopwatch.StartNew();
        while (true)
        {
            if (process.HasExited)
            {
                throw new InvalidOperationException($"The process for {url} ended with {process.ExitCode}. Its log is in the data folder.");
            }
            try
            {
                using var reply = await client.GetAsync(new Uri(url, "/health"), cancel);
                if (reply.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException) when (started.Elapsed < StartMax)
            {
                // Not listening yet.
            }
            if (started.Elapsed > StartMax)
            {
                throw new TimeoutException($"{url} did not become healthy within {StartMax.TotalSeconds:0} s.");
            }
            await Task.Delay(100, cancel);
        }
    }

    public async Task<int> WaitForExit(CancellationToken cancel)
    {
        await process.WaitForExitAsync(cancel);
        return process.ExitCode;
    }

    /// <summary>SIGKILL: no farewell, as a power cut would.</summary>
    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>SIGTERM, and SIGKILL when the host does not end in time.</summary>
    public void Stop()
    {
        if (process.HasExited)
        {
            return;
        }
        using (var term = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
        {
            term.WaitForExit();
        }
        if (!process.WaitForExit(StopMax))
        {
            Kill();
        }
    }

    public void Dispose()
    {
        Stop();
        process.Dispose();
        log.Dispose();
    }

    public static bool IsFree(int port)
    {
        try
        {
            using var socket = new TcpListener(IPAddress.Loopback, port);
            socket.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }

    /// <summary>The host's build beside this program's own: same configuration, same framework.</summary>
    private static string Dll(string host)
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        var (framework, configuration) = (here.Name, here.Parent!.Name);
        return Path.Combine(Repository.Root, "src", host, "bin", configuration, framework, $"TdmEdu.{host}.dll");
    }

    private static void Write(StreamWriter log, string? line)
    {
        if (line is not null)
        {
            lock (log)
            {
                log.WriteLine(line);
            }
        }
    }
}
