using TdmEdu.Sync.Central;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Simulation.Centres;

/// <summary>What Central has committed, and so what a crash leaves it with.</summary>
internal sealed class CentralData
{
    public Rows<Scope, long> Feeds { get; private init; } = new();

    public Rows<Guid, (byte[] Token, Guid Epoch, byte[] Tickets, string TicketsOf)> Sessions { get; private init; } = new();

    public Rows<Guid, bool> Revoked { get; private init; } = new();

    public Rows<Guid, long?> Seen { get; private init; } = new();

    public Rows<Guid, long?> Suspects { get; private init; } = new();

    public Rows<(Guid, Guid, Lane), LaneHead> Lanes { get; private init; } = new();

    public Rows<(Guid, Guid, Lane), long> Complete { get; private init; } = new();

    public Rows<(Guid, Guid, Lane), long> BackedUp { get; private init; } = new();

    public Rows<(Guid, Guid, Lane), IReadOnlyList<LaneHead>> Checkpoints { get; private init; } = new();

    public Rows<Scope, Membership> Memberships { get; private init; } = new();

    public Rows<RecordKey, IndexedRecord> Records { get; private init; } = new();

    /// <summary>Null where one was deleted.</summary>
    public Rows<ViewKey, ViewDocument?> Views { get; private init; } = new();

    public Rows<string, string> Meta { get; private init; } = new();

    public Dictionary<Scope, List<StoredOp>> Ops { get; private init; } = [];

    public List<RefusedOp> Refused { get; private init; } = [];

    /// <summary>What was done later about refused operations, each with what it says of itself now.</summary>
    public Rows<RefusedPlace, RefusedOp> Resolved { get; private init; } = new();

    /// <summary>As they are now, without those that were settled.</summary>
    public IEnumerable<RefusedOp> OpenRefused =>
        Refused.Select(o => Resolved.All.GetValueOrDefault(RefusedPlace.Of(o), o)).Where(o => o.Resolution == Resolution.Open);

    public CentralData Copy() => new()
    {
        Feeds = Feeds.Copy(),
        Sessions = Sessions.Copy(),
        Revoked = Revoked.Copy(),
        Seen = Seen.Copy(),
        Suspects = Suspects.Copy(),
        Lanes = Lanes.Copy(),
        Complete = Complete.Copy(),
        BackedUp = BackedUp.Copy(),
        Checkpoints = Checkpoints.Copy(),
        Memberships = Memberships.Copy(),
        Records = Records.Copy(),
        Views = Views.Copy(),
        Meta = Meta.Copy(),
        Ops = Ops.ToDictionary(o => o.Key, o => o.Value.ToList()),
        Refused = [.. Refused],
        Resolved = Resolved.Copy(),
    };
}
