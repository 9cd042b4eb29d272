namespace TdmEdu.Sync.Records;

/// <summary>Sign-ins, refusals, sensitive reads and administration. Ids only, never names; changes of data are the operations
/// themselves.</summary>
/// <param name="Event">A stable word such as "sign_in", "refused".</param>
/// <param name="Actor">The person, empty when unknown.</param>
/// <param name="Subject">What it was about: an id or a path.</param>
/// <param name="Reason">The error's machine code; empty for a success.</param>
public sealed record AuditEntry(string Event, Guid Actor, string Subject, string Reason);
