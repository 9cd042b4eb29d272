using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Edge;

/// <summary>Which operations go into one batch: as many as fit, groups whole.</summary>
public static class Batching
{
    /// <summary>What an operation takes on the wire beside its data, compressed or not.</summary>
    private const int OverheadBytes = 96;

    public static IReadOnlyList<NumberedOp> Whole(IEnumerable<NumberedOp> lane, int opsMax, int bytesMax)
    {
        var (ops, bytes, whole) = (new List<NumberedOp>(), 0, 0);
        foreach (var numbered in lane)
        {
            bytes += numbered.Op.Data.Length + OverheadBytes;
            if (whole > 0 && (bytes > bytesMax || ops.Count >= opsMax))
            {
                break;
            }
            ops.Add(numbered);
            whole = numbered.Op.GroupLeft == 0 || Mutant.M11SplitGroup ? ops.Count : whole;
        }
        ops.RemoveRange(whole, ops.Count - whole);
        return ops;
    }
}
