using System.Net;
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
        var certificate = ServerCertificate(settings, authority);
        var address = IPAddress.Parse(settings.Bind);
        kestrel.AddServerHeader = false;
        kestrel.Limits.Http2.InitialConnectionWindowSize = 1024 * 1024;
        kestrel.Limits.Http2.InitialStreamWindowSize = 1024 * 1024;
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
        kestrel.ConfigureHttpsDefaults(https =>
        {
            https.SslProtocols = SslProtocols.Tls13;
            https.ServerCertificate = certificate;
            https.ServerCertificateChain = authority.Bridge is { } bridge ? [bridge] : [];
        });
        kestrel.Listen(address, settings.WebPort, web => web.UseHttps());
        kestrel.Listen(address, settings.DevicePort, boxes =>
        {
            boxes.Protocols = HttpProtocols.Http2;
            boxes.UseHttps(https =>
            {
                https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                https.ClientCertificateValidation = (client, _, _) => authority.HasIssued(client);
            });
        });
        kestrel.Listen(address, settings.EnrolmentPort, newcomers =>
        {
            newcomers.Protocols = HttpProtocols.Http2;
            newcomers.UseHttps();
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

    private static X509Certificate2 ServerCertificate(CentralSettings settings, DepartmentCa authority)
    {
        var directory = Path.Combine(settings.DataDir, "ca");
        authority.IssueServer(directory, "central", [TlsNames.Central, .. settings.WebHosts]);
        return X509Certificate2.CreateFromPemFile(Path.Combine(directory, "central.pem"), Path.Combine(directory, "central.key"));
    }
}
