using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using TdmEdu.EdgeNode.Uplink;
using TdmEdu.Sync.Edge;

namespace TdmEdu.Tests.EdgeNode;

/// <summary>Over a real line that swallows packets: a pair of network cards, one of them in a network namespace of the test's own.</summary>
public sealed class DialerTests
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(30);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>TCP by itself sends again 3.0 and 6.2 s after the cut: the question would then be answered on the old connection.</summary>
    [Fact]
    public async Task A_line_that_is_back_is_used_by_a_new_connection_before_the_old_one_wakes()
    {
        using var line = Line.OrSkip();
        using var dialer = new Dialer(Line.Far, line.Port);
        await using var old = await dialer.Connect(Cancel);
        await Ask(old);
        line.Set("down");
        var asked = Ask(old);
        await Task.Delay(TimeSpan.FromSeconds(3.5), Cancel);
        Assert.False(asked.IsCompleted);
        line.Set("up");
        await Assert.ThrowsAnyAsync<IOException>(() => asked.WaitAsync(Within, Cancel));
        await using var fresh = await dialer.Connect(Cancel);
        await Ask(fresh).WaitAsync(Within, Cancel);
    }

    [Fact]
    public async Task A_line_that_was_silent_for_a_moment_keeps_its_connection()
    {
        using var line = Line.OrSkip();
        using var dialer = new Dialer(Line.Far, line.Port);
        await using var stream = await dialer.Connect(Cancel);
        await Ask(stream);
        line.Set("down");
        var asked = Ask(stream);
        await Task.Delay(TimeSpan.FromMilliseconds(500), Cancel);
        line.Set("up");
        await asked.WaitAsync(Within, Cancel);
        await Ask(stream).WaitAsync(Within, Cancel);
    }

    /// <summary>What Central says may still come: that alone keeps no connection alive whose own packets nobody acknowledges.</summary>
    [Fact]
    public async Task Case_06_A_line_that_is_deaf_upwards_is_given_up_though_Central_is_still_heard()
    {
        using var line = Line.OrSkip();
        using var dialer = new Dialer(Line.Far, line.Port);
        await using var stream = await dialer.Connect(Cancel);
        await Ask(stream);
        line.Chatter();
        line.DeafUpwards(true);
        await stream.WriteAsync(new byte[] { 1 }, Cancel);
        var (began, heardAt) = (Stopwatch.GetTimestamp(), TimeSpan.Zero);
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            while (await stream.ReadAsync(new byte[64], Cancel).AsTask().WaitAsync(Within, Cancel) > 0)
            {
                heardAt = Stopwatch.GetElapsedTime(began);
            }
        });
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalMilliseconds, EdgeExchange.DoubtMs, 2 * EdgeExchange.SilenceMs);
        Assert.True(heardAt > TimeSpan.Zero, "The line was deaf both ways.");
        line.DeafUpwards(false);
        await using var fresh = await dialer.Connect(Cancel).AsTask().WaitAsync(Within, Cancel);
    }

    /// <summary>A router that has forgotten a connection swallows its packets and lets new connections through.</summary>
    [Fact]
    public async Task Case_10_A_connection_that_a_router_has_forgotten_is_replaced_within_two_heartbeats_though_nothing_is_sent()
    {
        using var line = Line.OrSkip();
        using var dialer = new Dialer(Line.Far, line.Port);
        await using var old = await dialer.Connect(Cancel);
        await Ask(old);
        line.Forget((IPEndPoint)((NetworkStream)old).Socket.LocalEndPoint!);
        var began = Stopwatch.GetTimestamp();
        await Assert.ThrowsAnyAsync<IOException>(() => old.ReadAsync(new byte[1], Cancel).AsTask().WaitAsync(Within, Cancel));
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalMilliseconds, 0, 2 * EdgeExchange.HeartbeatMs);
        await using var fresh = await dialer.Connect(Cancel);
        await Ask(fresh).WaitAsync(Within, Cancel);
    }

    /// <summary>The name stays and leads elsewhere; where the exchange goes on from there is shown in the simulated world.</summary>
    [Fact]
    public async Task Case_13_A_Central_whose_name_leads_to_another_address_is_found_there_by_the_next_connection()
    {
        var folder = Directory.CreateTempSubdirectory("hosts-");
        var hosts = Path.Combine(folder.FullName, "hosts");
        await File.WriteAllTextAsync(hosts, $"127.0.0.2 {ChildProcess.MovingHost}\n", Cancel);
        using var before = new TcpListener(IPAddress.Parse("127.0.0.2"), 0);
        before.Start();
        var port = ((IPEndPoint)before.LocalEndpoint).Port;
        using var after = new TcpListener(IPAddress.Parse("127.0.0.3"), port);
        after.Start();
        using var child = ChildProcess.StartWithHosts($"{ChildProcess.Dial} {port}", folder.FullName, hosts);
        try
        {
            using (var first = await before.AcceptSocketAsync(Cancel).AsTask().WaitAsync(Within, Cancel))
            {
                first.Send([1]);
                Assert.Equal("greeted by 1", await child.StandardOutput.ReadLineAsync(Cancel).AsTask().WaitAsync(Within, Cancel));
                await File.WriteAllTextAsync(hosts, $"127.0.0.3 {ChildProcess.MovingHost}\n", Cancel);
                before.Stop();
            }
            using var second = await after.AcceptSocketAsync(Cancel).AsTask().WaitAsync(Within, Cancel);
            second.Send([2]);
            Assert.Equal("greeted by 2", await child.StandardOutput.ReadLineAsync(Cancel).AsTask().WaitAsync(Within, Cancel));
        }
        finally
        {
            child.Kill();
            await child.WaitForExitAsync(Cancel);
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_connection_that_is_refused_fails_at_once()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        using var dialer = new Dialer("127.0.0.1", port);
        await Assert.ThrowsAsync<SocketException>(() => dialer.Connect(Cancel).AsTask());
    }

    private static async Task Ask(Stream stream)
    {
        var cancel = TestContext.Current.CancellationToken;
        await stream.WriteAsync(new byte[] { 1 }, cancel);
        if (await stream.ReadAsync(new byte[1], cancel) == 0)
        {
            throw new IOException("The other side has hung up.");
        }
    }

    /// <summary>A peer that gives back what it is sent, behind a network card that can be switched off.</summary>
    private sealed class Line : IDisposable
    {
        public const string Far = "10.99.7.2";
        private const string Near = "10.99.7.1";
        private static readonly string Name = string.Create(CultureInfo.InvariantCulture, $"tdm{Environment.ProcessId}");
        private readonly TcpListener peer;
        private volatile bool chatter;

        private Line()
        {
            Ip($"netns add {Name}");
            Ip($"link add {Name}a type veth peer name {Name}b netns {Name}");
            Ip($"addr add {Near}/30 dev {Name}a");
            Ip($"link set {Name}a up");
            Ip($"-n {Name} addr add {Far}/30 dev {Name}b");
            Set("up");
            // Else the missing answer to "who has this address" would end a connection before its packets do.
            Ip($"neigh replace {Far} dev {Name}a lladdr {CardOf($"-n {Name} link show {Name}b")} nud permanent");
            Ip($"-n {Name} neigh replace {Near} dev {Name}b lladdr {CardOf($"link show {Name}a")} nud permanent");
            peer = ListenInside();
            _ = Echo();
        }

        public int Port => ((IPEndPoint)peer.LocalEndpoint).Port;

        public static Line OrSkip()
        {
            Assert.SkipUnless(
                Environment.IsPrivilegedProcess && OperatingSystem.IsLinux(), "Needs root on Linux, for a network namespace of its own.");
            return new();
        }

        /// <summary>Packets from here go to a card that nobody has; those from the far side arrive.</summary>
        public void DeafUpwards(bool deaf) =>
            Ip($"neigh replace {Far} dev {Name}a lladdr {(deaf ? "02:00:00:00:00:01" : CardOf($"-n {Name} link show {Name}b"))} nud permanent");

        /// <summary>Nothing of this one connection comes back any more.</summary>
        public void Forget(IPEndPoint near) => Ip($"-n {Name} rule add to {near.Address.MapToIPv4()} ipproto tcp dport {near.Port} blackhole priority 0");

        /// <summary>The far side speaks without being asked.</summary>
        public void Chatter() => chatter = true;

        public void Set(string upOrDown) => Ip($"-n {Name} link set {Name}b {upOrDown}");

        public void Dispose()
        {
            peer.Dispose();
            Ip($"link del {Name}a");
            Ip($"netns del {Name}");
        }

        private async Task Echo()
        {
            try
            {
                while (true)
                {
                    var client = await peer.AcceptTcpClientAsync();
                    client.NoDelay = true;
                    _ = client.GetStream().CopyToAsync(client.GetStream());
                    _ = Speak(client.GetStream());
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private async Task Speak(NetworkStream stream)
        {
            try
            {
                while (true)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(20));
                    if (chatter)
                    {
                        await stream.WriteAsync(new byte[] { 2 });
                    }
                }
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // The connection has ended.
            }
        }

        /// <summary>A socket stays in the namespace of the thread that made it.</summary>
        private static TcpListener ListenInside()
        {
            TcpListener? made = null;
            var thread = new Thread(() =>
            {
                using var inside = File.OpenHandle($"/var/run/netns/{Name}");
                Assert.Equal(0, SetNamespace((int)inside.DangerousGetHandle(), 0));
                made = new TcpListener(IPAddress.Parse(Far), 0);
                made.Start();
            });
            thread.Start();
            thread.Join();
            return made!;
        }

        private static string CardOf(string show) => Ip(show).Split("link/ether ")[1].Split(' ')[0];

        private static string Ip(string arguments)
        {
            using var process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var (output, error) = (process.StandardOutput.ReadToEnd(), process.StandardError.ReadToEnd());
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, $"ip {arguments}: {error}");
            return output;
        }

        [DllImport("libc", EntryPoint = "setns", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern int SetNamespace(int descriptor, int kind);
    }
}
