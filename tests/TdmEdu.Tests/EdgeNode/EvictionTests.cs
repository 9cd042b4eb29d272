using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.EdgeNode;

/// <summary>What a box does when Central takes records away: with the real journal and the real cache, and after each has been rebuilt.</summary>
public sealed class EvictionTests
{
    private static readonly Scope School = EdgeBox.School;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("stopped and started")]
    [InlineData("rebuilt from the journal")]
    public async Task What_was_evicted_cannot_be_read_also_from_a_cache_that_was_rebuilt(string then)
    {
        await using var box = await EdgeBox.Start();
        var (pupil, mate, place) = (box.NewId(), box.NewId(), box.NewId());
        await Take(box,
            EdgeBox.FromCentral(1, pupil, new Pupil("0000000001", "Trần Thị Lan", null, Gender.Female)),
            EdgeBox.FromCentral(2, place, new Enrolment(pupil, EdgeBox.Class, EdgeBox.Day, null)),
            EdgeBox.FromCentral(3, box.NewId(), new Enrolment(mate, EdgeBox.Class, EdgeBox.Day, null)));
        await Take(box, Evict<Pupil>(4, pupil), Evict<Enrolment>(5, place));
        var before = await box.Everything();
        if (then == "rebuilt from the journal")
        {
            box.Drop();
            File.Delete(box.CachePath);
            await box.StartAgain();
        }
        Assert.Equal(before, await box.Everything());
        Assert.Null(await box.Owner.Read(r => r.Get<Pupil>(School, pupil), Cancel));
        Assert.Empty((await box.Owner.Read(r => r.Page<Pupil>(School), Cancel)).Rows);
        Assert.Equal([mate], (await box.Owner.Read(r => r.View<ClassRoster>(School, EdgeBox.Class), Cancel))!.PupilsOn(EdgeBox.Day));
        Assert.DoesNotContain("Trần Thị Lan", before, StringComparison.Ordinal);
    }

    [Fact]
    public async Task View_of_which_everything_was_evicted_is_gone_until_something_new_comes()
    {
        await using var box = await EdgeBox.Start();
        var (place, pupil) = (box.NewId(), box.NewId());
        await Take(box, EdgeBox.FromCentral(1, place, new Enrolment(pupil, EdgeBox.Class, EdgeBox.Day, null)), Evict<Enrolment>(2, place));
        Assert.Null(await box.Owner.Read(r => r.View<ClassRoster>(School, EdgeBox.Class), Cancel));
        await box.Everything();
        Assert.Empty(await box.Owner.Read(r => r.Views<ClassRoster>(School), Cancel));
        await Take(box, EdgeBox.FromCentral(3, box.NewId(), new Enrolment(pupil, EdgeBox.Class, EdgeBox.Day, null)));
        Assert.Equal([pupil], (await box.Owner.Read(r => r.View<ClassRoster>(School, EdgeBox.Class), Cancel))!.PupilsOn(EdgeBox.Day));
    }

    [Fact]
    public async Task Case_61_A_scope_that_shrinks_to_nothing_by_mistake_is_held_and_nothing_is_deleted()
    {
        await using var box = await EdgeBox.Start();
        var pupils = Enumerable.Range(0, 40).Select(_ => box.NewId()).Order().ToArray();
        await Take(box, [.. pupils.Select((id, n) => EdgeBox.FromCentral(n + 1, id, new Pupil($"{n:0000000000}", $"Lê Văn {n}", null, Gender.Male)))]);
        await Take(box, [.. pupils.Select((id, n) => Evict<Pupil>(n + 41, id))]);
        Assert.Equal(40, await Count(box));
        box.Drop();
        File.Delete(box.CachePath);
        await box.StartAgain();
        Assert.Equal(40, await Count(box));

        // The department is told by one list, in the box's own lane, and once however often the page comes.
        var list = Assert.Single((await box.Owner.Read(r => r.Page<HeldEvictions>(School), Cancel)).Rows);
        Assert.Equal(pupils, list.Value.Ids);
        Assert.Equal(("registry.pupil", null), (list.Value.Entity, list.Value.Confirmed));
        await box.Owner.TakePage("feed-2", new(School, true, [.. pupils.Select((id, n) => Evict<Pupil>(n + 41, id))], new(80, [])), Cancel);
        Assert.Equal(1, box.Owner.Status.Head(Lane.Control).Seq);

        // What a person confirmed is carried out, that and no other.
        var confirm = EdgeBox.Catalogue.Change(School, list, list.Value with { Confirmed = true })!;
        var decision = new FeedOp(new(School, confirm.Entity, list.Id, 1, OpKind.Put, Hlc.At(4_102_444_800_000), box.NewId(), confirm.Data), EdgeBox.Central, 81);
        await box.Owner.TakePage("feed-2", new(School, false, [decision, .. pupils.Take(30).Select((id, n) => Evict<Pupil>(n + 82, id, list.Id))], new(111, [])), Cancel);
        Assert.Equal(10, await Count(box));
        await Take(box, 112, "feed-2", [.. Enumerable.Range(0, 6).Select(n => Evict<Pupil>(n + 112, box.NewId(), list.Id))]);
        Assert.Equal(10, await Count(box));
        box.Drop();
        File.Delete(box.CachePath);
        await box.StartAgain();
        Assert.Equal(10, await Count(box));
    }

    [Fact]
    public async Task One_eviction_is_carried_out_though_many_that_a_person_confirmed_follow_in_its_page()
    {
        await using var box = await EdgeBox.Start();
        var pupils = Enumerable.Range(0, 20).Select(_ => box.NewId()).ToArray();
        await Take(box, [.. pupils.Select((id, n) => EdgeBox.FromCentral(n + 1, id, new Pupil($"{n:0000000000}", $"Lê Văn {n}", null, Gender.Male)))]);
        var list = box.NewId();
        var confirmed = EdgeBox.FromCentral(22, list, new HeldEvictions("registry.pupil", EvictReason.Moved, pupils[1..], Confirmed: true));
        await Take(box, [Evict<Pupil>(21, pupils[0]), confirmed, .. pupils[1..].Select((id, n) => Evict<Pupil>(n + 23, id, list))]);
        Assert.Equal(0, await Count(box));
        Assert.Equal(0, box.Owner.Status.Head(Lane.Control).Seq);
    }

    [Theory]
    [InlineData(OpKind.Put)]
    [InlineData(OpKind.Delete)]
    public async Task Record_that_now_belongs_to_another_document_or_to_none_leaves_the_view_it_was_in(OpKind kind)
    {
        await using var box = await EdgeBox.Start();
        var (place, pupil, mate, other) = (box.NewId(), box.NewId(), box.NewId(), box.NewId());
        await Take(box,
            EdgeBox.FromCentral(1, place, new Enrolment(pupil, EdgeBox.Class, EdgeBox.Day, null)),
            EdgeBox.FromCentral(2, box.NewId(), new Enrolment(mate, EdgeBox.Class, EdgeBox.Day, null)));
        var moved = EdgeBox.FromCentral(3, place, new Enrolment(pupil, other, EdgeBox.Day, null));
        await Take(box, kind == OpKind.Put ? moved : moved with { Op = moved.Op with { Kind = kind, Data = "{}"u8.ToArray() } });
        Assert.Equal([mate], await PupilsOf(EdgeBox.Class));
        Assert.Equal(kind == OpKind.Put ? [pupil] : [], await PupilsOf(other));
        var before = await box.Everything();
        box.Drop();
        File.Delete(box.CachePath);
        await box.StartAgain();
        Assert.Equal(before, await box.Everything());

        async Task<IEnumerable<Guid>> PupilsOf(Guid id) => (await box.Owner.Read(r => r.View<ClassRoster>(School, id), Cancel))?.PupilsOn(EdgeBox.Day) ?? [];
    }

    [Fact]
    public async Task Fact_that_has_left_the_school_cannot_be_recorded_again_and_the_refusal_says_that_it_has_left()
    {
        await using var box = await EdgeBox.Start();
        var id = box.NewId();
        Assert.True((await box.Submit(id)).Ok);
        await Take(box, Evict<Submission>(1, id));
        Assert.Equal(Eviction.HasLeft.Reason, (await box.Submit(id)).Error.Reason);
        Assert.Equal(Eviction.HasLeft.Reason, (await box.Submit(id, new Mark(box.NewId(), MarkCode.Late))).Error.Reason);
    }

    private static async Task<int> Count(EdgeBox box) => (await box.Owner.Read(r => r.Page<Pupil>(School), Cancel)).Rows.Count;

    private static Task Take(EdgeBox box, params FeedOp[] page) => Take(box, page[0].Seq, "feed-1", page);

    private static async Task Take(EdgeBox box, long from, string feed, FeedOp[] page) =>
        Assert.True((await box.Owner.TakePage(feed, new(School, false, page, new(from + page.Length - 1, [])), Cancel)).Ok);

    private static FeedOp Evict<T>(long seq, Guid id, Guid? list = null)
    {
        var draft = Eviction.Draft(EdgeBox.Catalogue.Of<T>(), School, id, new(EvictReason.Moved, list));
        return new(new(School, draft.Entity, id, draft.Schema, OpKind.Evict, Hlc.At(100_000 + seq), Guid.Empty, draft.Data), EdgeBox.Central, seq);
    }
}
