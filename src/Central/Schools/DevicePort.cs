using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using TdmEdu.Modules.Shell.Joining;

namespace TdmEdu.Central.Schools;

/// <summary>
/// Central's three doors: one for browsers, one for boxes that only opens to a certificate of the department's CA, and one for boxes
/// that have none. Behind each is only what belongs there.
/// </summary>
internal static class DevicePort
{
    public static void Listen(this KestrelServerOptions kestrel, CentralSettings settings, DepartmentCa authority)
    {
        var own = new OwnCertificate(settings, authority);
        // Now, so that a folder that cannot be written stops the start and not the first box.
        own.Now();
        authority.MustVouchFor(settings);
        var address = IPAddress.Parse(settings.Bind);
        kestrel.Limits.Http2.InitialConnectionWindowSize = 1024 * 1024;
        kestrel.Limits.Http2.InitialStreamWindowSize = 1024 * 1024;
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
        kestrel.Listen(address, settings.WebPort, web => web.UseHttps(Tls(own)));
        kestrel.Listen(address, settings.DevicePort, boxes =>
        {
            boxes.Protocols = HttpProtocols.Http2;
            boxes.UseHttps(Tls(own, authority.HasIssued));
        });
        kestrel.Listen(address, settings.EnrolmentPort, newcomers =>
        {
            newcomers.Protocols = HttpProtocols.Http2;
            newcomers.UseHttps(Tls(own));
        });
    }

    public static void UseDoors(this WebApplication app, CentralSettings settings) => app.Use((http, next) =>
    {
        var door = http.Request.Path.StartsWithSegments("/tdmedu.sync.v1.SyncService") ? settings.DevicePort
            : http.Request.Path.StartsWithSegments("/tdmedu.enrolment.v1.EnrolmentService") ? settings.EnrolmentPort
            : settings.WebPort;
        if (http.Connection.LocalPort == door)
        {
            return next(http);
        }
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    });

    /// <param name="own">Asked at each handshake: it changes while Central runs.</param>
    /// <param name="opensTo">The certificates that a client must have one of; null when none is asked for.</param>
    private static TlsHandshakeCallbackOptions Tls(OwnCertificate own, Func<X509Certificate2, bool>? opensTo = null) => new()
    {
        OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
        {
            EnabledSslProtocols = SslProtocols.Tls13,
            ServerCertificateContext = own.Now(),
            ClientCertificateRequired = opensTo is not null,
            // A session that began at another door has no client certificate.
            AllowTlsResume = opensTo is null,
            RemoteCertificateValidationCallback = (_, shown, _, _) => opensTo is null || (shown is X509Certificate2 client && opensTo(client)),
        }),
    };

    /// <summary>Made at each start, and again when half of its life is over.</summary>
    private sealed class OwnCertificate(CentralSettings settings, DepartmentCa authority)
    {
        private readonly Lock gate = new();
        private SslStreamCertificateContext? context;

        public SslStreamCertificateContext Now()
        {
            lock (gate)
            {
                return context is not null && !authority.IsHalfOver(context.TargetCertificate) ? context : context = Make();
            }
        }

        private SslStreamCertificateContext Make()
        {
            var directory = Path.Combine(settings.DataDir, "ca");
            authority.IssueServer(directory, "central", [TlsNames.Central, .. settings.WebHosts]);
            var certificate = X509Certificate2.CreateFromPemFile(Path.Combine(directory, "central.pem"), Path.Combine(directory, "central.key"));
            return SslStreamCertificateContext.Create(certificate, authority.Bridge is { } bridge ? [bridge] : [], offline: true);
        }
    }
}
