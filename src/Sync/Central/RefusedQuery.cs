using System.Globalization;
using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Central;

/// <summary>Which refused operation, and where it stands in a list by the time of its receipt. One word in an address or a form.</summary>
public sealed record RefusedPlace(long ReceivedAtMs, Scope School, Guid Node, Guid Epoch, Lane Lane, long Seq)
{
    public static RefusedPlace Of(RefusedOp op) => new(op.ReceivedAtMs, op.Scope, op.Node, op.Epoch, op.Lane, op.Seq);

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{ReceivedAtMs}.{School.Owner:n}.{Node:n}.{Epoch:n}.{(byte)Lane}.{Seq}");

    public static RefusedPlace? TryParse(string? text) =>
        text?.Split('.') is [var ms, var school, var node, var epoch, var lane, var seq]
        && long.TryParse(ms, NumberStyles.None, CultureInfo.InvariantCulture, out var atMs)
        && Guid.TryParseExact(school, "n", out var owner)
        && Guid.TryParseExact(node, "n", out var nodeId)
        && Guid.TryParseExact(epoch, "n", out var epochId)
        && byte.TryParse(lane, NumberStyles.None, CultureInfo.InvariantCulture, out var laneId)
        && long.TryParse(seq, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new(atMs, Scope.School(owner), nodeId, epochId, (Lane)laneId, number)
            : null;
}

/// <summary>Refused operations about which nothing was done yet, by the time of their receipt.</summary>
/// <param name="School">Null for all schools.</param>
/// <param name="After">Where the page before ended.</param>
public sealed record RefusedQuery(int RowsMax, Scope? School = null, RefusedPlace? After = null)
{
    /// <summary>Only those with one of these reasons; empty for all.</summary>
    public IReadOnlyList<string> Reasons { get; init; } = [];

    public bool OldestFirst { get; init; }
}
