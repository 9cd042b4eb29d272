using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Storage;

/// <summary>A lane that is not empty, and up to where it is in a backup.</summary>
internal sealed record LaneEnd(Scope School, Guid Node, Guid Epoch, LaneHead Head, long BackedUp);

internal abstract partial class Bulk
{
    /// <summary>Every page and index of the database was read and is as it was written. A restore into PostgreSQL has done that.</summary>
    public virtual bool IsWhole() => true;

    public IReadOnlyList<LaneEnd> LaneEnds() =>
    [
        .. Rows(
            "SELECT n.school, l.node_id, l.epoch, l.lane, l.last_seq, l.last_hash, l.backed_up_seq FROM node_lanes l JOIN nodes n ON n.node_id = l.node_id "
                + "WHERE l.last_seq > 0",
            row => new LaneEnd(
                ScopeOf(row, 0), ReadId(row, 1), ReadId(row, 2), new((Lane)row.GetInt16(3), row.GetInt64(4), (byte[])row[5]), row.GetInt64(6))),
    ];

    /// <summary>
    /// The chain's hash at a number of the lane; null where no operation stands there. It is looked for from the feed's end: who asks does so
    /// for lanes that have grown since the last backup.
    /// </summary>
    public byte[]? HashAt(LaneEnd lane, long seq)
    {
        (string, object)[] place =
        [
            ("@scope", lane.School.Value), ("@node", Id(lane.Node)), ("@epoch", Id(lane.Epoch)), ("@lane", (short)lane.Head.Lane), ("@seq", seq),
        ];
        return Rows($"SELECT hash FROM refused_ops WHERE {RefusedKey} AND seq = @seq", row => (byte[])row[0], place).FirstOrDefault()
            ?? Rows(
                "SELECT hash FROM ops WHERE scope = @scope AND node = @node AND epoch = @epoch AND lane = @lane AND seq = @seq "
                    + "ORDER BY feed_seq DESC LIMIT 1",
                row => (byte[])row[0],
                place).FirstOrDefault();
    }

    /// <summary>Never lower, and never above what is held.</summary>
    public void RaiseBackedUp(LaneEnd lane, long seq) => Execute(
        "UPDATE node_lanes SET backed_up_seq = @seq WHERE node_id = @node AND epoch = @epoch AND lane = @lane AND backed_up_seq < @seq AND last_seq >= @seq",
        ("@seq", seq), ("@node", Id(lane.Node)), ("@epoch", Id(lane.Epoch)), ("@lane", (short)lane.Head.Lane));
}
