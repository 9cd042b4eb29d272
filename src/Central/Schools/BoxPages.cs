using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Storage;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Schools;

/// <param name="SuspectSince">Since when a second machine under this name is held back; null when there is none.</param>
public sealed record BoxLine(Guid Node, string School, bool IsRevoked, DateTimeOffset? LastSeen, DateTimeOffset? SuspectSince);

public sealed record BoxListModel(IReadOnlyList<BoxLine> Boxes, bool Admitted, Error? Refused);

/// <summary>The schools' boxes, and the department's decision about two machines under one name.</summary>
internal sealed class BoxPages(IDbContextFactory<CentralDb> databases, IRecordStore store, Provision provision, IAuditLog audit)
{
    private const string Admitted = "cho-vao";

    public Task<IResult> List(string? done, CancellationToken cancel) => Show(done == Admitted, null, cancel);

    public async Task<IResult> Admit(HttpContext http, CancellationToken cancel)
    {
        var node = http.Request.Form["may"].ToString();
        var admitted = await provision.Admit(node, cancel);
        await audit.Write(new("node_admit", http.Actor().Id, node, admitted.Ok ? "" : admitted.Error.Reason), cancel);
        return admitted.Ok ? Results.LocalRedirect($"{SchoolsSetup.Path}?ghi={Admitted}") : await Show(false, admitted.Error, cancel);
    }

    private async Task<IResult> Show(bool admitted, Error? refused, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var nodes = await db.Nodes.AsNoTracking().ToListAsync(cancel);
        var boxes = await store.Read(
            records => nodes.Select(n => new BoxLine(
                    n.NodeId, records.Get<Unit>(Scope.City, n.School.Owner)?.Value.Name ?? n.Name, n.Revoked, Instant(n.LastSeenAtMs), Instant(n.SuspectSinceMs)))
                .OrderBy(b => b.SuspectSince is null).ThenBy(b => b.School, VietnameseText.ByText).ToList(),
            cancel);
        return new RazorComponentResult<BoxListPage>(new { Model = new BoxListModel(boxes, admitted, refused) })
        {
            StatusCode = refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(refused.Code),
        };
    }

    /// <summary>An admitted box counts as unseen until it calls: 0.</summary>
    private static DateTimeOffset? Instant(long? ms) => ms is > 0 ? DateTimeOffset.FromUnixTimeMilliseconds(ms.Value).ToOffset(SchoolTime.Offset) : null;
}
