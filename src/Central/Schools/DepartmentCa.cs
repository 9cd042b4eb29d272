using System.Formats.Asn1;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Joining;

namespace TdmEdu.Central.Schools;

/// <summary>
/// The department's own certificate authority: one P-256 key, kept in a file that only this account may read. It signs Central's
/// server certificate and, for each school, the box's client certificate and the certificate of its page on the LAN; what they say is
/// chosen here. While the key is being replaced two roots are trusted, and the old one vouches for the new one (the bridge), so that
/// nobody who knows the old one only is shut out. A root can vouch for the names and addresses of this department and its schools only (RFC 5280,
/// 4.2.1.10): whoever stole its key could not pretend to be a bank on a school's computer.
/// </summary>
internal sealed class DepartmentCa : IDisposable
{
    /// <summary>A box renews at half of it; one that stayed off longer renews by its key.</summary>
    public static readonly TimeSpan BoxLife = TimeSpan.FromDays(90);

    /// <summary>Chromium and Safari refuse server certificates that last longer (CA/Browser Forum, ballot SC-31).</summary>
    private const int ServerDays = 397;
    private const int CaYears = 10;
    private const string NameConstraintsOid = "2.5.29.30";

    /// <summary>So that what is signed now is valid on a machine whose clock is a little behind.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(5);
    private readonly X509Certificate2 authority;
    private readonly X509Certificate2? previous;
    private readonly TimeProvider clock;

    private DepartmentCa(string directory, TimeProvider clock)
    {
        this.clock = clock;
        authority = X509Certificate2.CreateFromPemFile(FileOf(directory, "ca.pem"), FileOf(directory, "ca.key"));
        if (File.Exists(FileOf(directory, "previous.pem")))
        {
            previous = X509CertificateLoader.LoadCertificateFromFile(FileOf(directory, "previous.pem"));
            Bridge = X509CertificateLoader.LoadCertificateFromFile(FileOf(directory, "bridge.pem"));
        }
    }

    public X509Certificate2 Certificate => authority;

    /// <summary>The current one first.</summary>
    public IReadOnlyList<X509Certificate2> Roots => previous is null ? [authority] : [authority, previous];

    public X509Certificate2? Bridge { get; }

    /// <param name="directory">Where its files are.</param>
    /// <param name="settings">Which names a root that is made now may vouch for.</param>
    /// <param name="clock">What it goes by.</param>
    public static DepartmentCa LoadOrCreate(string directory, CentralSettings settings, TimeProvider clock)
    {
        Directory.CreateDirectory(directory);
        if (!File.Exists(FileOf(directory, "ca.pem")))
        {
            CreateRoot(directory, settings, clock);
        }
        return new(directory, clock);
    }

    /// <summary>Begins the change to a new key; false while an earlier one is not finished. If it is cut short, the next start ends it.</summary>
    public static bool Rotate(string directory, CentralSettings settings, TimeProvider clock)
    {
        if (File.Exists(FileOf(directory, "previous.pem")))
        {
            return false;
        }
        File.Move(FileOf(directory, "ca.pem"), FileOf(directory, "previous.pem"));
        LoadOrCreate(directory, settings, clock).Dispose();
        return true;
    }

    /// <summary>Ends the change: the old root is trusted no longer.</summary>
    public static void Retire(string directory)
    {
        // The key first: nobody can sign with it any more, whatever happens to the rest.
        foreach (var name in new[] { "previous.key", "previous.pem", "bridge.pem" })
        {
            File.Delete(FileOf(directory, name));
        }
    }

    /// <summary>Whether a client certificate is one of ours for a box and valid now. The subject says nothing; the node's row does.</summary>
    public bool HasIssued(X509Certificate2 client) => LeadsTo(client, TlsNames.ClientAuth);

    private bool LeadsTo(X509Certificate2 certificate, string usage)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(Roots.ToArray());
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = clock.GetUtcNow().LocalDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new(usage));
        return chain.Build(certificate);
    }

    public bool IsHalfOver(X509Certificate2 certificate) =>
        clock.GetUtcNow() >= certificate.NotBefore + ((certificate.NotAfter - certificate.NotBefore) / 2);

    /// <exception cref="StartRefusedException">The root may not vouch for a name of the settings: it was made when they had others.</exception>
    public void MustVouchFor(CentralSettings settings)
    {
        string[] names = [.. settings.WebHosts, .. settings.LanDomains.Select(d => $"x.{d}")];
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var probe = Sign(new PublicKey(key), "CN=x", Names(names), TlsNames.ServerAuth, Slack);
        if (!LeadsTo(probe, TlsNames.ServerAuth))
        {
            throw new StartRefusedException(
                $"Khóa CA của Phòng không ký được cho một trong các tên {string.Join(", ", names)}, vì khi tạo khóa cấu hình còn ghi tên khác. "
                + "Hãy chạy lệnh rotate-ca rồi khởi động lại.",
                $"The department's CA cannot vouch for one of the names {string.Join(", ", names)}: the settings had others when it was made. Run rotate-ca, then start again.");
        }
    }

    /// <summary>A certificate for this machine, with a key of its own, written as name.pem and name.key.</summary>
    public void IssueServer(string directory, string name, params string[] hosts)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Sign(new PublicKey(key), $"CN={hosts[0]}", Names(hosts), TlsNames.ServerAuth, TimeSpan.FromDays(ServerDays));
        SecretFile.Write(FileOf(directory, $"{name}.key"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(FileOf(directory, $"{name}.pem"), certificate.ExportCertificatePem());
    }

    /// <summary>A box's client certificate. The school is read from the node's row.</summary>
    public X509Certificate2 SignNode(PublicKey key, Guid node)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri($"urn:tdmedu:node:{node:n}"));
        return Sign(key, $"CN=node-{node:n}", names, TlsNames.ClientAuth, BoxLife);
    }

    /// <summary>The certificate of a box's pages in its school.</summary>
    public X509Certificate2 SignLan(PublicKey key, IReadOnlyList<string> hosts) => Sign(key, $"CN={hosts[0]}", Names(hosts), TlsNames.ServerAuth, BoxLife);

    public void Dispose()
    {
        authority.Dispose();
        previous?.Dispose();
        Bridge?.Dispose();
    }

    private static void CreateRoot(string directory, CentralSettings settings, TimeProvider clock)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        // A name of its own: chains are built by names, and the old root may still be about.
        var id = Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()))[..8];
        var now = clock.GetUtcNow();
        using var root = RootRequest(key, id, settings, pathLength: 1).CreateSelfSigned(now - Slack, now.AddYears(CaYears));
        if (File.Exists(FileOf(directory, "previous.pem")))
        {
            if (!File.Exists(FileOf(directory, "previous.key")))
            {
                File.Move(FileOf(directory, "ca.key"), FileOf(directory, "previous.key"));
            }
            using var old = X509Certificate2.CreateFromPemFile(FileOf(directory, "previous.pem"), FileOf(directory, "previous.key"));
            using var bridge = RootRequest(key, id, settings, pathLength: 0).Create(old, now - Slack, old.NotAfter, RandomNumberGenerator.GetBytes(16));
            File.WriteAllText(FileOf(directory, "bridge.pem"), bridge.ExportCertificatePem());
        }
        SecretFile.Write(FileOf(directory, "ca.key"), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(FileOf(directory, "ca.pem"), root.ExportCertificatePem());
    }

    private static CertificateRequest RootRequest(ECDsa key, string id, CentralSettings settings, int pathLength)
    {
        var request = new CertificateRequest($"CN=TdmEdu Department CA {id}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, pathLength, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(NameConstraints(settings));
        return request;
    }

    /// <summary>A name stands for itself and all below it.</summary>
    private static X509Extension NameConstraints(CentralSettings settings)
    {
        var isAddress = settings.WebHosts.ToLookup(h => IPAddress.TryParse(h, out _));
        var names = isAddress[false].Select(h => new IdnMapping().GetAscii(h)).Concat(settings.LanDomains).Append("localhost").Append(TlsNames.Internal);
        var networks = LanHosts.Networks.Concat(isAddress[true].Select(IPAddress.Parse).Select(a => new IPNetwork(a, a.GetAddressBytes().Length * 8)));
        var asn = new AsnWriter(AsnEncodingRules.DER);
        using (asn.PushSequence())
        using (asn.PushSequence(new(TagClass.ContextSpecific, 0)))
        {
            foreach (var name in names.Distinct())
            {
                using (asn.PushSequence())
                {
                    asn.WriteCharacterString(UniversalTagNumber.IA5String, name, new(TagClass.ContextSpecific, 2));
                }
            }
            foreach (var network in networks)
            {
                using (asn.PushSequence())
                {
                    asn.WriteOctetString([.. network.BaseAddress.GetAddressBytes(), .. MaskOf(network)], new(TagClass.ContextSpecific, 7));
                }
            }
        }
        return new(NameConstraintsOid, asn.Encode(), critical: true);
    }

    private static IEnumerable<byte> MaskOf(IPNetwork network) =>
        network.BaseAddress.GetAddressBytes().Select((_, i) => (byte)(0xff00 >> Math.Clamp(network.PrefixLength - (8 * i), 0, 8)));

    private X509Certificate2 Sign(PublicKey key, string subject, SubjectAlternativeNameBuilder names, string usage, TimeSpan life)
    {
        var request = new CertificateRequest(new X500DistinguishedName(subject), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        request.CertificateExtensions.Add(names.Build());
        var now = clock.GetUtcNow();
        return request.Create(authority, now - Slack, now + life, RandomNumberGenerator.GetBytes(16));
    }

    private static SubjectAlternativeNameBuilder Names(IReadOnlyList<string> hosts)
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
        return names;
    }

    private static string FileOf(string directory, string name) => Path.Combine(directory, name);
}
