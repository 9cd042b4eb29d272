using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TdmEdu.Central;
using TdmEdu.Central.Intake;
using TdmEdu.Central.Storage;
using TdmEdu.Contracts.Sync.V1;
using TdmEdu.Demo;
using TdmEdu.EdgeNode.Uplink;
using TdmEdu.Modules.Shell.Joining;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Bench;

/// <summary>
/// Bytes of HTTP/2 of one heartbeat that finds nothing new, on an open connection: the box's own client headers, Central's own
/// endpoint, no TLS. Only the certificate, which without TLS there is not, is put in its place by the host here.
/// </summary>
internal static class BeatBench
{
    private const int Beats = 8;

    /// <summary>As rare as real ones, so that what HTTP/2 adds by the clock (its pings) is counted too.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2.5);

    public static async Task Run()
    {
        var folder = Directory.CreateTempSubdirectory("bench-beat-").FullName;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=box", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        await using var central = await StartCentral(folder, certificate);
        using var line = new Relay(new Uri(central.Urls.First()).Port);
        using var channel = Dial(line.Port);
        var client = new SyncService.SyncServiceClient(channel);
        var epoch = Wire.Bytes(RecordId.New(TimeProvider.System));
        var opened = await client.OpenAsync(new() { Epoch = epoch, Protocol = Hello.ProtocolNow });
        var state = Google.Protobuf.ByteString.CopyFrom(ExchangeState.Hash([], new Dictionary<Lane, long>(), opened.FeedEpoch, []));
        Console.WriteLine("beat: bytes of HTTP/2 up + down of each no-op exchange (goal 300 together)");
        for (var i = 0; i < Beats; i++)
        {
            var (up, down) = (line.BytesUp, line.BytesDown);
            var request = new BeatRequest { Session = opened.Session, State = state, ClockMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() };
            if (!(await client.BeatAsync(request, CentralLink.Small(default))).Same)
            {
                throw new InvalidOperationException("Central does not hold what the box holds.");
            }
            await Task.Delay(Pause);
            (up, down) = (line.BytesUp - up, line.BytesDown - down);
            Console.WriteLine($"beat: {up} + {down} = {up + down} bytes{(i == 0 ? " (warm-up)" : "")}, of them message {request.CalculateSize()}");
        }
        await central.StopAsync();
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<WebApplication> StartCentral(string folder, X509Certificate2 certificate)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration["ConnectionStrings:Central"] = $"Data Source={Path.Combine(folder, "central.db")};Pooling=False";
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddSingleton(new CentralSettings { DataDir = folder }).AddCentralStore().AddIntake();
        var app = builder.Build();
        app.Use((http, next) =>
        {
            http.Connection.ClientCertificate = certificate;
            return next(http);
        });
        app.MapIntake();
        await app.Services.MigrateCentral(default);
        await using (var db = await app.Services.GetRequiredService<IDbContextFactory<CentralDb>>().CreateDbContextAsync())
        {
            var (node, school) = (RecordId.New(TimeProvider.System), Scope.School(RecordId.New(TimeProvider.System)));
            db.Nodes.Add(new() { NodeId = node, School = school, KeyPin = BoxKey.Pin(certificate.PublicKey) });
            await db.SaveChangesAsync();
        }
        await app.StartAsync();
        return app;
    }

    private static GrpcChannel Dial(int port)
    {
        var handler = new SocketsHttpHandler { InitialHttp2StreamWindowSize = 1024 * 1024 };
        return GrpcChannel.ForAddress($"http://127.0.0.1:{port}", new() { HttpHandler = new LeanHeaders(handler), DisposeHttpClient = true });
    }
}
