using TdmEdu.Sync.Central;
using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Exchange;

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
        var exchange = new EdgeExchange(box.Owner.Journal, () => 0);
        var open = Assert.IsType<OpenCall>(Assert.Single(exchange.Advance(0)));
        Assert.Equal("feed-1", open.Hello.FeedEpoch);
        var lanes = open.Hello.Lanes.Select(l => new WelcomeLane(new(l.Head.Lane, 0, []), [], 0)).ToList();
        var steps = exchange.Opened(new(OpenAction.Continue, Token, "feed-1", lanes), 0);
        await box.Owner.Welcomed(steps.OfType<WelcomedStep>().Single(), Cancel);
        exchange.Done(steps.OfType<WelcomedStep>().Single(), ok: true, 0);

        var pull = exchange.Advance(0).OfType<PullCall>().Single();
        exchange.Pulled(pull, new(feedEpoch, [new(EdgeBox.School, false, [], new(91, []))], More: false));
        Assert.Equal(lives, exchange.Session is not null);
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
}
