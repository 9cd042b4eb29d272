using System.Text;
using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Refusals;
using TdmEdu.EdgeNode.Cache;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.EdgeNode;

namespace TdmEdu.Tests.Central;

/// <summary>Box and Central of two releases beside each other, whichever is upgraded first, and both with their real stores.</summary>
public abstract partial class StoreTests
{
    [Fact]
    public async Task Case_66_Operations_that_were_queued_before_a_field_was_renamed_take_effect_on_the_new_field()
    {
        await using var box = await EdgeBox.Start(central.Clock, installed: Contacts.Old);
        var line = await Restart(Contacts.Old, box);
        await Save(box, Contacts.Old.Create(Old, A, new OldContact("Lan", "0901")));
        await line.Sync();
        await Save(box, Contacts.Old.Create(Old, B, new OldContact("Mai", "0902")));
        await Save(box, Put(A, """{"phone":"0903"}"""));
        central.Clock.Advance(TimeSpan.FromDays(180));

        // Central first: what it held and what was still on its way are in the new field; what came is kept as it came.
        line = await Restart(Contacts.Now, box);
        Assert.Equal(new NewContact("Lan", "+84901"), await Contact(A));
        Assert.Empty(await line.Sync());
        Assert.Equal((new("Lan", "+84903"), new("Mai", "+84902")), (await Contact(A), await Contact(B)));
        Assert.Equal(["+84902", "+84903"], (await central.Records.Read(r => r.Page<NewContact>(Old), Cancel)).Rows.Select(c => c.Value.Mobile));
        await using (var db = central.Db())
        {
            Assert.Equal([1, 1, 1], await db.Ops.Where(o => o.Entity == "test.contact").Select(o => o.Schema).ToListAsync(Cancel));
            Assert.Equal("""{"phone":"0903"}""", Encoding.UTF8.GetString((await db.Ops.OrderBy(o => o.FeedSeq).LastAsync(Cancel)).Data));
        }
        await WriteContact(A, new("Lan", "+84904"));

        // The old box keeps what it would misunderstand and goes on with everything else; upgraded, it has all of it.
        await line.Sync();
        Assert.Equal("0903", (await box.Owner.Read(r => r.Get<OldContact>(Old, A), Cancel))!.Value.Phone);
        await Upgrade(box, Contacts.Now);
        await SameOnBothSides(box, A, B);
        Assert.Equal("+84904", (await box.Owner.Read(r => r.Get<NewContact>(Old, A), Cancel))!.Value.Mobile);
    }

    /// <summary>A box's documents are made anew from its journal when a release changes them; the journal's own form has not changed yet.</summary>
    [Fact]
    public async Task Case_26_A_box_that_is_killed_while_it_brings_its_documents_to_a_new_release_does_it_again_and_sends_what_waited()
    {
        await using var box = await EdgeBox.Start(central.Clock, installed: Contacts.Old);
        var ids = Enumerable.Range(0, CacheStore.DirtyDocsMax + 100).Select(_ => box.NewId()).ToList();
        var drafts = ids.Select((id, n) => Contacts.Old.Create(Old, id, new OldContact("Lan", $"09{n}"))).ToList();
        Assert.True((await box.Owner.Decide<bool>(EdgeBox.Office, _ => new(true, drafts), Cancel)).Ok);
        await Save(box, Put(ids[0], """{"phone":"0999"}"""));
        await box.Stop();
        // Before anything is in the file, and when some of it is.
        foreach (var kill in new[] { 100, CacheStore.DirtyDocsMax + 50 })
        {
            using var child = ChildProcess.Start($"{ChildProcess.Upgrade} {kill}", box.Folder);
            Assert.Equal("halfway", await child.StandardOutput.ReadLineAsync(Cancel));
            child.Kill();
            await child.WaitForExitAsync(Cancel);
        }
        box.Installed = Contacts.Now;
        await box.StartAgain();
        Assert.Equal("+84999", (await box.Owner.Read(r => r.Get<NewContact>(Old, ids[0]), Cancel))!.Value.Mobile);
        Assert.Equal(ids.Count + 1, box.Owner.Status.Pending);
        Assert.Equal([1], box.Owner.Journal.ReadLane(Lane.Control, 1, int.MaxValue, int.MaxValue).Select(o => o.Op.Schema).Distinct());

        var line = await Restart(Contacts.Now, box);
        var session = (await line.Open()).Session;
        while (box.Owner.Status.Pending > 0)
        {
            Assert.Empty(await line.Push(session, Lane.Control));
        }
        Assert.Empty(await line.Sync());
        Assert.Equal(new NewContact("Lan", "+84999"), await Contact(ids[0]));
        await SameOnBothSides(box, [.. ids]);
    }

    [Fact]
    public async Task Case_64_Box_that_is_upgraded_first_waits_with_what_Central_cannot_know_and_loses_nothing()
    {
        await using var box = await EdgeBox.Start(central.Clock, installed: Contacts.Old);
        var line = await Restart(Contacts.Old, box);
        await Save(box, Contacts.Old.Create(Old, A, new OldContact("Lan", "0901")));
        await line.Sync();
        await Upgrade(box, Contacts.Now);
        await Save(box, Contacts.Now.Create(Old, B, new NewContact("Mai", "+84902", "mai@x.vn")));
        await Save(box, Put(A, """{"mobile":"+84903"}""", 2));
        Assert.All(await line.Sync(), o => Assert.Equal((Outcome.Parked, RefusalReason.UnknownEntity), (o.Outcome, o.Reason)));
        Assert.Equal(new OldContact("Lan", "0901"), (await central.Records.Read(r => r.Get<OldContact>(Old, A), Cancel))!.Value);

        line = await Restart(Contacts.Now, box);
        Assert.Equal(2, await central.Get<RedriveService>().Run(Cancel));
        Assert.Empty(await line.Sync());
        Assert.Equal((new("Lan", "+84903"), new("Mai", "+84902", "mai@x.vn")), (await Contact(A), await Contact(B)));
        await SameOnBothSides(box, A, B);
    }

    [Fact]
    public async Task Case_64_What_was_written_one_two_and_three_releases_ago_goes_through_every_change_since_on_both_sides()
    {
        await using var box = await EdgeBox.Start(central.Clock, installed: Contacts.Old);
        var (line, c) = (await Restart(Contacts.Old, box), new Guid(3, 0, 0, new byte[8]));
        await Save(box, Contacts.Old.Create(Old, A, new OldContact("Lan", "0901")));
        await line.Sync();
        await Save(box, Contacts.Old.Create(Old, B, new OldContact("Mai", "0902")));
        line = await Restart(Contacts.Far, box);
        Assert.Equal("tel:+84901", await Tel(A));
        Assert.Empty(await line.Sync());
        Assert.Equal("tel:+84902", await Tel(B));

        // Other boxes of the school, one and two releases behind; then the department in today's words, where the old box wrote last.
        var mate = await central.Enrol(Old.Owner);
        central.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty((await mate.Push(Of(A, """{"mobile":"+84903"}""", 2), Of(c, """{"name":"Hoa","tel":"+84904"}""", 3))).NotApplied);
        Assert.Equal(("tel:+84903", "tel:+84904"), (await Tel(A), await Tel(c)));
        central.Clock.Advance(TimeSpan.FromMinutes(1));
        await Write(central.Catalogue.Create(Old, B, new FarContact("Mai", "tel:+84905")));
        central.Clock.Advance(TimeSpan.FromMinutes(1));
        await Save(box, Put(B, """{"phone":"0906"}"""));
        Assert.Empty(await line.Sync());
        Assert.Equal("tel:+84906", await Tel(B));
        await Upgrade(box, Contacts.Far);
        await SameOnBothSides(box, A, B, c);
        Assert.Equal("tel:+84903", (await box.Owner.Read(r => r.Get<FarContact>(Old, A), Cancel))!.Value.Tel);

        async Task<string?> Tel(Guid id) => (await At<FarContact>(Old, id))?.Tel;

        Op Of(Guid id, string json, int schema) => mate.Op(id, new FarContact("")) with { Schema = schema, Data = Encoding.UTF8.GetBytes(json) };
    }

    [Fact]
    public async Task Case_64_A_field_that_an_old_editor_does_not_know_survives_its_edit_on_both_sides()
    {
        await using var box = await EdgeBox.Start(central.Clock, installed: Contacts.Old);
        var line = await Restart(Contacts.Wider, box);
        await WriteContact(A, new("Lan", Email: "lan@x.vn"));
        await line.Sync();
        var seen = (await box.Owner.Read(r => r.Get<OldContact>(Old, A), Cancel))!;
        await Save(box, Contacts.Old.Change(Old, seen, seen.Value with { Name = "Lan Anh" })!);
        Assert.Empty(await line.Sync());
        Assert.Equal(new NewContact("Lan Anh", Email: "lan@x.vn"), await Contact(A));
        await SameOnBothSides(box, A);
    }

    [Fact]
    public async Task Case_65_An_old_box_keeps_a_collection_that_it_does_not_know_for_its_upgrade_and_everything_else_goes_on()
    {
        await using var box = await EdgeBox.Start(central.Clock, installed: Contacts.Old);
        var line = await Restart(Contacts.Now, box);
        await WriteContact(A, new("Lan", "+84901"));
        await Write(Contacts.Now.Create(Old, B, new Meal("phở")), Contacts.Now.Create(Old, B, new TdmEdu.Modules.Registry.Pupil(null, "Lan", null, null)));
        Assert.Empty(await line.Sync());
        Assert.Null(await box.Owner.Read(r => r.Get<OldContact>(Old, A), Cancel));
        Assert.Equal("Lan", (await box.Owner.Read(r => r.Get<TdmEdu.Modules.Registry.Pupil>(Old, B), Cancel))!.Value.FullName);
        await Upgrade(box, Contacts.Now);
        Assert.Equal("phở", (await box.Owner.Read(r => r.Get<Meal>(Old, B), Cancel))!.Value.Dish);
        Assert.Equal("+84901", (await box.Owner.Read(r => r.Get<NewContact>(Old, A), Cancel))!.Value.Mobile);
        await SameOnBothSides(box, A);
    }

    [Fact]
    public async Task A_renamed_field_is_still_its_owners()
    {
        var owned = Contacts.Now.Entities.Select(e => e.Key == "test.contact"
            ? e with { FieldsOwnedBy = new Dictionary<string, Side> { ["mobile"] = Side.Central } } : e);
        await central.DisposeAsync();
        central = await CentralBox.Start(connection, new(owned, []));
        var box = await central.Enrol();
        var answer = await box.Push(box.Op(A, new NewContact("")) with { Schema = 1, Data = Encoding.UTF8.GetBytes("""{"phone":"0901"}""") });
        Assert.Equal(RefusalReason.NotFieldOwner, answer.NotApplied.Single().Reason);
    }

    /// <summary>Central of another release on the same database.</summary>
    [Fact]
    public async Task Central_that_is_older_than_its_data_says_so_and_does_not_start()
    {
        await central.DisposeAsync();
        central = await CentralBox.Start(connection, Contacts.Now, central.Clock);
        Assert.Contains("phiên bản mới nhất", await Refusal(), StringComparison.Ordinal);
        await using (var db = central.Db())
        {
            await db.Database.ExecuteSqlRawAsync("INSERT INTO \"__EFMigrationsHistory\" VALUES ('29990101000000_Later', '99')", Cancel);
        }
        Assert.Contains("phiên bản mới nhất", await Refusal(Contacts.Now), StringComparison.Ordinal);

        async Task<string> Refusal(Catalogue? catalogue = null) => (await Assert.ThrowsAsync<StartRefusedException>(
            () => CentralBox.Start(connection, catalogue ?? Contacts.Old, central.Clock))).Message;
    }

    private async Task<EdgeLine> Restart(Catalogue catalogue, EdgeBox box)
    {
        await central.DisposeAsync();
        central = await CentralBox.Start(connection, catalogue, central.Clock);
        var line = new EdgeLine(central, box);
        await line.Enrol();
        return line;
    }

    private static async Task Upgrade(EdgeBox box, Catalogue catalogue)
    {
        await box.Stop();
        box.Installed = catalogue;
        await box.StartAgain();
    }

    private static async Task Save(EdgeBox box, Draft draft) =>
        Assert.True((await box.Owner.Decide<bool>(EdgeBox.Office, _ => new(true, [draft]), Cancel)).Ok);

    private static Draft Put(Guid id, string json, int schema = 1) => new(Old, "test.contact", schema, id, OpKind.Put, Encoding.UTF8.GetBytes(json));

    private Task WriteContact(Guid id, NewContact contact) => Write(central.Catalogue.Create(Old, id, contact));

    private Task<NewContact?> Contact(Guid id) => At<NewContact>(Old, id);

    /// <summary>Every field with its version.</summary>
    private async Task SameOnBothSides(EdgeBox box, params Guid[] ids)
    {
        var there = await central.Store.Read(b => b.FindRecords(Old, "test.contact", ids), Cancel);
        var here = await box.Records("test.contact");
        Assert.Equal(
            there.Aggregate(default(StateDigest), (sum, r) => sum.Add(r)),
            here.Where(r => ids.Contains(r.Id)).Aggregate(default(StateDigest), (sum, r) => sum.Add(r)));
    }
}
