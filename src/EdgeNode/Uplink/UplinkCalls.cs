using System.Collections.Concurrent;
using System.Globalization;
using Google.Protobuf;
using Grpc.Core;
using TdmEdu.EdgeNode.Cache;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;
using Proto = TdmEdu.Contracts.Sync.V1;

namespace TdmEdu.EdgeNode.Uplink;

/// <summary>The kernel's calls as gRPC, and Central's answers back. Nothing is decided here.</summary>
internal sealed class UplinkCalls(CentralLink link, Owner owner, string catalogue, BoxClock clock)
{
    /// <summary>The time that all go by is not moved to and fro for less, in a session that goes on.</summary>
    private static readonly TimeSpan AgreesWithin = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<Lane, Proto.PushRequest?> ahead = [];

    public async Task<Welcome> Open(Hello hello, CancellationToken cancel)
    {
        var request = new Proto.OpenRequest
        {
            Epoch = Wire.Bytes(hello.Epoch),
            Catalogue = catalogue,
            ClockMs = NowMs,
            Protocol = (uint)hello.Protocol,
            LastSession = ByteString.CopyFrom(hello.LastSession),
            Forked = hello.Forked,
            FeedEpoch = hello.FeedEpoch,
            Lanes = { hello.Lanes.Select(l => new Proto.HelloLane { Head = Wire.ToProto(l.Head), Acked = l.Acked }) },
        };
        ahead.Clear();
        var began = clock.GetTimestamp();
        var reply = await link.Client.OpenAsync(request, CentralLink.Options(cancel));
        clock.Learn(TimeOf(reply.ClockMs, clock.GetElapsedTime(began)));
        return new(
            (OpenAction)reply.Action, reply.Session.ToByteArray(), reply.FeedEpoch,
            [
                .. reply.Lanes.Select(l => new WelcomeLane(Wire.FromProto(l.Durable), [.. l.Checkpoints.Select(Wire.FromProto)], l.BackedUpSeq)
                {
                    Refused = [.. l.Refused.Select(o => new Refusal((Lane)l.Durable.Lane, o.Seq, (Outcome)o.Outcome, o.Reason))],
                }),
            ]);
    }

    public async Task<BatchAnswer> Push(PushCall call, CancellationToken cancel)
    {
        var request = ahead.GetValueOrDefault(call.Lane) is { } made && made.FirstSeq == call.From && made.Ops.Count <= call.OpsMax
            && made.Session.Span.SequenceEqual(call.Session)
            ? made
            : Prepare(call, call.From) ?? throw new InvalidOperationException($"Lane {call.Lane} has nothing at {call.From}.");
        var sending = link.Client.PushAsync(request, CentralLink.Options(cancel));
        // The next batch is made while this one travels.
        ahead[call.Lane] = Prepare(call, request.FirstSeq + request.Ops.Count);
        var reply = await sending;
        return new(
            Wire.FromProto(reply.Durable), reply.Gap,
            [.. reply.Outcomes.Select(o => new OpResult(o.Seq, (Outcome)o.Outcome, o.Reason))]);
    }

    public async Task<FeedAnswer> Pull(PullCall call, CancellationToken cancel)
    {
        // The clock is read before the heads: everything stamped up to then is in them.
        var now = NowMs;
        var state = owner.Status.State;
        var request = new Proto.PullRequest
        {
            Session = UnsafeByteOperations.UnsafeWrap(call.Session),
            FeedEpoch = state.FeedEpoch,
            OpsMax = (uint)call.OpsMax,
            ClockMs = now,
            Heads = { state.Heads.Select(Wire.ToProto) },
            Cursors =
            {
                state.Cursors.Select(c => new Proto.ScopeCursor { Scope = c.Key.Value, Seq = c.Value.Seq, Mark = ByteString.CopyFrom(c.Value.Mark) }),
            },
        };
        var reply = await link.Client.PullAsync(request, CentralLink.Options(cancel));
        return new(reply.FeedEpoch, [.. reply.Pages.Select(ToPage)], reply.More)
        {
            BackedUp = reply.BackedUp.ToDictionary(lane => (Lane)lane.Key, lane => lane.Value),
        };
    }

    public async Task<bool> Beat(BeatCall call, CancellationToken cancel)
    {
        // The clock before the state, as in a Pull: what was saved since the call was decided is not in the state that came with it.
        var now = NowMs;
        var request = new Proto.BeatRequest
        {
            Session = UnsafeByteOperations.UnsafeWrap(call.Session),
            State = UnsafeByteOperations.UnsafeWrap(ExchangeState.Hash(owner.Status.State)),
            ClockMs = now,
        };
        var began = clock.GetTimestamp();
        var reply = await link.Client.BeatAsync(request, CentralLink.Small(cancel));
        var took = clock.GetElapsedTime(began);
        if (reply.ClockMs != 0 && (TimeOf(reply.ClockMs, took) - clock.GetUtcNow()).Duration() > AgreesWithin + took)
        {
            clock.Learn(TimeOf(reply.ClockMs, took));
        }
        return reply.Same;
    }

    /// <summary>Central read its clock somewhere between the question and the answer.</summary>
    private static DateTimeOffset TimeOf(long clockMs, TimeSpan took) => DateTimeOffset.FromUnixTimeMilliseconds(clockMs) + (took / 2);

    /// <summary>Never ends well.</summary>
    public async Task Watch(WatchCall call, Action nudged, CancellationToken cancel)
    {
        var request = new Proto.WatchRequest { Session = UnsafeByteOperations.UnsafeWrap(call.Session) };
        using var stream = link.Client.Watch(request, new CallOptions(cancellationToken: cancel));
        while (await stream.ResponseStream.MoveNext(cancel))
        {
            nudged();
        }
        throw new RpcException(new Status(StatusCode.Unavailable, "Central ended the watch."));
    }

    public static (Failure Failure, long RetryAfterMs) FailureOf(Exception cause)
    {
        if (cause is not RpcException rpc)
        {
            return (Failure.Unavailable, 0);
        }
        var retryAfter = rpc.Trailers.GetValue(Wire.RetryAfterTrailer);
        return rpc.StatusCode switch
        {
            StatusCode.Aborted => (Failure.Stale, 0),
            StatusCode.ResourceExhausted when retryAfter is not null => (Failure.Busy, long.Parse(retryAfter, CultureInfo.InvariantCulture)),
            StatusCode.Unauthenticated or StatusCode.PermissionDenied => (Failure.Denied, 0),
            _ when rpc.Trailers.GetValue(Wire.ReasonTrailer) == "chain_broken" => (Failure.Broken, 0),
            _ => (Failure.Unavailable, 0),
        };
    }

    private long NowMs => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Null when the lane ends before <paramref name="from"/>.</summary>
    private Proto.PushRequest? Prepare(PushCall call, long from)
    {
        var batch = owner.Journal.ReadLane(call.Lane, from, call.OpsMax, Intake.BatchBytesMax);
        if (batch.Count == 0)
        {
            return null;
        }
        var request = new Proto.PushRequest
        {
            Session = UnsafeByteOperations.UnsafeWrap(call.Session),
            Lane = (uint)call.Lane,
            FirstSeq = from,
            PrevHash = UnsafeByteOperations.UnsafeWrap(owner.Journal.HashAt(call.Lane, from - 1)),
            LastHash = UnsafeByteOperations.UnsafeWrap(batch[^1].Hash),
        };
        request.Ops.AddRange(batch.Select(n => Wire.ToProto(n.Op, n.Salt)));
        return request;
    }

    private static FeedPage ToPage(Proto.ScopePage page)
    {
        var scope = Scope.TryParse(page.Scope) ?? throw new RpcException(new Status(StatusCode.DataLoss, $"No scope: {page.Scope}."));
        var ops = new List<FeedOp>(page.Ops.Count);
        foreach (var fed in page.Ops)
        {
            var op = Wire.FromProto(fed.Op) ?? throw new RpcException(new Status(StatusCode.DataLoss, $"Feed of {page.Scope} at {fed.Seq} is no operation."));
            ops.Add(new(op with { Stamped = new(fed.Stamped) }, RecordId.FromBytes(fed.Node.Span), fed.Seq));
        }
        return new(scope, page.Restart, ops, new(page.NextSeq, page.Mark.ToByteArray()));
    }
}
