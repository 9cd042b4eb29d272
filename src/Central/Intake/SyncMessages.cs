using Google.Protobuf;
using TdmEdu.Central.Feed;
using TdmEdu.Sync;
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

    public static Result<(Guid Epoch, IReadOnlyList<LaneHead> Heads)> Heads(Proto.OpenRequest request)
    {
        if (request.Epoch.Length != IdBytes || request.Heads.Count > LanesMax || request.Heads.Any(h => !IsLane(h.Lane) || h.Seq < 0))
        {
            return Malformed;
        }
        return (RecordId.FromBytes(request.Epoch.Span), ToHeads(request.Heads));
    }

    public static Result<Batch> ToBatch(Proto.PushRequest request)
    {
        if (!IsLane(request.Lane) || request.FirstSeq < 1 || request.PrevHash.Length != HashChain.HashBytes || request.Ops.Count == 0)
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
        return new Batch(request.Session.ToByteArray(), (Lane)request.Lane, request.FirstSeq, request.PrevHash.ToByteArray(), ops);
    }

    /// <summary>Scopes that make no sense, or are not the school's, are simply not answered.</summary>
    public static FeedQuery ToQuery(Proto.PullRequest request)
    {
        var cursors = new Dictionary<Scope, long>();
        foreach (var cursor in request.Cursors)
        {
            if (Scope.TryParse(cursor.Scope) is { } scope)
            {
                cursors[scope] = Math.Max(0, cursor.Seq);
            }
        }
        var opsMax = (int)Math.Min(request.OpsMax, int.MaxValue);
        var heads = ToHeads(request.Heads.Where(h => IsLane(h.Lane)).Take(LanesMax));
        return new(request.Session.ToByteArray(), request.FeedEpoch, cursors, opsMax, heads, request.ClockMs);
    }

    public static Proto.OpenResponse ToProto(OpenedSession session, long clockMs) => new()
    {
        Session = ByteString.CopyFrom(session.Token),
        Durable = { session.Durable.Select(Wire.ToProto) },
        ClockMs = clockMs,
        FeedEpoch = session.FeedEpoch,
    };

    public static Proto.PushResponse ToProto(BatchAnswer answer) => new()
    {
        Durable = Wire.ToProto(answer.Durable.Seq == 0 ? answer.Durable with { Hash = [] } : answer.Durable),
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
    };

    private static Proto.ScopePage ToProto(FeedPage page) => new()
    {
        Scope = page.Scope.Value,
        NextSeq = page.NextSeq,
        Ops = { page.Ops.Select(o => new Proto.FeedOp { Op = Wire.ToProto(o.Op), Node = Wire.Bytes(o.Node), Seq = o.Seq }) },
    };

    private static IReadOnlyList<LaneHead> ToHeads(IEnumerable<Proto.LaneHead> heads) => [.. heads.Select(Wire.FromProto)];

    private static bool IsLane(uint lane) => lane < LanesMax;

    private static Error Malformed => Error.Invalid(
        "malformed", "Gói dữ liệu gửi lên sai khuôn dạng. Hãy cập nhật phần mềm máy chủ trường.");
}
