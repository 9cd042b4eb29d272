using Grpc.Core;
using Grpc.Net.Client;
using TdmEdu.Contracts.Sync.V1;
using TdmEdu.EdgeNode.Joining;
using TdmEdu.Sync.Edge;

namespace TdmEdu.EdgeNode.Uplink;

/// <summary>The channel to Central: TLS 1.3 both ways, the department's CA as the only root, Central's name pinned.</summary>
internal sealed class CentralLink : IDisposable
{
    public static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromMilliseconds(EdgeExchange.SilenceMs);
    private readonly Dialer dialer;
    private readonly GrpcChannel channel;

    public CentralLink(BoxIdentity identity, Uri central, TimeProvider clock)
    {
        var tls = CentralTrust.Options((leaf, between) => CentralTrust.Leads(identity.Roots, leaf, between, clock.GetUtcNow()));
        tls.LocalCertificateSelectionCallback = (_, _, _, _, _) => identity.NodeCertificate;
        dialer = new(central.Host, central.Port);
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = ConnectTimeout,
            ConnectCallback = (_, cancel) => dialer.Connect(cancel),
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            EnableMultipleHttp2Connections = true,
            InitialHttp2StreamWindowSize = 1024 * 1024,
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(20),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
            SslOptions = tls,
        };
        channel = GrpcChannel.ForAddress(CentralTrust.Named(central), new GrpcChannelOptions { HttpHandler = new LeanHeaders(handler), DisposeHttpClient = true });
        Client = new SyncService.SyncServiceClient(channel);
    }

    public SyncService.SyncServiceClient Client { get; }

    /// <summary>gzip is chosen per call in grpc-dotnet; a day's marks shrink to about a third.</summary>
    public static CallOptions Options(CancellationToken cancel) => new(
        new Metadata { { "grpc-internal-encoding-request", "gzip" } }, Deadline, cancel);

    /// <summary>For a call whose message is smaller than what compressing it would add.</summary>
    public static CallOptions Small(CancellationToken cancel) => new(deadline: Deadline, cancellationToken: cancel);

    public void Dispose()
    {
        channel.Dispose();
        dialer.Dispose();
    }

    /// <summary>grpc-dotnet takes the machine's time, right or wrong.</summary>
    private static DateTime Deadline => TimeProvider.System.GetUtcNow().Add(CallTimeout).UtcDateTime;
}
