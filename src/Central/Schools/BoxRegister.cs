using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Intake;
using TdmEdu.Central.Storage;
using TdmEdu.Sync;

namespace TdmEdu.Central.Schools;

/// <summary>What the department decides about a box that is enrolled.</summary>
internal sealed class BoxRegister(IDbContextFactory<CentralDb> databases, Exchange exchange, TimeProvider clock)
{
    /// <summary>How long a permission to renew waits for a box that is off most of the time.</summary>
    private static readonly TimeSpan RenewalAllowedFor = TimeSpan.FromDays(7);

    /// <summary>Of two machines under one name, the department keeps the one that calls next.</summary>
    public Task<Result<string>> Admit(string node, CancellationToken cancel) => Change(node, "admitted", async row =>
    {
        if (row.Revoked)
        {
            return Sync.Central.Greeting.Revoked;
        }
        await exchange.Admit(new(row.NodeId, row.School), cancel);
        return null;
    });

    /// <summary>The box is refused from its next call on, and its open calls end; what it sent stays.</summary>
    public Task<Result<string>> Revoke(string node, CancellationToken cancel) => Change(node, "revoked", row =>
    {
        row.Revoked = true;
        return Task.FromResult<Error?>(null);
    });

    /// <summary>A box that was off for longer than it may renew by itself is let in again, with the key it always had.</summary>
    public Task<Result<string>> AllowRenewal(string node, CancellationToken cancel) => Change(node, "renewal allowed", row =>
    {
        if (row.Revoked)
        {
            return Task.FromResult<Error?>(Sync.Central.Greeting.Revoked);
        }
        if (row.RenewalAskedAtMs is null)
        {
            return Task.FromResult<Error?>(Error.Conflict("renewal_not_asked", "Máy này không xin gia hạn. Hãy tải lại trang."));
        }
        row.RenewalAllowedUntilMs = (clock.GetUtcNow() + RenewalAllowedFor).ToUnixTimeMilliseconds();
        return Task.FromResult<Error?>(null);
    });

    private async Task<Result<string>> Change(string node, string done, Func<NodeRow, Task<Error?>> change)
    {
        await using var db = await databases.CreateDbContextAsync();
        var row = Guid.TryParse(node, out var id) ? await db.Nodes.FindAsync(id) : null;
        if (row is null)
        {
            return Error.NotFound("unknown_node", "Không có máy chủ trường nào mang mã {0}. Hãy xem mã ở trang Máy chủ trường.", node);
        }
        if (await change(row) is { } refused)
        {
            return refused;
        }
        await db.SaveChangesAsync();
        return $"{done}: node {id}, {row.Name}";
    }
}
