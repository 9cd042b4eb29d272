using System.Runtime.InteropServices;
using TdmEdu.Simulation.Centres;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Simulation.Judging;

/// <summary>S4, after each commit at Central: numbers without gaps, an unbroken chain, and no number with two hashes, refused operations included.</summary>
internal sealed class Chains
{
    /// <summary>By the operation's number less one.</summary>
    private readonly Dictionary<(Guid Node, Guid Epoch, Lane Lane), List<byte[]>> lanes = [];

    public void Add(CentralTransaction transaction, CentralData data)
    {
        if (transaction.NewOps.Count + transaction.NewRefused.Count > 0)
        {
            Add(transaction.NewOps, transaction.NewRefused, data);
        }
    }

    /// <summary>Another history from now on.</summary>
    public void Read(CentralData data)
    {
        lanes.Clear();
        Add(data.Ops.Values.SelectMany(o => o), data.Refused, data);
    }

    public static ((Guid Node, Guid Epoch, Lane Lane) Lane, NumberedOp Op) Of(StoredOp o) => (
        (o.Node, o.Epoch, o.Lane),
        new(o.Seq, new(o.Scope, o.Entity, o.Id, o.Schema, o.Kind, new(o.Hlc), o.Actor, o.Data) { GroupLeft = o.GroupLeft }, o.Salt, o.Hash));

    public static ((Guid Node, Guid Epoch, Lane Lane) Lane, NumberedOp Op) Of(RefusedOp o) => (
        (o.Node, o.Epoch, o.Lane),
        new(o.Seq, new(o.ClaimedScope, o.Entity, o.Id, o.Schema, o.Kind, new(o.Hlc), o.Actor, o.Data) { GroupLeft = o.GroupLeft }, o.Salt, o.Hash));

    private void Add(IEnumerable<StoredOp> ops, IEnumerable<RefusedOp> refused, CentralData data)
    {
        var all = ops.Where(o => o.Epoch != Guid.Empty).Select(Of).Concat(refused.Select(Of));
        foreach (var lane in all.GroupBy(o => o.Lane))
        {
            var hashes = CollectionsMarshal.GetValueRefOrAddDefault(lanes, lane.Key, out _) ??= [];
            foreach (var (seq, op, salt, hash) in lane.Select(o => o.Op).OrderBy(o => o.Seq))
            {
                if (seq == hashes.Count + 1)
                {
                    var before = hashes.Count > 0 ? hashes[^1] : HashChain.Base(lane.Key.Node, lane.Key.Epoch, lane.Key.Lane);
                    hashes.Add(HashChain.Next(before, seq, op, salt));
                }
                // One that takes effect later keeps the number under which it was refused.
                if (seq > hashes.Count || !hash.AsSpan().SequenceEqual(hashes[(int)seq - 1]))
                {
                    throw new ViolationException("S4", $"the chain of {lane.Key} breaks at {seq} of {hashes.Count}");
                }
            }
            if (data.Lanes.All.GetValueOrDefault(lane.Key) is not { } head || head.Seq != hashes.Count || !head.Hash.AsSpan().SequenceEqual(hashes[^1]))
            {
                throw new ViolationException("S4", $"the lane {lane.Key} does not end with its operation {hashes.Count}");
            }
        }
    }
}
