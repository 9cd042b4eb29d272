using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Storage;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Central;

/// <summary>The commands <c>backup</c>, <c>seal-backup</c> and <c>open-backup</c> on a file.</summary>
public sealed class BackupTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("tdmedu-backup-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Live => $"Data Source={Path.Combine(folder, "central.db")};Pooling=false";

    private string Copy => Path.Combine(folder, "copy.sealed");

    private string KeyFile => Path.Combine(folder, "key");

    private string Opened => Path.Combine(folder, "opened.db");

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
        Assert.True(BackupFile.Open(Copy, KeyFile, Opened).Ok);
        await using var db = CentralBox.Open($"Data Source={Opened};Pooling=false");
        Assert.Equal(2, await db.Ops.CountAsync(Cancel));
        Assert.Equal([Copy], Directory.GetFiles(folder, "*copy*"));
        Assert.Equal(2, (await box.Open(box.Head)).Value.Lanes.Single().BackedUp);
    }

    [Fact]
    public async Task A_copy_that_the_disk_has_changed_is_told_and_counts_for_nothing()
    {
        await using var central = await CentralBox.Start(Live, Samples.Catalogue());
        var box = await central.Enrol();
        await box.Push(Enumerable.Range(0, 400).Select(n => box.Op(RecordId.New(central.Clock), new Note($"{n}"))));
        Assert.True((await Make(central, Copy)).Ok);
        Assert.Equal("copy_sealed", (await central.Get<Backups>().Note(Copy, Cancel)).Error.Reason);
        Assert.True(BackupFile.Open(Copy, KeyFile, Opened).Ok);
        await using (var db = central.Db())
        {
            await db.NodeLanes.ExecuteUpdateAsync(l => l.SetProperty(r => r.BackedUpSeq, 0), Cancel);
        }
        await using (var file = new FileStream(Opened, FileMode.Open))
        {
            file.Seek(file.Length / 2, SeekOrigin.Begin);
            file.Write(new byte[8192]);
        }
        var told = await central.Get<Backups>().Note(Opened, Cancel);
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

    [Fact]
    public async Task Threat_T22_a_stolen_backup_tells_nothing_a_changed_one_is_refused_and_a_whole_one_gives_everything_back()
    {
        const string Canary = "Chim Hoàng Yến";
        await using var central = await CentralBox.Start(Live, Samples.Catalogue());
        Assert.Equal("backup_key_missing", (await Make(central, Copy, withKey: false)).Error.Reason);
        var box = await central.Enrol();
        await box.Push(Enumerable.Range(0, 400).Select(n => box.Op(RecordId.New(central.Clock), new Note($"{Canary} {n}"))));
        Assert.True((await Make(central, Copy)).Ok);
        var stolen = await File.ReadAllBytesAsync(Copy, Cancel);
        Assert.Equal(-1, stolen.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Canary)));
        Assert.Equal(-1, stolen.AsSpan().IndexOf("SQLite format"u8));
        Assert.All(
            [Copy, KeyFile], f => Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(f) == (UnixFileMode.UserRead | UnixFileMode.UserWrite)));

        Assert.True(central.Get<Backups>().MakeKey(KeyFile + ".other").Ok);
        Assert.Equal("backup_other_key", BackupFile.Open(Copy, KeyFile + ".other", Opened).Error.Reason);
        // Of the header, its key, the first chunk, one in the middle, and the last tag.
        foreach (var at in new[] { 0, 100, 200, stolen.Length / 2, stolen.Length - 1 })
        {
            stolen[at] ^= 4;
            Refuses(stolen);
            stolen[at] ^= 4;
        }
        const int Header = 139, Chunk = 64 * 1024 + 16;
        Refuses(stolen[..(Header + Chunk)]);
        Refuses([.. stolen, 0]);
        Refuses([.. stolen[..Header], .. stolen[(Header + Chunk)..(Header + 2 * Chunk)], .. stolen[Header..(Header + Chunk)], .. stolen[(Header + 2 * Chunk)..]]);

        Assert.Equal("target_exists", BackupFile.Open(Copy, KeyFile, KeyFile).Error.Reason);
        // What a Central that lost its power leaves beside the old database.
        await File.WriteAllTextAsync(Opened + "-wal", "", Cancel);
        Assert.Equal("target_journal", BackupFile.Open(Copy, KeyFile, Opened).Error.Reason);
        Assert.False(File.Exists(Opened));
        File.Delete(Opened + "-wal");
        Assert.True(BackupFile.Open(Copy, KeyFile, Opened).Ok);
        await using var back = await CentralBox.Start($"Data Source={Opened};Pooling=false", Samples.Catalogue());
        await using var then = central.Db();
        await using var now = back.Db();
        Assert.Equal(
            await then.Ops.OrderBy(o => o.FeedSeq).Select(o => o.Data).ToListAsync(Cancel), await now.Ops.OrderBy(o => o.FeedSeq).Select(o => o.Data).ToListAsync(Cancel));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(64 * 1024 - 1)]
    [InlineData(64 * 1024)]
    [InlineData(2 * 64 * 1024 + 1)]
    public async Task A_dump_of_any_length_comes_back_as_it_was_and_none_at_all_leaves_the_last_one(int bytes)
    {
        await using var central = await CentralBox.Start(Live, Samples.Catalogue());
        Assert.True(central.Get<Backups>().MakeKey(KeyFile).Ok);
        var dump = RandomNumberGenerator.GetBytes(bytes);
        Assert.True(central.Get<Backups>().Seal(new MemoryStream(dump), Copy).Ok);
        Assert.Equal("backup_failed", central.Get<Backups>().Seal(Stream.Null, Copy).Error.Reason);
        Assert.True(BackupFile.Open(Copy, KeyFile, Opened).Ok);
        Assert.Equal(dump, await File.ReadAllBytesAsync(Opened, Cancel));
    }

    private void Refuses(byte[] changed)
    {
        var file = Path.Combine(folder, "changed");
        File.WriteAllBytes(file, changed);
        Assert.Contains(BackupFile.Open(file, KeyFile, Opened).Error.Reason, new[] { "backup_changed", "backup_foreign" });
        Assert.Empty(Directory.GetFiles(folder, "opened*"));
    }

    private async Task<Result<string>> Make(CentralBox central, string file, bool withKey = true)
    {
        if (withKey && !File.Exists(KeyFile))
        {
            Assert.True(central.Get<Backups>().MakeKey(KeyFile).Ok);
        }
        return await central.Get<Backups>().Make(file, Cancel);
    }
}
