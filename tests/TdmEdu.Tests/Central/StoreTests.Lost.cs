using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Intake;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.EdgeNode;

namespace TdmEdu.Tests.Central;

/// <summary>
/// A Central that has lost what it acknowledged, a box that has it only because Central once gave it back, and a box that was put back
/// from a copy.
/// </summary>
public abstract partial class StoreTests
{
    [Fact]
    public async Task What_a_replaced_box_got_back_from_Central_is_given_to_a_Central_that_lost_it()
    {
        await using var first = await EdgeBox.Start(central.Clock);
        var line = await Restart(EdgeBox.Catalogue, first);
        var id = first.NewId();
        Assert.True((await first.Submit(id, new Mark(first.NewId(), MarkCode.Late))).Ok);
        await line.Sync();
        central.Clock.Advance(TimeSpan.FromHours(1));

        await using var second = await EdgeBox.Start(central.Clock);
        line = new EdgeLine(central, second);
        await line.Sync();
        Assert.Equal(Receipt.AtCentre, (await second.Owner.Receipts<Submission>(EdgeBox.School, [id], Cancel))[id]);

        await LoseSchool();
        Assert.True((await second.Owner.SendEarlier(Cancel)).Ok);
        Assert.Equal(Receipt.OnBox, (await second.Owner.Receipts<Submission>(EdgeBox.School, [id], Cancel))[id]);
        Assert.Empty(await line.Sync());
        Assert.Equal(Receipt.AtCentre, (await second.Owner.Receipts<Submission>(EdgeBox.School, [id], Cancel))[id]);
        Assert.NotNull(await central.Records.Read(r => r.Get<Submission>(EdgeBox.School, id), Cancel));
        await using var db = central.Db();
        Assert.Equal(1, await db.Ops.CountAsync(o => o.Id == id, Cancel));
    }

    /// <summary>It knows its Central from the welcome on: another one is told apart though no page of the first ever came.</summary>
    [Fact]
    public async Task What_was_acknowledged_in_an_earlier_epoch_is_given_to_a_Central_that_lost_it_also_by_a_box_without_a_page()
    {
        await using var box = await EdgeBox.Start(central.Clock);
        var line = await Restart(EdgeBox.Catalogue, box);
        var id = box.NewId();
        Assert.True((await box.Submit(id, new Mark(box.NewId(), MarkCode.Late))).Ok);
        await line.Push((await line.Open()).Session, Lane.Attendance);
        Assert.True((await box.Owner.BeginEpoch(new Dictionary<Lane, long> { [Lane.Attendance] = 1 }, Cancel)).Ok);
        await line.Open();

        await LoseSchool();
        await line.Sync();
        Assert.NotNull(await central.Records.Read(r => r.Get<Submission>(EdgeBox.School, id), Cancel));
    }

    /// <summary>The copy is from a moment at which a day and a submission were still to be sent. Since then the day was deleted.</summary>
    [Fact]
    public async Task Case_28_Box_restored_from_a_copy_of_its_journal_uses_no_number_again_and_raises_no_dead()
    {
        await using var box = await EdgeBox.Start(central.Clock);
        var line = await Restart(EdgeBox.Catalogue, box);
        var (day, ids) = (box.NewId(), Enumerable.Range(0, 4).Select(_ => box.NewId()).ToArray());
        Assert.True((await box.Submit(ids[0])).Ok);
        await line.Sync();
        await Save(box, EdgeBox.Catalogue.Create(EdgeBox.School, day, new CalendarDay(EdgeBox.Day, DayKind.Closed, "Bão")));
        Assert.True((await box.Submit(ids[1])).Ok);
        await box.Stop();
        var copy = Directory.CreateTempSubdirectory("edge-copy-").FullName;
        Replace(copy, box.Folder);
        await box.StartAgain();
        await Save(box, new(EdgeBox.School, EdgeBox.Catalogue.Of<CalendarDay>().Key, 1, day, OpKind.Delete, default));
        Assert.True((await box.Submit(ids[2])).Ok);
        await line.Sync();
        var (epoch, before) = (box.Owner.Status.State.Epoch, await Sent());

        await box.Stop();
        Replace(box.Folder, copy);
        Directory.Delete(copy, recursive: true);
        await box.StartAgain();
        Assert.NotNull(await Day());
        central.Clock.Advance(Greeting.Lease * 2);
        await line.Restored();
        Assert.True((await box.Submit(ids[3])).Ok);
        Assert.Empty(await line.Sync());

        Assert.Null(await Day());
        Assert.Null(await central.Records.Read(r => r.Get<CalendarDay>(EdgeBox.School, day), Cancel));
        Assert.Equal(ids.Order(), (await box.Owner.Read(r => r.Page<Submission>(EdgeBox.School), Cancel)).Rows.Select(r => r.Id).Order());
        var (fresh, after) = (box.Owner.Status.State.Epoch, await Sent());
        Assert.Equal(before, after.Where(o => o.Epoch == epoch));
        Assert.Equal([(Lane.Control, 1L, day), (Lane.Attendance, 1, ids[1]), (Lane.Attendance, 2, ids[3])], after.Where(o => o.Epoch == fresh).Select(o => (o.Lane, o.Seq, o.Id)));

        Task<Row<CalendarDay>?> Day() => box.Owner.Read(r => r.Get<CalendarDay>(EdgeBox.School, day), Cancel);

        async Task<List<(Guid Epoch, Lane Lane, long Seq, Guid Id)>> Sent()
        {
            await using var db = central.Db();
            var ops = await db.Ops.OrderBy(o => o.Lane).ThenBy(o => o.Seq).ToListAsync(Cancel);
            return [.. ops.Select(o => (o.Epoch, o.Lane, o.Seq, o.Id))];
        }
    }

    [Fact]
    public async Task A_school_learns_what_was_refused_though_the_answer_was_lost_and_when_the_department_has_settled_it()
    {
        await using var box = await EdgeBox.Start(central.Clock, installed: Contacts.Now);
        var line = await Restart(EdgeBox.Catalogue, box);
        await Save(box, Contacts.Now.Create(EdgeBox.School, box.NewId(), new NewContact("Lan", "+84901")));
        await line.Push((await line.Open()).Session, Lane.Control, answerLost: true);
        Assert.Empty(box.Owner.Journal.Reader.Refused(10));

        await line.Open();
        Assert.Equal(RefusalReason.UnknownEntity, Assert.Single(box.Owner.Journal.Reader.Refused(10)).Reason);
        await line.Open();
        Assert.Single(box.Owner.Journal.Reader.Refused(10));

        var session = await central.Store.Read(b => b.Node(EdgeBox.Node)!.Token, Cancel);
        var open = Assert.Single(await central.Store.Read(b => b.FindRefused(new(10)), Cancel));
        var officer = new Actor(Guid.Empty, Scope.City, Roles.DepartmentOfficer);
        Assert.True((await central.Store.Write(b => Redrive.Dismiss(b, officer, RefusedPlace.Of(open), "Đã ghi lại.", central.NowMs), Cancel)).Ok);
        Assert.NotEqual(session, await central.Store.Read(b => b.Node(EdgeBox.Node)!.Token, Cancel));
        await line.Open();
        Assert.Empty(box.Owner.Journal.Reader.Refused(10));
    }

    private static void Replace(string folder, string with)
    {
        Directory.EnumerateFiles(folder).ToList().ForEach(File.Delete);
        foreach (var file in Directory.EnumerateFiles(with))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }
    }

    /// <summary>As after a restore from a backup that is older than the school.</summary>
    private async Task LoseSchool()
    {
        await using var db = central.Db();
        await db.Ops.Where(o => o.Scope == EdgeBox.School).ExecuteDeleteAsync(Cancel);
        await db.Records.Where(r => r.Scope == EdgeBox.School).ExecuteDeleteAsync(Cancel);
        await db.Views.Where(v => v.Scope == EdgeBox.School).ExecuteDeleteAsync(Cancel);
        await db.FeedCounters.Where(c => c.Scope == EdgeBox.School).ExecuteDeleteAsync(Cancel);
        await db.NodeLanes.ExecuteDeleteAsync(Cancel);
        await db.LaneCheckpoints.ExecuteDeleteAsync(Cancel);
        await db.Sessions.ExecuteDeleteAsync(Cancel);
        await central.Get<Exchange>().BeginFeed(Cancel);
    }
}
