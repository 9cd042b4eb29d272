using System.Globalization;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync;
using TdmEdu.Tests.EdgeNode;
using static TdmEdu.Tests.Modules.Attendance.BookBox;

namespace TdmEdu.Tests.Modules.Attendance;

/// <summary>A class's month on a box: which days it takes, on whose list a pupil is, how it is locked and what follows from that.</summary>
public class MonthBookTests
{
    private static readonly DateTime Over = new(2026, 12, 1, 8, 0, 0);

    [Fact]
    public async Task A5_A_closed_day_and_a_day_to_come_are_refused_and_a_make_up_day_is_taken()
    {
        await using var school = await Start(new(2026, 11, 28, 8, 0, 0));
        var saturday = new DateOnly(2026, 11, 28);
        await school.Down(new CalendarDay(Days[1], DayKind.Closed, "mưa bão"));
        Assert.Equal("day_closed", (await school.Send(Days[1], Slot.Morning, [])).Error.Reason);
        Assert.Equal("day_closed", (await school.Send(Days[1], Slot.Morning, [], actor: EdgeBox.Office)).Error.Reason);
        Assert.Equal("date_future", (await school.Send(Days[2], Slot.Morning, [])).Error.Reason);
        Assert.Equal("day_off", (await school.Send(saturday, Slot.Morning, [])).Error.Reason);
        await school.Down(new CalendarDay(saturday, DayKind.MakeUp, "học bù bão"));
        Assert.True((await school.Send(saturday, Slot.Morning, [])).Ok);
        var row = (await school.Page()).Rows[0];
        Assert.Equal(["?/?", null, "x"], row.Days.Skip(25).Take(3));
    }

    [Fact]
    public async Task A6_Who_changes_classes_at_noon_is_on_exactly_one_list_in_each_slot()
    {
        await using var school = await Start(new(2026, 11, 30, 8, 0, 0));
        var today = Days[2];
        Assert.True((await school.Send(today, Slot.Morning, [new(An, MarkCode.Late)])).Ok);
        school.Clock.Advance(TimeSpan.FromHours(4));
        Assert.True((await school.Decide(r => Enrol.Move(EdgeBox.Catalogue, r, EdgeBox.School, new(An, Other, today, null), today, agreed: true), EdgeBox.Office)).Ok);
        Assert.Equal([EdgeBox.Class], await ListsWith(An, Slot.Morning));
        Assert.Equal([Other], await ListsWith(An, Slot.Afternoon));
        // The new class cannot speak of the morning, the old one still can, and not of the afternoon.
        Assert.Equal("pupil_not_in_class", (await school.Send(today, Slot.Morning, [new(An, MarkCode.Present)], Other)).Error.Reason);
        Assert.Equal("pupil_not_in_class", (await school.Send(today, Slot.Afternoon, [new(An, MarkCode.Present)])).Error.Reason);
        var seen = (await Sheet(EdgeBox.Class, Slot.Morning)).Submissions;
        Assert.True((await school.Send(today, Slot.Morning, [new(An, MarkCode.Unexcused)], seen: [.. seen])).Ok);
        foreach (var (slot, of) in new[] { (Slot.Morning, Other), (Slot.Afternoon, Other), (Slot.Afternoon, EdgeBox.Class) })
        {
            Assert.True((await school.Send(today, slot, [], of)).Ok);
        }
        Assert.Equal([EdgeBox.Class], await ListsWith(An, Slot.Morning));
        Assert.Equal([Other], await ListsWith(An, Slot.Afternoon));
        var (old, now) = (await school.Page(), await school.Page(Other));
        Assert.Equal("K", old.Rows.Single(r => r.Pupil == An).Days[29]);
        Assert.Equal("x", now.Rows.Single(r => r.Pupil == An).Days[29]);
        var wall = await school.Read(r => Wall.Of(r, EdgeBox.School, school.Clock));
        Assert.All(wall.Rows.SelectMany(r => r.Cells), c => Assert.Equal(0, c.Session!.Unknown));

        async Task<List<Guid>> ListsWith(Guid pupil, Slot slot)
        {
            var lists = new List<Guid>();
            foreach (var lop in new[] { EdgeBox.Class, Other })
            {
                lists.AddRange((await Sheet(lop, slot)).Pupils.Where(p => p.Id == pupil).Select(_ => lop));
            }
            return lists;
        }

        Task<SheetReply> Sheet(Guid of, Slot slot) => school.Read(r => SheetReply.Of(r, EdgeBox.School, new(of, today, slot)));
    }

    [Fact]
    public async Task A7_A_locked_month_is_edited_after_it_is_opened_with_a_reason_and_until_then_its_printed_code_stays()
    {
        await using var school = await Start(Over);
        await school.SendMonth(new Mark(An, MarkCode.Unexcused));
        Assert.True((await school.Lock()).Ok);
        var printed = await school.Page();
        Assert.True(printed.IsLocked);
        var seen = (await school.Read(r => SheetReply.Of(r, EdgeBox.School, new(EdgeBox.Class, Days[0], Slot.Morning)))).Submissions;
        var edit = () => school.Send(Days[0], Slot.Morning, [new(An, MarkCode.Excused)], seen: [.. seen], actor: EdgeBox.Office);
        school.Clock.Advance(TimeSpan.FromMinutes(1));
        var refused = await edit();
        Assert.Equal((ErrorCode.Conflict, "month_locked"), (refused.Error.Code, refused.Error.Reason));
        Assert.Contains("mở khóa", refused.Error.Message.Vietnamese, StringComparison.Ordinal);
        Assert.NotNull((await school.Read(r => SheetReply.Open(r, EdgeBox.Office, new(EdgeBox.Class, Days[0], Slot.Morning), new(2026, 12, 1), new()))).Value.Shut);

        Assert.Equal("unlock_reason", (await school.Unlock("")).Error.Reason);
        Assert.Equal(printed.Code, (await school.Page()).Code);
        Assert.True((await school.Unlock("Gia đình nộp giấy khám bệnh muộn")).Ok);
        Assert.Equal(printed.Code, (await school.Page()).Code);
        Assert.True((await edit()).Ok);
        Assert.True((await school.Lock()).Ok);
        var again = await school.Page();
        Assert.NotEqual(printed.Code, again.Code);
        Assert.Equal([LockAct.Locked, LockAct.Unlocked, LockAct.Locked], again.Acts.Select(a => a.Act));
        Assert.Equal("Gia đình nộp giấy khám bệnh muộn", again.Acts[1].Reason);
        var row = again.Rows.Single(r => r.Pupil == An);
        Assert.Equal(("P/x", 1, 0), (row.Days[25], row.Excused, row.Unexcused));
    }

    [Fact]
    public async Task Case_51_A_correction_after_the_lock_is_taken_with_a_reason_only_and_the_word_before_stays()
    {
        await using var school = await Start(Over);
        await school.SendMonth(new Mark(An, MarkCode.Unexcused));
        Assert.True((await school.Lock()).Ok);
        var correct = () => school.Send(Days[0], Slot.Morning, [new(An, MarkCode.Excused)], actor: EdgeBox.Office);
        school.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("month_locked", (await correct()).Error.Reason);
        Assert.True((await school.Unlock("Gia đình nộp giấy khám bệnh muộn")).Ok);
        Assert.True((await correct()).Ok);
        var said = await school.Read(r => r.All<Submission>(EdgeBox.School).Where(s => (s.Value.Date, s.Value.Slot) == (Days[0], Slot.Morning))
            .SelectMany(s => s.Value.Marks).Where(m => m.Pupil == An).Select(m => m.Code).ToList());
        Assert.Equal([MarkCode.Unexcused, MarkCode.Excused], said.Order());
        Assert.Equal("Gia đình nộp giấy khám bệnh muộn", (await school.Page()).Acts[^1].Reason);
    }

    [Fact]
    public async Task What_a_phone_took_before_the_lock_and_what_another_box_of_the_school_had_is_kept_beside_the_locked_book()
    {
        await using var school = await Start(Over);
        await school.SendMonth();
        var taken = school.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        school.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True((await school.Lock()).Ok);
        var printed = await school.Page();
        Assert.Empty(printed.Late);
        school.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True((await school.Send(Days[1], Slot.Morning, [new(Binh, MarkCode.Unexcused)], takenAtMs: taken)).Ok);
        // Older than everything else by its stamp, and here after the lock.
        var roster = new RosterSeen(EdgeBox.Class, [An, Binh]);
        await school.Down(new Submission(
            EdgeBox.Class, Days[0], Slot.Afternoon, roster.IdIn(EdgeBox.School), [new(An, MarkCode.Excused)], [], EdgeBox.Office.Id, Source.Office, 5), hlcMs: 5_000);
        var now = await school.Page();
        Assert.Equal(printed.Code, now.Code);
        Assert.Equal(printed.Rows.SelectMany(r => r.Days), now.Rows.SelectMany(r => r.Days));
        Assert.Equal([(Days[0], Slot.Afternoon, 1), (Days[1], Slot.Morning, 1)], now.Late.Select(l => (l.Date, l.Slot, l.Marks)));
        // The session itself knows.
        var sheet = await school.Read(r => SheetReply.Of(r, EdgeBox.School, new(EdgeBox.Class, Days[1], Slot.Morning)));
        Assert.Equal(MarkCode.Unexcused, sheet.Pupils.Single(p => p.Id == Binh).Code);
        Assert.True((await school.Unlock("Nhận bài đến muộn")).Ok);
        Assert.NotEqual(printed.Code, (await school.Page()).Code);
        Assert.True((await school.Lock()).Ok);
        Assert.Empty((await school.Page()).Late);
    }

    [Fact]
    public async Task A_session_goes_through_its_states_by_what_is_recorded()
    {
        await using var school = await Start(new(2026, 11, 27, 8, 0, 0));
        Assert.Equal([SessionState.Due, SessionState.Due, SessionState.Due, SessionState.NotDue, SessionState.NotDue, SessionState.NotDue], await States());
        await school.Down(new Submission(EdgeBox.Class, Days[0], Slot.Morning, Guid.Empty, [new(An, MarkCode.Excused)], [], EdgeBox.Office.Id, Source.Notice, 1), hlcMs: 2_000);
        Assert.Equal(SessionState.Open, (await States())[0]);
        var sent = await school.Send(Days[0], Slot.Morning, []);
        Assert.Equal(SessionState.Submitted, (await States())[0]);
        Assert.True((await school.Send(Days[0], Slot.Morning, [new(Binh, MarkCode.Late)], seen: [.. sent.Value.Sheet.Submissions])).Ok);
        Assert.Equal(SessionState.Amended, (await States())[0]);
        Assert.True((await Verify()).Ok);
        Assert.Equal(SessionState.Verified, (await States())[0]);
        Assert.True((await school.Send(Days[0], Slot.Morning, [new(Binh, MarkCode.Present)])).Ok);
        Assert.Equal(SessionState.Amended, (await States())[0]);
        Assert.Equal("month_not_over", (await school.Lock()).Error.Reason);
        school.Clock.Advance(TimeSpan.FromDays(4));
        Assert.Equal("month_unsent", (await school.Lock()).Error.Reason);
        foreach (var (day, slot) in new[] { (Days[0], Slot.Afternoon), (Days[1], Slot.Morning), (Days[1], Slot.Afternoon), (Days[2], Slot.Morning), (Days[2], Slot.Afternoon) })
        {
            Assert.True((await school.Send(day, slot, [])).Ok);
        }
        Assert.True((await school.Lock()).Ok);
        Assert.All(await States(), s => Assert.Equal(SessionState.Locked, s));
        var refused = await school.Decide(r => LockMonth.Lock(EdgeBox.Catalogue, r, EdgeBox.Teacher, Other, Month, school.Clock), EdgeBox.Teacher);
        Assert.False(refused.Ok);

        async Task<SessionState[]> States() => [.. (await school.Page()).Sessions.Select(s => s.State)];
        Task<Result<Guid>> Verify() => school.Decide(r => LockMonth.Verify(EdgeBox.Catalogue, r, EdgeBox.Office, EdgeBox.Class, Month, school.Clock));
    }

    [Fact]
    public async Task The_book_is_the_same_whichever_word_came_first()
    {
        await using var one = await Start(Over);
        await using var two = await Start(Over);
        var roster = new RosterSeen(EdgeBox.Class, [An, Binh]);
        var words = Enumerable.Range(0, 6).Select(i => (
            Id: new Guid(i + 50, 0, 0, new byte[8]), Ms: 1_000L + i,
            Word: new Submission(
                EdgeBox.Class, Days[i % 3], Slot.Morning, roster.IdIn(EdgeBox.School), [new(i % 2 == 0 ? An : Binh, (MarkCode)(i % 6 + 1))], [], EdgeBox.Teacher.Id,
                i == 4 ? Source.Office : Source.Teacher, 1))).ToList();
        foreach (var (school, order) in new[] { (one, words), (two, Enumerable.Reverse(words).Append(words[2]).ToList()) })
        {
            await school.Down(roster, roster.IdIn(EdgeBox.School), 10);
            foreach (var (id, ms, word) in order)
            {
                await school.Down(word, id, ms);
            }
        }
        var (first, second) = (await one.Page(), await two.Page());
        Assert.Equal(first.Code, second.Code);
        Assert.Equal(first.Rows.SelectMany(r => r.Days), second.Rows.SelectMany(r => r.Days));
        Assert.NotNull(first.Code);
    }

    [Fact]
    public async Task A_notice_for_days_of_a_locked_month_waits_until_it_is_opened()
    {
        var folder = Directory.CreateTempSubdirectory("month-book-");
        var seals = new Seals(folder.FullName, makes: true);
        await using var school = await Start(Over);
        await school.SendMonth();
        Assert.True((await school.Lock()).Ok);
        var notice = new AbsenceNotice(An, Days[2], Days[2], [Slot.Morning], null, An, Sender.Parent, 1);
        var id = school.Box.NewId();
        await school.Down(notice, id);
        Assert.Equal("month_locked", (await Approve()).Error.Reason);
        Assert.True((await school.Unlock("Đơn đến muộn")).Ok);
        Assert.True((await Approve()).Ok);
        // What is approved cannot be taken back under a lock either.
        Assert.True((await school.Lock()).Ok);
        Assert.Equal("month_locked", (await Answer(NoticeState.Cancelled, "nhầm")).Error.Reason);
        folder.Delete(recursive: true);

        Task<Result<Guid>> Approve() => Answer(NoticeState.Approved, "");
        Task<Result<Guid>> Answer(NoticeState state, string why) =>
            school.Decide(r => DecideNotice.Decide(EdgeBox.Catalogue, seals, r, EdgeBox.Office, id, state, why, school.Clock));
    }

    [Fact]
    public void Every_code_and_every_slot_has_its_facts_and_its_English()
    {
        var english = CultureInfo.GetCultureInfo("en");
        var before = CultureInfo.CurrentUICulture;
        try
        {
            CultureInfo.CurrentUICulture = english;
            var words = new Words();
            foreach (var name in Enum.GetValues<MarkCode>().Select(c => c.Facts(Days[0]).Name).Concat(Enum.GetValues<Slot>().Select(s => s.Facts().Name)))
            {
                Assert.NotEqual(name, words[name]);
            }
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
        Assert.Equal(6, Enum.GetValues<MarkCode>().Select(c => c.Facts(Days[0]).Letter).Distinct().Count());
    }
}
