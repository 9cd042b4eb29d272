using System.Diagnostics;
using TdmEdu.Modules.Attendance;
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
    public async Task Case_21_A_full_disk_is_said_clearly_leaves_nothing_half_written_and_heals_by_itself()
    {
        await using var disk = await SmallDisk.Mount();
        var box = await EdgeBox.Start(folder: disk.Folder);
        var kept = box.NewId();
        Assert.True((await box.Submit(kept)).Ok);
        disk.Fill();
        var refused = new List<Guid>();
        for (var i = 0; i < 200 && refused.Count < 3; i++)
        {
            var id = box.NewId();
            if (await box.Submit(id, [.. Enumerable.Range(0, 60).Select(_ => new Mark(box.NewId(), MarkCode.Late))]) is { Ok: false } reply)
            {
                Assert.Equal(ErrorCode(reply), (TdmEdu.Sync.ErrorCode.Unavailable, true));
                refused.Add(id);
            }
        }
        Assert.NotEmpty(refused);
        disk.Empty();
        await Healed(box);
        Assert.Equal([kept], (await box.Owner.Receipts<Submission>(EdgeBox.School, [kept, .. refused], Cancel)).Keys);
        var lane = box.Owner.Journal.ReadLane(Lane.Attendance, 1, int.MaxValue, int.MaxValue);
        Assert.Equal(Enumerable.Range(1, lane.Count).Select(i => (long)i), lane.Select(o => o.Seq));
        Assert.DoesNotContain(lane, o => refused.Contains(o.Op.Id));
        await box.Stop();
    }

    private static (TdmEdu.Sync.ErrorCode, bool) ErrorCode<T>(TdmEdu.Sync.Result<T> reply) =>
        (reply.Error.Code, reply.Error.Reason is "disk_full" or "cache_unavailable");

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
