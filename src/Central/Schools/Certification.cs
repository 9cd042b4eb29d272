using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Storage;
using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Joining;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync;
using TdmEdu.Sync.Central;

namespace TdmEdu.Central.Schools;

/// <summary>Each DER, but for the seal, which <see cref="SealDelivery"/> closes.</summary>
internal sealed record Certified(byte[] Node, byte[] Lan, IReadOnlyList<byte[]> Roots, byte[]? Bridge, byte[] Seal);

/// <summary>
/// Certificates for boxes that are enrolled. The key is what a box is known by: it renews by proving the key, also long after its
/// certificate has ended, as long as the department has not shut it out.
/// </summary>
internal sealed class Certification(
    IDbContextFactory<CentralDb> databases, DepartmentCa authority, Seals seals, JoinDelay delay, IAuditLog audit, TimeProvider clock)
{
    /// <summary>A summer, or a building site. Of a box that was away for longer, a person is asked.</summary>
    public static readonly TimeSpan RenewsAfterExpiry = TimeSpan.FromDays(120);

    /// <summary>The caller saves the row.</summary>
    public Certified Certify(NodeRow node, PublicKey nodeKey, PublicKey lanKey)
    {
        using var client = authority.SignNode(nodeKey, node.NodeId);
        using var lan = authority.SignLan(lanKey, node.LanHosts.Split(' '));
        node.CertifiedBy = authority.Certificate.Thumbprint;
        node.CertifiedUntilMs = new DateTimeOffset(client.NotAfter).ToUnixTimeMilliseconds();
        (node.RenewalAskedAtMs, node.RenewalAllowedUntilMs) = (null, null);
        var seal = SealDelivery.Close(seals.Export(node.School)!, nodeKey);
        return new(client.RawData, lan.RawData, [.. authority.Roots.Select(r => r.RawData)], authority.Bridge?.RawData, seal);
    }

    public async Task<Result<Certified>> Renew(byte[] nodeRequest, byte[] lanRequest, byte[] lanByNode, IPAddress address, CancellationToken cancel)
    {
        if (delay.Begin(address) is { } wait)
        {
            return BoxEnrolment.Wait(wait);
        }
        if (BoxKey.Of(nodeRequest) is not { } nodeKey || BoxKey.Of(lanRequest) is not { } lanKey || !BoxKey.Vouches(nodeKey, lanRequest, lanByNode))
        {
            return BoxEnrolment.Malformed;
        }
        await using var db = await databases.CreateDbContextAsync(cancel);
        var pin = BoxKey.Pin(nodeKey);
        var node = await db.Nodes.FirstOrDefaultAsync(n => n.KeyPin == pin, cancel);
        var refused = node is null ? NodeUnknown : Refuses(node);
        if (node is not null)
        {
            delay.Succeeded(address);
        }
        if (refused is null)
        {
            var certified = Certify(node!, nodeKey, lanKey);
            await db.SaveChangesAsync(cancel);
            await audit.Write(new("node_renewed", node!.NodeId, node.Name, ""), cancel);
            return certified;
        }
        if (refused.Reason == NeedsDepartment.Reason && node!.RenewalAskedAtMs is null)
        {
            node.RenewalAskedAtMs = clock.GetUtcNow().ToUnixTimeMilliseconds();
            await db.SaveChangesAsync(cancel);
        }
        await audit.Write(new("node_renewed", node?.NodeId ?? Guid.Empty, address.ToString(), refused.Reason), cancel);
        return refused;
    }

    internal static Error NodeUnknown => Error.Denied(
        "node_unknown", "Máy chủ trường này chưa được ghi danh. Hãy ghi danh lại bằng mã do Phòng Giáo dục cấp.");

    private static Error NeedsDepartment => Error.Denied(
        "renewal_needs_department", "Máy này đã tắt quá lâu. Hãy gọi bộ phận CNTT của Phòng để được cho gia hạn; dữ liệu trên máy vẫn còn.");

    private Error? Refuses(NodeRow node)
    {
        var now = clock.GetUtcNow();
        var isLate = now - DateTimeOffset.FromUnixTimeMilliseconds(node.CertifiedUntilMs ?? 0) > RenewsAfterExpiry;
        return node.Revoked ? Greeting.Revoked
            : isLate && !(node.RenewalAllowedUntilMs > now.ToUnixTimeMilliseconds()) ? NeedsDepartment
            : null;
    }
}
