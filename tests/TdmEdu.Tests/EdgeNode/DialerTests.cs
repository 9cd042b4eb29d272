using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using TdmEdu.EdgeNode.Uplink;

namespace TdmEdu.Tests.EdgeNode;

/// <summary>Over a real line that swallows packets: a pair of network cards, one of them in a network namespace of the test's own.</summary>
public sealed class DialerTests
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(30);

    /// <summary>TCP by itself sends again 3.0 and 6.2 s after the cut: the question would then be answered on the old connection.</summary>
    [Fact]
    public async Task A_line_that_is_back_is_used_by_a_new_connection_before_the_old_one_wakes()
    {
        using var line = Line.OrSkip();
        using var dialer = new Dialer(Line.Far, line.Port);
        await using var old = await dialer.Connect(TestContext.Current.CancellationToken);
        await Ask(old);
        line.Set("down");
        var asked = Ask(old);
        await Task.Delay(TimeSpan.FromSeconds(3.5), TestContext.Current.CancellationToken);
        Assert.False(asked.IsCompleted);
        line.Set("up");
        await Assert.ThrowsAnyAsync<IOException>(() => asked.WaitAsync(Within, TestContext.Current.CancellationToken));
        await using var fresh = await dialer.Connect(TestContext.Current.CancellationToken);
        await Ask(fresh).WaitAsync(Within, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_line_that_was_silent_for_a_moment_keeps_its_connection()
    {
        using var line = Line.OrSkip();
        using var dialer = new Dialer(Line.Far, line.Port);
        await using var stream = await dialer.Connect(TestContext.Current.CancellationToken);
        await Ask(stream);
        line.Set("down");
        var asked = Ask(stream);
        await Task.Delay(TimeSpan.FromMilliseconds(500), TestContext.Current.CancellationToken);
        line.Set("up");
        await asked.WaitAsync(Within, TestContext.Current.CancellationToken);
        await Ask(stream).WaitAsync(Within, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_connection_that_is_refused_fails_at_once()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        using var dialer = new Dialer("127.0.0.1", port);
        await Assert.ThrowsAsync<SocketException>(() => dialer.Connect(TestContext.Current.CancellationToken).AsTask());
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
                    _ = client.GetStream().CopyToAsync(client.GetStream());
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
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
