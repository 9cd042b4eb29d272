using Microsoft.Extensions.Logging.Abstractions;
using TdmEdu.Central.Feed;
using TdmEdu.Central.Transfers;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.EdgeNode;

namespace TdmEdu.Tests.Central;

public abstract partial class StoreTests
{
    private static readonly Guid Lan = new(11, 0, 0, new byte[8]);
    private static readonly Guardian[] LansGuardians = [new("Lê Thị Mẹ", Kinship.Mother, "0911", LivesWith: true, Order: 1), new("Trần Bà", Kinship.Grandparent)];
    private static readonly PupilSecrets LansSecrets = new("55", "074314000123", MotherName: "Lê Thị Mẹ", Guardians: Guardians.ToText(LansGuardians));
    private static readonly Guid Mai = new(12, 0, 0, new byte[8]);
    private static readonly Guid NewClass = new(13, 0, 0, new byte[8]);
    private static readonly Scope Old = EdgeBox.School;
    private static readonly Scope New = Scope.School(new Guid(14, 0, 0, new byte[8]));
    private static readonly DateOnly LastDay = new(2026, 9, 10);

    [Fact]
    public async Task Case_59_A_pupil_goes_to_another_school_while_the_old_one_is_offline_with_marks()
    {
        await using var box = await EdgeBox.Start(central.Clock);
        var line = await TwoSchools(box);
        central.Clock.Advance(TimeSpan.FromDays(3));
        Assert.True((await Transfer(Lan, Old, New, NewClass, LastDay)).Ok);

        // The old school goes on without a line: a mark on the last day, one on the day after, a new telephone number and the grandmother's too.
        await Submit(box, LastDay, new Mark(Lan, MarkCode.Unexcused));
        var profile = (await box.Owner.Read(r => r.Get<Pupil>(Old, Lan), Cancel))!;
        var numbers = LansSecrets with { Phone = "0901", Guardians = Guardians.ToText([LansGuardians[0], LansGuardians[1] with { Phone = "0902" }]) };
        await box.Write(EdgeBox.Catalogue.Change(Old, profile, numbers.SealInto(profile.Value, central.Seals, Old, Lan))!);
        central.Clock.Advance(TimeSpan.FromDays(1));
        await Submit(box, LastDay.AddDays(1), new Mark(Lan, MarkCode.Unexcused), new Mark(Mai, MarkCode.Late));
        Assert.Equal(0, await Complete());
        // What is sealed for one school is sealed anew for the other.
        var (was, copy) = ((await At<Pupil>(Old, Lan))!, (await At<Pupil>(New, Lan))!);
        Assert.Equal("Lan", copy.FullName);
        Assert.NotEqual((was.PersonalId, was.Guardians), (copy.PersonalId, copy.Guardians));
        Assert.Equal(LansSecrets, PupilSecrets.Of(central.Seals, New, Lan, copy));

        var parked = Assert.Single(await line.Sync());
        Assert.Equal((Outcome.Parked, RefusalReason.PupilLeft), (parked.Outcome, parked.Reason));
        Assert.Equal(parked.Seq, Assert.Single(await central.Store.Read(b => b.FindRefused(new(10, Old)), Cancel)).Seq);
        Assert.Equal(RefusalReason.PupilLeft, Assert.Single(box.Owner.Journal.Reader.Refused(10)).Reason);
        Assert.Equal([(LastDay, new Tally(2, 1, 0, 1, 0, 0, 0)), (LastDay.AddDays(1), new Tally(1, 1, 0, 0, 1, 0, 0))], await Figures());

        Assert.Equal(1, await Complete());
        Assert.Equal(0, await Complete());
        Assert.Null(await At<Pupil>(Old, Lan));
        Assert.Equal(numbers.SealInto(copy, central.Seals, New, Lan), await At<Pupil>(New, Lan));
        var carried = Assert.Single((await central.Records.Read(r => r.Page<Transfer>(New), Cancel)).Rows).Value;
        Assert.Equal((true, 0, 1, 1), (carried.Done, carried.Excused, carried.Unexcused, carried.RecordedAfter));
        Assert.Equal([New], await PlacesOn(LastDay.AddDays(1)));

        Assert.Empty(await line.Sync());
        await GoneFrom(box);
        box.Drop();
        File.Delete(box.CachePath);
        await box.StartAgain();
        await GoneFrom(box);
    }

    [Fact]
    public async Task Case_60_A_pupil_who_comes_back_before_the_old_school_is_heard_of_stays_and_is_nowhere_twice()
    {
        await using var box = await EdgeBox.Start(central.Clock);
        var line = await TwoSchools(box);
        central.Clock.Advance(TimeSpan.FromDays(3));
        Assert.True((await Transfer(Lan, Old, New, NewClass, LastDay)).Ok);
        Assert.Equal("transfer_not_here", (await Transfer(Lan, Old, New, NewClass, LastDay)).Error.Reason);
        central.Clock.Advance(TimeSpan.FromDays(4));
        Assert.True((await Transfer(Lan, New, Old, EdgeBox.Class, LastDay.AddDays(4))).Ok);
        central.Clock.Advance(TimeSpan.FromDays(1));

        // The school between has no box that could hold anything back; the old one has not even heard of the first decision.
        Assert.Equal(1, await Complete());
        Assert.Empty(await line.Sync());
        Assert.Equal(1, await Complete());
        Assert.Empty(await line.Sync());
        Assert.Equal(["Lan", null], new[] { (await At<Pupil>(Old, Lan))?.FullName, (await At<Pupil>(New, Lan))?.FullName });
        Assert.Equal("Lan", (await box.Owner.Read(r => r.Get<Pupil>(Old, Lan), Cancel))!.Value.FullName);
        Assert.Equal([Old], await PlacesOn(LastDay));
        Assert.Equal([New], await PlacesOn(LastDay.AddDays(4)));
        Assert.Equal([Old], await PlacesOn(LastDay.AddDays(5)));

        // And gone for good: what came back is taken away again.
        Assert.True((await Transfer(Lan, Old, New, NewClass, LastDay.AddDays(5))).Ok);
        central.Clock.Advance(TimeSpan.FromDays(1));
        await line.Sync();
        Assert.Equal(1, await Complete());
        Assert.Equal([null, "Lan"], new[] { (await At<Pupil>(Old, Lan))?.FullName, (await At<Pupil>(New, Lan))?.FullName });
    }

    [Fact]
    public async Task Old_school_keeps_the_profile_until_its_last_day_is_over_and_a_place_after_it_is_parked()
    {
        await using var box = await EdgeBox.Start(central.Clock);
        var line = await TwoSchools(box);
        var day = LastDay.AddDays(20);
        Assert.True((await Transfer(Lan, Old, New, NewClass, day)).Ok);
        await box.Write(Compose.Enrolment(EdgeBox.Catalogue, Old, new(Lan, EdgeBox.Class, day.AddDays(2), null)));
        Assert.Equal(RefusalReason.PupilLeft, Assert.Single(await line.Sync()).Reason);
        Assert.Equal(0, await Complete());
        Assert.NotNull(await At<Pupil>(Old, Lan));
        central.Clock.Advance(TimeSpan.FromDays(25));
        Assert.Equal(0, await Complete());
        await line.Sync();
        Assert.Equal(1, await Complete());
        Assert.Null(await At<Pupil>(Old, Lan));
    }

    [Fact]
    public async Task Everybody_leaving_at_once_is_held_for_a_person()
    {
        await using var box = await EdgeBox.Start(central.Clock);
        var line = await TwoSchools(box);
        var more = Enumerable.Range(0, 8).Select(n => new Guid(n, 2, 2, new byte[8])).ToList();
        await Write([.. more.SelectMany(id => Compose.Pupil(central.Catalogue, Old, id, new($"{id:n}"[..10], "Ai đó", null, null), EdgeBox.Class, new(2026, 9, 7)))]);
        foreach (var pupil in more)
        {
            Assert.True((await Transfer(pupil, Old, New, NewClass, new(2026, 9, 7))).Ok);
        }
        central.Clock.Advance(TimeSpan.FromDays(1));
        await line.Sync();
        Assert.Equal(8, await Complete());
        Assert.Equal(10, (await central.Records.Read(r => r.Page<Pupil>(Old), Cancel)).Rows.Count);
        var list = Assert.Single((await central.Records.Read(r => r.Page<HeldEvictions>(Old), Cancel)).Rows);
        Assert.Equal(more, list.Value.Ids);

        // Confirmed, exactly those leave, but one whom a later decision has brought back; and it is decided once.
        Assert.True((await Transfer(more[0], New, Old, EdgeBox.Class, new(2026, 9, 8))).Ok);
        Assert.Equal(7, (await Settle(list.Id)).Value);
        Assert.Equal("held_settled", (await Settle(list.Id)).Error.Reason);
        var left = await central.Records.Read(r => r.Page<Pupil>(Old), Cancel);
        Assert.Equal([more[0], Lan, Mai], left.Rows.Select(p => p.Id).Order());
        await line.Sync();
        Assert.Equal(3, (await box.Owner.Read(r => r.Page<Pupil>(Old), Cancel)).Rows.Count);

        Task<TdmEdu.Sync.Result<int>> Settle(Guid id) => central.Store.Write(
            b => HeldLists.Decide(b, central.Catalogue, Officer, Old, id, confirmed: true, central.NowMs, out _), Cancel);
    }

    /// <summary>Two schools with a class each; Lan and Mai are in the old one's, and its box has it all.</summary>
    private async Task<EdgeLine> TwoSchools(EdgeBox box)
    {
        var c = central.Catalogue;
        var (begin, year) = (new DateOnly(2026, 9, 5), "2026-2027");
        await Write(
        [
            c.Create(Scope.City, Old.Owner, Unit(UnitKind.School, null)), c.Create(Scope.City, New.Owner, Unit(UnitKind.School, null) with { Code = "U2" }),
            Compose.Year(c, new(year, begin, new(2027, 5, 31), [1, 2, 3, 4, 5, 6])),
            c.Create(Old, EdgeBox.Class, new SchoolClass("6A", 6, year, [Slot.Morning])),
            c.Create(New, NewClass, new SchoolClass("6B", 6, year, [Slot.Morning])),
            .. Compose.Pupil(c, Old, Lan, LansSecrets.SealInto(new("0000000001", "Lan", "2014-02-03", Gender.Female), central.Seals, Old, Lan), EdgeBox.Class, begin),
            .. Compose.Pupil(c, Old, Mai, new("0000000002", "Mai", "2014-05-06", Gender.Female), EdgeBox.Class, begin),
        ]);
        var line = new EdgeLine(central, box);
        await line.Enrol();
        await line.Sync();
        return line;
    }

    private Task<TdmEdu.Sync.Result<Guid>> Transfer(Guid pupil, Scope from, Scope to, Guid schoolClass, DateOnly lastDay) => central.Store.Write(
        b => HandOver.Begin(b, central.Catalogue, central.Seals, Officer, new(pupil, from.Owner, to.Owner, schoolClass, lastDay), central.Clock, out _), Cancel);

    private async Task<int> Complete()
    {
        using var service = new TransferService(
            central.Store, central.Catalogue, central.Seals, central.Get<FeedSignal>(), central.Clock, NullLogger<TransferService>.Instance);
        return await service.Run(Cancel);
    }

    /// <summary>As a teacher whose list still has both pupils.</summary>
    private async Task Submit(EdgeBox box, DateOnly day, params Mark[] marks)
    {
        var roster = new RosterSeen(EdgeBox.Class, [Lan, Mai]);
        var submission = EdgeBox.SubmissionOf(day, marks) with { Roster = roster.IdIn(Old) };
        Assert.True((await box.Owner.Decide<bool>(
            EdgeBox.Teacher,
            _ => new(true, [EdgeBox.Catalogue.Create(Old, submission.Roster, roster), EdgeBox.Catalogue.Create(Old, RecordId.New(central.Clock), submission)]),
            Cancel)).Ok);
    }

    private async Task<T?> At<T>(Scope scope, Guid id) where T : class => (await central.Records.Read(r => r.Get<T>(scope, id), Cancel))?.Value;

    private Task<List<(DateOnly, Tally?)>> Figures() => central.Records.Read(
        r => r.Views<SessionSheet>(Old).OrderBy(s => s.Date).Select(s => (s.Date, s.TallyWithout(PupilMoves.Of(r, Old), Old.Owner))).ToList(), Cancel);

    private Task<List<Scope>> PlacesOn(DateOnly day) => central.Records.Read(
        r => new[] { Old, New }.SelectMany(s => r.All<Enrolment>(s).Where(e => e.Value.Pupil == Lan && e.Value.IsActiveOn(day)).Select(_ => s)).ToList(), Cancel);

    private static async Task GoneFrom(EdgeBox box)
    {
        Assert.Null(await box.Owner.Read(r => r.Get<Pupil>(Old, Lan), Cancel));
        Assert.Equal(["Mai"], (await box.Owner.Read(r => r.Page<Pupil>(Old), Cancel)).Rows.Select(p => p.Value.FullName));
        var roster = (await box.Owner.Read(r => r.View<ClassRoster>(Old, EdgeBox.Class), Cancel))!;
        Assert.Equal([Lan, Mai], roster.PupilsOn(LastDay).Order());
        Assert.Equal([Mai], roster.PupilsOn(LastDay.AddDays(1)));
    }
}
