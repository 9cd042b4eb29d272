using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Intake;
using TdmEdu.Central.Storage;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Schools;

/// <summary>
/// Makes the identity folder of a school's box: its node row here, and there its client certificate, its page's certificate and
/// the department's root. The folder is carried to the box by hand; it holds private keys.
/// </summary>
internal sealed class Provision(IRecordStore store, IDbContextFactory<CentralDb> databases, DepartmentCa authority, Exchange exchange, TimeProvider clock)
{
    public const string CentralName = "central.tdmedu.internal";

    /// <param name="lanHosts">Names and addresses under which the school's browsers reach the box.</param>
    public async Task<Result<string>> Run(string schoolCode, string directory, IReadOnlyList<string> lanHosts, CancellationToken cancel)
    {
        var today = clock.Today();
        var unit = await store.Read(
            records => records.Page<Unit>(Scope.City, schoolCode, schoolCode + "\u0001").Rows
                .FirstOrDefault(u => u.Value.Code == schoolCode && u.Value.IsValidOn(today) && u.Value.Kind == UnitKind.School),
            cancel);
        if (unit is null)
        {
            return Error.NotFound("unknown_school", "Không có trường nào mang mã {0} hôm nay. Hãy kiểm tra danh sách đơn vị.", schoolCode);
        }
        var node = RecordId.New(clock);
        var thumbprint = authority.IssueNode(directory, "node", node);
        authority.IssueServer(directory, "lan", [.. lanHosts]);
        await File.WriteAllTextAsync(Path.Combine(directory, "ca.pem"), authority.CertificatePem, cancel);
        await File.WriteAllBytesAsync(
            Path.Combine(directory, "identity.json"), JsonSerializer.SerializeToUtf8Bytes(new { node, school = unit.Id, centralName = CentralName }, Json.Options), cancel);
        await using var db = await databases.CreateDbContextAsync(cancel);
        db.Nodes.Add(new NodeRow { NodeId = node, School = Scope.School(unit.Id), Thumbprint = thumbprint, Name = unit.Value.Name });
        await db.SaveChangesAsync(cancel);
        return $"{directory}: node {node}";
    }

    /// <summary>Of two machines under one name, the department keeps the one that calls next.</summary>
    public async Task<Result<string>> Admit(string node, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var row = Guid.TryParse(node, out var id) ? await db.Nodes.FindAsync([id], cancel) : null;
        if (row is null)
        {
            return UnknownNode(node);
        }
        await exchange.Admit(new(row.NodeId, row.School), cancel);
        return $"admitted: node {id}, {row.Name}";
    }

    /// <summary>The box is refused from its next call on; what it sent stays.</summary>
    public async Task<Result<string>> Revoke(string node, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var row = Guid.TryParse(node, out var id) ? await db.Nodes.FindAsync([id], cancel) : null;
        if (row is null)
        {
            return UnknownNode(node);
        }
        row.Revoked = true;
        await db.SaveChangesAsync(cancel);
        return $"revoked: node {id}, {row.Name}";
    }

    private static Error UnknownNode(string node) =>
        Error.NotFound("unknown_node", "Không có máy chủ trường nào mang mã {0}. Hãy xem mã trong identity.json của máy.", node);
}
