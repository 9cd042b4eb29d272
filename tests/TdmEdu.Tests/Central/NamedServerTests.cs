using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TdmEdu.Central.OpenId;
using TdmEdu.Tests.Modules.Registry;

namespace TdmEdu.Tests.Central;

/// <summary>Whom Central calls of itself, against a real server on this machine's own network.</summary>
public class NamedServerTests
{
    private static readonly IPNetwork OwnNetwork = IPNetwork.Parse("127.0.0.0/31");
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("127.0.0.1")]
    [InlineData("2130706433")]
    [InlineData("0x7f.1")]
    [InlineData("10.1.2.3")]
    [InlineData("172.31.0.1")]
    [InlineData("192.168.1.1")]
    [InlineData("100.64.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::127.0.0.1")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("2002:7f00:1::")]
    [InlineData("fd12::1")]
    [InlineData("fe80::1")]
    [InlineData("ff02::1")]
    public async Task Threat_T14_no_spelling_of_an_inner_address_is_called_and_a_listed_network_is(string address)
    {
        var named = new Uri("https://dangnhap.example/");
        using var guarded = new NamedServer(named, [], (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(address)]));
        Assert.False(guarded.Allows(IPAddress.Parse(address)));
        using var http = new HttpClient(guarded);
        var refused = await Assert.ThrowsAnyAsync<HttpRequestException>(() => http.GetAsync(named, Cancel));
        Assert.Contains("outgoing_address", refused.ToString(), StringComparison.Ordinal);

        using var listed = new NamedServer(named, [IPNetwork.Parse("10.1.0.0/16")]);
        Assert.Equal(address == "10.1.2.3", listed.Allows(IPAddress.Parse(address)));
        Assert.True(listed.Allows(IPAddress.Parse("8.8.8.8")) && listed.Allows(IPAddress.Parse("2606:4700::1")));
    }

    [Fact]
    public async Task Threat_T14_a_name_that_leads_elsewhere_at_the_second_look_is_not_followed()
    {
        await using var server = await Server.Start();
        var looks = 0;
        using var http = server.Call([OwnNetwork], (_, _) => Task.FromResult<IPAddress[]>([looks++ == 0 ? IPAddress.Loopback : IPAddress.Parse("127.0.0.2")]));
        http.DefaultRequestHeaders.ConnectionClose = true;
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("small", Cancel)).StatusCode);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => http.GetAsync("small", Cancel));
        Assert.Equal((2, 1), (looks, server.Calls));
    }

    [Fact]
    public async Task Threat_T14_no_other_server_port_or_scheme_is_called_whatever_an_answer_says()
    {
        await using var server = await Server.Start();
        using var http = server.Call([OwnNetwork]);
        var moved = await http.GetAsync("moved", Cancel);
        Assert.Equal((HttpStatusCode.Redirect, 1), (moved.StatusCode, server.Calls));
        foreach (var other in new[] { $"https://127.0.0.1:{server.Address.Port}/small", "https://localhost/small", $"http://localhost:{server.Address.Port}/small" })
        {
            var refused = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(other, Cancel));
            Assert.Contains("outgoing_not_named", refused.Message, StringComparison.Ordinal);
        }
        Assert.Equal(1, server.Calls);
    }

    [Fact]
    public async Task Threat_T14_an_answer_without_end_is_given_up_at_1_MiB()
    {
        await using var server = await Server.Start();
        using var http = server.Call([OwnNetwork]);
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync("endless", HttpCompletionOption.ResponseHeadersRead, Cancel));
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("small", Cancel)).StatusCode);
    }

    private sealed class Server : IAsyncDisposable
    {
        private readonly System.Security.Cryptography.X509Certificates.X509Certificate2 certificate = WebHost.Certificate();
        private WebApplication app = null!;
        private int calls;

        public int Calls => calls;

        public Uri Address => new UriBuilder(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()) { Host = "localhost" }.Uri;

        public static async Task<Server> Start()
        {
            var server = new Server();
            var builder = WebApplication.CreateBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, l => l.UseHttps(server.certificate)));
            server.app = builder.Build();
            server.app.Use((http, next) =>
            {
                Interlocked.Increment(ref server.calls);
                return next(http);
            });
            server.app.MapGet("/small", () => "ok");
            server.app.MapGet("/moved", () => Results.Redirect("/small"));
            server.app.MapGet("/endless", async (HttpContext http) =>
            {
                while (!http.RequestAborted.IsCancellationRequested)
                {
                    await http.Response.Body.WriteAsync(new byte[64 * 1024], http.RequestAborted);
                }
            });
            await server.app.StartAsync(Cancel);
            return server;
        }

        public HttpClient Call(IReadOnlyList<IPNetwork> listed, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
        {
            var named = new NamedServer(Address, listed, resolve ?? ((_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback])));
            named.Sockets.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == certificate.Thumbprint;
            return new(named) { BaseAddress = Address };
        }

        public async ValueTask DisposeAsync()
        {
            await app.DisposeAsync();
            certificate.Dispose();
        }
    }
}
