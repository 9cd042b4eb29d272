using System.Text;
using System.Text.Json.Nodes;
using TdmEdu.Simulation.Boxes;
using TdmEdu.Simulation.Plans;
using TdmEdu.Simulation.Worlds;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Simulation.Judging;

/// <summary>What must hold once all is healed and quiet.</summary>
internal sealed class FinalChecks(World world)
{
    private const int ShufflesMax = 20;
    private const double ShuffleRate = 1 / 16.0;

    private readonly CentralData data = new(world);

    public void Run(Rng rng)
    {
        NothingLost();
        new Refusals(world).Check();
        OnceOnly();
        NothingRefusedIsThere();
        ChainsHold();
        GroupsAreWhole();
        foreach (var box in world.Live)
        {
            SameAs(box);
            SameRefusals(box);
        }
        NothingWaitsInVain();
        world.Judge.Watermarks.Final();
        new Oracle(world.Centre.Data).Check();
        FoldFromZero(rng, shuffle: false, "F1");
        if (rng.Chance(ShuffleRate))
        {
            for (var i = 0; i < ShufflesMax; i++)
            {
                FoldFromZero(rng, shuffle: true, "F2");
            }
        }
    }

    /// <summary>E1. What a withdrawn box had not sent is still on it.</summary>
    private void NothingLost()
    {
        foreach (var wish in world.Judge.Wishes.Where(w => w.Answered && !world.Judge.AtCentral.Contains(w.Text)))
        {
            var excused = wish.DiskLost
                ? !wish.AtLoss.Held || wish.AtLoss.Restores < world.Centre.Restores
                : world.IsRevoked(wish.Node) && world.Boxes[wish.Machine].Journal.Holds(wish.Draft.Data);
            if (!excused)
            {
                throw new ViolationException("E1", $"{wish.Text} of box{wish.Machine} was answered and is not at Central");
            }
        }
    }

    /// <summary>What a box did not take has left nothing, here or there.</summary>
    private void NothingRefusedIsThere()
    {
        foreach (var wish in world.Judge.Wishes.Where(w => w.Declined))
        {
            if (world.Judge.AtCentral.Contains(wish.Text) || world.Boxes[wish.Machine].Journal.Holds(wish.Draft.Data))
            {
                throw new ViolationException("S1", $"{wish.Text} of box{wish.Machine} was declined and is there");
            }
        }
    }

    /// <summary>
    /// S6, E5: each thing that was recorded has one effect. A Central that was restored may have lost which stamp it had cut, and gives
    /// another: the same content once more, later.
    /// </summary>
    private void OnceOnly()
    {
        var seen = new HashSet<string>();
        foreach (var op in data.Ops.Where(o => o.Epoch != Guid.Empty && o.Outcome is Outcome.Applied or Outcome.Merged && world.IsHonest(o.Node)
            && (o.Hlc == o.AppliedHlc || world.Centre.Restores == 0)))
        {
            if (!seen.Add(Encoding.UTF8.GetString(op.Data)))
            {
                throw new ViolationException("S6", $"{Encoding.UTF8.GetString(op.Data)} took effect twice");
            }
        }
    }

    /// <summary>S4: numbers without gaps, an unbroken chain, and no number twice, refused operations included.</summary>
    private void ChainsHold()
    {
        var all = data.Ops.Where(o => o.Epoch != Guid.Empty).Select(Chains.Of).Concat(data.Refused.Where(o => !data.IsApplied(o)).Select(Chains.Of));
        foreach (var lane in all.GroupBy(o => o.Lane))
        {
            var (seq, hash) = (0L, HashChain.Base(lane.Key.Node, lane.Key.Epoch, lane.Key.Lane));
            foreach (var op in lane.Select(o => o.Op).OrderBy(o => o.Seq))
            {
                hash = HashChain.Next(hash, ++seq, op.Op, op.Salt);
                if (op.Seq != seq || !op.Hash.AsSpan().SequenceEqual(hash))
                {
                    throw new ViolationException("S4", $"the chain of {lane.Key} breaks at {seq}, found {op.Seq}");
                }
            }
            var head = data.Lanes.GetValueOrDefault(lane.Key);
            if (head?.Seq != seq)
            {
                throw new ViolationException("S4", $"the lane {lane.Key} says {head?.Seq} and holds {seq}");
            }
        }
        foreach (var (scope, ops) in world.Centre.Data.Ops)
        {
            for (var i = 0; i < ops.Count; i++)
            {
                if (ops[i].FeedSeq != i + 1 || world.Centre.Data.Feeds.All[scope] != ops.Count)
                {
                    throw new ViolationException("S4", $"the feed of {scope} has a gap at {i + 1}");
                }
            }
        }
    }

    /// <summary>What was recorded as one took effect as one.</summary>
    private void GroupsAreWhole()
    {
        var applied = data.Ops.Select(o => Encoding.UTF8.GetString(o.Data)).ToHashSet();
        foreach (var wish in world.Judge.Wishes.Where(w => w.Peer is not null && applied.Contains(w.Text) && !applied.Contains(w.Peer.Text)))
        {
            throw new ViolationException("S6", $"{wish.Text} took effect without {wish.Peer!.Text}");
        }
    }

    /// <summary>Every record and view of the box's scopes is the same here and there; what Central refused or lost is told apart.</summary>
    private void SameAs(Box box)
    {
        box.Tables.Flush(int.MaxValue);
        var scopes = world.Judge.ScopesOf(box.Identity.School);
        var apart = data.Refused.Where(r => r.ClaimedScope == box.Identity.School && !data.IsApplied(r)).Select(r => (r.Entity, r.Id)).Concat(world.LostOffice).ToHashSet();
        foreach (var (key, record) in world.Centre.Data.Records.All.Where(r => scopes.Contains(r.Key.Scope)))
        {
            if (apart.Contains((key.Entity, key.Id)))
            {
                continue;
            }
            var doc = box.Tables.Get(key.Entity, key.Scope, key.Id);
            if (doc is null || doc.Versions != record.State.Versions || doc.Deleted != record.State.Deleted || !SameFields(doc.Data, record.State.Data))
            {
                if (record.State.Data.Span.IndexOf("boom-box"u8) >= 0)
                {
                    continue;
                }
                throw new ViolationException(
                    "E2",
                    $"box{box.Machine} {key.Entity} {key.Id}: box {Text(doc)} central {Encoding.UTF8.GetString(record.State.Data.Span)} {record.State.Versions}");
            }
        }
        foreach (var ((table, scope, id), doc) in box.File.Docs)
        {
            if (!table.StartsWith("view.", StringComparison.Ordinal) && !apart.Contains((table, id)) && !world.Centre.Data.Records.All.ContainsKey(new(scope, table, id)))
            {
                throw new ViolationException("E2", $"box{box.Machine} has {table} {Text(doc)} and Central has not");
            }
        }
        var daysApart = DaysApart(box);
        foreach (var (key, view) in world.Centre.Data.Views.All.Where(v => v.Key.View == Entities.DayView && v.Key.Scope == box.Identity.School))
        {
            var doc = box.Tables.Get($"view.{Entities.DayView}", key.Scope, key.Id);
            var data = view is null ? default : view.Data.Span;
            if (!daysApart.Contains(key.Id) && !(doc is null ? default : doc.Data.Span).SequenceEqual(data))
            {
                throw new ViolationException("E2", $"box{box.Machine} folds a day otherwise: {Text(doc)} and {Encoding.UTF8.GetString(data)}");
            }
        }
    }

    /// <summary>The days of notes that Central refused, or whose eviction it lost.</summary>
    private HashSet<Guid> DaysApart(Box box) =>
    [
        .. box.Journal.Entries.Select(e => e.Op)
            .Where(o => o is { Entity: Entities.Note, Kind: OpKind.Fact })
            .Where(o => (world.LostOffice.Contains((o.Entity, o.Id)) || data.Refused.Any(r => r.Id == o.Id && !data.IsApplied(r))))
            .Select(o => Entities.DayOf(new(o.Scope, o.Entity, o.Id, o.Data, "", Deleted: false)).Id),
    ];

    /// <summary>E3: what an older Central did not know has taken effect since.</summary>
    private void NothingWaitsInVain()
    {
        if (world.Centre.Data.OpenRefused.FirstOrDefault(o => world.IsHonest(o.Node) && o.Reason == RefusalReason.UnknownEntity) is { } waiting)
        {
            throw new ViolationException("E3", $"{Encoding.UTF8.GetString(waiting.Data)} is still parked");
        }
    }

    /// <summary>E3: the school's list of what was refused is the department's, whichever answer was lost.</summary>
    private void SameRefusals(Box box)
    {
        var open = world.Centre.Data.OpenRefused.Where(r => r.Node == box.Identity.Node && r.Epoch == box.Journal.State.Epoch).Select(r => (r.Lane, r.Seq)).ToHashSet();
        if (!box.Journal.Refused.SetEquals(open))
        {
            throw new ViolationException("E3", $"box{box.Machine} lists {box.Journal.Refused.Count} refused operations, Central {open.Count}");
        }
    }

    /// <summary>The log alone gives the records, in any order.</summary>
    private void FoldFromZero(Rng rng, bool shuffle, string invariant)
    {
        var states = new Dictionary<RecordKey, RecordState>();
        var ops = data.Ops.ToList();
        for (var i = ops.Count - 1; shuffle && i > 0; i--)
        {
            var j = rng.Below(i + 1);
            (ops[i], ops[j]) = (ops[j], ops[i]);
        }
        foreach (var o in ops)
        {
            var key = new RecordKey(o.Scope, o.Entity, o.Id);
            var op = Entities.CentralNow.Find(o.Entity)!.ToNow(new(o.Scope, o.Entity, o.Id, o.Schema, o.Kind, new(o.AppliedHlc), o.Actor, o.Data));
            if (RecordState.Apply(states.GetValueOrDefault(key), op, o.Node).State is { } state)
            {
                states[key] = state;
            }
        }
        foreach (var (key, record) in world.Centre.Data.Records.All)
        {
            if (!states.TryGetValue(key, out var state) || state.Versions != record.State.Versions || state.Deleted != record.State.Deleted
                || !SameFields(state.Data, record.State.Data))
            {
                throw new ViolationException(invariant, $"{key} is not what its operations make: {record.State.Versions} {state?.Versions}");
            }
        }
    }

    /// <summary>The order of the fields tells the order of arrival, and means nothing.</summary>
    private static bool SameFields(ReadOnlyMemory<byte> a, ReadOnlyMemory<byte> b) =>
        a.Span.SequenceEqual(b.Span) || JsonNode.DeepEquals(JsonNode.Parse(a.Span), JsonNode.Parse(b.Span));

    private static string Text(Doc? doc) => doc is null ? "none" : $"{Encoding.UTF8.GetString(doc.Data.Span)} {doc.Versions}{(doc.Deleted ? " deleted" : "")}";

    private sealed class CentralData(World world)
    {
        public IEnumerable<StoredOp> Ops => world.Centre.Data.Ops.Values.SelectMany(o => o);

        public IReadOnlyList<RefusedOp> Refused => world.Centre.Data.Refused;

        /// <summary>Whether it took effect later; then it is among the others as well.</summary>
        public bool IsApplied(RefusedOp op) => world.Centre.Data.Resolved.All.GetValueOrDefault(RefusedPlace.Of(op), op).Resolution == Resolution.Applied;

        public Dictionary<(Guid, Guid, Lane), LaneHead> Lanes => world.Centre.Data.Lanes.All;
    }
}
