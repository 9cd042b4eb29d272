using System.Globalization;
using System.Security.Cryptography;
using TdmEdu.Central.Feed;
using TdmEdu.Central.Storage;
using TdmEdu.Sync;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Intake;

/// <summary>Carries out what the kernel decides about a box's calls: each in one transaction, within the box's room.</summary>
internal sealed partial class Exchange(
    CentralStore store, Catalogue catalogue, FeedSignal signal, Admission admission, RefusalAudit audit, BoxAlarms alarms, TimeProvider clock, ILogger<Exchange> log)
{
    public const string ReasonBusy = "busy";

    private readonly long startedAt = clock.GetTimestamp();

    private long SteadyMs => (long)clock.GetElapsedTime(startedAt).TotalMilliseconds;

    private long NowMs => clock.GetUtcNow().ToUnixTimeMilliseconds();

    public Task<Result<Welcome>> Open(NodeIdentity node, Hello hello, CancellationToken cancel) => Admitted(
        node,
        async () =>
        {
            var welcome = await store.Write<Welcome>(
                bulk => Greeting.Open(bulk, node, hello, RandomNumberGenerator.GetBytes(Greeting.TokenBytes), NowMs), cancel, node);
            if (welcome is { Ok: true, Value.Action: OpenAction.CloneSuspect or OpenAction.Revoked or OpenAction.Upgrade or OpenAction.Regression })
            {
                await audit.Note(node.Node, "open", welcome.Value.Action.ToString());
            }
            return welcome;
        },
        opens: true);

    public Task<Result<BatchAnswer>> Take(NodeIdentity node, Batch batch, CancellationToken cancel) => Admitted(node, async () =>
    {
        var answer = await store.Write(bulk => BatchIntake.Take(bulk, catalogue, node, batch, NowMs, admission.KeptBytesLeft(node.Node, SteadyMs)), cancel, node);
        if (!answer.Ok)
        {
            if (answer.Error.Reason == "chain_broken")
            {
                ChainBroken(node.Node, batch.Lane, batch.FirstSeq);
            }
            if (answer.Error.Reason is BatchIntake.ReasonGarbled or BatchIntake.ReasonNoRoom)
            {
                await audit.Note(node.Node, $"lane {(int)batch.Lane}", answer.Error.Reason);
            }
            return answer;
        }
        admission.Made(node.Node, answer.Value.MadeBytes, SteadyMs);
        admission.Kept(node.Node, answer.Value.KeptBytes, SteadyMs);
        await Note(node, batch, answer.Value);
        await alarms.Note(node, batch);
        foreach (var failed in answer.Value.NotApplied.Where(o => o.Fault is not null))
        {
            ApplyFailed(failed.Fault!, batch.Lane, failed.Seq, node.Node);
        }
        signal.Grew([node.School]);
        return answer;
    },
    bulk: batch.Lane >= EdgeExchange.FirstBulkLane);

    public Task<Result<FeedAnswer>> Next(NodeIdentity node, FeedQuery query, CancellationToken cancel) => Admitted(node, async () =>
    {
        var answer = await store.Read(bulk => FeedPages.Next(bulk, node, query), cancel, node);
        if (answer.Ok && query.ClockMs > 0)
        {
            await store.Write<bool>(
                bulk =>
                {
                    FeedPages.NoteSeen(bulk, node, query.Heads, query.ClockMs, NowMs);
                    return true;
                },
                cancel,
                node);
        }
        return answer;
    });

    public Task<Result<bool>> Beat(NodeIdentity node, byte[] token, byte[] state, long clockMs, CancellationToken cancel) => Admitted(node, async () =>
    {
        var same = await store.Read(bulk => Heartbeat.Same(bulk, node, token, state), cancel, node);
        if (same is { Ok: true, Value: { } feedSeq })
        {
            await store.Write<bool>(
                bulk =>
                {
                    Heartbeat.NoteSame(bulk, node, feedSeq, clockMs, NowMs);
                    return true;
                },
                cancel,
                node);
        }
        return same.Then<bool>(seq => seq is not null);
    });

    /// <returns>Null when the box may begin a watch.</returns>
    public Error? RefuseWatch(NodeIdentity node) => admission.Watch(node.Node, SteadyMs) is { } retryAfterMs ? Busy(retryAfterMs) : null;

    /// <summary>The department's decision about a box of which a second machine was noticed.</summary>
    public Task Admit(NodeIdentity node, CancellationToken cancel) => store.Write<bool>(
        bulk =>
        {
            Greeting.Admit(bulk, node);
            return true;
        },
        cancel);

    /// <summary>
    /// After Central was restored from a backup: every box takes the feeds from their beginning and sends again what Central lost,
    /// also of earlier epochs.
    /// </summary>
    public Task<Result<string>> BeginFeed(CancellationToken cancel) => store.Write<string>(
        bulk =>
        {
            var epoch = RandomNumberGenerator.GetHexString(MetaKeys.FeedEpochChars, lowercase: true);
            bulk.SetMeta(MetaKeys.FeedEpoch, epoch);
            return $"feed {epoch}";
        },
        cancel);

    private async Task Note(NodeIdentity node, Batch batch, BatchAnswer answer)
    {
        var reasons = answer.NotApplied.Where(o => o.Outcome is Outcome.Parked or Outcome.Rejected).Select(o => o.Reason).ToHashSet();
        if (answer.Gap)
        {
            reasons.Add("seq_gap");
        }
        if (answer.Reopened)
        {
            reasons.Add("below_watermark");
        }
        if (batch.Ops.Any(o => o.Op.Hlc.Milliseconds > NowMs + BatchIntake.AheadMsMax))
        {
            reasons.Add("clock_ahead");
        }
        foreach (var reason in reasons)
        {
            await audit.Note(node.Node, $"lane {(int)batch.Lane}", reason);
        }
    }

    private async Task<Result<T>> Admitted<T>(NodeIdentity node, Func<Task<Result<T>>> call, bool opens = false, bool bulk = false)
    {
        if (admission.Enter(node.Node, SteadyMs, opens, bulk) is { } retryAfterMs)
        {
            return Busy(retryAfterMs);
        }
        try
        {
            return await call();
        }
        finally
        {
            admission.Leave(node.Node);
        }
    }

    private static Error Busy(int retryAfterMs)
    {
        var seconds = (retryAfterMs / 1000.0).ToString("0.#", CultureInfo.InvariantCulture);
        return new(ErrorCode.Unavailable, ReasonBusy, new("Trung tâm đang bận. Máy chủ trường sẽ tự gửi lại sau {0} giây.", seconds))
        {
            RetryAfterMs = retryAfterMs,
        };
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Lane {Lane} of node {Node}: the batch at {FirstSeq} does not fit the chain.")]
    private partial void ChainBroken(Guid node, Lane lane, long firstSeq);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Parked operation {Seq} of lane {Lane} of node {Node}: applying it failed.")]
    private partial void ApplyFailed(Exception fault, Lane lane, long seq, Guid node);
}
