using System.Runtime.InteropServices;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Central;

/// <param name="Faults">What modules' rules threw, for the host's log.</param>
public sealed record Redriven(int Applied, IReadOnlyList<Exception> Faults);

/// <summary>
/// What becomes of refused operations later: they take effect after all, or somebody decides that they shall not. An operation keeps
/// its own stamp and node, so it merges as if it had never been late. A group is settled as a whole; each only once, because everything
/// is read again under the lock of the school's feed.
/// </summary>
public sealed class Redrive
{
    public const int PageOpsMax = 100;
    public const int WhyCharsMax = 500;

    /// <summary>What a later version of Central may be able to apply, without anybody's decision.</summary>
    public static readonly IReadOnlyList<string> Curable = [RefusalReason.UnknownEntity, RefusalReason.ApplyFailed];

    private readonly ICentralTransaction transaction;
    private readonly Catalogue catalogue;
    private readonly Scope school;
    private readonly long nowMs;
    private readonly Changes changes;
    private readonly StampCuts stamps;
    private long feedSeq;

    private Redrive(ICentralTransaction transaction, Catalogue catalogue, Scope school, long nowMs)
    {
        (this.transaction, this.catalogue, this.school, this.nowMs) = (transaction, catalogue, school, nowMs);
        // First of all, so that everything below is read after the school's previous writer has committed.
        feedSeq = transaction.LockFeed(school);
        changes = new(transaction, catalogue);
        stamps = new(transaction, changes, school);
    }

    private sealed record Failure(RefusedOp Op, Outcome Outcome, string Reason, Exception? Fault);

    /// <summary>The oldest operations after a place that may be curable.</summary>
    public static RefusedQuery Candidates(RefusedPlace? after) => new(PageOpsMax, After: after) { Reasons = Curable, OldestFirst = true };

    /// <summary>
    /// Applies those of a school's operations that can be applied now, What fails stays, with the reason that it has now.
    /// </summary>
    public static Redriven Retry(
        ICentralTransaction transaction, Catalogue catalogue, Scope school, IReadOnlyList<RefusedPlace> places, long nowMs)
    {
        var redrive = new Redrive(transaction, catalogue, school, nowMs);
        var (applied, faults) = (0, new List<Exception>());
        // Each lane in its own order, whatever Central's clock said when its operations came.
        foreach (var place in places.GroupBy(p => (p.Node, p.Epoch, p.Lane)).SelectMany(lane => lane.OrderBy(p => p.Seq)))
        {
            var group = transaction.FindRefusedGroup(place);
            if (!IsWhole(group))
            {
                continue;
            }
            if (redrive.Apply(group, by: null, out _) is { } failure)
            {
                redrive.Restate(group, failure);
                faults.AddRange(failure.Fault is { } fault ? [fault] : []);
                continue;
            }
            applied += group.Count;
            Greeting.EndSession(transaction, group[0].Node);
        }
        redrive.Finish();
        return new(applied, faults);
    }

    /// <summary>The department takes a parked operation, and its group, into effect; returns what became of each.</summary>
    public static Result<IReadOnlyList<Outcome>> Accept(
        ICentralTransaction transaction, Catalogue catalogue, Actor actor, RefusedPlace place, long nowMs)
    {
        var redrive = new Redrive(transaction, catalogue, place.School, nowMs);
        var group = transaction.FindRefusedGroup(place);
        if (group.Count == 0)
        {
            return Settled;
        }
        if (!group.All(MayAccept) || !IsWhole(group))
        {
            return Error.Conflict("refused_for_good", "Mục này không thể nhận vào. Trường cần nhập lại cho đúng; sau đó hãy bỏ qua mục này.");
        }
        var proposals = group.Where(o => catalogue.Find(o.Entity) is { } type && FieldOwnership.NotOwnedBy(Side.Edge, type, ToOp(o)).Count > 0);
        if (proposals.Select(o => catalogue.Refusal(ToDraft(o), actor, Side.Central)).FirstOrDefault(e => e is not null) is { } denied)
        {
            return denied;
        }
        if (redrive.Apply(group, actor.Id, out var outcomes) is { } failure)
        {
            return Error.Conflict(failure.Reason, "Trung tâm vẫn chưa nhận được mục này. Mục vẫn được giữ nguyên; hãy báo bộ phận kỹ thuật.");
        }
        redrive.Finish();
        Greeting.EndSession(transaction, place.Node);
        return outcomes;
    }

    /// <summary>A person decides that the operation, and its group, shall have no effect. It stays on record with the decision.</summary>
    public static Result<int> Dismiss(ICentralTransaction transaction, Actor actor, RefusedPlace place, string why, long nowMs)
    {
        if (why.Trim() is not { Length: > 0 and <= WhyCharsMax } reason)
        {
            return Error.Invalid("dismiss_why", "Hãy ghi vì sao bỏ qua mục này, nhiều nhất {0} ký tự.", WhyCharsMax);
        }
        if (actor.Scope != Scope.City && actor.Scope != place.School)
        {
            return Error.Denied("role_denied", "Bạn không có quyền ghi dữ liệu này. Hãy nhờ người phụ trách của trường.");
        }
        transaction.LockFeed(place.School);
        var group = transaction.FindRefusedGroup(place);
        if (group.Count == 0)
        {
            return Settled;
        }
        foreach (var op in group)
        {
            transaction.UpdateRefused(
                op with { Resolution = Resolution.Dismissed, ResolvedAtMs = nowMs, ResolvedBy = actor.Id, ResolvedWhy = reason });
        }
        Greeting.EndSession(transaction, place.Node);
        return group.Count;
    }

    /// <summary>What was rejected stays so; of a pupil who has left, another transfer decides.</summary>
    public static bool MayAccept(RefusedOp op) =>
        op.Outcome == Outcome.Parked && op.Reason is not (RefusalReason.PupilLeft or RefusalReason.Evicted);

    private static Error Settled => Error.Conflict("refused_settled", "Mục này đã được xử lý. Hãy tải lại trang.");

    /// <summary>A group of which a part never came must not take effect.</summary>
    private static bool IsWhole(IReadOnlyList<RefusedOp> group) =>
        group is [.., { GroupLeft: 0 }] && group[^1].Seq - group[0].Seq == group.Count - 1;

    private static NumberedOp ToNumbered(RefusedOp o) => new(o.Seq, ToOp(o), o.Salt, o.Hash);

    private static Op ToOp(RefusedOp o) => new(o.ClaimedScope, o.Entity, o.Id, o.Schema, o.Kind, new(o.Hlc), o.Actor, o.Data) { GroupLeft = o.GroupLeft };

    private static Draft ToDraft(RefusedOp o) => new(o.ClaimedScope, o.Entity, o.Schema, o.Id, o.Kind, o.Data);

    /// <param name="by">Who accepts what the school itself may not write; null for nobody.</param>
    private Failure? Apply(IReadOnlyList<RefusedOp> group, Guid? by, out List<Outcome> outcomes)
    {
        outcomes = [];
        var seqBefore = feedSeq;
        changes.BeginGroup();
        stamps.Recall(group[0].Node, [.. group.Select(ToOp)]);
        foreach (var refused in group)
        {
            var (outcome, reason, fault) = Apply(refused, by);
            if (outcome is Outcome.Parked or Outcome.Rejected)
            {
                changes.UndoGroup();
                feedSeq = seqBefore;
                return new(refused, outcome, reason, fault);
            }
            outcomes.Add(outcome);
        }
        foreach (var (refused, outcome) in group.Zip(outcomes))
        {
            transaction.UpdateRefused(
                refused with { Outcome = outcome, Resolution = Resolution.Applied, ResolvedAtMs = nowMs, ResolvedBy = by });
        }
        changes.EndGroup();
        return null;
    }

    private (Outcome Outcome, string Reason, Exception? Fault) Apply(RefusedOp refused, Guid? by)
    {
        // As on the day it came, so that being late makes little difference.
        var op = stamps.Cut(ToNumbered(refused), refused.Node, refused.ReceivedAtMs);
        if (Intake.Refuse(catalogue, school, op) is { } again && (by is null || again.Reason != RefusalReason.NotFieldOwner))
        {
            return (again.Outcome, again.Reason, null);
        }
        try
        {
            var effect = changes.Apply(op, refused.Node, by is null ? Side.Edge : Side.Central);
            if (effect.Refusal is { } refusal)
            {
                return (effect.Outcome, refusal.Reason, null);
            }
            changes.Append(ToStored(refused, op.Hlc, effect.Outcome, ++feedSeq));
            return (effect.Outcome, "", null);
        }
        catch (Exception fault) when (fault is not (ExternalException or OperationCanceledException or OutOfMemoryException))
        {
            return (Outcome.Parked, RefusalReason.ApplyFailed, fault);
        }
    }

    private void Restate(IReadOnlyList<RefusedOp> group, Failure failure)
    {
        foreach (var op in group)
        {
            var reason = ReferenceEquals(op, failure.Op) ? failure.Reason : RefusalReason.GroupRefused;
            if ((op.Outcome, op.Reason) != (failure.Outcome, reason))
            {
                transaction.UpdateRefused(op with { Outcome = failure.Outcome, Reason = reason });
            }
        }
    }

    private void Finish()
    {
        changes.Flush();
        transaction.SetFeed(school, feedSeq);
    }

    private StoredOp ToStored(RefusedOp o, Hlc applied, Outcome outcome, long seq) => new()
    {
        Scope = school,
        FeedSeq = seq,
        Node = o.Node,
        Epoch = o.Epoch,
        Lane = o.Lane,
        Seq = o.Seq,
        Entity = o.Entity,
        Id = o.Id,
        Schema = o.Schema,
        Kind = o.Kind,
        Hlc = o.Hlc,
        AppliedHlc = applied.Value,
        Actor = o.Actor,
        GroupLeft = o.GroupLeft,
        Data = o.Data,
        Salt = o.Salt,
        Hash = o.Hash,
        Outcome = outcome,
        ReceivedAtMs = nowMs,
    };
}
