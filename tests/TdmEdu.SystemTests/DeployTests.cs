using System.Diagnostics;
using System.Globalization;
using TdmEdu.Demo;

namespace TdmEdu.SystemTests;

/// <summary>What deploy/ gives to a person who installs: unit files, their settings, the compose file.</summary>
public sealed class DeployTests(City city, ITestOutputHelper output) : IDisposable
{
    private const string Installed = "/opt/tdmedu";

    /// <summary>In tenths, as systemd-analyze counts: a network server of .NET cannot come much below 1.5.</summary>
    private const int ExposureMax = 20;
    private static readonly string Deploy = Path.Combine(Repository.Root, "deploy");
    private static readonly (string Unit, string Host)[] Hosts = [("edge", "EdgeNode"), ("central", "Central"), ("meeting", "Meeting")];
    private static readonly string Configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tdmedu-deploy-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Units_are_what_systemd_understands_and_leave_little_exposed()
    {
        foreach (var (unit, _) in Hosts)
        {
            await Run("systemd-analyze", "verify", UnitFile(unit));
            await Run("systemd-analyze", "security", "--offline=true", $"--threshold={ExposureMax}", UnitFile(unit));
        }
    }

    [Fact]
    public async Task Compose_names_what_it_needs()
    {
        var compose = Path.Combine(Deploy, "compose.yaml");
        await Run("env", "TDMEDU_HOST=example.vn", "TDMEDU_DB_PASSWORD=x", "docker-compose", "-f", compose, "config", "--quiet");
        var (code, said) = await Try("docker-compose", "-f", compose, "config", "--quiet");
        Assert.NotEqual(0, code);
        Assert.Contains("set it to", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Published_hosts_start_by_the_units_command_and_settings()
    {
        foreach (var (unit, host) in Hosts)
        {
            // What was built beside this test, in its own configuration: building again would replace files that the city runs from.
            await Run(
                "dotnet", "publish", Path.Combine(Repository.Root, "src", host), "--no-build", "-c", Configuration, "-v", "quiet",
                "-o", Path.Combine(folder.FullName, unit));
        }
        var (web, devices, lan, meeting, grpc) =
            (HostProcess.FreePort(), HostProcess.FreePort(), HostProcess.FreePort(), HostProcess.FreePort(), HostProcess.FreePort());
        await StartsHealthy("central", new($"https://localhost:{web}"), new()
        {
            ["Central__DataDir"] = Path.Combine(folder.FullName, "data-central"), ["Central__WebPort"] = Number(web), ["Central__DevicePort"] = Number(devices),
            ["Central__EnrolmentPort"] = Number(HostProcess.FreePort()), ["Central__WebHosts__0"] = "localhost", ["Central__Bind"] = "127.0.0.1",
        });
        await StartsHealthy("edge", new($"https://localhost:{lan}"), new()
        {
            ["Edge__DataDir"] = Path.Combine(folder.FullName, "data-edge"), ["Edge__IdentityDir"] = Path.Combine(city.Stack.EdgeData(City.Primary), "identity"),
            ["Edge__LanPort"] = Number(lan), ["Edge__Central"] = $"https://127.0.0.1:{devices}", ["Edge__Bind"] = "127.0.0.1",
        });
        await StartsHealthy("meeting", new($"http://127.0.0.1:{meeting}"), new()
        {
            ["Kestrel__Endpoints__Web__Url"] = $"http://127.0.0.1:{meeting}", ["Kestrel__Endpoints__Grpc__Url"] = $"http://127.0.0.1:{grpc}",
        });
    }

    /// <param name="here">The settings that cannot be on this machine what they are on a server; the others are the file's own.</param>
    private async Task StartsHealthy(string unit, Uri address, Dictionary<string, string> here)
    {
        var settings = (await File.ReadAllLinesAsync(Path.Combine(Deploy, unit, $"{unit}.env"), Cancel))
            .Where(l => l.Length > 0 && !l.StartsWith('#')).Select(l => l.Split('=', 2)).ToDictionary(l => l[0], l => l[1]);
        Assert.Empty(here.Keys.Where(k => !settings.ContainsKey(k) && !k.EndsWith("__Bind", StringComparison.Ordinal)));
        var command = (await File.ReadAllLinesAsync(UnitFile(unit), Cancel)).Single(l => l.StartsWith("ExecStart=", StringComparison.Ordinal))["ExecStart=".Length..]
            .Replace(Installed, folder.FullName, StringComparison.Ordinal).Split(' ');
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        foreach (var (key, value) in settings.Concat(here))
        {
            start.Environment[key] = value;
        }
        using var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            Assert.Equal("Healthy", await Health(process, address));
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static async Task<string> Health(Process process, Uri address)
    {
        using var client = new HttpClient(new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true });
        while (true)
        {
            Assert.False(process.HasExited, $"The host of {address} ended.");
            try
            {
                return await client.GetStringAsync(new Uri(address, "/health"), Cancel);
            }
            catch (HttpRequestException)
            {
                await Task.Delay(100, Cancel);
            }
        }
    }

    private async Task Run(string program, params string[] arguments)
    {
        var (code, said) = await Try(program, arguments);
        output.WriteLine(said);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)}: {said}");
    }

    private static async Task<(int Code, string Said)> Try(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync(Cancel);
        var said = await process.StandardOutput.ReadToEndAsync(Cancel) + await errors;
        await process.WaitForExitAsync(Cancel);
        return (process.ExitCode, said);
    }

    private static string UnitFile(string unit) => Path.Combine(Deploy, unit, $"tdmedu-{unit}.service");

    private static string Number(int port) => port.ToString(CultureInfo.InvariantCulture);
}
