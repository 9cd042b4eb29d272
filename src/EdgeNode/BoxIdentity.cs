using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using TdmEdu.Contracts.Enrolment.V1;
using TdmEdu.Modules.Shell.Joining;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.EdgeNode;

/// <summary>
/// Who this box is, in one folder: node.key and lan.key, made here and never sent anywhere; what Central signed for them, node.pem
/// (towards Central) and lan.pem (towards the school's browsers); the department's roots, ca.pem; the keys of the school's seals; and identity.json,
/// written last. A box that was withdrawn keeps all of it until it has joined anew, in a folder inside of this one.
/// </summary>
internal sealed class BoxIdentity : IDisposable
{
    private const string NamesFile = "identity.json";
    private readonly string directory;
    private readonly Names names;

    public BoxIdentity(string directory)
    {
        this.directory = directory;
        names = NamesIn(directory);
        Seals = SealsIn(directory);
        Load();
    }

    public Guid Node => names.Node;

    /// <summary>What this box was until it was withdrawn and joined anew.</summary>
    public Guid? Before => names.Before;

    public Scope School => Scope.School(names.School);

    public Seals Seals { get; }

    /// <summary>The department's roots; two while its authority is being replaced. Like the certificates it is another one after a renewal.</summary>
    public X509Certificate2Collection Roots { get; private set; } = [];

    public X509Certificate2 NodeCertificate { get; private set; } = null!;

    public X509Certificate2 LanCertificate { get; private set; } = null!;

    /// <summary>Names and addresses that the LAN's certificate is for.</summary>
    public IReadOnlyList<string> LanHosts { get; private set; } = [];

    /// <summary>The LAN's certificate with what browsers need between it and the root they know.</summary>
    public SslStreamCertificateContext LanChain { get; private set; } = null!;

    public static bool IsIn(string directory) => File.Exists(Path.Combine(directory, NamesFile));

    /// <summary>Where a box that was withdrawn puts what it gets when it joins anew.</summary>
    public static string NextOf(string directory) => Path.Combine(directory, "next");

    /// <summary>At a start: what was got by joining anew takes the place of what was. A power cut in between is gone on from here.</summary>
    public static void TakeNext(string directory)
    {
        var next = NextOf(directory);
        if (!IsIn(next))
        {
            return;
        }
        var (old, fresh) = (NamesIn(directory), NamesIn(next));
        foreach (var file in Directory.GetFiles(next).Where(f => Path.GetFileName(f) != NamesFile))
        {
            var to = Path.Combine(directory, Path.GetFileName(file));
            // The box's own seals know what was erased.
            if (!to.EndsWith(Seals.FileEnd, StringComparison.Ordinal) || !File.Exists(to))
            {
                File.Move(file, to, overwrite: true);
            }
        }
        SecretFile.Write(Path.Combine(directory, NamesFile), JsonSerializer.Serialize(old.Node == fresh.Node ? old : fresh with { Before = old.Node }, Json.Options));
        Directory.Delete(next, recursive: true);
    }

    /// <summary>The requests for the two keys, which are made when there are none.</summary>
    public static Keys Keys(string directory)
    {
        Directory.CreateDirectory(directory);
        return new() { Node = Request(KeyFile(directory, "node")), Lan = Request(KeyFile(directory, "lan")) };
    }

    public static RenewRequest Renewal(string directory)
    {
        var keys = Keys(directory);
        using var node = ECDsa.Create();
        node.ImportFromPem(File.ReadAllText(KeyFile(directory, "node")));
        return new() { Keys = keys, LanByNode = Google.Protobuf.ByteString.CopyFrom(BoxKey.Vouch(node, keys.Lan.ToByteArray())) };
    }

    /// <summary>The next enrolment begins with other keys.</summary>
    public static void ForgetKeys(string directory)
    {
        File.Delete(KeyFile(directory, "node"));
        File.Delete(KeyFile(directory, "lan"));
    }

    public static void Save(string directory, Guid node, Guid school, Certificates certificates)
    {
        Save(directory, Scope.School(school), certificates);
        SecretFile.Write(Path.Combine(directory, NamesFile), JsonSerializer.Serialize(new Names(node, school), Json.Options));
    }

    /// <summary>After a renewal: the keys are the same, so that each mixture of old and new files is one that works.</summary>
    public void Take(Certificates certificates)
    {
        Save(directory, School, certificates);
        Load();
    }

    public void Dispose()
    {
        NodeCertificate.Dispose();
        LanCertificate.Dispose();
    }

    private static void Save(string directory, Scope school, Certificates certificates)
    {
        Write("ca.pem", [.. certificates.Roots]);
        Write("lan.pem", certificates.Bridge.IsEmpty ? [certificates.Lan] : [certificates.Lan, certificates.Bridge]);
        Write("node.pem", certificates.Node);
        if (!certificates.Seal.IsEmpty)
        {
            SealsIn(directory).Take(school, SealDelivery.Open(certificates.Seal.Span, File.ReadAllText(KeyFile(directory, "node"))));
        }

        void Write(string name, params Google.Protobuf.ByteString[] some) =>
            SecretFile.Write(Path.Combine(directory, name), string.Concat(some.Select(c => PemEncoding.WriteString("CERTIFICATE", c.Span) + "\n")));
    }

    private void Load()
    {
        var between = new X509Certificate2Collection();
        between.ImportFromPemFile(Path.Combine(directory, "lan.pem"));
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(Path.Combine(directory, "ca.pem"));
        (Roots, NodeCertificate, LanCertificate) = (roots, WithKey("node"), WithKey("lan"));
        LanHosts =
        [
            .. LanCertificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
                .SelectMany(names => names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(a => a.ToString()))),
        ];
        between.RemoveAt(0);
        LanChain = SslStreamCertificateContext.Create(LanCertificate, between, offline: true);
    }

    private X509Certificate2 WithKey(string name) =>
        X509Certificate2.CreateFromPemFile(Path.Combine(directory, $"{name}.pem"), KeyFile(directory, name));

    private static Google.Protobuf.ByteString Request(string file)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (File.Exists(file))
        {
            key.ImportFromPem(File.ReadAllText(file));
        }
        else
        {
            SecretFile.Write(file, key.ExportPkcs8PrivateKeyPem());
        }
        return Google.Protobuf.ByteString.CopyFrom(BoxKey.Request(key));
    }

    private static Seals SealsIn(string directory) => new(directory, makes: false);

    private static Names NamesIn(string directory) =>
        JsonSerializer.Deserialize<Names>(File.ReadAllBytes(Path.Combine(directory, NamesFile)), Json.Options)!;

    private static string KeyFile(string directory, string name) => Path.Combine(directory, $"{name}.key");

    private sealed record Names(Guid Node, Guid School, Guid? Before = null);
}
