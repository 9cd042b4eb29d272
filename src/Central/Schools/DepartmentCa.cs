using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TdmEdu.Central.Schools;

/// <summary>
/// The department's own certificate authority: one P-256 key, kept in a file that only this account may read. It signs Central's
/// server certificate and, for each school, the box's client certificate and the certificate of its page on the LAN.
/// </summary>
internal sealed class DepartmentCa : IDisposable
{
    /// <summary>Chromium and Safari refuse server certificates that last longer (CA/Browser Forum, ballot SC-31).</summary>
    private const int LeafDaysMax = 397;
    private const int CaYears = 10;
    private const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuth = "1.3.6.1.5.5.7.3.2";
    private readonly X509Certificate2 authority;
    private readonly TimeProvider clock;

    private DepartmentCa(X509Certificate2 authority, TimeProvider clock) => (this.authority, this.clock) = (authority, clock);

    public string CertificatePem => authority.ExportCertificatePem();

    public X509Certificate2 Certificate => authority;

    public static DepartmentCa LoadOrCreate(string directory, TimeProvider clock)
    {
        var (certificateFile, keyFile) = (Path.Combine(directory, "ca.pem"), Path.Combine(directory, "ca.key"));
        if (!File.Exists(certificateFile))
        {
            Directory.CreateDirectory(directory);
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=TdmEdu Department CA", key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
            request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
            request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
            var now = clock.GetUtcNow();
            using var certificate = request.CreateSelfSigned(now.AddMinutes(-5), now.AddYears(CaYears));
            WriteSecret(keyFile, key.ExportPkcs8PrivateKeyPem());
            File.WriteAllText(certificateFile, certificate.ExportCertificatePem());
        }
        return new(X509Certificate2.CreateFromPemFile(certificateFile, keyFile), clock);
    }

    /// <summary>A certificate for a host that browsers or boxes connect to, written as name.pem and name.key.</summary>
    public void IssueServer(string directory, string name, params string[] hosts)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
        {
            if (IPAddress.TryParse(host, out var address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(host);
            }
        }
        Issue(directory, name, $"CN={hosts[0]}", names, ServerAuth).Dispose();
    }

    /// <summary>A box's client certificate; returns its SHA-256 thumbprint. The subject is chosen here alone, the school is read from the node's row.</summary>
    public string IssueNode(string directory, string name, Guid node)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri($"urn:tdmedu:node:{node:n}"));
        using var certificate = Issue(directory, name, $"CN=node-{node:n}", names, ClientAuth);
        return certificate.GetCertHashString(HashAlgorithmName.SHA256);
    }

    public void Dispose() => authority.Dispose();

    private X509Certificate2 Issue(string directory, string name, string subject, SubjectAlternativeNameBuilder names, string usage)
    {
        Directory.CreateDirectory(directory);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        request.CertificateExtensions.Add(names.Build());
        var now = clock.GetUtcNow();
        var certificate = request.Create(authority, now.AddMinutes(-5), now.AddDays(LeafDaysMax), RandomNumberGenerator.GetBytes(16));
        WriteSecret(Path.Combine(directory, $"{name}.key"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Path.Combine(directory, $"{name}.pem"), certificate.ExportCertificatePem());
        return certificate;
    }

    private static void WriteSecret(string file, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        using var writer = new StreamWriter(file, options);
        writer.Write(text);
    }
}
