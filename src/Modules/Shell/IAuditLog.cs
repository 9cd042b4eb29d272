using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Shell;

/// <summary>Kept by each host beside its data, durable when the call returns.</summary>
public interface IAuditLog
{
    Task Write(AuditEntry entry, CancellationToken cancel);
}
