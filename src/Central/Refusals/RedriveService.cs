using TdmEdu.Central.Feed;
using TdmEdu.Central.Storage;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Refusals;

/// <summary>
/// Once at the start, beside everything else: what an older version of Central could not apply. A school's feed is locked for one page
/// at a time, so its box goes on meanwhile.
/// </summary>
internal sealed partial class RedriveService(CentralStore store, Catalogue catalogue, FeedSignal signal, TimeProvider clock, ILogger<RedriveService> log)
    : BackgroundService
{
    /// <summary>How many took effect.</summary>
    public async Task<int> Run(CancellationToken cancel)
    {
        var applied = 0;
        RefusedPlace? place = null;
        do
        {
            var page = await store.Read(bulk => bulk.FindRefused(Redrive.Candidates(place)), cancel);
            foreach (var school in page.GroupBy(o => o.Scope, RefusedPlace.Of))
            {
                var nowMs = clock.GetUtcNow().ToUnixTimeMilliseconds();
                var redriven = (await store.Write<Redriven>(bulk => Redrive.Retry(bulk, catalogue, school.Key, [.. school], nowMs), cancel)).Value;
                foreach (var fault in redriven.Faults)
                {
                    StillFails(fault, school.Key.Value);
                }
                applied += redriven.Applied;
                signal.Grew(redriven.Applied > 0 ? [school.Key] : []);
            }
            place = page.Count == Redrive.PageOpsMax ? RefusedPlace.Of(page[^1]) : null;
        }
        while (place is not null);
        return applied;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            // Not on the host's way to its first request.
            await Task.Yield();
            if (await Run(stoppingToken) is > 0 and var applied)
            {
                TookEffect(applied);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // What is parked stays parked; the exchange with the schools is worth more than ending over it.
            Stopped(e);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Operations} parked operations took effect.")]
    private partial void TookEffect(int operations);

    [LoggerMessage(Level = LogLevel.Warning, Message = "An operation of {School} stays parked: applying it failed.")]
    private partial void StillFails(Exception fault, string school);

    [LoggerMessage(Level = LogLevel.Error, Message = "The parked operations were not looked through; the next start tries again.")]
    private partial void Stopped(Exception fault);
}
