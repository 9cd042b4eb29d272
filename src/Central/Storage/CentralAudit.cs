using Microsoft.EntityFrameworkCore;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Storage;

internal sealed class CentralAudit(IDbContextFactory<CentralDb> databases, TimeProvider clock) : IAuditLog
{
    public async Task Write(AuditEntry entry, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        db.Audit.Add(new()
        {
            Id = RecordId.New(clock),
            AtMs = clock.GetUtcNow().ToUnixTimeMilliseconds(),
            Event = entry.Event,
            Actor = entry.Actor,
            Subject = entry.Subject,
            Reason = entry.Reason,
        });
        await db.SaveChangesAsync(cancel);
    }
}
