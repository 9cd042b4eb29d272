using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using TdmEdu.Central.Intake;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.EdgeNode;

namespace TdmEdu.Tests.Central;

/// <summary>A box whose clock runs a year ahead, whole and with its journal, and Central that cuts its stamps back (design D7).</summary>
public abstract partial class StoreTests
{
    [Fact]
    public async Task Case_37_What_a_box_in_the_future_wrote_has_one_stamp_on_both_sides_and_the_office_can_correct_it()
    {
        central.Clock.Advance(TimeSpan.FromDays(365));
        await using var box = await EdgeBox.Start(new FakeTimeProvider(central.Clock.GetUtcNow().AddDays(365)));
        var line = await Restart(EdgeBox.Catalogue, box);
        var day = box.NewId();
        await Save(box, EdgeBox.Catalogue.Create(EdgeBox.School, day, new CalendarDay(EdgeBox.Day, DayKind.Closed, "Bão")));
        await Save(box, DayPut(day, OpKind.Put, """{"note":"Bão số 9"}"""));
        await line.Sync();
        await SameDays(box, day);

        await Write(DayPut(day, OpKind.Put, """{"note":"Bão số 10"}"""));
        await line.Sync();
        await SameDays(box, day);
        Assert.Equal("Bão số 10", (await box.Owner.Read(r => r.Get<CalendarDay>(EdgeBox.School, day), Cancel))!.Value.Note);

        // The same from the journal alone.
        box.Drop();
        File.Delete(box.CachePath);
        await box.StartAgain();
        await SameDays(box, day);
    }

    [Theory]
    [InlineData(365 * 24, false)]
    [InlineData(3, true)]
    public async Task What_a_restored_box_sends_again_with_a_stamp_from_the_future_does_not_undo_what_was_corrected_since(int hoursAhead, bool hasCome)
    {
        await using var box = await EdgeBox.Start(new FakeTimeProvider(central.Clock.GetUtcNow().AddHours(hoursAhead)));
        var line = await Restart(EdgeBox.Catalogue, box);
        var day = box.NewId();
        await Save(box, EdgeBox.Catalogue.Create(EdgeBox.School, day, new CalendarDay(EdgeBox.Day, DayKind.Closed, "Bão")));
        await line.Sync();
        central.Clock.Advance(TimeSpan.FromHours(1));
        await Write(DayPut(day, OpKind.Put, """{"note":"Bão số 10"}"""));
        central.Clock.Advance(TimeSpan.FromHours(hasCome ? hoursAhead : 1));

        Assert.True((await box.Owner.BeginEpoch(new Dictionary<Lane, long>(), Cancel)).Ok);
        await line.Sync();
        Assert.Equal("Bão số 10", (await central.Records.Read(r => r.Get<CalendarDay>(EdgeBox.School, day), Cancel))!.Value.Note);
        await SameDays(box, day);
    }

    [Theory]
    [InlineData(30_000, true)]
    [InlineData(90_000, false)]
    public async Task What_a_restored_Central_gets_again_keeps_the_stamp_that_was_lost_with_it_unless_that_is_in_the_future_as_well(int cutAheadMs, bool isKept)
    {
        var box = await central.Enrol();
        var (ahead, cut) = (Hlc.At(central.NowMs + 3_600_000), Hlc.At(central.NowMs + cutAheadMs));
        await box.Push(box.Op(A, new Note("một"), ahead) with { CutTo = cut });
        await using var db = central.Db();
        var op = await db.Ops.SingleAsync(Cancel);
        Assert.Equal((ahead.Value, isKept), (op.Hlc, op.AppliedHlc == cut.Value));
        Assert.True(op.AppliedHlc < cut.Value + 1);
    }

    /// <summary>Cut to that clock, it would fall below what it was written over, and the box has that no more.</summary>
    [Fact]
    public async Task What_a_box_writes_while_Centrals_clock_is_a_year_behind_stands_above_what_was_there()
    {
        await using var box = await EdgeBox.Start(new FakeTimeProvider(central.Clock.GetUtcNow()));
        var line = await Restart(EdgeBox.Catalogue, box);
        var day = box.NewId();
        await Save(box, EdgeBox.Catalogue.Create(EdgeBox.School, day, new CalendarDay(EdgeBox.Day, DayKind.Closed, "Bão")));
        await line.Sync();
        central.Clock.AdjustTime(central.Clock.GetUtcNow().AddDays(-365));
        line = await Restart(EdgeBox.Catalogue, box);
        await Save(box, DayPut(day, OpKind.Put, """{"note":"Bão số 9"}"""));
        await line.Sync();
        Assert.Equal("Bão số 9", (await central.Records.Read(r => r.Get<CalendarDay>(EdgeBox.School, day), Cancel))!.Value.Note);
        await SameDays(box, day);
    }

    /// <summary>Else a school with a wrong clock would be complete for days that have not been.</summary>
    [Fact]
    public async Task What_a_box_says_by_a_clock_that_is_ahead_is_complete_up_to_Centrals_own_time_and_not_beyond()
    {
        var box = await central.Enrol();
        await box.Push(box.Op(A, new Note("một")));
        var ahead = central.NowMs + 3_600_000;
        var page = (await box.Pull("", [], 0, ahead, box.Head)).Value;
        Assert.Equal(central.NowMs, await CompleteAt(box));
        central.Clock.Advance(TimeSpan.FromMinutes(1));
        var state = ExchangeState.Hash([box.Head], new Dictionary<Lane, long>(), page.FeedEpoch, page.Pages.Select(p => KeyValuePair.Create(p.Scope, p.Next)));
        Assert.True((await central.Get<Exchange>().Beat(box.Identity, box.Token, state, ahead, Cancel)).Value);
        Assert.Equal(central.NowMs, await CompleteAt(box));
        Assert.Equal(central.NowMs, (await NodeOf(box)).SameAtMs);

        // Central's own clock was ahead, and is put right; started anew, because the fake one moves the steady clock of admission as well.
        central.Clock.AdjustTime(central.Clock.GetUtcNow().AddDays(-1));
        await central.DisposeAsync();
        central = await CentralBox.Start(connection, Samples.Catalogue(), central.Clock);
        box = box.At(central);
        Assert.True((await central.Get<Exchange>().Beat(box.Identity, box.Token, state, ahead, Cancel)).Value);
        Assert.Equal(central.NowMs, await CompleteAt(box));
    }

    private static Draft DayPut(Guid id, OpKind kind, string json) => new(EdgeBox.School, "registry.calendar_day", 1, id, kind, Encoding.UTF8.GetBytes(json));

    private async Task SameDays(EdgeBox box, Guid day)
    {
        var there = await central.Store.Read(b => b.FindRecords(EdgeBox.School, "registry.calendar_day", [day]), Cancel);
        var here = (await box.Records("registry.calendar_day")).Where(r => r.Id == day);
        Assert.Equal(default(StateDigest).Add(Assert.Single(there)), default(StateDigest).Add(Assert.Single(here)));
    }
}
