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
    /// <summary>Random at creation. A cursor from another epoch counts as none: a Central made anew feeds everything again.</summary>
    public const string FeedEpoch = "feed_epoch";

    /// <summary>The node id under which the office at Central writes.</summary>
    public const string CentralNode = "central_node";

    /// <summary>The last stamp of Central's own hybrid logical clock.</summary>
    public const string CentralHlc = "central_hlc";

    public required string Key { get; init; }

    public required string Value { get; set; }
}
