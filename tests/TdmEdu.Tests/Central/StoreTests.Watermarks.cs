using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Intake;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.EdgeNode;

namespace TdmEdu.Tests.Central;

/// <summary>Up to when a school counts as complete, when something from before that comes all the same.</summary>
public abstract partial class StoreTests
{
    [Fact]
    public async Task Case_80_What_a_copied_disk_recorded_before_the_watermark_opens_the_time_since_again_and_is_flagged()
    {
        await using var own = await EdgeBox.Start(central.Clock);
        var line = await Restart(EdgeBox.Catalogue, own);
        Assert.True((await own.Submit(own.NewId())).Ok);
        Assert.Null(await line.Run());
        await using var copy = await Clone(own);
        var (twin, late) = (new EdgeLine(central, copy), copy.NewId());
        Assert.True((await copy.Submit(late)).Ok);
        var recordedMs = central.NowMs;
        central.Clock.Advance(TimeSpan.FromHours(1));
        Assert.True((await own.Submit(own.NewId())).Ok);
        Assert.Null(await line.Run());
        var (epoch, noticedMs) = (own.Owner.Epoch, central.NowMs);
        Assert.Equal(noticedMs, await CompleteIn(epoch));

        // While the second machine is held back, nobody knows what it recorded: the school is complete no further than it was.
        Assert.Equal(nameof(OpenAction.CloneSuspect), await twin.Run());
        central.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Null(await line.Run());
        Assert.Equal(noticedMs, await CompleteIn(epoch));

        await central.Get<Exchange>().Admit(new(EdgeBox.Node, EdgeBox.School), Cancel);
        Assert.Null(await twin.Run());
        Assert.Equal((recordedMs, central.NowMs), (await CompleteIn(epoch), await CompleteIn(copy.Owner.Epoch)));
        Assert.Equal([(EdgeBox.Node, $"lane {(int)Lane.Attendance}")], await Flagged());

        async Task<long?> CompleteIn(Guid of)
        {
            await using var db = central.Db();
            return (await db.NodeLanes.AsNoTracking().SingleAsync(l => l.Epoch == of && l.Lane == Lane.Attendance, Cancel)).CompleteAtMs;
        }
    }

    /// <summary>As of a box that was put back with a clock that stands in the past.</summary>
    [Fact]
    public async Task Case_80_A_new_operation_from_before_the_watermark_lowers_it_until_the_box_has_said_again_that_all_is_here()
    {
        var box = await central.Enrol();
        await box.Push(box.Op(A, new Note("một")));
        await box.Pull("", [], 0, central.NowMs, box.Head);
        var earlier = Hlc.At(central.NowMs - 3_600_000);
        await box.Push(box.Op(B, new Note("muộn"), earlier));
        Assert.Equal(earlier.Milliseconds, await CompleteAt(box));
        Assert.Equal([(box.Identity.Node, $"lane {(int)Lane.Attendance}")], await Flagged());
        await box.Pull("", [], 0, central.NowMs, box.Head);
        Assert.Equal(central.NowMs, await CompleteAt(box));
    }

    /// <summary>Resent in a new epoch, or stamped while the box told that it had everything.</summary>
    [Theory]
    [InlineData(3_600_000, "một")]
    [InlineData(BatchIntake.SavingMsMax, "hai")]
    public async Task What_is_known_already_or_was_being_saved_when_the_box_told_that_all_is_here_lowers_no_watermark(long beforeMs, string text)
    {
        var box = await central.Enrol();
        var first = box.Op(A, new Note("một"), Hlc.At(central.NowMs - 3_600_000));
        await box.Push(first);
        await box.Pull("", [], 0, central.NowMs, box.Head);
        await box.Push(text == "một" ? first : box.Op(B, new Note(text), Hlc.At(central.NowMs - beforeMs)));
        Assert.Equal(central.NowMs, await CompleteAt(box));
        Assert.Empty(await Flagged());
    }

    private async Task<List<(Guid Node, string Subject)>> Flagged()
    {
        await using var db = central.Db();
        var rows = await db.Audit.Where(a => a.Event == RefusalAudit.Event && a.Reason == "below_watermark").ToListAsync(Cancel);
        return [.. rows.Select(a => (a.Actor, a.Subject))];
    }
}
