using System.Security.Cryptography;
using Grpc.Core;
using TdmEdu.EdgeNode.Cache;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.EdgeNode.Uplink;

/// <summary>Keeps a session with Central open as long as there is a line, and tries again when there is none.</summary>
internal sealed partial class UplinkWorker(CentralLink link, Owner owner, Catalogue catalogue, TimeProvider clock, ILogger<UplinkWorker> logger)
    : BackgroundService
{
    private const int LooksPerWait = 12;
    private (long Pending, long AtTicks) progress;

    /// <summary>Connected, something to send, and nothing moved for this long: the session is torn down and opened anew.</summary>
    public TimeSpan StuckAfter { get; init; } = TimeSpan.FromSeconds(60);

    public LineState State { get; private set; } = new(Line.Connecting, null, null);

    protected override async Task ExecuteAsync(CancellationToken stop)
    {
        var failures = 0;
        while (!stop.IsCancellationRequested)
        {
            var began = clock.GetUtcNow();
            try
            {
                await RunWatched(stop);
            }
            catch (Exception) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (HistoryFault fault)
            {
                failures++;
                State = State with { Line = Line.Fault, Reason = fault.Action.ToString() };
                LogFault(fault.Message);
            }
            catch (Exception e) when (e is RpcException or OperationCanceledException or IOException)
            {
                failures++;
                var reason = e is RpcException rpc ? rpc.StatusCode.ToString() : "Stuck";
                State = State with { Line = Line.Offline, Reason = reason };
                LogOffline(reason, failures);
            }
            // A Central that opens and then fails at once is no better than one that is not there.
            failures = clock.GetUtcNow() - began > Backoff.LastCap ? 1 : failures;
            await Task.Delay(Backoff.Wait(failures, RandomNumberGenerator.GetInt32(1_000_000) / 1e6), clock, stop);
        }
    }

    private async Task RunWatched(CancellationToken stop)
    {
        using var session = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var watchdog = clock.CreateTimer(_ => CancelWhenStuck(session), null, StuckAfter / LooksPerWait, StuckAfter / LooksPerWait);
        progress = default;
        await new UplinkSession(link, owner, clock, Contacted).Run(
            catalogue.Hash,
            () =>
            {
                State = new(Line.Online, clock.GetUtcNow(), null);
                LogOnline();
            },
            session.Token);
    }

    private void Contacted()
    {
        if (State.Line == Line.Online)
        {
            State = State with { LastContact = clock.GetUtcNow() };
        }
    }

    /// <summary>Progress is a smaller backlog or none; contact without progress, such as an endless gap, is stuck as well.</summary>
    private void CancelWhenStuck(CancellationTokenSource session)
    {
        var now = clock.GetUtcNow().UtcTicks;
        var pending = owner.Status.Pending;
        if (pending == 0 || pending < progress.Pending || progress.AtTicks == 0)
        {
            progress = (pending, now);
        }
        else if (now - progress.AtTicks > StuckAfter.Ticks)
        {
            LogStuck(pending);
            progress = default;
            session.Cancel();
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Connected to Central.")]
    private partial void LogOnline();

    [LoggerMessage(Level = LogLevel.Information, Message = "No line to Central: {Reason}, failure {Failures} in a row.")]
    private partial void LogOffline(string reason, int failures);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No progress with Central while {Pending} operations wait. Opening a new session.")]
    private partial void LogStuck(long pending);

    [LoggerMessage(Level = LogLevel.Error, Message = "Central holds another history of this box: {Fault}. Nothing is sent until the department has decided.")]
    private partial void LogFault(string fault);
}
