using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Storage;
using TdmEdu.Sync;

namespace TdmEdu.Central.Schools;

/// <summary>
/// Replaces the department's CA while everybody works on: from the next start of Central new certificates come from the new root, boxes
/// learn both with their next renewal, and the old root is given up when no box needs it.
/// </summary>
internal sealed class CaRotation(IDbContextFactory<CentralDb> databases, CentralSettings settings, DepartmentCa authority, TimeProvider clock)
{
    private string Folder => Path.Combine(settings.DataDir, "ca");

    public Result<string> Begin() => DepartmentCa.Rotate(Folder, settings, clock)
        ? "CA rotated: restart Central, and keep a copy of the folder ca offline"
        : Error.Conflict("rotation_unfinished", "Lần thay khóa trước chưa kết thúc. Hãy chạy retire-ca trước.");

    public async Task<Result<string>> End(CancellationToken cancel)
    {
        var root = authority.Certificate.Thumbprint;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var behind = await db.Nodes.Where(n => !n.Revoked && n.CertifiedBy != root).OrderBy(n => n.Name).Select(n => n.Name).ToListAsync(cancel);
        if (behind.Count > 0)
        {
            return Error.Conflict(
                "boxes_behind", "Còn {0} máy chưa có chứng thư của khóa mới: {1}. Hãy chờ các máy này kết nối, hoặc thu hồi chúng trước.",
                behind.Count, string.Join(", ", behind));
        }
        DepartmentCa.Retire(Folder);
        return "old CA retired: restart Central";
    }
}
