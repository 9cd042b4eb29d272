using Microsoft.Extensions.Time.Testing;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.EdgeNode;

namespace TdmEdu.Tests.Modules.Attendance;

public sealed class SubmitSessionTests : IAsyncLifetime
{
    private static readonly Actor Teacher = EdgeBox.Teacher;
    private static readonly Guid[] Pupils = [.. Enumerable.Range(1, 3).Select(n => new Guid(n, 0, 0, new byte[8]))];
    private static readonly string[] Names = ["Trần Văn Bình", "Nguyễn Thị Ánh", "Lê Văn An"];

    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 23, 7, 30, 0, SchoolTime.Offset));
    private EdgeBox box = null!;

    public async ValueTask InitializeAsync()
    {
        box = await EdgeBox.Start(clock);
        var seq = 0L;
        FeedOp Down<T>(T value, Guid? id = null) => EdgeBox.FromCentral(++seq, id ?? box.NewId(), value);
        var year = EdgeBox.Catalogue.Create(Scope.City, box.NewId(), new SchoolYear("2026-2027", new(2026, 9, 5), new(2027, 5, 31), [1, 2, 3, 4, 5]));
        var yearOp = new Op(Scope.City, year.Entity, year.Id, year.Schema, year.Kind, Hlc.At(1), default, year.Data);
        Assert.True((await box.Owner.TakePage(
            "feed-1", new(Scope.City, false, [new(yearOp, EdgeBox.Central, 1)], new(1, [])), TestContext.Current.CancellationToken)).Ok);
        FeedOp[] page =
        [
            Down(new SchoolClass("3A", 3, "2026-2027", [Slot.Morning]), EdgeBox.Class),
            Down(new Assignment(Teacher.Id, EdgeBox.Class, new(2026, 9, 1), null, true)),
            .. Pupils.Select((id, i) => Down(new Pupil(null, Names[i], null, null), id)),
            .. Pupils.Select(id => Down(new Enrolment(id, EdgeBox.Class, new(2026, 9, 1), null))),
        ];
        Assert.True((await box.Owner.TakePage("feed-1", new(EdgeBox.School, false, page, new(seq, [])), TestContext.Current.CancellationToken)).Ok);
    }

    public ValueTask DisposeAsync() => box.DisposeAsync();

    [Fact]
    public async Task Sent_marks_are_safe_on_the_box_and_the_rest_are_present()
    {
        var sent = await Send(Request([new(Pupils[0], MarkCode.Unexcused)]));
        Assert.Equal(Receipt.OnBox, sent.Value.Receipt);
        Assert.Equal(new Tally(3, 2, 0, 1, 0, 0, 0), sent.Value.Sheet.Tally);
        Assert.Equal(clock.GetUtcNow().ToUnixTimeMilliseconds(), sent.Value.Sheet.SubmittedAtMs);
    }

    [Fact]
    public async Task How_late_somebody_was_comes_back_with_the_sheet()
    {
        var sent = await Send(Request([new(Pupils[0], MarkCode.Late, 15)]));
        Assert.Equal((MarkCode.Late, 15), Row(sent));
        var again = await Send(Request([new(Pupils[0], MarkCode.OffSite)]) with { Seen = [.. sent.Value.Sheet.Submissions] }, EdgeBox.Office);
        Assert.Equal((MarkCode.OffSite, null), Row(again));
        Assert.Equal((3, 0), (again.Value.Sheet.Tally!.Present, again.Value.Sheet.Tally.Late));

        static (MarkCode?, int?) Row(Result<SubmittedSession> sheet) => sheet.Value.Sheet.Pupils.Where(p => p.Id == Pupils[0]).Select(p => (p.Code, p.Minutes)).Single();
    }

    [Fact]
    public async Task Names_come_by_ten_then_ho()
    {
        var sheet = await Open(Teacher);
        Assert.Equal(["Lê Văn An", "Nguyễn Thị Ánh", "Trần Văn Bình"], sheet.Value.Pupils.Select(p => p.Name));
        Assert.All(sheet.Value.Pupils, p => Assert.Null(p.Code));
        Assert.Null(sheet.Value.Tally);
    }

    [Fact]
    public async Task The_same_sending_again_answers_the_same_and_writes_nothing()
    {
        var request = Request([new(Pupils[1], MarkCode.Late), new(Pupils[0], MarkCode.Excused)]);
        var first = await Send(request);
        var head = box.Owner.Status.Head(Lane.Attendance).Seq;
        var again = await Send(request with { Marks = [.. request.Marks!.Reverse()] });
        Assert.Equal(first.Value.Sheet.Tally, again.Value.Sheet.Tally);
        Assert.Equal(first.Value.Sheet.Submissions, again.Value.Sheet.Submissions);
        Assert.Equal(head, box.Owner.Status.Head(Lane.Attendance).Seq);
    }

    [Fact]
    public async Task The_same_id_for_something_else_is_a_conflict()
    {
        var request = Request([new(Pupils[0], MarkCode.Late)]);
        await Send(request);
        var other = await Send(request with { Marks = [new(Pupils[0], MarkCode.Excused)] });
        Assert.Equal((ErrorCode.Conflict, "id_reused"), (other.Error.Code, other.Error.Reason));
    }

    [Fact]
    public async Task Anothers_id_is_a_conflict_and_not_their_answer()
    {
        var request = Request([]);
        await Send(request);
        Assert.Equal("id_reused", (await Send(request, EdgeBox.Office)).Error.Reason);
    }

    [Fact]
    public async Task The_roster_is_written_once_for_two_submissions()
    {
        var before = box.Owner.Status.Head(Lane.Attendance).Seq;
        var first = await Send(Request([]));
        await Send(Request([new(Pupils[2], MarkCode.LeftEarly)]) with { Seen = [.. first.Value.Sheet.Submissions] });
        Assert.Equal(before + 3, box.Owner.Status.Head(Lane.Attendance).Seq);
    }

    [Fact]
    public async Task The_office_settles_what_two_teachers_contradict()
    {
        await Send(Request([new(Pupils[0], MarkCode.Unexcused)]));
        var second = await Send(Request([new(Pupils[0], MarkCode.Excused)]));
        Assert.Equal(1, second.Value.Sheet.Tally!.TwoOpinions);
        var settled = await Send(Request([new(Pupils[0], MarkCode.Unexcused)]) with { Seen = [.. second.Value.Sheet.Submissions] }, EdgeBox.Office);
        Assert.Equal(new Tally(3, 2, 0, 1, 0, 0, 0), settled.Value.Sheet.Tally);
    }

    [Fact]
    public async Task Who_joined_after_the_list_was_on_the_screen_is_not_called_present()
    {
        var sent = await Send(Request([]) with { Pupils = [Pupils[0], Pupils[1]] });
        Assert.Equal(2, sent.Value.Sheet.Tally!.Pupils);
        Assert.Null(sent.Value.Sheet.Pupils.Single(p => p.Id == Pupils[2]).Code);
    }

    [Fact]
    public async Task A_teacher_without_the_class_neither_sends_nor_looks()
    {
        var stranger = Teacher with { Id = box.NewId() };
        Assert.Equal("not_your_class", (await Send(Request([]), stranger)).Error.Reason);
        var look = await Open(stranger);
        Assert.Equal((ErrorCode.Denied, "not_your_class"), (look.Error.Code, look.Error.Reason));
    }

    [Fact]
    public async Task A_sunday_is_refused_with_what_to_do()
    {
        var refused = await Send(Request([]) with { Date = new(2026, 11, 22) });
        Assert.Equal("day_off", refused.Error.Reason);
        Assert.Contains("học bù", refused.Error.Message.Vietnamese, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_sent_survives_a_power_cut()
    {
        var request = Request([new(Pupils[0], MarkCode.Unexcused)]);
        var before = await Send(request);
        box.Drop();
        await box.StartAgain();
        var again = await Send(request);
        Assert.Equal(before.Value.Sheet.Tally, again.Value.Sheet.Tally);
        Assert.Single(again.Value.Sheet.Submissions);
    }

    [Fact]
    public async Task The_wall_names_who_has_not_sent_and_never_counts_them_present()
    {
        var empty = await box.Owner.Read(r => Wall.Of(r, EdgeBox.School, clock), TestContext.Current.CancellationToken);
        Assert.Equal(["3A"], empty.MissingIn(Slot.Morning).Select(r => r.Name));
        Assert.Equal((0, 1), empty.CountIn(Slot.Morning));
        Assert.Equal([Slot.Morning], empty.Due);
        Assert.Null(empty.Rows.Single().Cells[0].Session!.Tally);
        await Send(Request([]));
        var sent = await box.Owner.Read(r => Wall.Of(r, EdgeBox.School, clock), TestContext.Current.CancellationToken);
        Assert.Empty(sent.MissingIn(Slot.Morning));
        Assert.Equal(3, sent.Rows.Single().Cells[0].Session!.Tally!.Present);
    }

    private Task<Result<SheetReply>> Open(Actor actor) => box.Owner.Read(
        r => SheetReply.Open(r, actor, new(EdgeBox.Class, EdgeBox.Day, Slot.Morning), EdgeBox.Day, new()), TestContext.Current.CancellationToken);

    private SubmitSession Request(Mark[] marks) => new(RecordId.New(clock), EdgeBox.Class, EdgeBox.Day, Slot.Morning, Pupils, marks, [], 42);

    private Task<Result<SubmittedSession>> Send(SubmitSession request, Actor? actor = null) =>
        SubmitSession.Handle(request, actor ?? Teacher, box.Owner, EdgeBox.Catalogue, clock, TestContext.Current.CancellationToken);
}
