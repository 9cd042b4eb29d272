using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.EdgeNode;

/// <summary>
/// Who this box is, from the folder that Central made for it: identity.json, ca.pem, node.pem and node.key (towards Central),
/// lan.pem and lan.key (towards the school's browsers).
/// </summary>
internal sealed class BoxIdentity(string directory) : IDisposable
{
    private readonly Names names = JsonSerializer.Deserialize<Names>(File.ReadAllBytes(Path.Combine(directory, "identity.json")), Json.Options)!;

    public Guid Node => names.Node;

    public Scope School => Scope.School(names.School);

    /// <summary>The name that Central's certificate must bear, whatever address leads there.</summary>
    public string CentralName => names.CentralName;

    public X509Certificate2 Authority { get; } = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(directory, "ca.pem"));

    public X509Certificate2 NodeCertificate { get; } = Load(directory, "node");

    public X509Certificate2 LanCertificate { get; } = Load(directory, "lan");

    public void Dispose()
    {
        Authority.Dispose();
        NodeCertificate.Dispose();
        LanCertificate.Dispose();
    }

    private static X509Certificate2 Load(string directory, string name) =>
        X509Certificate2.CreateFromPemFile(Path.Combine(directory, $"{name}.pem"), Path.Combine(directory, $"{name}.key"));

    private sealed record Names(Guid Node, Guid School, string CentralName);
}
