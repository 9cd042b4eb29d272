using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using TdmEdu.Contracts.Sync.V1;
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
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { identity.Authority },
            RevocationMode = X509RevocationMode.NoCheck,
        };
        dialer = new(central.Host, central.Port);
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = ConnectTimeout,
            ConnectCallback = (_, cancel) =>
            {
                // A machine that says 1970 would find no certificate valid, and so never learn the time.
                policy.VerificationTime = clock.GetUtcNow().LocalDateTime;
                return dialer.Connect(cancel);
            },
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            EnableMultipleHttp2Connections = true,
            InitialHttp2StreamWindowSize = 1024 * 1024,
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(20),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
            SslOptions = new SslClientAuthenticationOptions
            {
                EnabledSslProtocols = SslProtocols.Tls13,
                ClientCertificates = [identity.NodeCertificate],
                LocalCertificateSelectionCallback = (_, _, _, _, _) => identity.NodeCertificate,
                CertificateChainPolicy = policy,
            },
        };
        // The handler checks the certificate against the address's host: Central's name is the address, and where it leads is dialled.
        var named = new UriBuilder(central) { Host = identity.CentralName }.Uri;
        channel = GrpcChannel.ForAddress(named, new GrpcChannelOptions { HttpHandler = new LeanHeaders(handler), DisposeHttpClient = true });
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
