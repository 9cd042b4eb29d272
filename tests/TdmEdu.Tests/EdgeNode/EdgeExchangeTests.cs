using TdmEdu.Sync.Central;
using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.EdgeNode;

/// <summary>The box's side of the exchange over its real journal, told what happened step by step.</summary>
public sealed class EdgeExchangeTests
{
    private static readonly byte[] Token = new byte[Greeting.TokenBytes];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("feed-1", true)]
    [InlineData("feed-2", false)]
    public async Task A_session_ends_when_Central_turns_out_to_be_a_restored_one_that_still_knows_it(string feedEpoch, bool lives)
    {
        await using var box = await EdgeBox.Start();
        await box.Fill();
        var exchange = await Online(box);
        var pull = exchange.Advance(0).OfType<PullCall>().Single();
        exchange.Pulled(pull, new(feedEpoch, [new(EdgeBox.School, false, [], new(91, []))], More: false));
        Assert.Equal(lives, exchange.Session is not null);
    }

    [Fact]
    public async Task An_answer_that_holds_less_than_was_acknowledged_ends_the_session_and_one_of_an_old_session_says_nothing()
    {
        await using var box = await EdgeBox.Start();
        await box.Fill();
        var exchange = await Online(box);
        var push = exchange.Advance(0).OfType<PushCall>().First();
        var old = new PullCall([1, .. Token[1..]]);
        Assert.Empty(exchange.Pulled(old, new("feed-2", [], More: true)));
        Assert.NotNull(exchange.Session);
        exchange.Pushed(push, new(new(push.Lane, push.From - 1, box.Owner.Journal.HashAt(push.Lane, push.From - 1)), Gap: false, []), 0);
        Assert.Null(exchange.Session);
    }

    [Fact]
    public async Task What_Central_says_it_holds_never_counts_for_more_than_was_recorded()
    {
        await using var box = await EdgeBox.Start();
        Assert.True((await box.Submit(box.NewId())).Ok);
        Assert.Equal(1, (await box.Owner.Acknowledge(new(Lane.Attendance, 99, []), Cancel)).Value);
        Assert.Equal(0, box.Owner.Status.Pending);
    }

    [Fact]
    public async Task A_school_that_is_told_to_come_back_later_neither_pushes_nor_pulls_before()
    {
        await using var box = await EdgeBox.Start();
        await box.Fill();
        var exchange = await Online(box);
        var calls = exchange.Advance(0);
        exchange.Failed(calls.OfType<PullCall>().Single(), Failure.Busy, 0, retryAfterMs: 500);
        Assert.Empty(exchange.Advance(499));
        Assert.Equal(500, exchange.WakeAt(1));
        Assert.Contains(exchange.Advance(500), s => s is PullCall);
    }

    /// <summary>A line that is there again is looked for at least this often, and Central asked at least once in a heartbeat.</summary>
    [Fact]
    public async Task Whatever_fails_the_box_looks_again_within_a_heartbeat()
    {
        await using var box = await EdgeBox.Start();
        var exchange = new EdgeExchange(box.Owner.Journal, () => 0.999);
        var now = 0L;
        foreach (var failure in Enum.GetValues<Failure>())
        {
            var open = Assert.IsType<OpenCall>(Assert.Single(exchange.Advance(now)));
            exchange.Failed(open, failure, now, retryAfterMs: 1_000);
            Assert.InRange(exchange.WakeAt(now), now + 1, now + EdgeExchange.HeartbeatMs - 1);
            Assert.Empty(exchange.Advance(exchange.WakeAt(now) - 1));
            now = exchange.WakeAt(now);
        }
    }

    [Fact]
    public async Task Step_that_the_disk_could_not_read_for_is_tried_again_with_the_next_session()
    {
        await using var box = await EdgeBox.Start();
        var exchange = await Online(box);
        var page = new FeedPage(box.Owner.Identity.School, Restart: false, [], new(1, [1]));
        var pull = exchange.Advance(0).OfType<PullCall>().Single();
        var step = exchange.Pulled(pull, new("feed-1", [page], More: false)).OfType<TakePagesStep>().Single();
        exchange.Failed(step, Failure.Unavailable, 0);
        Assert.IsType<OpenCall>(Assert.Single(exchange.Advance(exchange.WakeAt(0))));
    }

    private static async Task<EdgeExchange> Online(EdgeBox box)
    {
        var exchange = new EdgeExchange(box.Owner.Journal, () => 0);
        var open = Assert.IsType<OpenCall>(Assert.Single(exchange.Advance(0)));
        var lanes = open.Hello.Lanes.Select(l => new WelcomeLane(new(l.Head.Lane, 0, []), [], 0)).ToList();
        var welcomed = exchange.Opened(new(OpenAction.Continue, Token, "feed-1", lanes), 0).OfType<WelcomedStep>().Single();
        await box.Owner.Welcomed(welcomed, Cancel);
        exchange.Done(welcomed, ok: true, 0);
        return exchange;
    }
}
