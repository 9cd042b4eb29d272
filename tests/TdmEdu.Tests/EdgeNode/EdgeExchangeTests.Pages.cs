using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Exchange;

namespace TdmEdu.Tests.EdgeNode;

public sealed partial class EdgeExchangeTests
{
    [Fact]
    public async Task Pages_shrink_on_a_line_that_is_slow_or_ends_and_grow_again_on_one_that_is_not()
    {
        await using var box = await EdgeBox.Start();
        var exchange = await Online(box);
        var (now, sizes) = (0L, new List<int>());
        foreach (var tookMs in new[] { 100, BatchSize.SlowMs + 1, BatchSize.SlowMs + 1, 100, 100 })
        {
            exchange.Nudged();
            var pull = exchange.Advance(now).OfType<PullCall>().Single();
            sizes.Add(pull.OpsMax);
            exchange.Pulled(pull, new("feed-1", [], More: false), now += tookMs);
        }
        exchange.Nudged();
        exchange.Failed(exchange.Advance(now).OfType<PullCall>().Single(), Failure.Unavailable, now);
        await Opened(box, exchange, at: now += 10_000);
        exchange.Nudged();
        sizes.Add(exchange.Advance(now).OfType<PullCall>().Single().OpsMax);
        Assert.Equal([500, 500, 250, 125, 189, 126], sizes);
    }
}
