using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TdmEdu.Central;
using TdmEdu.Central.Intake;
using TdmEdu.Central.Storage;
using TdmEdu.Contracts.Sync.V1;
using TdmEdu.Modules.Shell.Joining;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;
using Op = TdmEdu.Sync.Records.Op;

namespace TdmEdu.Tests.Central;

/// <summary>The exchange over a real socket: TLS with client certificates, gRPC, gzip.</summary>
public sealed partial class WireTests : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("tdmedu-wire-").FullName;
    private readonly Guid node = RecordId.New(TimeProvider.System);
    private readonly Guid epoch = RecordId.New(TimeProvider.System);
    private readonly Scope school = Scope.School(RecordId.New(TimeProvider.System));
    private readonly X509Certificate2 certificate = SelfSigned("box");
    private readonly X509Certificate2 server = SelfSigned("central");
    private readonly ErrorLog errors = new();
    private WebApplication app = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration["ConnectionStrings:Central"] = $"Data Source={Path.Combine(folder, "central.db")};Pooling=false";
        builder.Logging.ClearProviders().AddProvider(errors);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.UseHttps(server, https =>
            {
                https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                https.AllowAnyClientCertificate();
            });
        }));
        builder.Services.AddSingleton(new CentralSettings { DataDir = folder }).AddSingleton(Samples.Catalogue()).AddCentralStore().AddIntake();
        app = builder.Build();
        await app.Services.MigrateCentral(Cancel);
        app.MapIntake();
        await app.StartAsync(Cancel);
        await using var db = Db();
        db.Nodes.Add(new() { NodeId = node, School = school, KeyPin = BoxKey.Pin(certificate.PublicKey) });
        await db.SaveChangesAsync(Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        certificate.Dispose();
        server.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Box_opens_pushes_pulls_and_is_nudged_over_mutual_tls()
    {
        using var channel = Channel(certificate);
        var client = new SyncService.SyncServiceClient(channel);
        var opened = await client.OpenAsync(new() { Epoch = Wire.Bytes(epoch), Protocol = Hello.ProtocolNow }, cancellationToken: Cancel);
        using var watch = client.Watch(new() { Session = opened.Session }, cancellationToken: Cancel);
        Assert.True(await watch.ResponseStream.MoveNext(Cancel));
        var pushed = await client.PushAsync(Batch(opened.Session, "một", "hai"), Gzip, cancellationToken: Cancel);
        Assert.Equal((2, 0), (pushed.Durable.Seq, pushed.Outcomes.Count));
        var pull = new PullRequest { Session = opened.Session, Heads = { pushed.Durable }, ClockMs = 1 };
        Assert.Equal(2, (await client.PullAsync(pull, cancellationToken: Cancel)).Pages.Single().NextSeq);
        await client.OpenAsync(
            new() { Epoch = Wire.Bytes(epoch), Protocol = Hello.ProtocolNow, Lanes = { new Contracts.Sync.V1.HelloLane { Head = pushed.Durable } } }, cancellationToken: Cancel);
        await Refused(StatusCode.Aborted, "session_stale", () => client.PushAsync(Batch(opened.Session, "ba"), cancellationToken: Cancel));
        await Refused(StatusCode.Aborted, "session_stale", async () => Assert.False(await watch.ResponseStream.MoveNext(Cancel)));
        Assert.Empty(errors.Lines);
    }

    [Fact]
    public async Task Certificate_that_nobody_enrolled_is_refused()
    {
        using var stranger = SelfSigned("stranger");
        using var channel = Channel(stranger);
        var client = new SyncService.SyncServiceClient(channel);
        await Refused(
            StatusCode.Unauthenticated, "node_unknown",
            () => client.OpenAsync(new() { Epoch = Wire.Bytes(epoch), Protocol = Hello.ProtocolNow }, cancellationToken: Cancel));
    }

    [Fact]
    public async Task Case_11_Truncated_and_garbled_frames_are_refused_and_the_next_good_one_works()
    {
        using var channel = Channel(certificate);
        var client = new SyncService.SyncServiceClient(channel);
        var opened = await client.OpenAsync(new() { Epoch = Wire.Bytes(epoch), Protocol = Hello.ProtocolNow }, cancellationToken: Cancel);
        var good = Batch(opened.Session, "một", "hai", "ba");
        var zipped = Zip(good.ToByteArray());
        var flipped = (byte[])zipped.Clone();
        flipped[zipped.Length / 2] ^= 0x55;
        Assert.NotEqual("0", await PostRaw(Frame(zipped, zipped.Length)[..^9]));
        Assert.NotEqual("0", await PostRaw(Frame(zipped[..^20], zipped.Length - 20)));
        Assert.NotEqual("0", await PostRaw(Frame(flipped, flipped.Length)));
        Assert.NotEqual("0", await PostRaw(RandomNumberGenerator.GetBytes(500)));
        var changed = good.Clone();
        changed.Ops[1].Data = ByteString.CopyFromUtf8("{\"text\":\"khác\"}");
        changed.Ops[2].Id = ByteString.CopyFrom(1, 2, 3);
        await Refused(StatusCode.InvalidArgument, "malformed", () => client.PushAsync(changed, cancellationToken: Cancel));
        await using (var db = Db())
        {
            Assert.Empty(await db.NodeLanes.ToListAsync(Cancel));
            Assert.Empty(await db.Ops.ToListAsync(Cancel));
        }
        Assert.Equal("0", await PostRaw(Frame(zipped, zipped.Length)));
        Assert.Equal(3, (await client.PushAsync(good, Gzip, cancellationToken: Cancel)).Durable.Seq);
    }

    private static Metadata Gzip => new() { { "grpc-internal-encoding-request", "gzip" } };

    private CentralDb Db() => app.Services.GetRequiredService<IDbContextFactory<CentralDb>>().CreateDbContext();

    private PushRequest Batch(ByteString session, params string[] texts)
    {
        var batch = new PushRequest
        {
            Session = session,
            Lane = (uint)Lane.Attendance,
            FirstSeq = 1,
            PrevHash = ByteString.CopyFrom(HashChain.Base(node, epoch, Lane.Attendance)),
        };
        foreach (var text in texts)
        {
            var data = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new Note(text), TdmEdu.Sync.Json.Options);
            var id = RecordId.From(school, "test.note", text);
            var op = new Op(school, "test.note", id, 1, TdmEdu.Sync.Records.OpKind.Put, Hlc.At(1_000), Guid.Empty, data);
            batch.Ops.Add(Wire.ToProto(op, new byte[HashChain.SaltBytes]));
        }
        return batch;
    }

    /// <returns>The gRPC status of the answer, or why there was none.</returns>
    private async Task<string> PostRaw(byte[] body)
    {
        using var http = new HttpClient(Handler(certificate));
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        using var request = new HttpRequestMessage(HttpMethod.Post, app.Urls.First() + "/tdmedu.sync.v1.SyncService/Push")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.Add("grpc-encoding", "gzip");
        request.Headers.TE.ParseAdd("trailers");
        using var response = await http.SendAsync(request, Cancel);
        await response.Content.LoadIntoBufferAsync(Cancel);
        return response.Headers.Concat(response.TrailingHeaders).First(h => h.Key == "grpc-status").Value.Single();
    }

    private static byte[] Frame(byte[] message, int length) =>
        [1, (byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length, .. message];

    private static byte[] Zip(byte[] bytes)
    {
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }
        return zipped.ToArray();
    }

    private static async Task Refused<T>(StatusCode status, string reason, Func<AsyncUnaryCall<T>> call) =>
        await Refused(status, reason, async () => await call());

    private static async Task Refused(StatusCode status, string reason, Func<Task> call)
    {
        var refusal = await Assert.ThrowsAsync<RpcException>(call);
        Assert.Equal((status, reason), (refusal.StatusCode, refusal.Trailers.GetValue("tdmedu-reason")));
    }

    private GrpcChannel Channel(X509Certificate2 client) =>
        GrpcChannel.ForAddress(app.Urls.First(), new() { HttpHandler = Handler(client), DisposeHttpClient = true });

    private SocketsHttpHandler Handler(X509Certificate2 client) => new()
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            ClientCertificates = [client],
            LocalCertificateSelectionCallback = (_, _, _, _, _) => client,
            RemoteCertificateValidationCallback = (_, presented, _, _) => presented?.GetCertHashString() == server.GetCertHashString(),
        },
    };

    private static X509Certificate2 SelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    private sealed class ErrorLog : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(
            LogLevel level, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> format)
        {
            if (IsEnabled(level))
            {
                Lines.Enqueue($"{format(state, exception)} {exception}");
            }
        }

        public void Dispose()
        {
        }
    }
}
