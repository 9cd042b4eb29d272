using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Tests.EdgeNode;
using static TdmEdu.Tests.Modules.Attendance.BookBox;

namespace TdmEdu.Tests.Modules.Attendance;

/// <summary>What follows from attendance on a box: the year's absences, what does not fit together, and how many the kitchen cooks for.</summary>
public class ConsequenceTests
{
    private static readonly Submission Word = new(EdgeBox.Class, Days[0], Slot.Morning, Guid.Empty, [], [], EdgeBox.Office.Id, Source.Office, 1);

    [Fact]
    public async Task A8_The_46th_session_puts_a_pupil_on_the_list_with_a_letter_and_what_arrives_late_is_counted_anew()
    {
        await using var school = await Start(new(2027, 3, 31, 16, 0, 0), grade: 6);
        var days = Enumerable.Range(0, 120).Select(d => Days[0].AddDays(d)).Where(d => d.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday)).ToArray();
        // Both sessions of 45 days, with leave and without; two more days late.
        for (var i = 0; i < 47; i++)
        {
            var code = i >= 45 ? MarkCode.Late : i % 3 == 0 ? MarkCode.Unexcused : MarkCode.Excused;
            foreach (var slot in Slots.Sessions)
            {
                Assert.True((await school.Send(days[i], slot, [new(An, code)], actor: EdgeBox.Office)).Ok);
            }
        }
        var line = Assert.Single((await Meter()).Lines);
        Assert.Equal((An, 30m, 15m, 45m, false), (line.Pupil, line.Excused, line.Unexcused, line.Total, line.IsOver));

        // A sheet of the box's earlier life reaches it now: one afternoon is the 46th.
        var late = await school.Read(r => r.View<SessionSheet>(EdgeBox.School, SessionSheet.IdOf(EdgeBox.School, EdgeBox.Class, days[46], Slot.Afternoon)));
        var sent = late!.Submissions.Single();
        await school.Down(Word with { Date = days[46], Slot = Slot.Afternoon, Roster = sent.Value.Roster, Marks = [new(An, MarkCode.Unexcused)], Seen = [sent.Key] },
            hlcMs: school.Clock.GetUtcNow().ToUnixTimeMilliseconds() + 1);
        line = Assert.Single((await Meter()).Lines);
        Assert.Equal((46m, 16m, true), (line.Total, line.Unexcused, line.IsOver));
        Assert.Contains("22/2021", line.Limit.Source, StringComparison.Ordinal);

        // And it goes again when the office finds that the pupil was there on one of the days.
        foreach (var slot in Slots.Sessions)
        {
            var seen = (await school.Read(r => SheetReply.Of(r, EdgeBox.School, new(EdgeBox.Class, days[1], slot)))).Submissions;
            Assert.True((await school.Send(days[1], slot, [new(An, MarkCode.Present)], seen: [.. seen], actor: EdgeBox.Office)).Ok);
        }
        Assert.False(Assert.Single((await Meter()).Lines).IsOver);

        // Another school's absences of this year come with the pupil.
        await school.Down(new Transfer(An, school.Box.NewId(), EdgeBox.School.Owner, EdgeBox.Class, new(2026, 11, 27), 1, 2, 1, Done: true));
        line = Assert.Single((await Meter()).Lines);
        Assert.Equal((3m, 48m, true), (line.Carried, line.Total, line.IsOver));
        Assert.Empty((await school.Read(r => AbsenceMeter.Load(r, EdgeBox.School, school.Clock, lop => lop == Other))).Lines);

        Task<MeterModel> Meter() => school.Read(r => AbsenceMeter.Load(r, EdgeBox.School, school.Clock, _ => true));
    }

    [Fact]
    public async Task A_primary_school_has_no_limit_of_absences()
    {
        await using var school = await Start(new(2026, 12, 1, 8, 0, 0));
        var meter = await school.Read(r => AbsenceMeter.Load(r, EdgeBox.School, school.Clock, _ => true));
        Assert.False(meter.HasLimits);
        Assert.Null(AbsenceLimit.For(null, Days[0]));
    }

    [Fact]
    public async Task Who_is_there_despite_a_notice_in_two_places_or_changed_often_is_listed_with_class_and_day()
    {
        await using var school = await Start(new(2026, 12, 1, 8, 0, 0));
        Assert.Empty((await Checks()).Lines);
        await school.Down(Word with { Source = Source.Notice, Marks = [new(An, MarkCode.Excused)] }, hlcMs: 2_000);
        var first = await school.Send(Days[0], Slot.Morning, []);
        // A word for the other class from a box that had another list.
        var roster = new RosterSeen(Other, [Binh, Chi]);
        await school.Down(roster, roster.IdIn(EdgeBox.School));
        await school.Down(Word with { Class = Other, Roster = roster.IdIn(EdgeBox.School), Source = Source.Teacher });
        var lines = (await Checks()).Lines;
        Assert.Empty(lines.Where(l => l.Kind == CheckKind.ThereDespiteNotice));
        Assert.Equal([(Binh, EdgeBox.Class), (Binh, Other)], lines.Where(l => l.Kind == CheckKind.TwoPlaces).Select(l => (l.Pupil, l.Class)).Order());

        var second = await school.Send(Days[0], Slot.Morning, [new(An, MarkCode.Present)], seen: [.. first.Value.Sheet.Submissions]);
        Assert.Empty((await Checks()).Lines.Where(l => l.Kind == CheckKind.ChangedOften));
        await school.Send(Days[0], Slot.Morning, [new(An, MarkCode.Late)], seen: [.. second.Value.Sheet.Submissions]);
        lines = (await Checks()).Lines;
        var despite = lines.Single(l => l.Kind == CheckKind.ThereDespiteNotice);
        Assert.Equal((An, EdgeBox.Class, Days[0], Slot.Morning, "3A", "Nguyễn Văn An"),
            (despite.Pupil, despite.Class, despite.Date, despite.Slot, despite.ClassName, despite.FullName));
        Assert.Equal(An, lines.Single(l => l.Kind == CheckKind.ChangedOften).Pupil);
        Assert.Empty((await school.Read(r => DayChecks.Load(r, EdgeBox.School, Days[0].AddDays(-1)))).Lines);

        Task<DayChecksModel> Checks() => school.Read(r => DayChecks.Load(r, EdgeBox.School, new(2026, 12, 1)));
    }

    [Fact]
    public async Task The_kitchens_count_stays_as_it_was_at_the_cut_off_and_what_comes_later_stands_beside_it()
    {
        await using var school = await Start(new(2026, 11, 30, 8, 0, 0));
        var first = await school.Send(Days[2], Slot.Morning, [new(An, MarkCode.Excused)]);
        var early = await Meals();
        Assert.Equal((false, 1, "3B"), (early.IsPast, early.Counted, string.Join(",", early.Missing)));
        school.Clock.Advance(TimeSpan.FromMinutes(40));
        var second = await school.Send(Days[2], Slot.Morning, [new(An, MarkCode.Late)], seen: [.. first.Value.Sheet.Submissions]);
        school.Clock.Advance(TimeSpan.FromMinutes(5));
        await school.Send(Days[2], Slot.Morning, [], Other);
        var late = await Meals();
        Assert.Equal((true, 1, 3, "3B"), (late.IsPast, late.Counted, late.Now, string.Join(",", late.Missing)));
        Assert.Equal([(1, (int?)1, (int?)2), (1, null, 1)], late.Lines.Select(l => (l.Changes.Count, l.Changes[0].Before, l.Changes[0].After)));
        Assert.Equal(8, late.Lines[0].Changes[0].At.Hour);
        Assert.Equal(40, late.Lines[0].Changes[0].At.Minute);
        // A word that changes nobody's meal is no change.
        await school.Send(Days[2], Slot.Morning, [new(An, MarkCode.Present)], seen: [.. second.Value.Sheet.Submissions]);
        Assert.Equal(late.Lines.Sum(l => l.Changes.Count), (await Meals()).Lines.Sum(l => l.Changes.Count));

        Task<MealModel> Meals() => school.Read(r => MealCount.Of(r, EdgeBox.School, Days[2], school.Clock));
    }

    [Fact]
    public async Task Only_classes_that_eat_are_counted_and_the_meals_own_list_stands_before_the_mornings()
    {
        await using var school = await Start(new(2026, 11, 30, 8, 0, 0));
        await school.Down(new SchoolClass("3A", 3, "2026-2027", [Slot.Morning, Slot.Afternoon, Slot.Meal]), EdgeBox.Class);
        await school.Send(Days[2], Slot.Morning, []);
        Assert.Equal([("3A", (int?)2)], (await Meals()).Lines.Select(l => (l.Name, l.AtCutOff)));
        Assert.True((await school.Send(Days[2], Slot.Meal, [new(Binh, MarkCode.Excused)])).Ok);
        Assert.Equal(1, (await Meals()).Counted);
        // A meal is no session of the month's book.
        Assert.Equal("x", (await school.Page()).Rows.Single(r => r.Pupil == Binh).Days[29]);

        Task<MealModel> Meals() => school.Read(r => MealCount.Of(r, EdgeBox.School, Days[2], school.Clock));
    }
}
