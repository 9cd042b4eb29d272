using System.Diagnostics;
using TdmEdu.EdgeNode.Cache;
using TdmEdu.Modules.Attendance;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.EdgeNode;

/// <summary>Whatever happens to the LiteDB file, every record and view is the same afterwards.</summary>
public sealed class CacheTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("stopped cleanly")]
    [InlineData("deleted")]
    [InlineData("truncated")]
    [InlineData("flipped byte")]
    [InlineData("garbage")]
    [InlineData("marker deleted")]
    [InlineData("marker of an older file")]
    [InlineData("marker garbled")]
    [InlineData("stale log beside it")]
    [InlineData("flipped byte, copy there")]
    [InlineData("flipped byte, copy broken too")]
    public async Task Cache_file_comes_back_whole(string damage)
    {
        await using var box = await EdgeBox.Start();
        await box.Fill();
        await box.Owner.CopyCache(Cancel);
        await box.Submit(box.NewId());
        if (!damage.Contains("copy", StringComparison.Ordinal))
        {
            File.Delete(Path.Combine(box.Folder, "cache-copy.db.ok"));
        }
        await box.Stop();
        var olderMarker = File.ReadAllText(box.CachePath + ".ok");
        await box.StartAgain();
        await box.Submit(box.NewId());
        var before = await box.Everything();
        await box.Stop();
        Damage(box, damage, olderMarker);
        await box.StartAgain();
        Assert.Equal(before, await box.Everything());
    }

    [Fact]
    public async Task Case_16_After_a_power_cut_the_cache_is_built_from_the_journal()
    {
        await using var box = await EdgeBox.Start();
        await box.Fill();
        var before = await box.Everything();
        box.Drop();
        await box.StartAgain();
        Assert.Equal(before, await box.Everything());
    }

    [Fact]
    public async Task A_clean_restart_trusts_the_file_and_replays_nothing()
    {
        await using var box = await EdgeBox.Start();
        await box.Fill();
        await box.Stop();
        var marker = CacheMarker.Read(box.CachePath);
        Assert.Equal(144 + 1, marker!.Position);
        await box.StartAgain();
        Assert.Null(CacheMarker.Read(box.CachePath));
    }

    [Fact]
    public async Task Case_20_A_cache_that_breaks_while_running_is_replaced_and_the_command_answered()
    {
        await using var box = await EdgeBox.Start();
        await box.Fill();
        await box.Everything();
        // Another program's hand; the lock on the file is only between those who ask for it.
        using (var truncate = Process.Start("truncate", ["--size", "24576", box.CachePath]))
        {
            await truncate.WaitForExitAsync(Cancel);
        }
        var days = await box.Owner.Read(r => r.Views<SessionSheet>(EdgeBox.School).Count, Cancel);
        Assert.Equal(7, days);
        Assert.True((await box.Submit(box.NewId())).Ok);
    }

    [Fact]
    public async Task Thousands_of_records_survive_restarts_and_the_verified_copy()
    {
        await using var box = await EdgeBox.Start();
        var drafts = Enumerable.Range(0, 6000).Select(i => EdgeBox.Catalogue.Create(
            EdgeBox.School, box.NewId(), new RosterSeen(EdgeBox.Class, [box.NewId(), box.NewId()]))).ToArray();
        foreach (var some in drafts.Chunk(500))
        {
            Assert.True((await box.Owner.Decide<bool>(EdgeBox.Teacher, _ => new(true, some), Cancel)).Ok);
        }
        await box.Owner.CopyCache(Cancel);
        Assert.NotNull(CacheMarker.Read(Path.Combine(box.Folder, "cache-copy.db")));
        await box.Stop();
        await box.StartAgain();
        var count = 0;
        for (string? cursor = null, begin = ""; begin is not null; begin = cursor)
        {
            var page = await box.Owner.Read(r => r.Page<RosterSeen>(EdgeBox.School, cursor: cursor), Cancel);
            count += page.Rows.Count;
            cursor = page.Cursor;
        }
        Assert.Equal(6000, count);
    }

    private static void Damage(EdgeBox box, string damage, string olderMarker)
    {
        var (cache, marker) = (box.CachePath, box.CachePath + ".ok");
        switch (damage)
        {
            case "deleted": File.Delete(cache); break;
            case "truncated": Change(cache, f => f.SetLength(f.Length / 2)); break;
            case "garbage": File.WriteAllText(cache, "garbage"); break;
            case "marker deleted": File.Delete(marker); break;
            case "marker of an older file": File.WriteAllText(marker, olderMarker); break;
            case "marker garbled": File.WriteAllText(marker, "{"); break;
            case "stale log beside it": File.WriteAllBytes(cache + "-log", File.ReadAllBytes(cache)); break;
            case not "stopped cleanly": Change(cache, Flip); break;
        }
        if (damage == "flipped byte, copy broken too")
        {
            Change(Path.Combine(box.Folder, "cache-copy.db"), Flip);
        }
    }

    private static void Change(string path, Action<FileStream> change)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        change(file);
    }

    private static void Flip(FileStream file)
    {
        file.Position = file.Length / 2;
        var held = file.ReadByte();
        file.Position--;
        file.WriteByte((byte)(held ^ 0x10));
    }
}
