using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Tests.EdgeNode;
using static TdmEdu.Tests.Modules.Attendance.BookBox;

namespace TdmEdu.Tests.Modules.Attendance;

/// <summary>Who stays away for days, and the homeroom teacher's summary of the day, on a box.</summary>
public class AbsenceRunsTests
{
    private static readonly DateOnly Friday = new(2026, 12, 4);

    [Fact]
    public async Task Days_without_leave_are_counted_over_school_days_and_what_nobody_sent_is_neither_absence_nor_presence()
    {
        await using var school = await Start(new(2026, 12, 4, 16, 30, 0));
        await Both(Days[1], MarkCode.Excused);
        await Both(Days[2], MarkCode.Unexcused);
        await Both(new(2026, 12, 1), MarkCode.Unexcused);
        // Nobody sends anything on Wednesday, and only the morning on Thursday.
        await Send(new(2026, 12, 3), Slot.Morning, MarkCode.Unexcused);
        await Both(Friday, MarkCode.Unexcused);

        Assert.Equal([(An, "3A", 4, Days[2], 3)], (await Runs(4)).Select(l => (l.Pupil, l.ClassName, l.Days, l.First, l.Missing)));
        Assert.Empty(await Runs(5));
        Assert.Empty(await school.Read(r => AbsenceRuns.Of(r, EdgeBox.School, school.Clock, 2, lop => lop == Other)));

        // Wednesday was free; and one day on which the child is seen ends the row, however late that is known.
        await school.Down(new CalendarDay(new(2026, 12, 2), DayKind.Closed, "Bão"));
        Assert.Equal((4, 1), (await Runs(2)).Select(l => (l.Days, l.Missing)).Single());
        await Send(new(2026, 12, 1), Slot.Afternoon, MarkCode.Present);
        Assert.Equal((2, new DateOnly(2026, 12, 3), 1), (await Runs(2)).Select(l => (l.Days, l.First, l.Missing)).Single());
        await Send(Friday, Slot.Afternoon, MarkCode.Late);
        Assert.Empty(await Runs(2));

        Task<IReadOnlyList<RunLine>> Runs(int atLeast) => school.Read(r => AbsenceRuns.Of(r, EdgeBox.School, school.Clock, atLeast, _ => true));

        async Task Both(DateOnly day, MarkCode code)
        {
            await Send(day, Slot.Morning, code);
            await Send(day, Slot.Afternoon, code);
        }

        async Task Send(DateOnly day, Slot slot, MarkCode code)
        {
            var seen = (await school.Read(r => SheetReply.Of(r, EdgeBox.School, new(EdgeBox.Class, day, slot)))).Submissions;
            Assert.True((await school.Send(day, slot, [new(An, code)], seen: [.. seen], actor: EdgeBox.Office)).Ok);
        }
    }

    [Fact]
    public async Task A_homeroom_teachers_summary_says_who_was_not_there_what_was_not_sent_and_what_waits()
    {
        await using var school = await Start(new(2026, 11, 30, 9, 0, 0));
        Assert.Equal(["3A"], (await Summary()).Classes.Select(c => c.Value.Name));
        Assert.Equal([(Slot.Morning, true, null), (Slot.Afternoon, false, null)], (await Summary()).Slots.Select(s => (s.Slot, s.HasBegun, s.Tally)));
        Assert.True((await school.Send(Days[2], Slot.Morning, [new(An, MarkCode.Unexcused), new(Binh, MarkCode.Late, 10)])).Ok);
        await school.Down(new AbsenceNotice(Binh, Days[2], Days[2], [Slot.Afternoon], null, Binh, Sender.Parent, 1));
        await school.Down(new AbsenceNotice(Chi, Days[2], Days[2], [Slot.Afternoon], null, Chi, Sender.Parent, 1));
        var morning = await Summary();
        Assert.False(morning.IsOver);
        Assert.Equal([("Nguyễn Văn An", MarkKind.Absent, null), ("Lê Thị Bình", MarkKind.Late, 10)], morning.Lines.Select(l => (l.FullName, l.Said!.Kind, l.Minutes)));
        Assert.Equal(new Tally(2, 1, 0, 1, 1, 0, 0), morning.Slots[0].Tally);
        Assert.Equal(["Lê Thị Bình"], morning.Asked.Select(a => a.FullName));

        school.Clock.Advance(TimeSpan.FromHours(7));
        var day = await Summary();
        Assert.True(day.IsOver);
        Assert.Equal((true, null), (day.Slots[1].HasBegun, day.Slots[1].Tally));
        Assert.False((await school.Read(r => ClassDay.Load(r, EdgeBox.Teacher, Other, school.Clock))).Ok);
        Assert.Equal(2, (await school.Read(r => ClassDay.Load(r, EdgeBox.Office, Other, school.Clock))).Value.Classes.Count);

        async Task<ClassDayModel> Summary() => (await school.Read(r => ClassDay.Load(r, EdgeBox.Teacher, null, school.Clock))).Value;
    }
}
