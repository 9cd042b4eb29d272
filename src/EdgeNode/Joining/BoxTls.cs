using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace TdmEdu.EdgeNode.Joining;

/// <summary>The school's browsers' way in: TLS 1.3 under the certificate that the box holds at each handshake; a renewal changes it while the box runs.</summary>
internal static class BoxTls
{
    public static void UseHttps(this ListenOptions lan, BoxIdentity box) => lan.UseHttps(new TlsHandshakeCallbackOptions
    {
        OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
        {
            EnabledSslProtocols = SslProtocols.Tls13,
            ServerCertificateContext = box.LanChain,
        }),
    });
}
