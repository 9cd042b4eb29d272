using System.Text;
using Microsoft.EntityFrameworkCore;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

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

    private Draft Evict<T>(Scope school, Guid id, Guid? list = null) => Eviction.Draft(central.Catalogue.Of<T>(), school, id, new(EvictReason.Moved, list));
}
