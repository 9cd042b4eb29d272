using System.Text;
using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Intake;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.EdgeNode;

namespace TdmEdu.Tests.Central;

public abstract partial class StoreTests
{
    [Fact]
    public async Task Evicted_record_is_gone_from_pages_and_views_and_the_school_writes_it_no_more()
    {
        var box = await central.Enrol();
        var mate = await central.Enrol(box.Identity.School.Owner);
        await box.Push(box.Op(A, new Tagged("x", "một")), box.Op(B, new Tagged("x", "hai")));
        await Write(Evict<Tagged>(box.Identity.School, A));
        Assert.Null(await central.Records.Read(r => r.Get<Tagged>(box.Identity.School, A), Cancel));
        Assert.Equal(["hai"], (await central.Records.Read(r => r.View<TagTexts>(box.Identity.School, Tagged.ViewOf("x")), Cancel))!.Texts.Values);

        var late = await box.Push(box.Op(A, new Tagged("x", "cũ"), Hlc.At(central.NowMs - 1)));
        Assert.Equal(Outcome.Superseded, late.NotApplied.Single().Outcome);
        var newer = box.Op(A, new Tagged("x", "mới"), Hlc.At(central.NowMs + 50));
        Assert.Equal(new(4, Outcome.Parked, RefusalReason.Evicted), (await box.Push(newer)).NotApplied.Single());
        await Write(Evict<Tagged>(box.Identity.School, B));
        Assert.Null(await central.Records.Read(r => r.View<TagTexts>(box.Identity.School, Tagged.ViewOf("x")), Cancel));
        Assert.Equal([OpKind.Evict, OpKind.Evict], (await mate.Pull("", [])).Value.Pages.Single().Ops.Select(o => o.Op.Kind).Where(k => k == OpKind.Evict));
    }

    [Fact]
    public async Task Record_that_now_belongs_to_another_document_or_to_none_leaves_the_view_it_was_in()
    {
        var box = await central.Enrol();
        await box.Push(box.Op(A, new Tagged("x", "một")), box.Op(B, new Tagged("x", "hai")));
        await box.Push(box.Op(A, new Tagged("y", "một")));
        Assert.Equal(["hai"], await Texts("x"));
        Assert.Equal(["một"], await Texts("y"));
        await box.Push(box.Op(B, new Tagged("x", "hai")) with { Kind = OpKind.Delete, Data = "{}"u8.ToArray() });
        Assert.Empty(await Texts("x"));

        async Task<string[]> Texts(string tag) =>
            [.. (await central.Records.Read(r => r.View<TagTexts>(box.Identity.School, Tagged.ViewOf(tag)), Cancel))?.Texts.Values.AsEnumerable() ?? []];
    }

    [Fact]
    public async Task Box_cannot_evict_nor_bring_back()
    {
        var box = await central.Enrol();
        await box.Push(box.Op(A, new Note("còn đây")));
        var evict = Eviction.Draft(central.Catalogue.Of<Note>(), box.Identity.School, A, new(EvictReason.Erased));
        Op[] forged =
        [
            box.Op(A, new Note("")) with { Kind = OpKind.Evict, Data = evict.Data },
            box.Op(A, new Note("")) with { Data = evict.Data },
            box.Op(A, new Note("")) with { Data = Encoding.UTF8.GetBytes("""{"text":"a","\u0024evicted":false}""") },
        ];
        Assert.All((await box.Push(forged)).NotApplied, o => Assert.Equal((Outcome.Rejected, RefusalReason.WrongKind), (o.Outcome, o.Reason)));
        Assert.Equal("còn đây", (await central.Records.Read(r => r.Get<Note>(box.Identity.School, A), Cancel))!.Value.Text);
    }

    [Fact]
    public async Task Evicting_a_fifth_of_a_school_is_held_as_a_list_until_a_person_confirms_exactly_that()
    {
        var box = await central.Enrol();
        var ids = Enumerable.Range(1, 20).Select(n => new Guid(n, 7, 7, new byte[8])).ToArray();
        await box.Push(ids.Select((id, n) => box.Op(id, new Note("x", n))));
        await Write([.. ids.Take(6).Select(id => Evict<Note>(box.Identity.School, id))]);
        var list = Assert.Single((await central.Records.Read(r => r.Page<HeldEvictions>(box.Identity.School), Cancel)).Rows);
        Assert.Equal(ids[..6], list.Value.Ids);
        Assert.Equal(("test.note", EvictReason.Moved, null), (list.Value.Entity, list.Value.Reason, list.Value.Confirmed));
        Assert.Equal(20, await Live());

        // Naming a list that nobody confirmed, or one that another record is on, opens nothing.
        await Write([.. ids.Skip(6).Take(6).Select(id => Evict<Note>(box.Identity.School, id, list.Id))]);
        Assert.Equal(20, await Live());
        var confirmed = central.Catalogue.Change(box.Identity.School, list, list.Value with { Confirmed = true })!;
        await Write([confirmed, .. ids.Take(7).Select(id => Evict<Note>(box.Identity.School, id, list.Id))]);
        Assert.Equal(14, await Live());
        Assert.NotNull(await central.Records.Read(r => r.Get<Note>(box.Identity.School, ids[6]), Cancel));

        async Task<int> Live() => (await central.Records.Read(r => r.Page<Note>(box.Identity.School), Cancel)).Rows.Count;
    }

    /// <summary>Tombstones are never purged (decision 0007), so no cursor is ever too old; a feed that begins anew is said at Open.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Case_46_A_box_that_was_away_for_years_brings_nothing_back_and_keeps_what_it_had_not_sent(bool feedBeginsAnew)
    {
        await using var box = await EdgeBox.Start(central.Clock);
        var line = await TwoSchools(box);
        var type = central.Catalogue.Of<CalendarDay>();
        await Write(central.Catalogue.Create(Old, A, new CalendarDay(LastDay, DayKind.Closed, "Bão")));
        await line.Sync();
        await box.Write(central.Catalogue.Create(Old, B, new CalendarDay(LastDay.AddDays(1), DayKind.MakeUp, "Bù")));
        await box.Write(new(Old, type.Key, type.Schema, A, OpKind.Put, Encoding.UTF8.GetBytes("""{"note":"Bão số 3"}""")));
        central.Clock.Advance(TimeSpan.FromDays(3 * 365));
        await Write(new Draft(Old, type.Key, type.Schema, A, OpKind.Delete, default), Evict<Pupil>(Old, Mai));
        if (feedBeginsAnew)
        {
            await central.Get<Exchange>().BeginFeed(Cancel);
        }
        Assert.Empty(await line.Sync());
        foreach (var side in new IRecordStore[] { box.Owner, central.Records })
        {
            Assert.Equal(["Bù"], (await side.Read(r => r.Page<CalendarDay>(Old), Cancel)).Rows.Select(d => d.Value.Note));
            Assert.Equal(["Lan"], (await side.Read(r => r.Page<Pupil>(Old), Cancel)).Rows.Select(p => p.Value.FullName));
        }
    }

    private Draft Evict<T>(Scope school, Guid id, Guid? list = null) => Eviction.Draft(central.Catalogue.Of<T>(), school, id, new(EvictReason.Moved, list));
}
