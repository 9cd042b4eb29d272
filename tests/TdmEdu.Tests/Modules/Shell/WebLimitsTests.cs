using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.Modules.Registry;

namespace TdmEdu.Tests.Modules.Shell;

/// <summary>What a page's caller may send, over a real socket with TLS.</summary>
public sealed class WebLimitsTests : IAsyncLifetime
{
    private const string Password = "mật-khẩu-rất-dài-9";
    private static readonly Scope School = Scope.School(Guid.Parse("01900000-0000-7000-8000-000000000b01"));
    private readonly WebHost host = new(new(Side.Edge, School));
    private WebHost.Browser browser = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        host.Store.Seed([.. Compose.Staff(
            host.Store.Catalogue, School, RecordId.New(host.Clock), new("Trần Văn Phòng", "Văn thư"), "vp", Password, Roles.Office | Roles.Teacher)]);
        browser = await host.Start();
    }

    public async ValueTask DisposeAsync()
    {
        browser.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Threat_T12_form_that_is_no_upload_is_small_with_and_without_a_length()
    {
        await browser.Get("/dang-nhap");
        await browser.Post("/dang-nhap", ("ten", "vp"), ("matkhau", new string('x', WebLimits.BodyBytesMax)));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, browser.Status);
        Assert.Contains("Nội dung gửi lên quá dài", browser.Html, StringComparison.Ordinal);
        await using var line = await Dial();
        await line.WriteAsync(Encoding.ASCII.GetBytes(
            "POST /dang-nhap HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n"), Cancel);
        var chunk = Encoding.ASCII.GetBytes($"10000\r\n{new string('x', 0x10000)}\r\n");
        for (var sent = 0; sent <= WebLimits.BodyBytesMax; sent += 0x10000)
        {
            await line.WriteAsync(chunk, Cancel);
        }
        Assert.StartsWith("HTTP/1.1 413", await Read(line), StringComparison.Ordinal);
        await browser.Get("/dang-nhap");
        Assert.Equal(HttpStatusCode.OK, browser.Status);
    }

    [Fact]
    public async Task Threat_T12_upload_of_children_s_names_never_lies_in_a_temporary_file()
    {
        await browser.SignIn("vp", Password);
        using var watch = new FileSystemWatcher(Path.GetTempPath(), "ASPNETCORE_*") { EnableRaisingEvents = true };
        var made = new ConcurrentQueue<string>();
        watch.Created += (_, file) => made.Enqueue(file.FullPath);
        watch.Renamed += (_, file) => made.Enqueue(file.FullPath);
        await browser.Get("/nhap-du-lieu");
        await browser.Upload("/nhap-du-lieu", new byte[9 * 1024 * 1024], ("ngay", "2026-09-07"));
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        // What was made before is seen before.
        var own = Path.Combine(Path.GetTempPath(), $"ASPNETCORE_{Guid.CreateVersion7()}");
        await File.WriteAllTextAsync(own, "", Cancel);
        Assert.True(SpinWait.SpinUntil(() => made.Contains(own), TimeSpan.FromSeconds(10)));
        Assert.Equal([own], made);
        File.Delete(own);
    }

    [Fact]
    public async Task Threat_T12_sender_of_a_byte_a_second_is_hung_up_on_and_others_are_answered()
    {
        await using var line = await Dial();
        await line.WriteAsync(Encoding.ASCII.GetBytes(
            "POST /dang-nhap HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n"), Cancel);
        var answer = Read(line);
        for (var seconds = 0; seconds < 30 && !answer.IsCompleted; seconds++)
        {
            await Task.WhenAny(answer, Task.Delay(TimeSpan.FromSeconds(1), Cancel));
            await Try(() => line.WriteAsync("x"u8.ToArray(), Cancel).AsTask());
            await browser.Get("/dang-nhap");
            Assert.Equal(HttpStatusCode.OK, browser.Status);
        }
        Assert.True(answer.IsCompleted);
        Assert.DoesNotContain("HTTP/1.1 200", await answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Threat_T13_head_too_large_is_refused_and_a_packed_form_is_not_unpacked()
    {
        await using var line = await Dial();
        await line.WriteAsync(Encoding.ASCII.GetBytes($"GET /dang-nhap HTTP/1.1\r\nHost: localhost\r\nX-Long: {new string('x', 40_000)}\r\n\r\n"), Cancel);
        Assert.StartsWith("HTTP/1.1 431", await Read(line), StringComparison.Ordinal);
        using var bomb = new MemoryStream();
        await using (var gzip = new GZipStream(bomb, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            await gzip.WriteAsync(new byte[64 * 1024 * 1024], Cancel);
        }
        await using var packed = await Dial();
        await packed.WriteAsync(Encoding.ASCII.GetBytes(
            "POST /dang-nhap HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Encoding: gzip\r\n"
                + $"Content-Length: {bomb.Length.ToString(CultureInfo.InvariantCulture)}\r\n\r\n"), Cancel);
        await packed.WriteAsync(bomb.ToArray(), Cancel);
        Assert.StartsWith("HTTP/1.1 400", await Read(packed), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Threat_T13_deeply_nested_json_is_malformed()
    {
        await browser.SignIn("vp", Password);
        foreach (var (depth, status) in ((int, HttpStatusCode)[])[(30, HttpStatusCode.OK), (40, HttpStatusCode.BadRequest), (30_000, HttpStatusCode.BadRequest)])
        {
            await browser.Json(HttpMethod.Post, "/api/attendance/receipts", $"{{\"ids\":[],\"x\":{new string('[', depth)}{new string(']', depth)}}}");
            Assert.Equal(status, browser.Status);
        }
    }

    [Fact]
    public async Task Threat_T13_streams_of_a_connection_and_connections_are_counted()
    {
        await using (var line = await Dial(SslApplicationProtocol.Http2))
        {
            await line.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0"u8.ToArray(), Cancel);
            var frame = new byte[9];
            await line.ReadExactlyAsync(frame, Cancel);
            var settings = new byte[BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(1))];
            await line.ReadExactlyAsync(settings, Cancel);
            var streams = settings.Chunk(6).Single(s => s[1] == 3);
            Assert.Equal(WebLimits.StreamsMax, BinaryPrimitives.ReadInt32BigEndian(streams.AsSpan(2)));
        }
        var open = new List<Socket>();
        try
        {
            for (var n = 0; n <= WebLimits.ConnectionsMax; n++)
            {
                open.Add(await Connect());
            }
            var last = open[^1];
            last.ReceiveTimeout = 5_000;
            await Try(() => Task.FromResult(last.Receive(new byte[1])));
            Assert.True(last.Poll(0, SelectMode.SelectRead) && open[1].Connected && !open[1].Poll(0, SelectMode.SelectRead));
        }
        finally
        {
            open.ForEach(s => s.Dispose());
        }
        await browser.Get("/dang-nhap");
        Assert.Equal(HttpStatusCode.OK, browser.Status);
    }

    private async Task<Socket> Connect()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(host.Address.Host, host.Address.Port, Cancel);
        return socket;
    }

    private async Task<SslStream> Dial(SslApplicationProtocol? protocol = null)
    {
        var line = new SslStream(new NetworkStream(await Connect(), ownsSocket: true), leaveInnerStreamOpen: false);
        await line.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                ApplicationProtocols = [protocol ?? SslApplicationProtocol.Http11],
                RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == host.Thumbprint,
            },
            Cancel);
        return line;
    }

    private static async Task<string> Read(SslStream line)
    {
        var buffer = new byte[4096];
        var count = 0;
        await Try(async () => count = await line.ReadAsync(buffer, Cancel));
        return Encoding.UTF8.GetString(buffer, 0, count);
    }

    private static async Task Try(Func<Task> call)
    {
        try
        {
            await call();
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The host has hung up, as it may.
        }
    }
}
