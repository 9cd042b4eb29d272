using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Storage;

internal sealed class CentralAudit(CentralStore store, TimeProvider clock) : IAuditLog
{
    public Task Write(AuditEntry entry, CancellationToken cancel) => store.Write<bool>(
        bulk =>
        {
            bulk.AppendAudit(entry, clock.GetUtcNow().ToUnixTimeMilliseconds());
            return true;
        },
        cancel);
}
