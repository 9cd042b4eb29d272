using System.Threading.Channels;
using Google.Protobuf;
using Grpc.Core;
using TdmEdu.Contracts.Sync.V1;
using TdmEdu.EdgeNode.Cache;
using TdmEdu.Sync;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;
using LaneHead = TdmEdu.Sync.Records.LaneHead;

namespace TdmEdu.EdgeNode.Uplink;

/// <summary>Central and this box disagree about the box's own history; only a person can say which disk is the true one.</summary>
internal sealed class HistoryFault(ReconcileAction action, Lane lane) : Exception($"{action} on lane {lane}")
{
    public ReconcileAction Action => action;
}

/// <summary>One opened session: a push loop for each lane, a pull loop, and Central's nudges. Ends by an exception or cancellation.</summary>
internal sealed class UplinkSession(CentralLink link, Owner owner, TimeProvider clock, Action contacted)
{
    /// <summary>Without a nudge the box still asks this often, and so tells Central up to when its figures are complete.</summary>
    private static readonly TimeSpan PullInterval = TimeSpan.FromSeconds(10);
    private const uint PullOpsMax = 1000;
    private const int BulkOpsMin = 1000;
    private static readonly Lane[] Lanes = Enum.GetValues<Lane>();
    private readonly Channel<bool> nudge = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public async Task Run(string catalogue, Action opened, CancellationToken cancel)
    {
        var request = new OpenRequest { Epoch = Wire.Bytes(owner.Epoch), Catalogue = catalogue, ClockMs = clock.GetUtcNow().ToUnixTimeMilliseconds() };
        request.Heads.AddRange(owner.Status.Heads.Select(Wire.ToProto));
        var welcome = await link.Client.OpenAsync(request, CentralLink.Options(clock, cancel));
        var durable = welcome.Durable.Select(Wire.FromProto).ToDictionary(h => h.Lane);
        var starts = Lanes.ToDictionary(lane => lane, lane => StartOf(lane, durable.GetValueOrDefault(lane)));
        opened();

        using var session = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var loops = Lanes.Select(lane => PushLane(lane, starts[lane], welcome.Session, session.Token))
            .Append(Pull(welcome.Session, session.Token))
            .Append(Watch(welcome.Session, session.Token))
            .ToList();
        var first = await Task.WhenAny(loops);
        await session.CancelAsync();
        await Task.WhenAll(loops).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        await first;
    }

    private long StartOf(Lane lane, LaneHead? durable)
    {
        var head = owner.Status.Head(lane);
        var decision = Reconcile.Decide(head, durable ?? new(lane, 0, []), seq => owner.Journal.HashAt(lane, seq));
        return decision.Action == ReconcileAction.Continue ? decision.NextSeq : throw new HistoryFault(decision.Action, lane);
    }

    private async Task PushLane(Lane lane, long next, ByteString session, CancellationToken cancel)
    {
        var recorded = Acknowledge(lane, next - 1, cancel);
        var batch = Prepare(lane, next, session);
        while (true)
        {
            if (batch is null)
            {
                await recorded;
                await owner.WaitForMore(lane, next - 1, cancel);
                batch = Prepare(lane, next, session);
                continue;
            }
            var call = link.Client.PushAsync(batch, CentralLink.Options(clock, cancel));
            // While this one travels, the next is made and the one before is recorded as received.
            var last = batch.FirstSeq + batch.Ops.Count - 1;
            var ahead = Prepare(lane, last + 1, session);
            await recorded;
            var reply = await call;
            var durable = Wire.FromProto(reply.Durable);
            if (durable.Seq > 0 && !durable.Hash.AsSpan().SequenceEqual(owner.Journal.HashAt(lane, durable.Seq)))
            {
                throw new HistoryFault(ReconcileAction.Clone, lane);
            }
            if (durable.Seq < batch.FirstSeq)
            {
                // Central has lost what it acknowledged, or never takes this batch: a new Open finds out which, with backoff.
                throw new RpcException(new Status(StatusCode.Aborted, "Central did not take the batch."));
            }
            recorded = Acknowledge(lane, durable.Seq, cancel);
            contacted();
            next = durable.Seq + 1;
            batch = (durable.Seq == last ? ahead : null) ?? Prepare(lane, next, session);
        }
    }

    private async Task Acknowledge(Lane lane, long seq, CancellationToken cancel) => Durable(await owner.Acknowledge(lane, seq, cancel));

    /// <summary>Null when the lane ends before <paramref name="from"/>.</summary>
    private PushRequest? Prepare(Lane lane, long from, ByteString session)
    {
        var batch = owner.Journal.ReadLane(lane, from, Intake.BatchOpsMax, Intake.BatchBytesMax);
        if (batch.Count == 0)
        {
            return null;
        }
        var request = new PushRequest
        {
            Session = session,
            Lane = (uint)lane,
            FirstSeq = from,
            PrevHash = UnsafeByteOperations.UnsafeWrap(owner.Journal.HashAt(lane, from - 1)),
        };
        request.Ops.AddRange(batch.Select(n => Wire.ToProto(n.Op, n.Salt)));
        return request;
    }

    private async Task Pull(ByteString session, CancellationToken cancel)
    {
        var taken = 0;
        while (true)
        {
            // The clock is read before the heads: everything stamped up to then is in them.
            var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
            var status = owner.Status;
            var request = new PullRequest
            {
                Session = session,
                FeedEpoch = status.FeedEpoch,
                OpsMax = PullOpsMax,
                ClockMs = now,
            };
            request.Heads.AddRange(status.Heads.Select(Wire.ToProto));
            request.Cursors.AddRange(status.Cursors.Select(c => new ScopeCursor { Scope = c.Key.Value, Seq = c.Value }));
            var reply = await link.Client.PullAsync(request, CentralLink.Options(clock, cancel));
            foreach (var page in reply.Pages)
            {
                await Apply(reply.FeedEpoch, page, cancel);
            }
            contacted();
            taken += reply.Pages.Sum(p => p.Ops.Count);
            if (!reply.More)
            {
                GiveBackMemory(ref taken);
                await NudgeOrInterval(cancel);
            }
        }
    }

    /// <summary>A first roster leaves some 30 MiB of garbage that a process with nothing to do would keep for ever.</summary>
    private static void GiveBackMemory(ref int taken)
    {
        if (taken >= BulkOpsMin)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);
        }
        taken = 0;
    }

    private async Task NudgeOrInterval(CancellationToken cancel)
    {
        using var interval = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        interval.CancelAfter(PullInterval);
        try
        {
            await nudge.Reader.ReadAsync(interval.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // No nudge in time; ask anyway.
        }
    }

    private async Task Apply(string feedEpoch, ScopePage page, CancellationToken cancel)
    {
        var ops = new List<Sync.Records.FeedOp>(page.Ops.Count);
        foreach (var fed in page.Ops)
        {
            var op = Wire.FromProto(fed.Op) ?? throw new RpcException(new Status(StatusCode.DataLoss, $"Feed of {page.Scope} at {fed.Seq} is no operation."));
            ops.Add(new(op, RecordId.FromBytes(fed.Node.Span), fed.Seq));
        }
        var scope = Scope.TryParse(page.Scope) ?? throw new RpcException(new Status(StatusCode.DataLoss, $"No scope: {page.Scope}."));
        Durable(await owner.ApplyPage(feedEpoch, scope, ops, page.NextSeq, cancel));
    }

    /// <summary>The box's own disk may be full; the session ends and is tried again, and the cursor has not moved.</summary>
    private static void Durable(Result<long> saved)
    {
        if (!saved.Ok)
        {
            throw new IOException(saved.Error.Reason);
        }
    }

    private async Task Watch(ByteString session, CancellationToken cancel)
    {
        var options = new CallOptions(cancellationToken: cancel);
        using var stream = link.Client.Watch(new WatchRequest { Session = session }, options);
        while (await stream.ResponseStream.MoveNext(cancel))
        {
            nudge.Writer.TryWrite(true);
        }
        throw new RpcException(new Status(StatusCode.Unavailable, "Central ended the watch."));
    }
}
