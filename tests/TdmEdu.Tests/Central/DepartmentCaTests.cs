using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TdmEdu.Central;
using TdmEdu.Central.Schools;
using TdmEdu.Modules.Shell;

namespace TdmEdu.Tests.Central;

public sealed class DepartmentCaTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("department-ca-");
    private readonly DepartmentCa authority;

    public DepartmentCaTests() => authority = DepartmentCa.LoadOrCreate(folder.FullName, Settings("so.giao-duc.example", "203.0.113.7"), TimeProvider.System);

    public void Dispose()
    {
        authority.Dispose();
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("may.truong-a.lan", true)]
    [InlineData("truong.local", true)]
    [InlineData("localhost", true)]
    [InlineData("so.giao-duc.example", true)]
    [InlineData("192.168.1.10", true)]
    [InlineData("10.255.0.1", true)]
    [InlineData("172.31.0.1", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("fd00::7", true)]
    [InlineData("203.0.113.7", true)]
    [InlineData("ngan-hang.example", false)]
    [InlineData("giao-duc.example", false)]
    [InlineData("lan.example", false)]
    [InlineData("203.0.113.8", false)]
    [InlineData("172.32.0.1", false)]
    [InlineData("2001:db8::1", false)]
    public void Threat_T07_Whoever_has_the_root_s_key_vouches_for_nothing_outside_the_department_and_its_schools(string host, bool valid)
    {
        using var stolen = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=x", stolen, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(host, out var address))
        {
            names.AddIpAddress(address);
        }
        else
        {
            names.AddDnsName(host);
        }
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var forged = request.Create(authority.Certificate, now, now.AddDays(1), [1]);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority.Certificate);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        Assert.Equal(valid, chain.Build(forged));
    }

    [Fact]
    public void Central_under_a_name_that_is_new_does_not_start_until_the_root_was_replaced()
    {
        authority.MustVouchFor(Settings("so.giao-duc.example", "192.168.1.10"));
        var moved = Settings("phong.example");
        Assert.Contains("rotate-ca", Assert.Throws<StartRefusedException>(() => authority.MustVouchFor(moved)).Message, StringComparison.Ordinal);
        Assert.Throws<StartRefusedException>(() => authority.MustVouchFor(moved with { WebHosts = [], LanDomains = ["truong.example"] }));
        Assert.True(DepartmentCa.Rotate(folder.FullName, moved, TimeProvider.System));
        using var rotated = DepartmentCa.LoadOrCreate(folder.FullName, moved, TimeProvider.System);
        rotated.MustVouchFor(moved);
    }

    private CentralSettings Settings(params string[] webHosts) => new() { DataDir = folder.FullName, WebHosts = webHosts };
}
