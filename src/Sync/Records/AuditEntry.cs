namespace TdmEdu.Sync.Records;

/// <summary>Sign-ins, refusals, sensitive reads and administration. Ids only, never names; changes of data are the operations
/// themselves.</summary>
/// <param name="Event">A stable word such as "sign_in", "refused".</param>
/// <param name="Actor">The person, empty when unknown.</param>
/// <param name="Subject">What it was about: an id or a path.</param>
/// <param name="Reason">The error's machine code; empty for a success.</param>
public sealed record AuditEntry(string Event, Guid Actor, string Subject, string Reason)
{
    public const string Key = "sync.audit";

    /// <summary>
    /// A box's audit is a lane like its other records: chained, on the disk before the call returns, sent to Central, and what somebody
    /// changes in the box's file afterwards no longer fits what Central holds.
    /// </summary>
    internal static readonly EntityType Type = new(Key, typeof(AuditEntry), 1)
    {
        Name = "Nhật ký",
        Scopes = ScopeKind.School,
        WrittenBy = Side.Edge,
        Kind = OpKind.Fact,
        Lane = Lane.Telemetry,
        Allow = new Dictionary<Roles, Verbs> { [Roles.Head | Roles.DepartmentIt] = Verbs.Read },
        Marks = FieldMark.Of(new(Says.Basic, Purpose.Accountability), nameof(Event), nameof(Actor), nameof(Subject), nameof(Reason)),
    };
}
