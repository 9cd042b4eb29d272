using TdmEdu.Simulation.Centres;
using TdmEdu.Simulation.Plans;
using TdmEdu.Simulation.Worlds;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Records;

namespace TdmEdu.Simulation.Judging;

/// <summary>I6: what Central counts as complete up to a time is there, at every claim and at the end, whatever the clocks say.</summary>
internal sealed class Watermarks(World world)
{
    private readonly Dictionary<int, List<Wish>> unseen = [];
    private readonly Dictionary<(Guid Node, Guid Epoch, Lane Lane, long AtMs), (int Machine, long SentAtMs)> claims = [];

    public void Answered(Wish wish)
    {
        if (!unseen.TryGetValue(wish.Machine, out var list))
        {
            unseen[wish.Machine] = list = [];
        }
        list.Add(wish);
    }

    /// <summary>A machine said, when it sent its call, that all it had recorded by its clock is sent; Central has noted that.</summary>
    public void Claimed(NodeIdentity node, int machine, long sentAtMs, CentralTransaction noted)
    {
        foreach (var (epoch, lane, atMs) in noted.Claims)
        {
            if (atMs > noted.ClockMs || world.Centre.Data.Complete.All.GetValueOrDefault((node.Node, epoch, lane)) > noted.ClockMs)
            {
                throw new ViolationException("I6", $"{node.Node} counts as complete up to a time that has not come");
            }
            claims[(node.Node, epoch, lane, atMs)] = (machine, sentAtMs);
            Holds(lane, machine, sentAtMs);
        }
    }

    public void Restored()
    {
        unseen.Clear();
        foreach (var wish in world.Judge.Wishes.Where(w => w.Answered))
        {
            Answered(wish);
        }
    }

    public void Final()
    {
        Restored();
        foreach (var ((node, epoch, lane), at) in world.Centre.Data.Complete.All)
        {
            if (claims.TryGetValue((node, epoch, lane, at), out var claim))
            {
                Holds(lane, claim.Machine, claim.SentAtMs);
            }
        }
    }

    private void Holds(Lane lane, int machine, long beforeMs)
    {
        if (!unseen.TryGetValue(machine, out var list))
        {
            return;
        }
        list.RemoveAll(w => world.Judge.AtCentral.Contains(w.Text));
        // Put back to an older version, a box numbers anew in the lane of control what it does not know.
        var mayBeElsewhere = world.Plan.Has(Fault.OldBox);
        if (list.Find(w => w.Lane == lane && w.AnsweredAtMs < beforeMs && !w.DiskLost && !(mayBeElsewhere && w.Draft.Entity == Entities.Novel)) is { } missing)
        {
            throw new ViolationException(
                "I6",
                $"lane {lane} of box{machine} counts as complete without {missing.Text}, saved at {missing.AnsweredAtMs}, of a claim sent at {beforeMs}");
        }
    }
}
