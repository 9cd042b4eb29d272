using System.Text;
using TdmEdu.Simulation.Worlds;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Simulation.Judging;

/// <summary>E5: what an honest school recorded takes effect, unless the world gave Central a reason to refuse it.</summary>
internal sealed class Refusals(World world)
{
    public void Check()
    {
        var honest = world.Centre.Data.Refused.Where(o => world.IsHonest(o.Node)).ToList();
        foreach (var op in honest.Where(o => o.Reason != RefusalReason.GroupRefused && !HasReason(o)))
        {
            throw new ViolationException("E5", $"{Encoding.UTF8.GetString(op.Data)} was refused: {op.Reason}");
        }
        var places = honest.Where(o => o.Reason != RefusalReason.GroupRefused).Select(EndOf).ToHashSet();
        if (honest.FirstOrDefault(o => o.Reason == RefusalReason.GroupRefused && !places.Contains(EndOf(o))) is { } alone)
        {
            throw new ViolationException("E5", $"{Encoding.UTF8.GetString(alone.Data)} was refused for a group in which nothing was");
        }
    }

    /// <summary>An older Central may have met an entity that it did not know; that such wait no longer is checked apart.</summary>
    private bool HasReason(RefusedOp op) => op.Reason switch
    {
        RefusalReason.ApplyFailed => op.Entity == Entities.Poison && op.Data.AsSpan().IndexOf("boom-central"u8) >= 0,
        RefusalReason.NotFieldOwner => op.Entity == Entities.Card && op.Data.AsSpan().IndexOf("fixed"u8) >= 0,
        RefusalReason.UnknownEntity => op.Entity == Entities.Novel || (op.Entity == Entities.Card && op.Schema > 1),
        RefusalReason.Evicted => world.Evicted.Contains((op.Entity, op.Id)),
        _ => false,
    };

    private static (Guid, Guid, Lane, long) EndOf(RefusedOp op) => (op.Node, op.Epoch, op.Lane, op.Seq + op.GroupLeft);
}
