using TdmEdu.Central.Storage;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Messages;

/// <summary>
/// Sends families what <see cref="ParentMessages"/> says is due. That a message is handed over is on disk before it is; several copies of Central may
/// look at once, each claims under the city's lock (decision 0021).
/// </summary>
internal sealed partial class ParentMessenger(
    CentralRecords store, Catalogue catalogue, Seals seals, IEnumerable<IMessageChannel> channels, TimeProvider clock, ILogger<ParentMessenger> log) : BackgroundService
{
    private static readonly TimeSpan LooksEvery = TimeSpan.FromMinutes(1);
    private const int LooksBackEvery = 60;

    private static readonly Actor Clerk = new(Guid.Empty, Scope.City, Roles.DepartmentOfficer);

    private sealed record Claim(Guid Id, IMessageChannel Channel, Letter Letter);

    /// <param name="back">Also at the days of which something may be taken back, or came too late.</param>
    public async Task Run(bool back, CancellationToken cancel)
    {
        var today = clock.Today();
        var first = back ? today.AddDays(-MessageRules.CorrectionDays) : today;
        var schools = await store.Read(records => Units.Load(records).ValidOn(today).Where(u => u.Value.Kind is UnitKind.School or UnitKind.IndependentGroup)
            .Select(u => Scope.School(u.Id)).ToList(), cancel);
        MessageWait? closed = null;
        foreach (var school in schools)
        {
            foreach (var session in await Note(school, first, today, closed, cancel))
            {
                if (await Send(school, session, cancel) == Delivery.Unreachable)
                {
                    closed = MessageWait.Channel;
                    await Note(school, first, today, closed, cancel);
                    LogUnreachable();
                    break;
                }
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LooksEvery, clock);
        for (var look = 0; await timer.WaitForNextTickAsync(stoppingToken); look++)
        {
            try
            {
                await Run(back: look % LooksBackEvery == 0, stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogFailed(e);
            }
        }
    }

    /// <summary>Writes down what is not to be sent now, and why; returns what is.</summary>
    private async Task<IReadOnlyList<MessageSession>> Note(Scope school, DateOnly first, DateOnly last, MessageWait? closed, CancellationToken cancel)
    {
        var (ready, isNews) = await store.Read(records =>
        {
            var steps = Steps(records, school, first, last, closed);
            return (steps.Where(s => s.Claim is not null).Select(s => s.Due.Session).ToList(), steps.Any(s => s.Claim is null && Write(records, school, s.Due).Any()));
        }, cancel);
        if (isNews)
        {
            await store.Decide(Clerk, records => new Decision<int>(
                0, [.. Steps(records, school, first, last, closed).Where(s => s.Claim is null).SelectMany(s => Write(records, school, s.Due))]), cancel);
        }
        return ready;
    }

    /// <summary>Claimed on disk, then sent, then noted.</summary>
    private async Task<Delivery?> Send(Scope school, MessageSession session, CancellationToken cancel)
    {
        var claimed = await store.Decide(Clerk, records => Steps(records, school, session.Date, session.Date).Where(s => s.Due.Session == session && s.Claim is not null)
            .Select(s => new Decision<Claim?>(s.Claim, [.. Write(records, school, s.Due)])).FirstOrDefault() ?? new((Claim?)null, []), cancel);
        if (claimed is not { Ok: true, Value: { } claim })
        {
            return null;
        }
        var delivery = await claim.Channel.Send(claim.Letter, cancel);
        var (state, why) = delivery switch
        {
            Delivery.Sent => (MessageState.Sent, (MessageWait?)null),
            Delivery.Refused => (MessageState.Failed, null),
            Delivery.Unknown => (MessageState.Unknown, null),
            _ => (MessageState.Waiting, MessageWait.Channel),
        };
        // Not to be given up when Central stops just now: it was sent.
        await store.Decide(Clerk, records => new Decision<int>(0, records.Get<ParentMessage>(school, claim.Id) is { Value.State: MessageState.Sending } before
            ? [.. Change(school, before, before.Value with { State = state, Why = why })] : []), CancellationToken.None);
        LogDelivery(school.Owner, claim.Id, delivery);
        return delivery;
    }

    /// <summary>What is due, and how it would go out; what has no way waits for one.</summary>
    /// <param name="closed">Why nothing goes out now.</param>
    private List<(DueMessage Due, Claim? Claim)> Steps(IRecords records, Scope school, DateOnly first, DateOnly last, MessageWait? closed = null) =>
    [
        .. from due in ParentMessages.Due(records, school, first, last, clock.GetUtcNow())
           let way = due.Step.State == MessageState.Sending ? ClaimOf(records, school, due) : null
           let why = way is null ? channels.Any() ? MessageWait.NoAddress : MessageWait.NoChannel : closed
           select due.Step.State == MessageState.Sending && why is not null ? (due with { Step = due.Step with { State = MessageState.Waiting, Why = why } }, null) : (due, way),
    ];

    private Claim? ClaimOf(IRecords records, Scope school, DueMessage due)
    {
        var pupil = records.Get<Pupil>(school, due.Session.Pupil)?.Value;
        var family = pupil is null ? new() : PupilSecrets.Of(seals, school, due.Session.Pupil, pupil);
        var (channel, address) = channels.Select(c => (c, c.AddressOf(family))).FirstOrDefault(w => w.Item2 is not null);
        if (pupil is null || address is null)
        {
            return null;
        }
        var id = ParentMessage.IdOf(school, due.Session, due.Step.Number);
        var (subject, text) = MessageText.Of(pupil.FullName, records.Get<Unit>(Scope.City, school.Owner)?.Value.Name ?? "Nhà trường", due.Session, due.Step);
        return new(id, channel, new(id, address, subject, text));
    }

    private IEnumerable<Draft> Write(IRecords records, Scope school, DueMessage due)
    {
        var (of, step, id) = (due.Session, due.Step, ParentMessage.IdOf(school, due.Session, due.Step.Number));
        var message = new ParentMessage(of.Pupil, of.Date, of.Slot, step.Number, step.State, step.Why, 0);
        return records.Get<ParentMessage>(school, id) is { } before ? Change(school, before, message with { AtMs = before.Value.AtMs })
            : [catalogue.Create(school, id, message with { AtMs = clock.GetUtcNow().ToUnixTimeMilliseconds() })];
    }

    /// <summary>Nothing where all is as it was.</summary>
    private IEnumerable<Draft> Change(Scope school, Row<ParentMessage> before, ParentMessage after) =>
        after == before.Value ? [] : [catalogue.Change(school, before, after with { AtMs = clock.GetUtcNow().ToUnixTimeMilliseconds() })!];

    [LoggerMessage(Level = LogLevel.Information, Message = "Message {Message} of school {School} to a family: {Delivery}.")]
    private partial void LogDelivery(Guid school, Guid message, Delivery delivery);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The mail server does not take messages to families; the next look tries again.")]
    private partial void LogUnreachable();

    [LoggerMessage(Level = LogLevel.Error, Message = "Messages to families were not all looked at; the next look tries again.")]
    private partial void LogFailed(Exception fault);
}
