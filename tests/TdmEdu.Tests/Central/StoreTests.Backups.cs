using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Storage;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Central;

/// <summary>Up to where a lane is in a backup: what a copy was read to hold, no more (design D9).</summary>
public abstract partial class StoreTests
{
    /// <summary>A copy of the database as the department's own tools make one; returns what <c>backed-up</c> is given.</summary>
    protected abstract Task<string> CopyElsewhere(string connection);

    [Fact]
    public async Task A_lane_is_in_a_backup_as_far_as_a_copy_holds_it_and_never_less_again()
    {
        var box = await central.Enrol();
        await box.Push(box.Op(A, new Note("một")));
        var older = await CopyElsewhere(connection);
        await box.Push(box.Op(B, new Note("hai")), box.Op(A, new Note("bị từ chối", -1), Hlc.At(central.NowMs + 1)));
        Assert.Equal(0, await BackedUp(box));

        var newer = await CopyElsewhere(connection);
        await box.Push(box.Op(A, new Note("bốn"), Hlc.At(central.NowMs + 2)));
        Assert.Equal("backed up: 3 operations more than before", (await Note(newer)).Value);
        Assert.Equal(3, await BackedUp(box));
        Assert.Equal("backed up: 0 operations more than before", (await Note(older)).Value);
        Assert.Equal(3, await BackedUp(box));
        Assert.Equal(3, (await box.Open(box.Head)).Value.Lanes.Single().BackedUp);
    }

    /// <summary>Central and the box were both put back, and the box has recorded something else in that place since.</summary>
    [Fact]
    public async Task A_copy_of_a_history_that_was_lost_says_nothing_about_the_one_in_its_place()
    {
        var box = await central.Enrol();
        await box.Push(box.Op(A, new Note("một")));
        var (shared, end) = (await CopyElsewhere(connection), box.Head);
        await box.Push(box.Op(B, new Note("hai")));
        var longer = await CopyElsewhere(connection);

        await using (var db = central.Db())
        {
            await db.Ops.Where(o => o.Seq > end.Seq).ExecuteDeleteAsync(Cancel);
            await db.Records.Where(r => r.Id == B).ExecuteDeleteAsync(Cancel);
            await db.FeedCounters.Where(c => c.Scope == box.Identity.School).ExecuteUpdateAsync(c => c.SetProperty(r => r.Seq, 1), Cancel);
            await db.NodeLanes.ExecuteUpdateAsync(l => l.SetProperty(r => r.LastSeq, end.Seq).SetProperty(r => r.LastHash, end.Hash), Cancel);
        }
        Assert.True((await Note(longer)).Ok);
        Assert.Equal(1, await BackedUp(box));
        await box.GoBack(end).Push(box.Op(B, new Note("khác")), box.Op(A, new Note("sau"), Hlc.At(central.NowMs + 1)));
        Assert.Equal("backed up: 0 operations more than before", (await Note(longer)).Value);
        Assert.True((await Note(shared)).Ok);
        Assert.Equal(1, await BackedUp(box));
    }

    [Fact]
    public async Task The_running_database_and_what_cannot_be_read_are_no_copies()
    {
        var box = await central.Enrol();
        await box.Push(box.Op(A, new Note("một")));
        Assert.Equal("copy_is_live", (await Note(LiveAsCopy)).Error.Reason);
        Assert.Equal("copy_unreadable", (await Note(await EmptyCopy())).Error.Reason);
        Assert.Equal(0, await BackedUp(box));
    }

    private string LiveAsCopy => StorageSetup.IsPostgres(connection) ? connection : FileOf(connection);

    private static string FileOf(string connection) => new Microsoft.Data.Sqlite.SqliteConnectionStringBuilder(connection).DataSource;

    private async Task<string> EmptyCopy() => StorageSetup.IsPostgres(connection) ? await NewDatabase() : FileOf(connection) + ".none";

    private Task<Result<string>> Note(string copy) => central.Get<Backups>().Note(copy, Cancel);

    private async Task<long> BackedUp(NodeBox box)
    {
        await using var db = central.Db();
        return (await db.NodeLanes.SingleAsync(l => l.NodeId == box.Identity.Node, Cancel)).BackedUpSeq;
    }
}
