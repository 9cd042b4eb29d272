using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TdmEdu.Modules.Shell.Joining;

namespace TdmEdu.EdgeNode.Joining;

/// <summary>Whom the box takes for Central: TLS 1.3, a root of the department, Central's name. The machine's own list of roots counts for nothing.</summary>
internal static class CentralTrust
{
    /// <summary>The address under which Central is called: the certificate is checked against its host, and where it leads is dialled.</summary>
    public static Uri Named(Uri address) => new UriBuilder(address) { Host = TlsNames.Central }.Uri;

    public static SslClientAuthenticationOptions Options(Func<X509Certificate2, X509Certificate2Collection, bool> trusts) => new()
    {
        EnabledSslProtocols = SslProtocols.Tls13,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        RemoteCertificateValidationCallback = (_, shown, sent, errors) =>
            shown is X509Certificate2 leaf && (errors & (SslPolicyErrors.RemoteCertificateNameMismatch | SslPolicyErrors.RemoteCertificateNotAvailable)) == 0
            && trusts(leaf, sent?.ChainPolicy.ExtraStore ?? []),
    };

    /// <param name="roots">The department's.</param>
    /// <param name="leaf">What the server has shown.</param>
    /// <param name="between">What it has sent with it.</param>
    /// <param name="now">The box's own time: a machine that says 1970 would find no certificate valid, and so never learn the time.</param>
    public static bool Leads(X509Certificate2Collection roots, X509Certificate2 leaf, X509Certificate2Collection between, DateTimeOffset now)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.ExtraStore.AddRange(between);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = now.LocalDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(TlsNames.ServerAuth));
        return chain.Build(leaf);
    }
}
