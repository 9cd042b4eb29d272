using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace TdmEdu.Central.Schools;

/// <summary>Central's two doors: one for browsers, one for boxes that only opens to a certificate of the department's CA.</summary>
internal static class DevicePort
{
    private const string ClientAuth = "1.3.6.1.5.5.7.3.2";

    public static void Listen(this KestrelServerOptions kestrel, CentralSettings settings, DepartmentCa authority)
    {
        var certificate = ServerCertificate(settings, authority);
        var address = IPAddress.Parse(settings.Bind);
        kestrel.AddServerHeader = false;
        kestrel.Limits.Http2.InitialConnectionWindowSize = 1024 * 1024;
        kestrel.Limits.Http2.InitialStreamWindowSize = 1024 * 1024;
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
        kestrel.Listen(address, settings.WebPort, web => web.UseHttps(certificate));
        kestrel.Listen(address, settings.DevicePort, boxes =>
        {
            boxes.Protocols = HttpProtocols.Http2;
            boxes.UseHttps(certificate, https =>
            {
                https.SslProtocols = SslProtocols.Tls13;
                https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                https.ClientCertificateValidation = (client, _, _) => IsIssuedBy(authority, client);
            });
        });
    }

    /// <summary>The subject says nothing here; which school it is, and whether it was revoked, is read from the node's row.</summary>
    private static bool IsIssuedBy(DepartmentCa authority, X509Certificate2 client)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority.Certificate);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new(ClientAuth));
        return chain.Build(client);
    }

    private static X509Certificate2 ServerCertificate(CentralSettings settings, DepartmentCa authority)
    {
        var directory = Path.Combine(settings.DataDir, "ca");
        authority.IssueServer(directory, "central", [Provision.CentralName, .. settings.WebHosts]);
        return X509Certificate2.CreateFromPemFile(Path.Combine(directory, "central.pem"), Path.Combine(directory, "central.key"));
    }
}
