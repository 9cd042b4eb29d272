using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Records;

namespace TdmEdu.EdgeNode.Erasing;

/// <summary>Takes away the keys of pupils whose erasure the department decided, and tells it so.</summary>
internal sealed partial class EraseService(
    IRecordStore store, Catalogue catalogue, EdgeIdentity identity, Seals seals, TimeProvider clock, ILogger<EraseService> log) : BackgroundService
{
    private static readonly TimeSpan LooksEvery = TimeSpan.FromMinutes(1);

    /// <summary>Writes when nobody is there.</summary>
    private Actor System => new(Guid.Empty, identity.School, Roles.Office);

    /// <summary>How many decisions were newly carried out here.</summary>
    public async Task<int> Run(CancellationToken cancel)
    {
        var decided = await store.Read(records => records.All<Erasure>(identity.School), cancel);
        // First the keys, durably; only then the word that they are gone.
        Erasure.CarryOut(seals, decided, identity.School);
        var told = await store.Decide(System, records =>
        {
            var receipts = decided.Select(e => new Erased(e.Id, identity.Node)).Select(e => (Id: e.IdIn(identity.School), Receipt: e))
                .Where(e => records.Get<Erased>(identity.School, e.Id) is null).ToList();
            return new Decision<int>(receipts.Count, [.. receipts.Select(e => catalogue.Create(identity.School, e.Id, e.Receipt))]);
        }, cancel);
        return told.Ok ? told.Value : 0;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LooksEvery, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (await Run(stoppingToken) is > 0 and var erasures)
                {
                    LogErased(erasures);
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogFailed(e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Erasures} erasures were carried out.")]
    private partial void LogErased(int erasures);

    [LoggerMessage(Level = LogLevel.Error, Message = "Erasures were not carried out; the next look tries again, and the department sees it missing.")]
    private partial void LogFailed(Exception fault);
}
