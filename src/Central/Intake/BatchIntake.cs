using System.Data.Common;
using TdmEdu.Central.Feed;
using TdmEdu.Central.Storage;
using TdmEdu.Sync;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;
using Rules = TdmEdu.Sync.Exchange.Intake;

namespace TdmEdu.Central.Intake;

/// <summary>A batch as it came in, each operation well formed.</summary>
internal sealed record Batch(byte[] Session, Lane Lane, long FirstSeq, byte[] PrevHash, IReadOnlyList<(Op Op, byte[] Salt)> Ops);

internal sealed record OpResult(long Seq, Outcome Outcome, string Reason);

internal sealed record BatchAnswer(LaneHead Durable, bool Gap, IReadOnlyList<OpResult> NotApplied);

/// <summary>Takes a batch in: its operations, what they change, and the lane's new end are committed together or not at all.</summary>
internal sealed partial class BatchIntake(
    CentralStore store, Catalogue catalogue, FeedSignal signal, TimeProvider clock, ILogger<BatchIntake> log)
{
    /// <summary>How far ahead of Central's clock a stamp may be before it is cut back (design D7).</summary>
    private const long AheadMsMax = 60_000;

    public async Task<Result<BatchAnswer>> Take(NodeIdentity node, Batch batch, CancellationToken cancel)
    {
        var answer = await store.Write(bulk => Take(bulk, node, batch), cancel);
        if (answer.Ok)
        {
            signal.Grew([node.School]);
        }
        else if (answer.Error.Reason == "chain_broken")
        {
            ChainBroken(node.Node, batch.Lane, batch.FirstSeq);
        }
        return answer;
    }

    private Result<BatchAnswer> Take(Bulk bulk, NodeIdentity node, Batch batch)
    {
        // First of all, so that everything below is read after the scope's previous writer has committed.
        var feedSeq = bulk.LockFeed(node.School);
        var session = Sessions.Check(bulk, node.Node, batch.Session);
        if (!session.Ok)
        {
            return session.Error;
        }
        var epoch = session.Value.Epoch;
        var held = bulk.FindLane(node.Node, epoch, batch.Lane) ?? new(batch.Lane, 0, HashChain.Base(node.Node, epoch, batch.Lane));
        var decision = Rules.Decide(held, batch.FirstSeq, batch.PrevHash, batch.Ops);
        switch (decision.Action)
        {
            case IntakeAction.Broken:
                return Error.Conflict(
                    "chain_broken",
                    "Chuỗi dữ liệu gửi lên không khớp với trung tâm. Máy chủ trường đã ngừng gửi; hãy liên hệ Phòng Giáo dục.");
            case IntakeAction.Gap or IntakeAction.AlreadyHere:
                return new BatchAnswer(held, decision.Action == IntakeAction.Gap, []);
        }
        var results = Apply(bulk, node, epoch, decision, ref feedSeq);
        bulk.SetLane(node.Node, epoch, decision.Head);
        bulk.SetFeed(node.School, feedSeq);
        return new BatchAnswer(decision.Head, Gap: false, results);
    }

    private List<OpResult> Apply(Bulk bulk, NodeIdentity node, Guid epoch, IntakeDecision decision, ref long feedSeq)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var changes = new Changes(bulk, catalogue);
        changes.Load(node.School, decision.Ops.Select(o => o.Op).Where(op => op.Scope == node.School));
        var refused = new List<RefusedOpRow>();
        var results = new List<OpResult>();
        foreach (var numbered in decision.Ops)
        {
            var applied = Clamp(numbered, now);
            var (outcome, reason) = Rules.Refuse(catalogue, node.School, numbered.Op) ?? Apply(changes, applied, node.Node);
            if (outcome is Outcome.Rejected or Outcome.Parked)
            {
                refused.Add(ToRefused(numbered, node, epoch, decision.Head.Lane, outcome, reason, now));
            }
            else
            {
                changes.Append(ToRow(numbered, applied.Hlc, node, epoch, decision.Head.Lane, outcome, ++feedSeq, now));
            }
            if (outcome != Outcome.Applied)
            {
                results.Add(new(numbered.Seq, outcome, reason));
            }
        }
        changes.Flush();
        if (refused.Count > 0)
        {
            bulk.InsertRefused(refused);
        }
        return results;
    }

    /// <summary>One bad record never stops a lane: what its module cannot digest is kept for a Central that can.</summary>
    private (Outcome Outcome, string Reason) Apply(Changes changes, Op op, Guid node)
    {
        try
        {
            var effect = changes.Apply(op, node);
            return (effect.Outcome, effect.Refusal?.Reason ?? "");
        }
        catch (Exception fault) when (fault is not (DbException or OperationCanceledException or OutOfMemoryException))
        {
            ApplyFailed(fault, op.Entity, op.Id, node);
            return (Outcome.Parked, "apply_failed");
        }
    }

    /// <summary>Stamps that are cut back keep their order by the lane's numbers, else the later of two would be lost as a tie.</summary>
    private static Op Clamp(NumberedOp numbered, long nowMs)
    {
        var limit = Hlc.At(nowMs + AheadMsMax);
        return numbered.Op.Hlc <= limit ? numbered.Op : numbered.Op with { Hlc = new(limit.Value + (numbered.Seq & 0xffff)) };
    }

    private static OpRow ToRow(
        NumberedOp n, Hlc applied, NodeIdentity node, Guid epoch, Lane lane, Outcome outcome, long feedSeq, long now) => new()
    {
        Scope = node.School,
        FeedSeq = feedSeq,
        Node = node.Node,
        Epoch = epoch,
        Lane = lane,
        Seq = n.Seq,
        Entity = n.Op.Entity,
        Id = n.Op.Id,
        Schema = n.Op.Schema,
        Kind = n.Op.Kind,
        Hlc = n.Op.Hlc.Value,
        AppliedHlc = applied.Value,
        Actor = n.Op.Actor,
        Data = Bulk.WholeArray(n.Op.Data),
        Salt = n.Salt,
        Hash = n.Hash,
        Outcome = outcome,
        ReceivedAtMs = now,
    };

    private static RefusedOpRow ToRefused(
        NumberedOp n, NodeIdentity node, Guid epoch, Lane lane, Outcome outcome, string reason, long now) => new()
    {
        Scope = node.School,
        Node = node.Node,
        Epoch = epoch,
        Lane = lane,
        Seq = n.Seq,
        ClaimedScope = n.Op.Scope,
        Entity = n.Op.Entity,
        Id = n.Op.Id,
        Schema = n.Op.Schema,
        Kind = n.Op.Kind,
        Hlc = n.Op.Hlc.Value,
        Actor = n.Op.Actor,
        Data = Bulk.WholeArray(n.Op.Data),
        Salt = n.Salt,
        Hash = n.Hash,
        Outcome = outcome,
        Reason = reason,
        ReceivedAtMs = now,
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "Lane {Lane} of node {Node}: the batch at {FirstSeq} does not fit the chain.")]
    private partial void ChainBroken(Guid node, Lane lane, long firstSeq);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Parked {Entity} {Id} of node {Node}: applying it failed.")]
    private partial void ApplyFailed(Exception fault, string entity, Guid id, Guid node);
}
