using TdmEdu.Central.Storage;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Erasing;

/// <summary>Decides erasures and carries them out at Central; the boxes do so when they hear of them.</summary>
internal sealed partial class ErasureOffice(CentralRecords store, Catalogue catalogue, Seals seals, TimeProvider clock, ILogger<ErasureOffice> log) : BackgroundService
{
    private static readonly TimeSpan LooksEvery = TimeSpan.FromHours(1);

    /// <param name="pupils">As the person saw them; whoever is not due any more is left out.</param>
    public async Task<Result<Guid>> Erase(Actor actor, Scope school, IReadOnlyCollection<Guid> pupils, CancellationToken cancel)
    {
        var decided = await store.Decide(actor, records =>
        {
            var due = Erasure.Due(records, school, clock.Today()).Intersect(pupils).ToArray();
            var id = RecordId.New(clock);
            return due is []
                ? Error.Conflict("nothing_due", "Không còn em nào đến hạn xóa. Hãy tải lại trang.")
                : new Decision<Guid>(id, [catalogue.Create(school, id, new Erasure(due, clock.Today(), actor.Id))]);
        }, cancel);
        if (decided.Ok)
        {
            await CarryOut(school, cancel);
        }
        return decided;
    }

    /// <summary>Again and again: an old copy of the keys may have been put back.</summary>
    public async Task Run(CancellationToken cancel)
    {
        var schools = await store.Read(records => records.All<Unit>(Scope.City).Where(u => u.Value.Kind == UnitKind.School).Select(u => Scope.School(u.Id)).ToList(), cancel);
        foreach (var school in schools)
        {
            await CarryOut(school, cancel);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LooksEvery, clock);
        do
        {
            try
            {
                await Run(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogFailed(e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task CarryOut(Scope school, CancellationToken cancel)
    {
        if (await store.Read(records => records.All<Erasure>(school), cancel) is { Count: > 0 } decided)
        {
            Erasure.CarryOut(seals, decided, school);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Erasures were not carried out at Central; the next look tries again.")]
    private partial void LogFailed(Exception fault);
}
