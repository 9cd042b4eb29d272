using TdmEdu.Central.Feed;
using TdmEdu.Central.Storage;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Transfers;

/// <summary>Completes transfers whose fence has passed. Several copies of Central may look at once: each decides under the city's lock.</summary>
internal sealed partial class TransferService(
    CentralStore store, Catalogue catalogue, Seals seals, FeedSignal signal, TimeProvider clock, ILogger<TransferService> log)
    : BackgroundService
{
    private static readonly TimeSpan LooksEvery = TimeSpan.FromSeconds(15);

    /// <summary>How many were completed.</summary>
    public async Task<int> Run(CancellationToken cancel)
    {
        var today = clock.Today();
        var schools = await store.Read<IReadOnlyList<Scope>>(
            bulk =>
            [
                .. from school in new Snapshot(bulk, catalogue).AllViews<PupilMoves>()
                   let boxes = bulk.BoxesOf(school.Scope)
                   where school.View.Transfers.Values.Any(
                       t => t.From == school.Scope.Owner && !t.Done && t.Effective < today && HandOver.HasPassed(t, boxes))
                   select school.Scope,
            ],
            cancel);
        var completed = 0;
        foreach (var school in schools)
        {
            IReadOnlyList<Scope> grown = [];
            var done = await store.Write(bulk => HandOver.Complete(bulk, catalogue, seals, school, clock, out grown), cancel);
            if (done.Ok)
            {
                completed += done.Value;
                signal.Grew(grown);
            }
            else
            {
                Refused(school.Value, done.Error.Reason);
            }
        }
        return completed;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LooksEvery, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (await Run(stoppingToken) is > 0 and var completed)
                {
                    Completed(completed);
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Whatever it was, the old school only keeps a profile for longer.
                Failed(e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Transfers} transfers were completed.")]
    private partial void Completed(int transfers);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Transfers from {School} were not completed: {Reason}.")]
    private partial void Refused(string school, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Transfers were not looked at; the next look tries again.")]
    private partial void Failed(Exception fault);
}
