using Microsoft.Extensions.Logging.Abstractions;
using TdmEdu.Central.Intake;
using TdmEdu.Central.Storage;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Central;

public abstract partial class StoreTests
{
    [Fact]
    public async Task A_database_that_holds_less_than_before_is_put_back_until_somebody_says_so()
    {
        await Grow(10);
        Assert.Null(await Look());
        await Grow(9);
        Assert.Equal("central_put_back", (await Look())?.Reason);
        await Grow(12);
        Assert.Null(await Look());
        await Grow(11);
        Assert.Equal("central_put_back", (await Look())?.Reason);

        Assert.True((await central.Get<Exchange>().BeginFeed(Cancel)).Ok);
        Assert.Null(await Look());
        await Grow(10);
        Assert.Equal("central_put_back", (await Look())?.Reason);
    }

    /// <summary>The backup that was put back is older than an earlier restore, so it bears a feed that has ended.</summary>
    [Fact]
    public async Task A_database_of_a_feed_that_has_ended_is_put_back_however_much_it_holds()
    {
        await Grow(10);
        var first = await central.Store.Read(bulk => bulk.Meta(MetaKeys.FeedEpoch)!, Cancel);
        Assert.Null(await Look());
        Assert.True((await central.Get<Exchange>().BeginFeed(Cancel)).Ok);
        Assert.Null(await Look());
        await Change(bulk => bulk.SetMeta(MetaKeys.FeedEpoch, first));
        await Grow(20);
        Assert.Equal("central_put_back", (await Look())?.Reason);
    }

    private async Task<TdmEdu.Sync.Error?> Look()
    {
        using var started = new HighWater(central.Store, new() { DataDir = central.Folder }, central.Clock, NullLogger<HighWater>.Instance);
        await started.Look(Cancel);
        return started.Refusal;
    }

    private Task Grow(long to) => Change(bulk =>
    {
        bulk.LockFeed(Scope.City);
        bulk.SetFeed(Scope.City, to);
    });

    private async Task Change(Action<Bulk> work) => Assert.True((await central.Store.Write<bool>(
        bulk =>
        {
            work(bulk);
            return true;
        },
        Cancel)).Ok);
}
