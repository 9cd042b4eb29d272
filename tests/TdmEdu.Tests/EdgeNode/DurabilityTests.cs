using System.Diagnostics;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.EdgeNode;

public sealed class DurabilityTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Case_15_Every_acknowledged_submission_is_there_after_kill_9()
    {
        await using var box = new EdgeBox();
        var acked = new List<Guid>();
        for (var round = 0; round < 3; round++)
        {
            using var child = ChildProcess.Start(ChildProcess.KeepSubmitting, box.Folder);
            for (var i = 0; i < 150; i++)
            {
                acked.Add(Guid.ParseExact((await child.StandardOutput.ReadLineAsync(Cancel))!, "n"));
            }
            child.Kill();
            acked.AddRange((await child.StandardOutput.ReadToEndAsync(Cancel)).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Where(l => l.Length == 32).Select(l => Guid.ParseExact(l, "n")));
            await child.WaitForExitAsync(Cancel);
        }
        await box.StartAgain();
        var held = await box.Owner.Receipts<Submission>(EdgeBox.School, acked, Cancel);
        Assert.Equal(acked.Count, held.Count);
        var sheet = await box.Sheet();
        Assert.True(acked.All(sheet!.Submissions.ContainsKey));
        Assert.Equal(box.Owner.Status.Head(Lane.Attendance).Seq, box.Owner.Journal.ReadLane(Lane.Attendance, 1, int.MaxValue, int.MaxValue).Count);
    }

    [Fact]
    public async Task Case_21_On_a_full_disk_attendance_goes_on_in_the_reserve_other_lanes_are_told_and_all_goes_on_when_space_is_freed()
    {
        await using var disk = await SmallDisk.Mount();
        await using var box = await EdgeBox.Start(folder: disk.Folder);
        await box.Fill();
        disk.Fill();
        var saved = new List<Guid>();
        while (!box.Owner.Journal.OnReserve || saved.Count < 100)
        {
            saved.Add(box.NewId());
            Assert.True((await box.Submit(saved[^1], Whole(box))).Ok, $"attendance was refused after {saved.Count}");
        }
        Assert.Equal("disk_full", (await Other(box)).Error.Reason);
        var page = EdgeBox.FromCentral(91, box.NewId(), new Enrolment(box.NewId(), EdgeBox.Class, EdgeBox.Day, null));
        Assert.Equal("disk_full", (await box.Owner.TakePage("feed-1", new(EdgeBox.School, false, [page], new(91, [])), Cancel)).Error.Reason);
        Assert.True((await box.Owner.Acknowledge(new(Lane.Attendance, 1, []), Cancel)).Ok);
        Assert.Equal(saved.Count, (await box.Owner.Receipts<Submission>(EdgeBox.School, saved, Cancel)).Count);

        // A start on a full disk does not forget for whom its last room is.
        box.Drop();
        await box.StartAgain();
        saved.Add(box.NewId());
        Assert.True((await box.Submit(saved[^1], Whole(box))).Ok);
        Assert.Equal("disk_full", (await Other(box)).Error.Reason);

        disk.Empty();
        Assert.True((await Other(box)).Ok);
        Assert.False(box.Owner.Journal.OnReserve);
        Assert.True(box.Owner.Journal.ReadLane(Lane.Attendance, 1, int.MaxValue, int.MaxValue).Select(o => o.Op.Id).ToHashSet().IsSupersetOf(saved));
        Assert.Equal(saved.Count, (await box.Owner.Receipts<Submission>(EdgeBox.School, saved, Cancel)).Count);
    }

    [Fact]
    public async Task A_reserve_that_is_used_up_refuses_attendance_clearly_leaves_nothing_half_written_and_heals_by_itself()
    {
        await using var disk = await SmallDisk.Mount();
        await using var box = await EdgeBox.Start(folder: disk.Folder);
        var kept = box.NewId();
        Assert.True((await box.Submit(kept)).Ok);
        disk.Fill();
        var refused = new List<Guid>();
        for (var i = 0; i < 200 && refused.Count < 3; i++)
        {
            var id = box.NewId();
            if (await box.Submit(id, Whole(box)) is { Ok: false } reply)
            {
                Assert.True(reply.Error.Reason is "disk_full" or "cache_unavailable");
                refused.Add(id);
            }
            // Others take what the box gave back.
            disk.Fill();
        }
        Assert.NotEmpty(refused);
        // What the cache left of a write that failed must not end the process when it is collected.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        disk.Empty();
        await Healed(box);
        Assert.Equal([kept], (await box.Owner.Receipts<Submission>(EdgeBox.School, [kept, .. refused], Cancel)).Keys);
        var lane = box.Owner.Journal.ReadLane(Lane.Attendance, 1, int.MaxValue, int.MaxValue);
        Assert.Equal(Enumerable.Range(1, lane.Count).Select(i => (long)i), lane.Select(o => o.Seq));
        Assert.DoesNotContain(lane, o => refused.Contains(o.Op.Id));
    }

    /// <summary>What the system says of a sync that failed is that the next one succeeds; that is believed of nothing here.</summary>
    [Fact]
    public async Task Case_22_After_a_sync_that_failed_nothing_is_taken_before_all_was_written_anew()
    {
        await using var box = new EdgeBox();
        var journal = Path.Combine(box.Folder, "journal.db");
        var trace = Path.Combine(box.Folder, "trace");
        var errors = Enumerable.Range(20, 3);
        var (saved, refused) = (new List<Guid>(), new List<Guid>());
        using (var child = ChildProcess.StartTraced(
            ChildProcess.SubmitOneByOne, box.Folder, trace, $"{journal}-wal", journal, $"fsync,fdatasync:error=EIO:when={errors.First()}..{errors.Last()}"))
        {
            while (await child.StandardOutput.ReadLineAsync(Cancel) is { } said)
            {
                (said.StartsWith("saved", StringComparison.Ordinal) ? saved : refused).Add(Guid.ParseExact(said[^32..], "n"));
            }
            await child.WaitForExitAsync(Cancel);
        }
        var synced = (await File.ReadAllLinesAsync(trace, Cancel)).Where(l => l.Contains("sync(", StringComparison.Ordinal)).ToList();
        var after = synced.Skip(synced.FindLastIndex(l => l.Contains("INJECTED", StringComparison.Ordinal)) + 1).Take(2);
        Assert.Equal([$"{journal}-wal", journal], after.Select(l => l[(l.IndexOf('<', StringComparison.Ordinal) + 1)..l.IndexOf('>', StringComparison.Ordinal)]));
        Assert.InRange(refused.Count, 1, errors.Count());
        await box.StartAgain();
        var held = box.Owner.Journal.ReadLane(Lane.Attendance, 1, int.MaxValue, int.MaxValue).Select(o => o.Op.Id).ToHashSet();
        Assert.True(held.IsSupersetOf(saved));
        Assert.DoesNotContain(refused, held.Contains);
    }

    private static Mark[] Whole(EdgeBox box) => [.. Enumerable.Range(0, 60).Select(_ => new Mark(box.NewId(), MarkCode.Late))];

    private static Task<TdmEdu.Sync.Result<bool>> Other(EdgeBox box) => box.Owner.Decide<bool>(
        EdgeBox.Office, _ => new(true, [EdgeBox.Catalogue.Create(EdgeBox.School, box.NewId(), new CalendarDay(EdgeBox.Day, DayKind.Closed, "Bão"))]), Cancel);

    private static async Task Healed(EdgeBox box)
    {
        var patience = Stopwatch.StartNew();
        while (!(await box.Submit(box.NewId())).Ok)
        {
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(30), "The box did not recover.");
            await Task.Delay(100, Cancel);
        }
    }
}
