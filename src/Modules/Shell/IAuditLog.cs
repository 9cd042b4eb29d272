using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Shell;

/// <summary>Kept by each host beside its data, durable when the call returns.</summary>
public interface IAuditLog
{
    Task Write(AuditEntry entry, CancellationToken cancel);

    /// <summary>When this event was last written since then; null when it was not.</summary>
    Task<DateTimeOffset?> Latest(string what, DateTimeOffset since, CancellationToken cancel);
}
