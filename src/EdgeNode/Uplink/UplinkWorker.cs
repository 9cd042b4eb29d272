using System.Security.Cryptography;
using System.Threading.Channels;
using Grpc.Core;
using TdmEdu.EdgeNode.Cache;
using TdmEdu.Sync;
using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.EdgeNode.Uplink;

/// <summary>Carries out what the exchange decides, one decision after the other; the calls themselves run beside each other.</summary>
internal sealed partial class UplinkWorker(CentralLink link, Owner owner, Catalogue catalogue, BoxClock clock, ILogger<UplinkWorker> logger)
    : BackgroundService
{
    private const int BulkOpsMin = 1000;
    private readonly Channel<Func<IReadOnlyList<Step>>> reports = Channel.CreateUnbounded<Func<IReadOnlyList<Step>>>();
    private readonly long startedAt = clock.GetTimestamp();
    private UplinkCalls calls = null!;
    private EdgeExchange exchange = null!;
    private CancellationTokenSource session = new();
    private byte[]? sessionToken;
    private int taken;

    /// <summary>Connected, something to send, and nothing moved for this long: the session is given up and opened anew.</summary>
    public TimeSpan StuckAfter { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Another than this release's where an older box is played.</summary>
    public int Protocol { get; init; } = Hello.ProtocolNow;

    public LineState State { get; private set; } = new(Line.Connecting, null, null);

    protected override async Task ExecuteAsync(CancellationToken stop)
    {
        calls = new(link, owner, catalogue.Hash, clock);
        exchange = new(owner.Journal, () => RandomNumberGenerator.GetInt32(1_000_000) / 1e6) { StuckMs = (long)StuckAfter.TotalMilliseconds, Protocol = Protocol };
        while (!stop.IsCancellationRequested)
        {
            var durable = owner.Status;
            Start(exchange.Advance(NowMs), stop);
            Show();
            clock.Keep();
            await Something(durable, stop);
            while (reports.Reader.TryRead(out var report))
            {
                Start(report(), stop);
            }
        }
        await session.CancelAsync();
    }

    public override void Dispose()
    {
        session.Dispose();
        base.Dispose();
    }

    /// <summary>A report, a new operation in the journal, or the time at which the exchange wants to look again.</summary>
    private async Task Something(LaneStatus durable, CancellationToken stop)
    {
        using var wake = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var wait = Math.Clamp(exchange.WakeAt(NowMs) - NowMs, 1, EdgeExchange.HeartbeatMs);
        var timer = Task.Delay(TimeSpan.FromMilliseconds(wait), clock, wake.Token);
        await Task.WhenAny(reports.Reader.WaitToReadAsync(wake.Token).AsTask(), durable.Replaced, timer);
        await wake.CancelAsync();
    }

    private void Start(IReadOnlyList<Step> steps, CancellationToken stop)
    {
        if (exchange.Session != sessionToken)
        {
            session.Cancel();
            session.Dispose();
            session = CancellationTokenSource.CreateLinkedTokenSource(stop);
            sessionToken = exchange.Session;
        }
        foreach (var step in steps)
        {
            var cancel = step is OpenCall or JournalStep ? stop : session.Token;
            _ = Task.Run(() => Carry(step, cancel), CancellationToken.None);
        }
    }

    private async Task Carry(Step step, CancellationToken cancel)
    {
        Func<IReadOnlyList<Step>> report;
        try
        {
            report = await Answer(step, cancel);
        }
        catch (Exception e)
        {
            if (e is not (RpcException or OperationCanceledException or IOException))
            {
                LogFault(e, step.GetType().Name);
            }
            var (failure, retryAfterMs) = UplinkCalls.FailureOf(e);
            report = () =>
            {
                exchange.Failed(step, failure, NowMs, retryAfterMs);
                return [];
            };
        }
        reports.Writer.TryWrite(report);
    }

    private async Task<Func<IReadOnlyList<Step>>> Answer(Step step, CancellationToken cancel)
    {
        switch (step)
        {
            case OpenCall open:
                var welcome = await calls.Open(open.Hello, cancel);
                return () => exchange.Opened(welcome, NowMs);
            case PushCall push:
                var durable = await calls.Push(push, cancel);
                return () => Contacted(exchange.Pushed(push, durable, NowMs));
            case PullCall pull:
                var answer = await calls.Pull(pull, cancel);
                return () => Contacted(exchange.Pulled(pull, answer, NowMs));
            case BeatCall beat:
                var same = await calls.Beat(beat, cancel);
                return () =>
                {
                    exchange.Beaten(beat, same);
                    return Contacted([]);
                };
            case WatchCall watch:
                await calls.Watch(watch, () => reports.Writer.TryWrite(Nudge), cancel);
                throw new InvalidOperationException("A watch ends by an exception.");
            default:
                var saved = await Save((JournalStep)step, cancel);
                return () =>
                {
                    exchange.Done((JournalStep)step, saved.Ok, NowMs);
                    return [];
                };
        }
    }

    private IReadOnlyList<Step> Nudge()
    {
        exchange.Nudged();
        return [];
    }

    private async Task<Result<long>> Save(JournalStep step, CancellationToken cancel)
    {
        switch (step)
        {
            case WelcomedStep welcomed:
                LogOnline();
                return await owner.Welcomed(welcomed, cancel);
            case AcknowledgeStep acknowledge:
                return await owner.Acknowledge(acknowledge, cancel);
            case BackUpStep backUp:
                return await owner.BackUp(backUp, cancel);
            case BeginEpochStep begin:
                LogNewEpoch();
                return await owner.BeginEpoch(begin.Shared, cancel);
            case SendEarlierStep:
                return await owner.SendEarlier(cancel);
            case TakePagesStep pages:
                return await TakePages(pages, cancel);
            default:
                throw new ArgumentOutOfRangeException(nameof(step));
        }
    }

    private async Task<Result<long>> TakePages(TakePagesStep step, CancellationToken cancel)
    {
        foreach (var page in step.Pages)
        {
            var saved = await owner.TakePage(step.FeedEpoch, page, cancel);
            if (!saved.Ok)
            {
                return saved;
            }
        }
        taken += step.Pages.Sum(p => p.Ops.Count);
        if (taken >= BulkOpsMin && step.Pages.Sum(p => p.Ops.Count) < BulkOpsMin)
        {
            // A first roster leaves some 30 MiB of garbage that a process with nothing to do would keep for ever.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive);
            taken = 0;
        }
        return 0;
    }

    private IReadOnlyList<Step> Contacted(IReadOnlyList<Step> steps)
    {
        State = State with { LastContact = clock.GetUtcNow() };
        clock.Heard();
        return steps;
    }

    private void Show()
    {
        var line = exchange.Line switch
        {
            LineKind.Online => Line.Online,
            LineKind.Connecting => Line.Connecting,
            _ when exchange.Reason is nameof(OpenAction.CloneSuspect) or nameof(OpenAction.Revoked) or nameof(OpenAction.Upgrade) => Line.Fault,
            _ => Line.Offline,
        };
        if (line is Line.Offline or Line.Fault && (State.Line != line || State.Reason != exchange.Reason))
        {
            LogOffline(exchange.Reason, exchange.Failures);
        }
        State = State with { Line = line, Reason = exchange.Reason, LastContact = line == Line.Online ? State.LastContact ?? clock.GetUtcNow() : State.LastContact };
    }

    private long NowMs => (long)clock.GetElapsedTime(startedAt).TotalMilliseconds;

    [LoggerMessage(Level = LogLevel.Information, Message = "Connected to Central.")]
    private partial void LogOnline();

    [LoggerMessage(Level = LogLevel.Information, Message = "No line to Central: {Reason}, failure {Failures} in a row.")]
    private partial void LogOffline(string? reason, int failures);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Step} failed in an unforeseen way; it counts as a line that failed, and is tried again.")]
    private partial void LogFault(Exception cause, string step);

    [LoggerMessage(Level = LogLevel.Warning, Message = "This box was restored from an older copy; it goes on under a new epoch.")]
    private partial void LogNewEpoch();
}
