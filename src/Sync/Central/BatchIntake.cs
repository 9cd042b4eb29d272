using System.Runtime.InteropServices;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Central;

/// <summary>A batch as it came in, each operation well formed.</summary>
/// <param name="LastHash">The chain's hash at the last operation as the box has it; null from a box that does not say.</param>
public sealed record Batch(
    byte[] Session, Lane Lane, long FirstSeq, byte[] PrevHash, IReadOnlyList<(Op Op, byte[] Salt)> Ops, byte[]? LastHash = null);

/// <param name="Fault">What a module's rule threw, for the host's log.</param>
public sealed record OpResult(long Seq, Outcome Outcome, string Reason, Exception? Fault = null);

/// <param name="MadeBytes">As <see cref="Changes.MadeBytes"/>.</param>
public sealed record BatchAnswer(LaneHead Durable, bool Gap, IReadOnlyList<OpResult> NotApplied, long MadeBytes = 0)
{
    /// <summary>Something in it is from before what had counted as complete, which is so no more.</summary>
    public bool Reopened { get; init; }

    /// <summary>Of what is kept without effect, as <see cref="Admission.Kept"/> counts.</summary>
    public long KeptBytes { get; init; }
}

/// <summary>Takes a batch in: its operations, what they change, and the lane's new end belong to one transaction.</summary>
public sealed class BatchIntake
{
    /// <summary>How far ahead of Central's clock a stamp may be before it is cut back (design D7).</summary>
    public const long AheadMsMax = 60_000;

    /// <summary>
    /// An operation has its stamp before it is on the box's disk, and a box tells what is on its disk: what is older by less than this than what
    /// it told meanwhile came in time.
    /// </summary>
    public const long SavingMsMax = 60_000;

    /// <summary>To the box an everyday failure of the line; that it was the content is for whoever looks after the line.</summary>
    public const string ReasonGarbled = "batch_garbled";

    public const string ReasonNoRoom = "kept_quota";

    private readonly ICentralTransaction transaction;
    private readonly Catalogue catalogue;
    private readonly NodeIdentity node;
    private readonly Guid epoch;
    private readonly Lane lane;
    private readonly long nowMs;
    private readonly Changes changes;
    private readonly StampCuts stamps;
    private readonly List<RefusedOp> refused = [];
    private readonly List<OpResult> results = [];
    private long feedSeq;
    private long earliestMs = long.MaxValue;

    private BatchIntake(
        ICentralTransaction transaction, Catalogue catalogue, NodeIdentity node, Guid epoch, Lane lane, long feedSeq, long nowMs)
    {
        (this.transaction, this.catalogue, this.node, this.epoch) = (transaction, catalogue, node, epoch);
        (this.lane, this.feedSeq, this.nowMs) = (lane, feedSeq, nowMs);
        changes = new(transaction, catalogue);
        stamps = new(transaction, changes, node.School);
    }

    /// <param name="keptBytesMax">A batch of which more than this would be kept without effect is not taken at all, and so not acknowledged.</param>
    public static Result<BatchAnswer> Take(
        ICentralTransaction transaction, Catalogue catalogue, NodeIdentity node, Batch batch, long nowMs, long keptBytesMax = Admission.KeptBytesPerDay)
    {
        // First of all, so that everything below is read after the scope's previous writer has committed.
        var feedSeq = transaction.LockFeed(node.School);
        var session = Greeting.Check(transaction, node.Node, batch.Session);
        if (!session.Ok)
        {
            return session.Error;
        }
        var epoch = session.Value.Epoch;
        var held = transaction.FindLane(node.Node, epoch, batch.Lane) ?? new(batch.Lane, 0, HashChain.Base(node.Node, epoch, batch.Lane));
        var decision = Intake.Decide(held, batch.FirstSeq, batch.PrevHash, batch.Ops, batch.LastHash);
        switch (decision.Action)
        {
            case IntakeAction.Broken:
                return Error.Conflict(
                    "chain_broken",
                    "Chuỗi dữ liệu gửi lên không khớp với trung tâm. Máy chủ trường đã ngừng gửi; hãy liên hệ Phòng Giáo dục.");
            case IntakeAction.Garbled:
                return Error.Unavailable(
                    ReasonGarbled, "Gói dữ liệu bị hỏng trên đường truyền. Máy chủ trường sẽ tự gửi lại.");
            case IntakeAction.Gap or IntakeAction.AlreadyHere:
                return new BatchAnswer(held, decision.Action == IntakeAction.Gap, RefusedBefore());
        }
        var intake = new BatchIntake(transaction, catalogue, node, epoch, batch.Lane, feedSeq, nowMs);
        // Only these may hold what came before: under another epoch, or in the lane of an entity that an older release of the box does not know.
        if (session.Value.SentEarlier || batch.Lane == Lane.Control)
        {
            intake.stamps.Recall(node.Node, [.. decision.Ops.Select(o => o.Op)]);
        }
        intake.Apply(Mutant.M5DedupeWithoutEpoch ? NewInAnyEpoch(transaction, node.Node, decision) : decision.Ops);
        if (Mutant.M15PoisonBlocks && intake.results.Exists(r => r.Reason == RefusalReason.ApplyFailed))
        {
            return Error.Unavailable(RefusalReason.ApplyFailed, "");
        }
        var keptBytes = intake.refused.Sum(o => (long)o.Data.Length + Admission.KeptOverheadBytes);
        if (keptBytes > keptBytesMax)
        {
            return Error.Unavailable(
                ReasonNoRoom, "Trong một ngày, máy chủ trường đã gửi quá nhiều mục mà trung tâm không nhận được. Phần còn lại vẫn ở máy trường và tự gửi lại sau.") with
            {
                RetryAfterMs = Admission.KeptRetryMs,
            };
        }
        transaction.SetLane(node.Node, epoch, decision.Head);
        transaction.SetFeed(node.School, intake.feedSeq);
        return new BatchAnswer(decision.Head, Gap: false, [.. RefusedBefore(), .. intake.results], intake.changes.MadeBytes)
        {
            KeptBytes = keptBytes,
            Reopened = intake.earliestMs < nowMs - SavingMsMax && transaction.Reopen(node.Node, batch.Lane, intake.earliestMs, SavingMsMax),
        };

        // The answer that said so may have been lost, or be overtaken by this one.
        IReadOnlyList<OpResult> RefusedBefore() => batch.FirstSeq > held.Seq ? [] :
        [
            .. transaction.OpenRefusals(node.School, node.Node, epoch, batch.Lane, Greeting.RefusalsMax)
                .Where(r => r.Seq >= batch.FirstSeq && r.Seq <= held.Seq).Select(r => new OpResult(r.Seq, r.Outcome, r.Reason)),
        ];
    }

    /// <summary>The lane of the node's own id as an epoch remembers what any epoch has sent.</summary>
    private static List<NumberedOp> NewInAnyEpoch(ICentralTransaction transaction, Guid node, IntakeDecision decision)
    {
        var seen = transaction.FindLane(node, node, decision.Head.Lane)?.Seq ?? 0;
        transaction.SetLane(node, node, decision.Head with { Seq = Math.Max(seen, decision.Head.Seq) });
        return [.. decision.Ops.Where(o => o.Seq > seen)];
    }

    private void Apply(IReadOnlyList<NumberedOp> ops)
    {
        changes.Load(node.School, ops.Select(o => o.Op).Where(op => op.Scope == node.School));
        for (var i = 0; i < ops.Count;)
        {
            var members = ops[i].Op.GroupLeft + 1;
            ApplyGroup(ops, i, Math.Min(i + members, ops.Count));
            i += members;
        }
        changes.Flush();
        if (refused.Count > 0)
        {
            transaction.InsertRefused(refused);
        }
    }

    /// <summary>Operations of a group take effect together; when one is refused, none does, and all are kept.</summary>
    private void ApplyGroup(IReadOnlyList<NumberedOp> ops, int from, int to)
    {
        var (isGroup, seqBefore) = (to - from > 1, feedSeq);
        var outcomes = new List<OpResult>(to - from);
        if (isGroup)
        {
            changes.BeginGroup();
        }
        for (var i = from; i < to && !outcomes.Exists(IsRefusal); i++)
        {
            var applied = stamps.Cut(ops[i], node.Node, nowMs);
            outcomes.Add(Decide(ops[i], applied));
            if (!IsRefusal(outcomes[^1]))
            {
                changes.Append(ToStored(ops[i], applied.Hlc, outcomes[^1].Outcome, ++feedSeq));
            }
        }
        if (outcomes.Find(IsRefusal) is { } bad)
        {
            outcomes = [.. ops.Skip(from).Take(to - from).Select(n => n.Seq == bad.Seq ? bad : new(n.Seq, bad.Outcome, RefusalReason.GroupRefused))];
            if (!Mutant.M12DropUnknown || bad.Reason != RefusalReason.UnknownEntity)
            {
                refused.AddRange(outcomes.Select((o, i) => ToRefused(ops[from + i], o)));
            }
            feedSeq = seqBefore;
            if (isGroup)
            {
                changes.UndoGroup();
            }
        }
        else
        {
            if (isGroup)
            {
                changes.EndGroup();
            }
            for (var i = 0; i < outcomes.Count; i++)
            {
                // What is known already says nothing new of that time.
                earliestMs = outcomes[i].Outcome == Outcome.Superseded ? earliestMs : Math.Min(earliestMs, ops[from + i].Op.Hlc.Milliseconds);
            }
            if (outcomes.Exists(IsPartly))
            {
                // What took effect in part is listed with what did not: somebody must see the other part.
                outcomes = [.. outcomes.Select(o => IsPartly(o) ? o with { Outcome = Outcome.Parked } : o)];
                refused.AddRange(outcomes.Select((o, i) => (Op: ops[from + i], Result: o)).Where(o => IsPartly(o.Result)).Select(o => ToRefused(o.Op, o.Result)));
            }
        }
        results.AddRange(outcomes.Where(o => o.Outcome != Outcome.Applied));
    }

    private static bool IsPartly(OpResult result) => result.Reason == RefusalReason.PupilLeft;

    private static bool IsRefusal(OpResult result) => result.Outcome is Outcome.Rejected or Outcome.Parked;

    /// <summary>One bad record never stops a lane: what its module cannot digest is kept for a Central that can.</summary>
    private OpResult Decide(NumberedOp numbered, Op applied)
    {
        if (Intake.Refuse(catalogue, node.School, numbered.Op) is var (outcome, reason))
        {
            return new(numbered.Seq, outcome, reason);
        }
        try
        {
            var effect = changes.Apply(applied, node.Node, Side.Edge);
            return effect.Partly
                ? new(numbered.Seq, Outcome.Merged, RefusalReason.PupilLeft)
                : new(numbered.Seq, effect.Outcome, effect.Refusal?.Reason ?? "");
        }
        catch (Exception fault) when (fault is not (ExternalException or OperationCanceledException or OutOfMemoryException))
        {
            return new(numbered.Seq, Outcome.Parked, RefusalReason.ApplyFailed, fault);
        }
    }

    private StoredOp ToStored(NumberedOp n, Hlc applied, Outcome outcome, long seq) => new()
    {
        Scope = Mutant.M8TrustPayloadSchool ? n.Op.Scope : node.School,
        FeedSeq = seq,
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
        GroupLeft = n.Op.GroupLeft,
        Data = Bytes.Whole(n.Op.Data),
        Salt = n.Salt,
        Hash = n.Hash,
        Outcome = outcome,
        ReceivedAtMs = nowMs,
    };

    private RefusedOp ToRefused(NumberedOp n, OpResult result) => new()
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
        GroupLeft = n.Op.GroupLeft,
        Data = Bytes.Whole(n.Op.Data),
        Salt = n.Salt,
        Hash = n.Hash,
        Outcome = result.Outcome,
        Reason = result.Reason,
        ReceivedAtMs = nowMs,
    };
}
