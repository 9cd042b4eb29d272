using Microsoft.EntityFrameworkCore;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Storage;

internal sealed class CentralAudit(CentralStore store, IDbContextFactory<CentralDb> databases, TimeProvider clock) : IAuditLog
{
    public Task Write(AuditEntry entry, CancellationToken cancel) => store.Write<bool>(
        bulk =>
        {
            bulk.AppendAudit(entry, clock.GetUtcNow().ToUnixTimeMilliseconds());
            return true;
        },
        cancel);

    public async Task<DateTimeOffset?> Latest(string what, DateTimeOffset since, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var sinceMs = since.ToUnixTimeMilliseconds();
        return await db.Audit.Where(a => a.Event == what && a.AtMs >= sinceMs).MaxAsync(a => (long?)a.AtMs, cancel) is { } ms
            ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;
    }
}
