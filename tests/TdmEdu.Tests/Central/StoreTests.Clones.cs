using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Intake;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.EdgeNode;

namespace TdmEdu.Tests.Central;

/// <summary>A box's disk and key on a second machine, and both work on.</summary>
public abstract partial class StoreTests
{
    /// <summary>Both write the same record at the same instant, under the same name and numbers. Central cannot know the contact yet.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Case_29_Whichever_machine_is_let_in_first_all_that_both_wrote_is_at_Central_once_or_in_the_list_of_what_was_refused(bool copyFirst)
    {
        await using var own = await EdgeBox.Start(central.Clock, installed: Contacts.Now);
        var (line, ids, day) = (await Restart(EdgeBox.Catalogue, own), Enumerable.Range(0, 5).Select(_ => own.NewId()).ToList(), own.NewId());
        Assert.True((await own.Submit(ids[0])).Ok);
        Assert.Null(await line.Run());
        await using var copy = await Clone(own);
        var twin = new EdgeLine(central, copy);

        await Work(own, ids[1], "Bão");
        await Work(copy, ids[2], "Lũ");
        Assert.Equal((null, nameof(OpenAction.CloneSuspect)), (await line.Run(), await twin.Run()));
        await Work(own, ids[3], "Bão lớn");
        await Work(copy, ids[4], "Lũ lớn");
        Assert.Equal((null, nameof(OpenAction.CloneSuspect)), (await line.Run(), await twin.Run()));

        // The department's decision, then the same about the other machine, which is switched on last and alone.
        foreach (var next in copyFirst ? (EdgeLine[])[twin, line, twin] : [line, twin, line])
        {
            await central.Get<Exchange>().Admit(new(EdgeBox.Node, EdgeBox.School), Cancel);
            Assert.Null(await next.Run());
        }
        var (first, last) = copyFirst ? (own, copy) : (copy, own);
        await using (var db = central.Db())
        {
            var ops = await db.Ops.Where(o => o.Scope == EdgeBox.School).ToListAsync(Cancel);
            Assert.Equal(ids.Order(), ops.Where(o => o.Entity == central.Catalogue.Of<Submission>().Key).Select(o => o.Id).Order());
            Assert.Equal(
                ["Bão", "Bão lớn", "Lũ", "Lũ lớn"],
                ops.Where(o => o.Id == day).Select(o => JsonDocument.Parse(o.Data).RootElement.GetProperty("note").GetString()!).Order(StringComparer.Ordinal));
        }
        var refused = await central.Store.Read(b => b.FindRefused(new(100, EdgeBox.School)), Cancel);
        Assert.All(refused, o => Assert.Equal((Outcome.Parked, RefusalReason.UnknownEntity), (o.Outcome, o.Reason)));
        Assert.Equal(
            ["Bão", "Bão lớn", "Lũ", "Lũ lớn"],
            refused.Select(o => JsonDocument.Parse(o.Data).RootElement.GetProperty("name").GetString()!).Order(StringComparer.Ordinal));
        Assert.NotEmpty(last.Owner.Journal.Reader.Refused(10));

        // What each wrote alone both can read, and of one record the same stands everywhere.
        Assert.Equal(ids.Order(), (await last.Owner.Read(r => r.Page<Submission>(EdgeBox.School), Cancel)).Rows.Select(s => s.Id).Order());
        Assert.Equal(await At<CalendarDay>(EdgeBox.School, day), (await last.Owner.Read(r => r.Get<CalendarDay>(EdgeBox.School, day), Cancel))!.Value);
        Assert.Equal((0, 0), (first.Owner.Status.Pending, last.Owner.Status.Pending));

        async Task Work(EdgeBox box, Guid id, string note)
        {
            Assert.True((await box.Submit(id)).Ok);
            await Save(box, EdgeBox.Catalogue.Create(EdgeBox.School, day, new CalendarDay(EdgeBox.Day, DayKind.Closed, note)));
            await Save(box, Contacts.Now.Create(EdgeBox.School, box.NewId(), new NewContact(note)));
        }
    }

    [Fact]
    public async Task Case_29_When_the_department_takes_it_for_theft_neither_machine_gets_further_and_each_keeps_what_it_wrote()
    {
        await using var own = await EdgeBox.Start(central.Clock);
        var (line, ids) = (await Restart(EdgeBox.Catalogue, own), Enumerable.Range(0, 3).Select(_ => own.NewId()).ToList());
        Assert.True((await own.Submit(ids[0])).Ok);
        Assert.Null(await line.Run());
        await using var copy = await Clone(own);
        Assert.True((await own.Submit(ids[1])).Ok && (await copy.Submit(ids[2])).Ok);
        await using var db = central.Db();
        await db.Nodes.ExecuteUpdateAsync(n => n.SetProperty(r => r.Revoked, true), Cancel);
        Assert.Equal((nameof(OpenAction.Revoked), nameof(OpenAction.Revoked)), (await line.Run(), await new EdgeLine(central, copy).Run()));
        Assert.Equal((Receipt.OnBox, Receipt.OnBox), (await Kept(own, ids[1]), await Kept(copy, ids[2])));
        Assert.Equal(ids[0], (await db.Ops.SingleAsync(o => o.Scope == EdgeBox.School, Cancel)).Id);

        static async Task<Receipt> Kept(EdgeBox box, Guid id) => (await box.Owner.Receipts<Submission>(EdgeBox.School, [id], Cancel))[id];
    }

    /// <summary>The disk as it is, at one moment, in a second machine.</summary>
    private async Task<EdgeBox> Clone(EdgeBox box)
    {
        await box.Stop();
        var folder = Directory.CreateDirectory(Path.Combine(box.Folder, "clone")).FullName;
        Replace(folder, box.Folder);
        await box.StartAgain();
        return await EdgeBox.Start(central.Clock, folder, box.Installed);
    }
}
