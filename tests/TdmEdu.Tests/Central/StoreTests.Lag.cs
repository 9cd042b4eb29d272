using System.Globalization;
using Npgsql;
using TdmEdu.Central.Feed;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Central;

public abstract partial class StoreTests
{
    [Fact]
    public async Task A_box_that_is_there_and_does_not_come_to_have_what_Central_has_is_an_alarm_until_it_does()
    {
        var box = await central.Enrol();
        var watch = central.Get<LagWatch>();
        await box.Push(box.Op(A, new Note("một")));
        for (var left = LagWatch.BehindMax; left > TimeSpan.Zero; left -= LagWatch.LooksEvery)
        {
            Assert.Null(watch.Notice);
            await box.Pull("", [], 0, central.NowMs, box.Head);
            await Look(watch, LagWatch.LooksEvery);
        }
        await box.Pull("", [], 0, central.NowMs, box.Head);
        await Look(watch, TimeSpan.Zero);
        Assert.StartsWith("1 máy chủ trường", watch.Notice?.Vietnamese, StringComparison.Ordinal);
        await central.Store.Write<bool>(
            bulk =>
            {
                bulk.SetSame(box.Identity.Node, 1, central.NowMs);
                return true;
            },
            Cancel);
        await Look(watch, TimeSpan.Zero);
        Assert.Null(watch.Notice);
    }

    private async Task Look(LagWatch watch, TimeSpan later)
    {
        await watch.Look(Cancel);
        central.Clock.Advance(later);
    }

    /// <summary>Somebody's report keeps a snapshot open for hours, on the database itself and not by way of Central.</summary>
    private protected async Task PinFor(TimeSpan hours)
    {
        var (box, watch) = (await central.Enrol(), central.Get<LagWatch>());
        var mate = await central.Enrol(box.Identity.School.Owner);
        await using var analytics = new NpgsqlConnection(connection);
        await analytics.OpenAsync(Cancel);
        await using var report = await analytics.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, Cancel);
        await using (var read = new NpgsqlCommand("SELECT count(*) FROM ops", analytics, report))
        {
            await read.ExecuteScalarAsync(Cancel);
        }
        var (sent, began) = (0, central.Clock.GetUtcNow());
        for (var left = hours; left > TimeSpan.Zero; left -= LagWatch.PinnedMax / 2)
        {
            Assert.Empty((await mate.Push(mate.Op(RecordId.New(central.Clock), new Note("điểm danh", ++sent)))).NotApplied);
            Assert.Equal(Enumerable.Range(1, sent).Select(n => (long)n), (await PullAll(box, opsMax: 0)).Seqs);
            await watch.Look(Cancel);
            Assert.Equal(central.Clock.GetUtcNow() - began >= LagWatch.PinnedMax, watch.Notice is not null);
            central.Clock.Advance(LagWatch.PinnedMax / 2);
        }
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"pid {analytics.ProcessID} "), watch.Notice!.Vietnamese, StringComparison.Ordinal);
        await report.RollbackAsync(Cancel);
        await mate.Push(mate.Op(RecordId.New(central.Clock), new Note("điểm danh", ++sent)));
        await watch.Look(Cancel);
        Assert.Null(watch.Notice);
        Assert.Equal(sent, (await PullAll(box, opsMax: 0)).Seqs.Count);
    }
}
