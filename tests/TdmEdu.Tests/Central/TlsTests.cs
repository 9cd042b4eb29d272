using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using TdmEdu.Contracts.Enrolment.V1;
using TdmEdu.EdgeNode;
using TdmEdu.EdgeNode.Joining;
using TdmEdu.EdgeNode.Uplink;
using TdmEdu.Modules.Shell.Joining;

namespace TdmEdu.Tests.Central;

/// <summary>Who may pretend to be Central, and who may knock at the boxes' door: nobody.</summary>
public sealed class TlsTests(TlsTests.Pair pair) : IClassFixture<TlsTests.Pair>
{
    private readonly DirectoryInfo folder = pair.Folder;
    private readonly CentralHost central = pair.Central;
    private readonly BoxIdentity box = pair.Box;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The first row shows that the others are refused for what is wrong with them.</summary>
    [Theory]
    [InlineData("right", true)]
    [InlineData("of another authority", false)]
    [InlineData("self-signed", false)]
    [InlineData("expired", false)]
    [InlineData("not yet valid", false)]
    [InlineData("for clients", false)]
    [InlineData("under another name", false)]
    [InlineData("signed by a box", false)]
    [InlineData("a box's page", false)]
    [InlineData("a box's own", false)]
    [InlineData("over TLS 1.2", false)]
    [InlineData("without TLS", false)]
    public async Task Threat_T07_A_box_takes_only_Central_for_Central(string server, bool accepted)
    {
        await using var app = await Serve(server);
        var address = new Uri(app.Urls.Single().Replace("http:", "https:", StringComparison.Ordinal));
        using var link = new CentralLink(box, address, central.Clock);
        var call = await Assert.ThrowsAsync<RpcException>(async () => await link.Client.OpenAsync(new(), new CallOptions(deadline: Soon)));
        Assert.Equal(accepted, call.StatusCode == StatusCode.Unimplemented);
        var seen = false;
        var renewing = new EnrolmentLink(address, (leaf, between) => seen = CentralTrust.Leads(box.Roots, leaf, between, central.Clock.GetUtcNow()));
        await renewing.Call((c, o) => c.RenewAsync(new RenewRequest(), o), Cancel);
        Assert.Equal(accepted, seen);
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("self-signed")]
    [InlineData("of another authority")]
    [InlineData("expired")]
    [InlineData("a box's page")]
    [InlineData("right", true)]
    public async Task Threat_T04_The_boxes_door_opens_to_certificates_of_the_department_for_boxes_only(string shown, bool accepted = false)
    {
        using var certificate = shown == "nothing" ? null : Certificate(shown switch { "right" => "a box's own", _ => shown }, TlsNames.ClientAuth);
        Assert.Equal(accepted, await Knock(central.Devices, SslProtocols.Tls13, certificate));
    }

    [Fact]
    public async Task Threat_T20_No_door_speaks_anything_older_than_TLS_1_3()
    {
        foreach (var door in new[] { central.Web, central.Devices, central.Newcomers })
        {
            Assert.False(await Knock(door, SslProtocols.Tls12, box.NodeCertificate));
            Assert.True(await Knock(door, SslProtocols.Tls13, box.NodeCertificate));
        }
    }

    private static DateTime Soon => TimeProvider.System.GetUtcNow().AddSeconds(15).UtcDateTime;

    private async Task<WebApplication> Serve(string server)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, l =>
        {
            l.Protocols = HttpProtocols.Http2;
            if (server != "without TLS")
            {
                // By the callback, which does not look whether the certificate suits a server.
                var shown = SslStreamCertificateContext.Create(Certificate(server, TlsNames.ServerAuth), null, offline: true);
                l.UseHttps(new TlsHandshakeCallbackOptions
                {
                    OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
                    {
                        EnabledSslProtocols = server == "over TLS 1.2" ? SslProtocols.Tls12 : SslProtocols.Tls13,
                        ServerCertificateContext = shown,
                    }),
                });
            }
        }));
        var app = builder.Build();
        app.Run(http =>
        {
            http.Response.StatusCode = 404;
            return Task.CompletedTask;
        });
        await app.StartAsync(Cancel);
        return app;
    }

    private X509Certificate2 Certificate(string kind, string usage)
    {
        switch (kind)
        {
            case "a box's page":
                return new(box.LanCertificate);
            case "a box's own":
                return new(box.NodeCertificate);
        }
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = TdmEdu.Central.Schools.DepartmentCa.LoadOrCreate(Path.Combine(folder.FullName, "other-ca"), central.Settings, central.Clock);
        var request = new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(kind == "under another name" ? "meeting.tdmedu.internal" : TlsNames.Central);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(kind == "for clients" ? TlsNames.ClientAuth : usage)], false));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        var now = central.Clock.GetUtcNow();
        var (from, to) = kind switch
        {
            "expired" => (now.AddDays(-5), now.AddDays(-1)),
            "not yet valid" => (now.AddDays(1), now.AddDays(5)),
            _ => (now.AddMinutes(-1), now.AddDays(5)),
        };
        var issuer = kind == "of another authority" ? other.Certificate : kind == "signed by a box" ? box.NodeCertificate : central.Authority.Certificate;
        if (kind == "self-signed")
        {
            return request.CreateSelfSigned(from, to);
        }
        using var signing = issuer.GetECDsaPrivateKey()!;
        using var made = request.Create(issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(signing), from, to, [1, 2, 3]);
        return made.CopyWithPrivateKey(key);
    }

    /// <summary>Whether the connection stands and is used; with TLS 1.3 a refusal of the client's certificate comes after the handshake.</summary>
    private static async Task<bool> Knock(Uri door, SslProtocols protocol, X509Certificate2? certificate)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(door.Host, door.Port, Cancel);
        await using var tls = new SslStream(socket.GetStream());
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = TlsNames.Central,
                    EnabledSslProtocols = protocol,
                    ApplicationProtocols = [SslApplicationProtocol.Http2],
                    RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null,
                    LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate!,
                },
                Cancel);
            // The server's first frame of HTTP/2.
            await tls.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0"u8.ToArray(), Cancel);
            return await tls.ReadAsync(new byte[9], Cancel) > 0;
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            return false;
        }
    }

    /// <summary>One Central and one box for all of these tests: none changes them.</summary>
    public sealed class Pair : IAsyncLifetime
    {
        internal DirectoryInfo Folder { get; } = Directory.CreateTempSubdirectory("tls-");

        internal CentralHost Central { get; private set; } = null!;

        internal BoxIdentity Box { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Central = await CentralHost.Start();
            Box = await Central.Enrol(Path.Combine(Folder.FullName, "box"));
        }

        public async ValueTask DisposeAsync()
        {
            Box.Dispose();
            await Central.DisposeAsync();
            Folder.Delete(recursive: true);
        }
    }
}
