using TdmEdu.Central.Duplicates;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.EdgeNode;

namespace TdmEdu.Tests.Central;

public abstract partial class StoreTests
{
    private static readonly Guid LanAgain = new(15, 0, 0, new byte[8]);

    [Fact]
    public async Task Two_profiles_become_one_person_in_both_schools_and_two_again()
    {
        await using var box = await EdgeBox.Start(central.Clock);
        var line = await TwoSchools(box);
        await AddLanAgain();
        await Submit(box, new(2026, 9, 7), new Mark(Lan, MarkCode.Unexcused));
        await line.Sync();
        var (figures, profile, place) = (await Figures(), await At<Pupil>(New, LanAgain), Assert.Single(await PlacesOf(Old, Lan)));
        central.Clock.Advance(TimeSpan.FromDays(1));
        var pair = Assert.Single((await Duplicates()).Lines);
        Assert.Contains(pair.Why, r => r.Points == Likeness.Certain);
        Assert.Equal((true, true), (pair.First.ClassNow is not null, pair.Second.ClassNow is not null));

        var id = (await Merge(LanAgain, New, Lan, Old)).Value;
        Assert.Equal("merge_done", (await Merge(Lan, Old, LanAgain, New)).Error.Reason);
        var today = new DateOnly(2026, 9, 8);
        Assert.Equal((1, 0), ((await PlacesOf(New, LanAgain)).Count(p => p.IsActiveOn(today)), (await PlacesOf(Old, Lan)).Count(p => p.IsActiveOn(today))));
        Assert.Equal(profile! with { MinistryId = "0000000001", Gender = Gender.Female }, await At<Pupil>(New, LanAgain));
        Assert.Equal(figures, await Figures());
        Assert.Equal((0, 1), ((await Duplicates()).Count, (await Duplicates()).Merged.Count));
        Assert.Empty(await line.Sync());
        Assert.Equal([Mai], (await box.Owner.Read(r => r.View<ClassRoster>(Old, EdgeBox.Class), Cancel))!.PupilsOn(today));
        var told = Assert.Single(await Told(Old));
        Assert.Equal((Lan, false, today, null), (told.Pupil, told.IsKept, told.From, told.UndoneOn));
        Assert.Equal([told], await box.Owner.Read(r => MergeNotice.Of(r, Old), Cancel));
        Assert.Equal((LanAgain, true, true), Assert.Single(await Told(New)) is var kept ? (kept.Pupil, kept.IsKept, kept.HasFilled) : default);

        Assert.True((await Undo(id)).Ok);
        Assert.Equal("merge_undone", (await Undo(id)).Error.Reason);
        Assert.Equal(profile, await At<Pupil>(New, LanAgain));
        Assert.Equal(place, Assert.Single(await PlacesOf(Old, Lan)));
        Assert.Empty(await line.Sync());
        Assert.Equal(today, Assert.Single(await box.Owner.Read(r => MergeNotice.Of(r, Old), Cancel)).UndoneOn);
        Assert.Equal([Lan, Mai], (await box.Owner.Read(r => r.View<ClassRoster>(Old, EdgeBox.Class), Cancel))!.PupilsOn(today).Order());
        Assert.Equal(1, (await Duplicates()).Count);
    }

    [Fact]
    public async Task What_the_school_changed_since_a_merge_stands_and_the_pair_is_asked_about_again()
    {
        await using var box = await EdgeBox.Start(central.Clock);
        var line = await TwoSchools(box);
        await AddLanAgain();
        central.Clock.Advance(TimeSpan.FromDays(1));
        var id = (await Merge(LanAgain, New, Lan, Old)).Value;
        await line.Sync();
        var held = Assert.Single((await box.Owner.Read(r => r.AllAt<Enrolment>(Old, Lan.ToString("n")), Cancel)));
        await box.Write(EdgeBox.Catalogue.Change(Old, held, held.Value with { To = null })!);
        await line.Sync();
        Assert.Equal("merge_changed", (await Undo(id)).Error.Reason);
        // Both schools have the pupil again: the pair is back.
        Assert.Equal(1, (await Duplicates()).Count);

        Assert.Equal("merge_same_school", (await Merge(Mai, Old, Lan, Old)).Error.Reason);
    }

    [Fact]
    public async Task A_pair_that_was_told_apart_is_not_asked_about_until_somebody_takes_that_back()
    {
        await using var box = await EdgeBox.Start(central.Clock);
        await TwoSchools(box);
        await AddLanAgain();
        Assert.True((await Tell(Lan, Old, LanAgain, New, stands: true)).Ok);
        Assert.Equal((0, 1), ((await Duplicates()).Count, (await Duplicates()).Distinct.Count));
        Assert.True((await Tell(LanAgain, New, Lan, Old, stands: false)).Ok);
        Assert.Equal((1, 0), ((await Duplicates()).Count, (await Duplicates()).Distinct.Count));
        Assert.Equal("merge_gone", (await Tell(Lan, New, LanAgain, New, stands: true)).Error.Reason);
    }

    private Task<IReadOnlyList<MergeNotice>> Told(Scope school) => central.Records.Read(r => MergeNotice.Of(r, school), Cancel);

    private Task AddLanAgain() => Write(
    [
        .. Compose.Pupil(
            central.Catalogue, New, LanAgain, LansSecrets.SealInto(new(null, "LAN", "2014-02-03", null), central.Seals, New, LanAgain), NewClass, new(2026, 9, 5)),
    ]);

    private Task<DuplicatesModel> Duplicates() => new DuplicateReader(central.Store, central.Catalogue, central.Seals, central.Clock).Read(Cancel);

    private Task<TdmEdu.Sync.Result<Guid>> Merge(Guid kept, Scope keptSchool, Guid other, Scope otherSchool) => central.Records.Decide(
        Officer, r => MergePupils.Decide(central.Catalogue, r, RecordId.New(central.Clock), new(
            kept, keptSchool.Owner, other, otherSchool.Owner, DateOnly.FromDateTime(central.Clock.GetUtcNow().Date), [], new(null, null, null), Officer.Id)), Cancel);

    private Task<TdmEdu.Sync.Result<Guid>> Undo(Guid id) =>
        central.Records.Decide(Officer, r => MergePupils.Undo(central.Catalogue, r, New, id), Cancel);

    private Task<TdmEdu.Sync.Result<Guid>> Tell(Guid first, Scope firstSchool, Guid second, Scope secondSchool, bool stands) => central.Records.Decide(
        Officer, r => MergePupils.Tell(central.Catalogue, r, firstSchool.Owner, secondSchool.Owner, new(first, second, stands, Officer.Id)), Cancel);

    private Task<List<Enrolment>> PlacesOf(Scope school, Guid pupil) =>
        central.Records.Read(r => r.AllAt<Enrolment>(school, pupil.ToString("n")).Select(e => e.Value).ToList(), Cancel);
}
