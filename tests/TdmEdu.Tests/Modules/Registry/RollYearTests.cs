using Microsoft.Extensions.Time.Testing;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.EdgeNode;

namespace TdmEdu.Tests.Modules.Registry;

public class RollYearTests
{
    private const string Next = "2027–2028";
    private static readonly DateOnly First = new(2027, 9, 6);
    private static readonly DateOnly Today = new(2027, 7, 1);
    private static readonly Scope School = EdgeBox.School;
    private static readonly FakeTimeProvider Clock = new(new DateTimeOffset(2027, 7, 1, 1, 0, 0, TimeSpan.Zero));
    private static readonly Guid By = EdgeBox.Office.Id;

    private static IReadOnlyList<ClassWork> Works { get; } = [new TeachersOfClass(), new SheetsOfClass()];

    [Fact]
    public void A_school_of_2000_goes_up_in_one_step_and_back_as_if_nothing_had_been()
    {
        var store = NewSchool(classesOfGrade: 8, pupilsOfClass: 50);
        var before = Places(store);
        var plan = PlanRollOver.Load(store, School, Wish(), Today).Value;
        Assert.Equal((2000, 400), (plan.Classes.Sum(c => c.Places.Count), plan.Classes.Where(c => c.Target is []).Sum(c => c.Goes)));
        var retained = plan.Classes[0].Places[0].Value.Pupil;

        Take(store, Wish(retained));
        var places = Places(store);
        Assert.Equal(1600, places.Count(p => p.IsActiveOn(First)));
        Assert.Equal(1600, places.Where(p => p.IsActiveOn(First)).Select(p => p.Pupil).Distinct().Count());
        Assert.Equal(2000, places.Count(p => p.IsActiveOn(new(2027, 5, 31))));
        var grades = places.Where(p => p.IsActiveOn(First)).ToDictionary(p => p.Pupil, p => store.Get<SchoolClass>(School, p.Class)!.Value);
        Assert.Equal(("1A", 1, Next), (grades[retained].Name, grades[retained].Grade, grades[retained].Year));
        Assert.Equal(399, grades.Values.Count(c => c.Grade == 2));
        Assert.DoesNotContain(grades.Values, c => c.Grade is null or > 5);
        Assert.Equal("rolled_over", Decide(store, Wish()).Reply.Error.Reason);

        var undo = Undo(store);
        Assert.True(undo.Reply.Ok);
        store.Seed(undo.Drafts);
        Assert.Equal(before, Places(store).Where(p => !(p.To < p.From)));
        Assert.Empty(store.AllAt<SchoolClass>(School, Next));
        Assert.Equal("not_rolled_over", Undo(store).Reply.Error.Reason);

        Take(store, Wish());
        Assert.Equal(1600, Places(store).Count(p => p.IsActiveOn(First)));
        Assert.Equal(0, Places(store).Count(p => p.Pupil == retained && store.Get<SchoolClass>(School, p.Class)!.Value is { Grade: 1, Year: Next } && p.IsActiveOn(First)));
    }

    [Fact]
    public void However_little_of_the_step_has_arrived_nobody_is_in_two_classes()
    {
        var store = NewSchool(1, 2);
        foreach (var draft in Decide(store, Wish()).Drafts)
        {
            store.Seed([draft]);
            Assert.DoesNotContain(Places(store).Where(p => p.IsActiveOn(First)).GroupBy(p => p.Pupil), g => g.Count() > 1);
            if (PlanRollOver.Standing(store, School, Next) is { Count: > 0 and < 5 })
            {
                Assert.Equal("roll_arriving", Undo(store).Reply.Error.Reason);
            }
        }
        Assert.True(Undo(store).Reply.Ok);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Two_people_who_step_apart_give_each_pupil_one_place_and_one_undo_takes_both_back(bool firstArrivesFirst)
    {
        var store = NewSchool(1, 2);
        var before = Places(store);
        var retained = before.Select(p => p.Pupil).ToArray();
        Decision<Guid>[] steps = [Decide(store, Wish()), Decide(store, Wish(retained))];
        foreach (var step in firstArrivesFirst ? steps : steps.Reverse())
        {
            store.Seed(step.Drafts);
        }
        Assert.DoesNotContain(Places(store).Where(p => p.IsActiveOn(First)).GroupBy(p => p.Pupil), g => g.Count() > 1);
        store.Seed(Undo(store).Drafts);
        Assert.Equal(before, Places(store).Where(p => !(p.To < p.From)));
        Assert.Empty(store.AllAt<SchoolClass>(School, Next));
    }

    [Fact]
    public void Attendance_and_teachers_stand_in_the_way_of_the_undo_and_are_named()
    {
        var (store, second) = Stepped();
        store.Seed([Compose.Assignment(store.Catalogue, School, new(By, second, First, null, true))]);
        Assert.Equal("roll_teachers", Undo(store).Reply.Error.Reason);

        (store, second) = Stepped();
        var (seen, sent) = (RecordId.New(Clock), RecordId.New(Clock));
        Guid[] pupils = [.. store.View<ClassRoster>(School, second)!.PupilsOn(First)];
        store.Seed(
        [
            store.Catalogue.Create(School, seen, new RosterSeen(second, pupils)),
            store.Catalogue.Create(School, sent, new Submission(second, First, Slot.Morning, seen, [], [], By, Source.Teacher, 1)),
        ]);
        var refused = Undo(store).Reply.Error;
        Assert.Equal("roll_attendance", refused.Reason);
        Assert.Contains("2A", refused.Message.Vietnamese, StringComparison.Ordinal);

    }

    [Fact]
    public void What_a_person_changed_since_the_step_stays_as_they_left_it()
    {
        var (store, second) = Stepped();
        var before = Places(store);
        var third = store.AllAt<SchoolClass>(School, Next).Single(c => c.Value.Name == "3A").Id;
        Guid[] left = [.. store.View<ClassRoster>(School, second)!.PupilsOn(First)];
        Guid[] moved = [.. store.View<ClassRoster>(School, third)!.PupilsOn(First)];
        Guid finished = PlanRollOver.Standing(store, School, Next).SelectMany(r => r.Value.Pupils).First(p => p.To is null).Pupil;
        var other = Compose.Class(store.Catalogue, School, new("3B", 3, Next, [Slot.Morning]));
        store.Seed([other.Draft]);
        // One leaves the new class, all of the next one go into another, and of one who had finished school the last day is put right.
        store.Seed(Enrol.Leave(store.Catalogue, store, School, left[0], First.AddDays(3), Today, agreed: true).Drafts);
        foreach (var pupil in moved)
        {
            store.Seed(Enrol.Move(store.Catalogue, store, School, new(pupil, other.Id, First, null), Today, agreed: true).Drafts);
        }
        store.Seed(Enrol.Leave(store.Catalogue, store, School, finished, new(2027, 5, 3), Today, agreed: true).Drafts);
        Guid[] byHand = [left[0], .. moved, finished];
        var changed = Places(store).Where(p => byHand.Contains(p.Pupil)).ToList();

        store.Seed(Undo(store).Drafts);
        Assert.Equal(changed, Places(store).Where(p => byHand.Contains(p.Pupil)));
        Assert.Equal(byHand.Order(), store.All<RollOverUndone>(School).Single().Value.Kept);
        Assert.All(before.Select(p => p.Pupil).Distinct().Except(byHand), p => Assert.Equal(
            "2026–2027", store.Get<SchoolClass>(School, Assert.Single(Places(store), e => e.Pupil == p && e.IsActiveOn(First)).Class)!.Value.Year));
        // A class that somebody stays in stays, the others go.
        Assert.Equal(["2A", "3B"], store.AllAt<SchoolClass>(School, Next).Select(c => c.Value.Name).Order());

        // The next step leaves them where they are.
        Take(store, Wish());
        Assert.DoesNotContain(Places(store).Where(p => p.IsActiveOn(First.AddDays(9))).GroupBy(p => p.Pupil), g => g.Count() > 1);
        Assert.Equal(changed, Places(store).Where(p => byHand.Contains(p.Pupil)));
    }

    [Fact]
    public void An_undo_of_nothing_is_refused()
    {
        var (store, _) = Stepped();
        foreach (var pupil in Places(store).Select(p => p.Pupil).Distinct())
        {
            store.Seed(Enrol.Leave(store.Catalogue, store, School, pupil, new(2027, 5, 3), Today, agreed: true).Drafts);
        }
        Assert.Equal("roll_kept", Undo(store).Reply.Error.Reason);
    }

    private static (KernelStore Store, Guid Second) Stepped()
    {
        var store = NewSchool(1, 2);
        Take(store, Wish());
        return (store, store.AllAt<SchoolClass>(School, Next).Single(c => c.Value.Name == "2A").Id);
    }

    [Fact]
    public void What_was_not_looked_at_is_not_confirmed_and_who_has_left_stays_gone()
    {
        var store = NewSchool(1, 2);
        var wish = Wish();
        var gone = PlanRollOver.Load(store, School, wish, Today).Value.Classes[0].Places[0];
        wish = wish with { Seen = PlanRollOver.Load(store, School, wish, Today).Value.Seen };
        store.Seed(Enrol.Leave(store.Catalogue, store, School, gone.Value.Pupil, new(2027, 5, 3), Today, agreed: true).Drafts);
        Assert.Equal("roll_seen", RollYear.Decide(store.Catalogue, store, School, wish, Today, By, Clock).Reply.Error.Reason);
        Assert.Equal(1, PlanRollOver.Load(store, School, wish, Today).Value.Classes[0].Left);
        Take(store, Wish());
        Assert.DoesNotContain(Places(store), p => p.Pupil == gone.Value.Pupil && p.IsActiveOn(First));
    }

    [Theory]
    [InlineData("1A", 1, "TH", "2A")]
    [InlineData("5A", 5, "TH", "")]
    [InlineData("5A", 5, "TH-THCS", "6A")]
    [InlineData("9/10", 9, "THCS", "")]
    [InlineData("Chồi 2", null, "MN", "Chồi 2")]
    [InlineData("Lá 1", null, "MN", "")]
    public void A_class_goes_up_by_its_number_and_the_last_one_finishes(string name, int? grade, string level, string target) =>
        Assert.Equal(target, PlanRollOver.TargetOf(new(name, grade, "2026–2027", [Slot.Morning]), level));

    [Fact]
    public void A_class_does_not_skip_a_grade()
    {
        var store = NewSchool(1, 1);
        var first = store.All<SchoolClass>(School).Single(c => c.Value.Name == "1A").Id;
        var refused = Decide(store, Wish() with { Names = new Dictionary<Guid, string> { [first] = "3A" } }).Reply.Error;
        Assert.Equal("roll_target", refused.Reason);
    }

    [Fact]
    public async Task The_step_and_its_undo_are_kept_by_a_box()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var box = await EdgeBox.Start(Clock);
        var drafts = SchoolDrafts(EdgeBox.Catalogue, 8, 50);
        var city = drafts.Where(d => d.Scope == Scope.City)
            .Select((d, i) => new FeedOp(new(Scope.City, d.Entity, d.Id, d.Schema, d.Kind, Hlc.At(1), Guid.Empty, d.Data), EdgeBox.Central, i + 1)).ToList();
        Assert.True((await box.Owner.TakePage("feed-1", new(Scope.City, false, city, new(city.Count + 1, [])), cancel)).Ok);
        await box.Owner.Decide<bool>(EdgeBox.Office, _ => new(true, [.. drafts.Where(d => d.Scope == School)]), cancel);
        var wish = Wish() with { Seen = (await box.Owner.Read(r => PlanRollOver.Load(r, School, Wish(), Today), cancel)).Value.Seen };

        Task<TdmEdu.Sync.Result<Guid>> TakeStep() => box.Owner.Decide(
            EdgeBox.Office, r => RollYear.Decide(EdgeBox.Catalogue, r, School, wish, Today, By, Clock), cancel);
        var both = await Task.WhenAll(TakeStep(), TakeStep());
        Assert.Equal(["", "rolled_over"], both.Select(b => b.Ok ? "" : b.Error.Reason).Order());
        Assert.Equal(1600, await InClass(First));
        Assert.Equal(2000, await InClass(new(2027, 5, 31)));

        Assert.True((await box.Owner.Decide(EdgeBox.Office, r => RollYear.Undo(EdgeBox.Catalogue, r, School, Next, Works, By, Clock), cancel)).Ok);
        Assert.Equal(2000, await InClass(First));

        Task<int> InClass(DateOnly day) => box.Owner.Read(r => r.All<SchoolClass>(School).Sum(
            c => r.View<ClassRoster>(School, c.Id)?.PupilsOn(day).Count() ?? 0), cancel);
    }

    private static RollWish Wish(params Guid[] retained) => new(new Dictionary<Guid, string>(), retained.ToHashSet());

    private static Decision<Guid> Decide(KernelStore store, RollWish wish) => RollYear.Decide(
        store.Catalogue, store, School, wish with { Seen = PlanRollOver.Load(store, School, wish, Today).Value.Seen }, Today, By, Clock);

    private static void Take(KernelStore store, RollWish wish)
    {
        var decision = Decide(store, wish);
        Assert.True(decision.Reply.Ok, decision.Reply.Ok ? "" : decision.Reply.Error.Reason);
        store.Seed(decision.Drafts);
    }

    private static Decision<Guid> Undo(KernelStore store) => RollYear.Undo(store.Catalogue, store, School, Next, Works, By, Clock);

    private static List<Enrolment> Places(KernelStore store) =>
        [.. store.All<Enrolment>(School).Select(p => p.Value).OrderBy(p => p.Pupil).ThenBy(p => p.From)];

    private static KernelStore NewSchool(int classesOfGrade, int pupilsOfClass)
    {
        var store = new KernelStore(Side.Edge, Clock);
        store.Seed(SchoolDrafts(store.Catalogue, classesOfGrade, pupilsOfClass));
        return store;
    }

    private static List<Draft> SchoolDrafts(Catalogue catalogue, int classesOfGrade, int pupilsOfClass)
    {
        List<Draft> drafts =
        [
            catalogue.Create(Scope.City, School.Owner, new Unit(UnitKind.School, "1", "Trường Mẫu", "TH", null, new(2025, 7, 1), null, SampleCode: true)),
            Compose.Year(catalogue, new("2026–2027", new(2026, 9, 5), new(2027, 5, 31), [1, 2, 3, 4, 5])),
            Compose.Year(catalogue, new(Next, First, new(2028, 5, 31), [1, 2, 3, 4, 5])),
        ];
        foreach (var (grade, n) in Enumerable.Range(1, 5).SelectMany(g => Enumerable.Range(0, classesOfGrade).Select(n => (g, n))))
        {
            var (id, draft) = Compose.Class(catalogue, School, new($"{grade}{(char)('A' + n)}", grade, "2026–2027", [Slot.Morning]));
            drafts.Add(draft);
            drafts.AddRange(Enumerable.Range(0, pupilsOfClass).SelectMany(i => Compose.Pupil(
                catalogue, School, RecordId.From(School, "p", $"{grade}|{n}|{i}"), new(null, "Nguyễn Văn An", "2015", null), id, new(2026, 9, 5))));
        }
        return drafts;
    }
}
