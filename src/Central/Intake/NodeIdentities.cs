using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Storage;
using TdmEdu.Modules.Shell.Joining;
using TdmEdu.Sync;
using TdmEdu.Sync.Central;

namespace TdmEdu.Central.Intake;

/// <summary>Finds the box of a client certificate. A change of the nodes' table takes effect within <see cref="CachedFor"/>.</summary>
internal sealed class NodeIdentities(IDbContextFactory<CentralDb> databases, TimeProvider clock)
{
    public static readonly TimeSpan CachedFor = TimeSpan.FromSeconds(5);
    private const int CachedMax = 4096;

    private readonly ConcurrentDictionary<string, (NodeIdentity Node, long At)> cached = new();

    public async Task<Result<NodeIdentity>> Of(HttpContext http, CancellationToken cancel)
    {
        var node = await Known(http, cancel);
        http.Items[typeof(NodeIdentity)] = node.Ok ? node.Value : null;
        return node;
    }

    private async Task<Result<NodeIdentity>> Known(HttpContext http, CancellationToken cancel)
    {
        var certificate = http.Connection.ClientCertificate;
        if (certificate is null)
        {
            return Unknown;
        }
        var thumbprint = certificate.GetCertHashString(HashAlgorithmName.SHA256);
        if (cached.TryGetValue(thumbprint, out var held) && clock.GetElapsedTime(held.At) < CachedFor)
        {
            return held.Node;
        }
        var found = await Find(BoxKey.Pin(certificate.PublicKey), cancel);
        if (found.Ok)
        {
            if (cached.Count >= CachedMax)
            {
                cached.Clear();
            }
            cached[thumbprint] = (found.Value, clock.GetTimestamp());
        }
        return found;
    }

    private static Error Unknown => Error.Denied(
        "node_unknown", "Máy chủ trường này chưa được ghi danh. Hãy ghi danh lại bằng mã do Phòng Giáo dục cấp.");

    private async Task<Result<NodeIdentity>> Find(string keyPin, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var node = await db.Nodes.AsNoTracking().FirstOrDefaultAsync(n => n.KeyPin == keyPin, cancel);
        return node switch
        {
            null => Unknown,
            _ => new NodeIdentity(node.NodeId, node.School),
        };
    }
}
