using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Storage;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Central;

/// <summary>The command <c>backup</c> on a file.</summary>
public sealed class BackupTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("tdmedu-backup-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Live => $"Data Source={Path.Combine(folder, "central.db")};Pooling=false";

    private string Copy => Path.Combine(folder, "copy.db");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_backup_holds_what_was_committed_takes_the_place_of_the_last_and_is_told_of()
    {
        await using var central = await CentralBox.Start(Live, Samples.Catalogue());
        var box = await central.Enrol();
        foreach (var text in new[] { "một", "hai" })
        {
            await box.Push(box.Op(RecordId.New(central.Clock), new Note(text)));
            Assert.Equal("backed up: 1 operations more than before", (await Make(central, Copy)).Value);
        }
        await using var db = CentralBox.Open($"Data Source={Copy};Pooling=false");
        Assert.Equal(2, await db.Ops.CountAsync(Cancel));
        Assert.Equal([Copy], Directory.GetFiles(folder, "copy*"));
        Assert.Equal(2, (await box.Open(box.Head)).Value.Lanes.Single().BackedUp);
    }

    [Fact]
    public async Task A_copy_that_the_disk_has_changed_is_told_and_counts_for_nothing()
    {
        await using var central = await CentralBox.Start(Live, Samples.Catalogue());
        var box = await central.Enrol();
        await box.Push(Enumerable.Range(0, 400).Select(n => box.Op(RecordId.New(central.Clock), new Note($"{n}"))));
        Assert.True((await Make(central, Copy)).Ok);
        await using (var db = central.Db())
        {
            await db.NodeLanes.ExecuteUpdateAsync(l => l.SetProperty(r => r.BackedUpSeq, 0), Cancel);
        }
        await using (var file = new FileStream(Copy, FileMode.Open))
        {
            file.Seek(file.Length / 2, SeekOrigin.Begin);
            file.Write(new byte[8192]);
        }
        var told = await central.Get<Backups>().Note(Copy, Cancel);
        Assert.Equal("copy_unreadable", told.Error.Reason);
        Assert.Equal(0, (await box.Open(box.Head)).Value.Lanes.Single().BackedUp);
    }

    [Fact]
    public async Task A_backup_that_cannot_be_written_says_so_and_leaves_the_last_one_alone()
    {
        await using var central = await CentralBox.Start(Live, Samples.Catalogue());
        var box = await central.Enrol();
        Assert.True((await Make(central, Copy)).Ok);
        var before = await File.ReadAllBytesAsync(Copy, Cancel);
        await box.Push(box.Op(RecordId.New(central.Clock), new Note("một")));
        Directory.CreateDirectory($"{Copy}.part");
        Assert.Equal("backup_failed", (await Make(central, Copy)).Error.Reason);
        Assert.Equal(before, await File.ReadAllBytesAsync(Copy, Cancel));
        Assert.Equal(0, (await box.Open(box.Head)).Value.Lanes.Single().BackedUp);
    }

    private static Task<Result<string>> Make(CentralBox central, string file) => central.Get<Backups>().Make(file, Cancel);
}
