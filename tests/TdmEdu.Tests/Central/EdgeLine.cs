using TdmEdu.Central.Intake;
using TdmEdu.Sync;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.EdgeNode;

namespace TdmEdu.Tests.Central;

/// <summary>A line between a whole box, with its journal and cache, and a whole Central, that is up only while it is called.</summary>
internal sealed class EdgeLine(CentralBox central, EdgeBox box)
{
    private readonly NodeIdentity node = new(EdgeBox.Node, EdgeBox.School);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Exchange Exchange => central.Get<Exchange>();

    private JournalState State => box.Owner.Status.State;

    public async Task Enrol()
    {
        await using var db = central.Db();
        if (await db.Nodes.FindAsync([node.Node], Cancel) is not null)
        {
            return;
        }
        db.Nodes.Add(new() { NodeId = node.Node, School = node.School, KeyPin = $"{node.Node:n}" });
        await db.SaveChangesAsync(Cancel);
    }

    /// <summary>The first call, and what the box makes of the answer.</summary>
    public async Task<Welcome> Open()
    {
        var lanes = State.Heads.Select(h => new HelloLane(h, State.Acked[(int)h.Lane])).ToList();
        var welcome = (await Exchange.Open(node, new(State.Epoch, Hello.ProtocolNow, State.Session, false, State.FeedEpoch, lanes), Cancel)).Value;
        Assert.True(welcome.Session.Length > 0, $"{welcome.Action}");
        await box.Owner.Welcomed(new(welcome.Session, welcome.FeedEpoch, welcome.Lanes), Cancel);
        if (welcome.Action == OpenAction.Reseed)
        {
            Assert.True((await box.Owner.SendEarlier(Cancel)).Ok);
        }
        return welcome;
    }

    /// <summary>Central knows more of the box than its restored journal: what both do not share is sent again, as the box's exchange decides.</summary>
    public async Task Restored()
    {
        var exchange = new EdgeExchange(box.Owner.Journal, () => 0);
        var open = Assert.IsType<OpenCall>(Assert.Single(exchange.Advance(0)));
        var welcome = (await Exchange.Open(node, open.Hello, Cancel)).Value;
        Assert.Equal(OpenAction.Regression, welcome.Action);
        var begin = Assert.IsType<BeginEpochStep>(Assert.Single(exchange.Opened(welcome, 0)));
        Assert.True((await box.Owner.BeginEpoch(begin.Shared, Cancel)).Ok);
    }

    /// <summary>As the box's host does, one step after the other, until nothing is left to do now. Why it is held back, or null.</summary>
    public async Task<string?> Run()
    {
        var exchange = new EdgeExchange(box.Owner.Journal, () => 1);
        var steps = new Queue<Step>(exchange.Advance(0));
        while (steps.TryDequeue(out var step))
        {
            foreach (var next in (await Carry(exchange, step)).Concat(exchange.Advance(0)))
            {
                steps.Enqueue(next);
            }
        }
        return exchange.Reason;
    }

    private async Task<IReadOnlyList<Step>> Carry(EdgeExchange exchange, Step step)
    {
        switch (step)
        {
            case OpenCall open:
                return exchange.Opened((await Exchange.Open(node, open.Hello, Cancel)).Value, 0);
            case PushCall push:
                var ops = box.Owner.Journal.ReadLane(push.Lane, push.From, push.OpsMax, Intake.BatchBytesMax);
                var before = box.Owner.Journal.HashAt(push.Lane, push.From - 1);
                var taken = await Exchange.Take(node, new(push.Session, push.Lane, push.From, before, [.. ops.Select(o => (o.Op, o.Salt))], ops[^1].Hash), Cancel);
                return Answered(taken, answer => exchange.Pushed(push, answer, 0));
            case PullCall pull:
                var page = await Exchange.Next(node, new(pull.Session, State.FeedEpoch, State.Cursors, pull.OpsMax, State.Heads, central.NowMs), Cancel);
                return Answered(page, answer => exchange.Pulled(pull, answer, 0));
            case BeatCall beat:
                return Answered(await Exchange.Beat(node, beat.Session, beat.State, central.NowMs, Cancel), same =>
                {
                    exchange.Beaten(beat, same);
                    return [];
                });
            case JournalStep own:
                exchange.Done(own, (await Save(own)).Ok, 0);
                return [];
            default:
                return [];
        }

        IReadOnlyList<Step> Answered<T>(Result<T> result, Func<T, IReadOnlyList<Step>> then)
        {
            if (result.Ok)
            {
                return then(result.Value);
            }
            exchange.Failed(step, result.Error.Reason switch { "session_stale" => Failure.Stale, "chain_broken" => Failure.Broken, _ => Failure.Denied }, 0);
            return [];
        }
    }

    private async Task<Result<long>> Save(JournalStep step)
    {
        switch (step)
        {
            case WelcomedStep welcomed:
                return await box.Owner.Welcomed(welcomed, Cancel);
            case AcknowledgeStep acknowledge:
                return await box.Owner.Acknowledge(acknowledge, Cancel);
            case BeginEpochStep begin:
                return await box.Owner.BeginEpoch(begin.Shared, Cancel);
            case SendEarlierStep:
                return await box.Owner.SendEarlier(Cancel);
            case BackUpStep backUp:
                return await box.Owner.BackUp(backUp, Cancel);
            case TakePagesStep pages:
                var saved = new Result<long>();
                foreach (var page in pages.Pages)
                {
                    saved = await box.Owner.TakePage(pages.FeedEpoch, page, Cancel);
                    Assert.True(saved.Ok);
                }
                return saved;
            default:
                throw new ArgumentOutOfRangeException(nameof(step));
        }
    }

    /// <summary>Everything up, everything down, and the heartbeat that says so; returns what Central did not take.</summary>
    public async Task<IReadOnlyList<OpResult>> Sync()
    {
        var welcome = await Open();
        var refused = new List<OpResult>();
        FeedAnswer answer;
        do
        {
            foreach (var lane in JournalState.Lanes)
            {
                refused.AddRange(await Push(welcome.Session, lane));
            }
            answer = (await Exchange.Next(node, new(welcome.Session, State.FeedEpoch, State.Cursors, 0, State.Heads, 0), Cancel)).Value;
            foreach (var page in answer.Pages)
            {
                Assert.True((await box.Owner.TakePage(answer.FeedEpoch, page, Cancel)).Ok);
            }
        }
        while (answer.More || answer.Pages.Count > 0);
        Assert.True((await Exchange.Beat(node, welcome.Session, ExchangeState.Hash(State), central.NowMs, Cancel)).Value);
        return refused;
    }

    public async Task<IReadOnlyList<OpResult>> Push(byte[] session, Lane lane, bool answerLost = false)
    {
        var from = State.Acked[(int)lane] + 1;
        var ops = box.Owner.Journal.ReadLane(lane, from, Intake.BatchOpsMax, Intake.BatchBytesMax);
        if (ops.Count == 0)
        {
            return [];
        }
        var batch = new Batch(
            session, lane, from, box.Owner.Journal.HashAt(lane, from - 1), [.. ops.Select(o => (o.Op, o.Salt))], ops[^1].Hash);
        var taken = (await Exchange.Take(node, batch, Cancel)).Value;
        var refused = taken.NotApplied.Where(o => o.Outcome is Outcome.Parked or Outcome.Rejected).ToList();
        if (answerLost)
        {
            return [];
        }
        await box.Owner.Acknowledge(new(lane, taken.Durable.Seq, [.. refused.Select(o => new Refusal(lane, o.Seq, o.Outcome, o.Reason))]), Cancel);
        return refused;
    }
}
