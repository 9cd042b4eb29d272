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

    /// <summary>
    /// An operation of which the journal holds both what this box stamped and what came back from Central with a stamp that was cut is
    /// one operation, with the stamp that Central gave it: the latest, of a Central that was restored and cut it again.
    /// </summary>
    public static IEnumerable<JournalEntry> Once(IEnumerable<JournalEntry> entries)
    {
        var all = entries.ToList();
        // Sent again with the stamp that was cut, it comes back as if that had been its own.
        var first = all.Where(e => e.Op.Stamped != Hlc.Zero).GroupBy(e => Of(e, e.Op.Hlc)).ToDictionary(g => g.Key, g => g.First().Op.Stamped);
        return all.GroupBy(e => Of(e, e.Op.Stamped == Hlc.Zero ? first.GetValueOrDefault(Of(e, e.Op.Hlc), e.Op.Hlc) : e.Op.Stamped))
            .Select(same => same.Where(e => e.Op.Hlc != same.Key.Stamp).MaxBy(e => e.Op.Hlc) ?? same.First());

        static (string Entity, Guid Id, Hlc Stamp) Of(JournalEntry entry, Hlc stamp) => (entry.Op.Entity, entry.Op.Id, stamp);
    }

    /// <summary>
    /// Groups as they are; of one that has lost a member, to a failing disk or on its way through Central's feed, each that is left
    /// stands alone. Half a group would be malformed to Central for ever, and nothing after it would get through.
    /// </summary>
    public static IEnumerable<JournalEntry> Mended(IEnumerable<JournalEntry> entries)
    {
        var group = new List<JournalEntry>();
        foreach (var entry in entries)
        {
            if (group.Count > 0 && entry.Op.GroupLeft != group[^1].Op.GroupLeft - 1)
            {
                foreach (var member in group)
                {
                    yield return Alone(member);
                }
                group.Clear();
            }
            group.Add(entry);
            if (entry.Op.GroupLeft == 0)
            {
                foreach (var member in group)
                {
                    yield return member;
                }
                group.Clear();
            }
        }
        foreach (var member in group)
        {
            yield return Alone(member);
        }

        static JournalEntry Alone(JournalEntry entry) => entry with { Op = entry.Op with { GroupLeft = 0 } };
    }
}
