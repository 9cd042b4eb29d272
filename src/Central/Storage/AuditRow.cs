namespace TdmEdu.Central.Storage;

/// <summary>Sign-ins, refusals, sensitive reads and administration. Append-only.</summary>
internal sealed class AuditRow
{
    public required Guid Id { get; init; }

    public required long AtMs { get; init; }

    public required string Event { get; init; }

    public required Guid Actor { get; init; }

    public required string Subject { get; init; }

    public required string Reason { get; init; }
}

/// <summary>Facts about this Central as a whole.</summary>
internal sealed class MetaRow
{
    public required string Key { get; init; }

    public required string Value { get; set; }
}
