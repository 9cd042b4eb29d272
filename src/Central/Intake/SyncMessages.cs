using Google.Protobuf;
using TdmEdu.Sync;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;
using Proto = TdmEdu.Contracts.Sync.V1;
using Rules = TdmEdu.Sync.Exchange.Intake;

namespace TdmEdu.Central.Intake;

/// <summary>Between the wire's messages and this host's own records. A message that makes no sense is refused whole.</summary>
internal static class SyncMessages
{
    private const int LanesMax = 16;
    private const int IdBytes = 16;

    public static Result<Hello> ToHello(Proto.OpenRequest request)
    {
        if (request.Epoch.Length != IdBytes || request.Lanes.Count > LanesMax || request.LastSession.Length is not (0 or Greeting.TokenBytes)
            || request.FeedEpoch.Length > IdBytes * 2
            || request.Lanes.Any(l => l.Head is null || !IsLane(l.Head.Lane) || l.Head.Seq < 0 || l.Acked < 0))
        {
            return Malformed;
        }
        return new Hello(
            RecordId.FromBytes(request.Epoch.Span), (int)Math.Min(request.Protocol, int.MaxValue), request.LastSession.ToByteArray(), request.Forked,
            request.FeedEpoch, [.. request.Lanes.Select(l => new HelloLane(Wire.FromProto(l.Head), l.Acked))]);
    }

    public static Result<Batch> ToBatch(Proto.PushRequest request)
    {
        if (!IsLane(request.Lane) || request.FirstSeq < 1 || request.PrevHash.Length != HashChain.HashBytes || request.Ops.Count == 0
            || request.LastHash.Length is not (0 or HashChain.HashBytes))
        {
            return Malformed;
        }
        if (request.Ops.Count > Rules.BatchOpsMax || request.Ops.Sum(op => (long)op.Data.Length) > Rules.BatchBytesMax)
        {
            return Error.Invalid("batch_too_large", "Gói dữ liệu gửi lên quá lớn. Hãy cập nhật phần mềm máy chủ trường.");
        }
        var ops = new List<(Op, byte[])>(request.Ops.Count);
        foreach (var message in request.Ops)
        {
            if (Wire.FromProto(message) is not { } op || message.Salt.Length != HashChain.SaltBytes)
            {
                return Malformed;
            }
            ops.Add((op, message.Salt.ToByteArray()));
        }
        if (!GroupsAreWhole(ops))
        {
            return Malformed;
        }
        return new Batch(
            request.Session.ToByteArray(), (Lane)request.Lane, request.FirstSeq, request.PrevHash.ToByteArray(), ops,
            request.LastHash.Length == 0 ? null : request.LastHash.ToByteArray());
    }

    /// <summary>Scopes that make no sense, or are not the school's, are simply not answered.</summary>
    public static FeedQuery ToQuery(Proto.PullRequest request)
    {
        var cursors = new Dictionary<Scope, Cursor>();
        foreach (var cursor in request.Cursors)
        {
            if (Scope.TryParse(cursor.Scope) is { } scope)
            {
                cursors[scope] = new(Math.Max(0, cursor.Seq), cursor.Mark.ToByteArray());
            }
        }
        var opsMax = (int)Math.Min(request.OpsMax, int.MaxValue);
        var heads = ToHeads(request.Heads.Where(h => IsLane(h.Lane)).Take(LanesMax));
        return new(request.Session.ToByteArray(), request.FeedEpoch, cursors, opsMax, heads, request.ClockMs);
    }

    public static Proto.OpenResponse ToProto(Welcome welcome, long clockMs) => new()
    {
        Action = (Proto.OpenAction)welcome.Action,
        Session = ByteString.CopyFrom(welcome.Session),
        Lanes =
        {
            welcome.Lanes.Select(l => new Proto.WelcomeLane
            {
                Durable = ToProto(l.Durable), Checkpoints = { l.Checkpoints.Select(Wire.ToProto) }, BackedUpSeq = l.BackedUp,
                Refused = { l.Refused.Select(r => new Proto.OpOutcome { Seq = r.Seq, Outcome = (Proto.Outcome)r.Outcome, Reason = r.Reason }) },
            }),
        },
        ClockMs = clockMs,
        FeedEpoch = welcome.FeedEpoch,
    };

    public static Proto.PushResponse ToProto(BatchAnswer answer) => new()
    {
        Durable = ToProto(answer.Durable),
        Gap = answer.Gap,
        Outcomes =
        {
            answer.NotApplied.Select(o => new Proto.OpOutcome { Seq = o.Seq, Outcome = (Proto.Outcome)o.Outcome, Reason = o.Reason }),
        },
    };

    public static Proto.PullResponse ToProto(FeedAnswer answer) => new()
    {
        FeedEpoch = answer.FeedEpoch,
        More = answer.More,
        Pages = { answer.Pages.Select(ToProto) },
        BackedUp = { answer.BackedUp.ToDictionary(lane => (uint)lane.Key, lane => lane.Value) },
    };

    private static Proto.ScopePage ToProto(FeedPage page) => new()
    {
        Scope = page.Scope.Value,
        Restart = page.Restart,
        NextSeq = page.Next.Seq,
        Mark = ByteString.CopyFrom(page.Next.Mark),
        Ops = { page.Ops.Select(o => new Proto.FeedOp
        {
            Op = Wire.ToProto(o.Op), Node = Wire.Bytes(o.Node), Seq = o.Seq, Stamped = o.Op.Stamped.Value,
        }) },
    };

    /// <summary>The base of an empty lane follows from its name.</summary>
    private static Proto.LaneHead ToProto(LaneHead head) => Wire.ToProto(head.Seq == 0 ? head with { Hash = [] } : head);

    private static bool GroupsAreWhole(List<(Op Op, byte[])> ops)
    {
        var left = 0;
        foreach (var (op, _) in ops)
        {
            if (left > 0 && op.GroupLeft != left - 1)
            {
                return false;
            }
            left = op.GroupLeft;
        }
        return left == 0;
    }

    private static IReadOnlyList<LaneHead> ToHeads(IEnumerable<Proto.LaneHead> heads) => [.. heads.Select(Wire.FromProto)];

    private static bool IsLane(uint lane) => lane < LanesMax;

    private static Error Malformed => Error.Invalid(
        "malformed", "Gói dữ liệu gửi lên sai khuôn dạng. Hãy cập nhật phần mềm máy chủ trường.");
}
