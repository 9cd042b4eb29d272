using Microsoft.Extensions.Time.Testing;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.EdgeNode;

namespace TdmEdu.Tests.Modules.Attendance;

/// <summary>Notices of absence on a box: what may be asked, who answers, and what stands in the sessions afterwards.</summary>
public sealed class NoticeTests : IAsyncLifetime
{
    private static readonly Guid An = new(1, 0, 0, new byte[8]);
    private static readonly Guid Binh = new(2, 0, 0, new byte[8]);
    private static readonly Guid Stranger = new(3, 0, 0, new byte[8]);
    private static readonly Actor Parent = new(An, EdgeBox.School, Roles.Parent);
    private static readonly Actor Homeroom = EdgeBox.Teacher with { Roles = Roles.Teacher | Roles.HomeroomTeacher };
    private static readonly DateOnly Monday = EdgeBox.Day;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("notices-");
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 23, 7, 0, 0, SchoolTime.Offset));
    private readonly Seals seals;
    private EdgeBox box = null!;
    private Guid foreign;

    public NoticeTests() => seals = new(folder.FullName, makes: true);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        box = await EdgeBox.Start(clock);
        var year = EdgeBox.Catalogue.Create(Scope.City, box.NewId(), new SchoolYear("2026-2027", new(2026, 9, 5), new(2027, 5, 31), [1, 2, 3, 4, 5]));
        var yearOp = new Op(Scope.City, year.Entity, year.Id, year.Schema, year.Kind, Hlc.At(1), default, year.Data);
        Assert.True((await box.Owner.TakePage("feed-1", new(Scope.City, false, [new(yearOp, EdgeBox.Central, 1)], new(1, [])), Cancel)).Ok);
        foreign = box.NewId();
        var seq = 0L;
        FeedOp Down<T>(T value, Guid? id = null) => EdgeBox.FromCentral(++seq, id ?? box.NewId(), value);
        FeedOp[] page =
        [
            Down(new SchoolClass("3A", 3, "2026-2027", [Slot.Morning, Slot.Afternoon]), EdgeBox.Class),
            Down(new SchoolClass("3B", 3, "2026-2027", [Slot.Morning]), foreign),
            Down(new Assignment(Homeroom.Id, EdgeBox.Class, new(2026, 9, 1), null, Homeroom: true)),
            Down(new Assignment(Homeroom.Id, foreign, new(2026, 9, 1), null, Homeroom: false)),
            Down(new CalendarDay(new(2026, 11, 25), DayKind.Closed, "mưa bão")),
            Down(new Pupil(null, "Nguyễn Văn An", null, null), An), Down(new Enrolment(An, EdgeBox.Class, new(2026, 9, 1), null)),
            Down(new Pupil(null, "Lê Thị Bình", null, null), Binh), Down(new Enrolment(Binh, EdgeBox.Class, new(2026, 9, 1), null)),
            Down(new Pupil(null, "Trần Chi", null, null), Stranger), Down(new Enrolment(Stranger, foreign, new(2026, 9, 1), null)),
        ];
        Assert.True((await box.Owner.TakePage("feed-1", new(EdgeBox.School, false, page, new(seq, [])), Cancel)).Ok);
    }

    public async ValueTask DisposeAsync()
    {
        await box.DisposeAsync();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task An_approved_notice_expects_the_pupil_away_in_every_session_that_the_class_has_and_in_no_other()
    {
        var id = await Sent(Form(Monday, Monday.AddDays(7)));
        Assert.Empty(await Sheets());
        Assert.Equal([true, false], (await Open(Monday)).Pupils.Select(p => p.Asked));
        await Answered(id, NoticeState.Approved);
        Assert.DoesNotContain((await Open(Monday)).Pupils, p => p.Asked);
        // From Monday to the Monday after without Wednesday's storm and the weekend: five days of two sessions.
        var sheets = await Sheets();
        Assert.Equal([23, 23, 24, 24, 26, 26, 27, 27, 30, 30], sheets.Select(s => s.Date.Day));
        Assert.All(sheets, s => Assert.Equal((An, MarkCode.Excused, null), (s.Pupils.Single().Key, s.Pupils.Single().Value.Code, s.Tally)));
        var reply = await Open(Monday);
        Assert.Equal([true, false], reply.Pupils.Select(p => p.Notice));
        Assert.Empty(reply.Submissions);
        Assert.Single(reply.Notices);
        Assert.Null(reply.SubmittedAtMs);
        var wall = await box.Owner.Read(r => Wall.Of(r, EdgeBox.School, clock), Cancel);
        Assert.Contains("3A", wall.MissingIn(Slot.Morning).Select(r => r.Name));
    }

    [Fact]
    public async Task A_notice_for_one_slot_covers_that_slot_only()
    {
        await Answered(await Sent(Form(Monday, Monday) with { Slots = [Slot.Afternoon] }), NoticeState.Approved);
        Assert.Equal(Slot.Afternoon, Assert.Single(await Sheets()).Slot);
    }

    [Fact]
    public async Task What_became_of_a_notice_goes_to_the_centre_together_or_not_at_all()
    {
        var id = await Sent(Form(Monday, Monday.AddDays(1)));
        await Answered(id, NoticeState.Approved);
        var group = box.Owner.Journal.Reader.EntriesAfter(0).Select(e => e.Op).Where(o => o.Entity is "attendance.notice_decision" or "attendance.submission");
        Assert.Equal([4, 3, 2, 1, 0], group.Select(o => o.GroupLeft));
    }

    [Fact]
    public async Task A_later_note_turns_without_leave_into_with_leave_and_back_when_it_is_cancelled()
    {
        await Submit(new Mark(An, MarkCode.Unexcused));
        var id = await Sent(Form(Monday, Monday));
        await Answered(id, NoticeState.Approved);
        Assert.Equal((MarkCode.Excused, false), await Standing());
        Assert.Equal(1, (await Open(Monday)).Tally!.Excused);
        await Answered(id, NoticeState.Cancelled, "Em vẫn đi học");
        Assert.Equal((MarkCode.Unexcused, false), await Standing());
        Assert.All(await Sheets(), s => Assert.Empty(s.ExpectedAbsences()));
        // Approved once more, it is another decision with words of its own.
        await Answered(id, NoticeState.Approved);
        Assert.Equal((MarkCode.Excused, false), await Standing());
        await Answered(id, NoticeState.Refused, "Nhầm đơn");
        Assert.Equal((MarkCode.Unexcused, false), await Standing());
    }

    [Fact]
    public async Task Who_was_there_in_spite_of_the_notice_is_shown_until_somebody_who_knows_both_settles_it()
    {
        await Answered(await Sent(Form(Monday, Monday)), NoticeState.Approved);
        await Submit(new Mark(An, MarkCode.Present));
        Assert.Equal((MarkCode.Present, true), await Standing());
        var reply = await Open(Monday);
        Assert.Equal([(MarkCode.Excused, true), (MarkCode.Present, false)], reply.Pupils[0].Opinions!.Select(o => (o.Code, o.Notice)));
        var settle = new SubmitSession(
            RecordId.New(clock), EdgeBox.Class, Monday, Slot.Morning, [An, Binh], [new(An, MarkCode.Present)], [.. reply.Submissions, .. reply.Notices], 2);
        Assert.True((await SubmitSession.Handle(settle, Homeroom, box.Owner, EdgeBox.Catalogue, clock, Cancel)).Ok);
        Assert.Equal((MarkCode.Present, false), await Standing());
    }

    [Fact]
    public async Task The_same_asked_or_answered_twice_is_done_once()
    {
        var id = await Sent(Form(Monday, Monday));
        Assert.Equal(id, await Sent(Form(Monday, Monday)));
        await Answered(id, NoticeState.Approved);
        var written = Written();
        await Answered(id, NoticeState.Approved);
        Assert.Equal(id, await Sent(Form(Monday, Monday)));
        await Answered(id, NoticeState.Cancelled, "x");
        await Answered(id, NoticeState.Cancelled, "x");
        // The decision, and a word back in each of the two sessions.
        Assert.Equal(written + 3, Written());
    }

    [Theory]
    [InlineData("calendar_date", null, 0)]
    [InlineData("notice_days", 0, -1)]
    [InlineData("notice_long", 0, 30)]
    [InlineData("notice_late", -31, -5)]
    [InlineData("notice_no_lessons", 2, 2)]
    [InlineData("notice_no_lessons", 5, 6)]
    [InlineData(null, -30, -2)]
    [InlineData(null, 0, 29)]
    public async Task Days_are_checked(string? reason, int? from, int to)
    {
        var sent = await Send(Form(Monday, Monday.AddDays(to)) with { From = from is null ? null : Monday.AddDays(from.Value) });
        Assert.Equal(reason, sent.Ok ? null : sent.Error.Reason);
    }

    [Fact]
    public async Task What_is_asked_must_name_a_slot_and_be_short_and_not_pile_up()
    {
        Assert.Equal("notice_slots", (await Send(Form(Monday, Monday) with { Slots = [] })).Error.Reason);
        Assert.Equal("notice_reason", (await Send(Form(Monday, Monday) with { Reason = new('x', 201) })).Error.Reason);
        for (var day = 0; day < 10; day++)
        {
            await Sent(Form(Monday, Monday.AddDays(day)));
        }
        Assert.Equal("notices_waiting", (await Send(Form(Monday, Monday.AddDays(10)))).Error.Reason);
    }

    [Fact]
    public async Task A_homeroom_teacher_answers_for_the_own_class_and_the_office_for_all()
    {
        var id = (await Send(Form(Monday, Monday), Parent with { Id = Stranger })).Value;
        Assert.Equal("no_notice", (await Answer(id, NoticeState.Approved)).Error.Reason);
        Assert.Equal("not_your_class", (await Enter(Homeroom, Stranger)).Error.Reason);
        Assert.Empty(await Sheets());
        Assert.True((await Answer(id, NoticeState.Approved, actor: EdgeBox.Office)).Ok);
        Assert.Equal(foreign, Assert.Single(await Sheets()).Class);
        Assert.Equal("role_denied", (await Answer(await Sent(Form(Monday, Monday)), NoticeState.Approved, actor: EdgeBox.Teacher)).Error.Reason);
    }

    [Fact]
    public async Task To_say_no_needs_a_reason_and_an_answer_that_does_not_follow_is_refused()
    {
        var id = await Sent(Form(Monday, Monday));
        Assert.Equal("notice_why", (await Answer(id, NoticeState.Refused)).Error.Reason);
        Assert.Equal("notice_decided", (await Answer(id, NoticeState.Cancelled, "x")).Error.Reason);
        await Answered(id, NoticeState.Refused, "Hôm đó em thi");
        Assert.Equal("notice_decided", (await Withdraw(id, Parent)).Error.Reason);
    }

    [Fact]
    public async Task A_family_withdraws_its_own_and_what_crosses_with_the_schools_approval_is_shown_beside_it()
    {
        var (id, crossed) = (await Sent(Form(Monday, Monday)), await Sent(Form(Monday, Monday.AddDays(1))));
        Assert.Equal("no_notice", (await Withdraw(id, Parent with { Id = Binh })).Error.Reason);
        Assert.True((await Withdraw(id, Parent)).Ok);
        Assert.Equal("notice_decided", (await Answer(id, NoticeState.Approved)).Error.Reason);
        await Answered(crossed, NoticeState.Approved);
        var atCentral = new NoticeDecision(crossed, Monday.AddDays(1), NoticeState.Withdrawn, An, null);
        Assert.True((await box.Owner.TakePage("feed-1", new(EdgeBox.School, false, [EdgeBox.FromCentral(100, box.NewId(), atCentral)], new(100, [])), Cancel)).Ok);
        var found = await box.Owner.Read(r => NoticeCase.Find(r, EdgeBox.School, crossed)!, Cancel);
        Assert.Equal((NoticeState.Approved, true), (found.State, found.IsWithdrawn));
    }

    [Fact]
    public async Task A_letter_on_paper_is_entered_and_approved_at_once()
    {
        Assert.True((await Enter(Homeroom, Binh)).Ok);
        var found = Assert.Single(await box.Owner.Read(r => NoticeCase.OfPupil(r, EdgeBox.School, Binh), Cancel));
        Assert.Equal((NoticeState.Approved, Sender.School, Homeroom.Id), (found.State, found.Notice.Sender, found.Notice.By));
        Assert.Equal(2, (await Sheets()).Count);
        await Sent(Form(Monday, Monday));
        Assert.Equal("notice_waits", (await Enter(Homeroom, An)).Error.Reason);
    }

    [Fact]
    public async Task Why_is_sealed_on_either_side_and_goes_with_the_childs_key()
    {
        var id = await Sent(Form(Monday, Monday) with { Reason = "Em bị sốt" });
        await Answered(id, NoticeState.Refused, "Thiếu chữ ký");
        Assert.DoesNotContain(box.Owner.Journal.Reader.EntriesAfter(0), e => System.Text.Encoding.UTF8.GetString(e.Op.Data.Span) is var json
            && (json.Contains("sốt", StringComparison.Ordinal) || json.Contains("chữ ký", StringComparison.Ordinal)));
        Assert.Equal(("Em bị sốt", "Thiếu chữ ký"), await Read());
        seals.Erase(EdgeBox.School, [An]);
        Assert.Equal((null, null), await Read());

        Task<(string?, string?)> Read() => box.Owner.Read(
            r => NoticeLine.Of(r, seals, EdgeBox.School, NoticeCase.Find(r, EdgeBox.School, id)!, opened: true) is var line
                ? (line.Reason, line.Steps[0].Why) : default, Cancel);
    }

    private static NoticeForm Form(DateOnly from, DateOnly to) => new(from, to, [Slot.Morning, Slot.Afternoon], "");

    private Task<Result<Guid>> Send(NoticeForm form, Actor? parent = null) =>
        box.Owner.Decide(parent ?? Parent, r => SendNotice.Send(EdgeBox.Catalogue, seals, r, parent ?? Parent, form, clock), Cancel);

    private Task<Result<Guid>> Enter(Actor actor, Guid pupil) =>
        box.Owner.Decide(actor, r => SendNotice.Enter(EdgeBox.Catalogue, seals, r, actor, pupil, Form(Monday, Monday), clock), Cancel);

    private Task<Result<Guid>> Answer(Guid id, NoticeState wanted, string why = "", Actor? actor = null) =>
        box.Owner.Decide(actor ?? Homeroom, r => DecideNotice.Decide(EdgeBox.Catalogue, seals, r, actor ?? Homeroom, id, wanted, why, clock), Cancel);

    private Task<Result<Guid>> Withdraw(Guid id, Actor parent) =>
        box.Owner.Decide(parent, r => DecideNotice.Withdraw(EdgeBox.Catalogue, r, parent, id, clock), Cancel);

    private async Task<Guid> Sent(NoticeForm form) => (await Send(form)).Value;

    private async Task Answered(Guid id, NoticeState wanted, string why = "") => Assert.Equal(id, (await Answer(id, wanted, why)).Value);

    private async Task Submit(params Mark[] marks)
    {
        var sent = new SubmitSession(RecordId.New(clock), EdgeBox.Class, Monday, Slot.Morning, [An, Binh], marks, [], 1);
        Assert.True((await SubmitSession.Handle(sent, Homeroom, box.Owner, EdgeBox.Catalogue, clock, Cancel)).Ok);
    }

    private async Task<(MarkCode?, bool)> Standing() => (await Open(Monday)).Pupils[0] is var row ? (row.Code, row.TwoOpinions) : default;

    private Task<SheetReply> Open(DateOnly day) => box.Owner.Read(r => SheetReply.Of(r, EdgeBox.School, new(EdgeBox.Class, day, Slot.Morning)), Cancel);

    private int Written() => box.Owner.Journal.Reader.EntriesAfter(0).Count();

    private Task<List<SessionSheet>> Sheets() => box.Owner.Read(
        r => r.Views<SessionSheet>(EdgeBox.School).OrderBy(s => s.Date).ThenBy(s => s.Slot).ToList(), Cancel);
}
