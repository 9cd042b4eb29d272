using System.Net;
using System.Net.Sockets;

namespace TdmEdu.Central.OpenId;

/// <summary>
/// Calls to the one server that the settings name, over TLS: another server that its answers lead to is not called, and its name is looked
/// up once for each connection, to a public address or one of the networks that the settings list.
/// </summary>
internal sealed class NamedServer : DelegatingHandler
{
    public const int AnswerBytesMax = 1024 * 1024;
    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(5);

    /// <summary>Of this machine, of a local network, for many at once, not given out, or another way to write an IPv4 address (IANA's special-purpose registries).</summary>
    private static readonly IPNetwork[] NotPublic = [.. new[]
    {
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
        "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
        "::/8", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "fc00::/7", "fe80::/9", "ff00::/8",
    }.Select(n => IPNetwork.Parse(n))];

    private readonly Uri server;
    private readonly IReadOnlyList<IPNetwork> listed;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> resolve;

    public NamedServer(Uri server, IReadOnlyList<IPNetwork> listed, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
    {
        (this.server, this.listed, this.resolve) = (server, listed, resolve ?? Dns.GetHostAddressesAsync);
        InnerHandler = Sockets = new() { AllowAutoRedirect = false, UseProxy = false, UseCookies = false, ConnectTimeout = ConnectWithin, ConnectCallback = Connect };
    }

    public SocketsHttpHandler Sockets { get; }

    public bool Allows(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return listed.Any(n => n.Contains(plain)) || !NotPublic.Any(n => n.Contains(plain));
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        if (request.RequestUri is not { Scheme: "https" } uri || uri.IdnHost != server.IdnHost || uri.Port != server.Port)
        {
            throw new HttpRequestException("outgoing_not_named: only the server of the settings is called.");
        }
        var answer = await base.SendAsync(request, cancel);
        await answer.Content.LoadIntoBufferAsync(AnswerBytesMax, cancel);
        return answer;
    }

    private async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var found = await resolve(context.DnsEndPoint.Host, cancel);
        var allowed = found.Where(Allows).ToArray();
        if (allowed.Length == 0)
        {
            throw new HttpRequestException("outgoing_address: the name leads to no public address and to none of the listed networks.");
        }
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
