using Microsoft.Extensions.Time.Testing;
using TdmEdu.EdgeNode.Journal;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.EdgeNode;

public sealed class OwnerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static readonly Scope School = EdgeBox.School;

    [Fact]
    public async Task Fifty_callers_are_all_saved_and_each_sees_its_own_mark()
    {
        await using var box = await EdgeBox.Start();
        var ids = Enumerable.Range(0, 500).Select(_ => box.NewId()).ToArray();
        await Parallel.ForEachAsync(ids, new ParallelOptions { MaxDegreeOfParallelism = 50 }, async (id, cancel) =>
        {
            Assert.True((await box.Submit(id)).Ok);
            Assert.NotNull(await box.Owner.Read(r => r.Get<Submission>(School, id), cancel));
        });
        Assert.Equal(500, box.Owner.Status.Head(Lane.Attendance).Seq);
        Assert.Equal(500, (await box.Sheet())!.Submissions.Count);
    }

    [Fact]
    public async Task A_command_sees_the_commands_before_it_though_they_share_its_commit()
    {
        await using var box = await EdgeBox.Start();
        using var go = new ManualResetEventSlim();
        var hold = box.Owner.Read(_ => go.Wait(TimeSpan.FromSeconds(10)), Cancel);
        var first = box.Submit(box.NewId());
        var counted = box.Owner.Decide<int>(
            EdgeBox.Teacher, r => new(r.Page<Submission>(School, EdgeBox.Day.Iso()).Rows.Count + r.Views<SessionSheet>(School).Count, []), Cancel);
        var second = box.Submit(box.NewId());
        var read = box.Owner.Read(r => r.Page<Submission>(School).Rows.Count, Cancel);
        go.Set();
        await Task.WhenAll(hold, first, second);
        Assert.Equal(2, (await counted).Value);
        Assert.Equal(2, await read);
    }

    [Fact]
    public async Task A_fact_sent_again_is_one_operation_and_another_content_under_its_id_is_refused()
    {
        await using var box = await EdgeBox.Start();
        var id = box.NewId();
        Assert.True((await box.Submit(id)).Ok);
        Assert.True((await box.Submit(id)).Ok);
        Assert.Equal("fact_exists", (await box.Submit(id, new Mark(box.NewId(), MarkCode.Late))).Error.Reason);
        Assert.Equal(1, box.Owner.Status.Head(Lane.Attendance).Seq);
    }

    [Fact]
    public async Task A_refused_draft_takes_back_the_drafts_before_it()
    {
        await using var box = await EdgeBox.Start();
        var id = box.NewId();
        var reply = await box.Owner.Decide<bool>(
            EdgeBox.Teacher,
            _ => new(true,
            [
                EdgeBox.Catalogue.Create(School, id, EdgeBox.SubmissionOf(EdgeBox.Day)),
                EdgeBox.Catalogue.Create(School, id, new CalendarDay(EdgeBox.Day, DayKind.Open, "")),
            ]),
            Cancel);
        Assert.Equal("role_denied", reply.Error.Reason);
        Assert.Null(await box.Sheet());
        Assert.Equal(0, box.Owner.Status.Pending);
    }

    [Fact]
    public async Task A_refused_command_leaves_no_hole_in_the_lane_for_the_next_of_its_commit()
    {
        await using var box = await EdgeBox.Start();
        using var go = new ManualResetEventSlim();
        var hold = box.Owner.Read(_ => go.Wait(TimeSpan.FromSeconds(10)), Cancel);
        var refused = box.Owner.Decide<bool>(
            EdgeBox.Teacher,
            _ => new(true,
            [
                EdgeBox.Catalogue.Create(School, box.NewId(), EdgeBox.SubmissionOf(EdgeBox.Day)),
                EdgeBox.Catalogue.Create(School, box.NewId(), new CalendarDay(EdgeBox.Day, DayKind.Open, "")),
            ]),
            Cancel);
        var next = box.Submit(box.NewId());
        go.Set();
        await hold;
        Assert.False((await refused).Ok);
        Assert.True((await next).Ok);
        Assert.Equal(1, box.Owner.Status.Head(Lane.Attendance).Seq);
        Assert.Equal((await next).Value, Assert.Single(box.Owner.Journal.ReadLane(Lane.Attendance, 1, 10, 10_000)).Op.Id);
    }

    [Fact]
    public async Task Rows_of_another_scope_are_not_written_here_even_by_the_city()
    {
        await using var box = await EdgeBox.Start();
        var officer = new Actor(box.NewId(), Scope.City, Roles.DepartmentOfficer);
        var reply = await box.Owner.Decide<bool>(
            officer, _ => new(true, [EdgeBox.Catalogue.Create(Scope.City, box.NewId(), new CalendarDay(EdgeBox.Day, DayKind.Open, ""))]), Cancel);
        Assert.Equal("not_written_here", reply.Error.Reason);
    }

    [Fact]
    public async Task A_decision_that_throws_fails_alone()
    {
        await using var box = await EdgeBox.Start();
        var broken = box.Owner.Decide<int>(EdgeBox.Teacher, _ => throw new FormatException("bug"), Cancel);
        var whole = box.Submit(box.NewId());
        await Assert.ThrowsAsync<FormatException>(() => broken);
        Assert.True((await whole).Ok);
    }

    [Fact]
    public async Task Case_24_A_page_from_central_that_comes_twice_has_one_effect()
    {
        await using var box = await EdgeBox.Start();
        FeedOp[] page = [.. Enumerable.Range(1, 5).Select(i => EdgeBox.FromCentral(i, box.NewId(), new Enrolment(box.NewId(), EdgeBox.Class, EdgeBox.Day, null)))];
        Assert.Equal(8, (await box.Owner.TakePage("feed-1", new(School, false, page, new(8, [])), Cancel)).Value);
        Assert.Equal(8, (await box.Owner.TakePage("feed-1", new(School, false, page, new(8, [])), Cancel)).Value);
        Assert.Equal(5, box.Owner.Journal.Reader.End());
        var roster = await box.Owner.Read(r => r.View<ClassRoster>(School, EdgeBox.Class), Cancel);
        Assert.Equal(5, roster!.PupilsOn(EdgeBox.Day).Count());
        Assert.Equal(8, box.Owner.Status.State.Cursors[School].Seq);
    }

    [Fact]
    public async Task A_new_feed_of_central_begins_at_its_start_and_changes_nothing_that_is_here()
    {
        await using var box = await EdgeBox.Start();
        FeedOp[] page = [EdgeBox.FromCentral(1, box.NewId(), new Enrolment(box.NewId(), EdgeBox.Class, EdgeBox.Day, null))];
        await box.Owner.TakePage("feed-1", new(School, false, page, new(8, [])), Cancel);
        Assert.Equal(1, (await box.Owner.TakePage("feed-2", new(School, false, page, new(1, [])), Cancel)).Value);
        Assert.Equal("feed-2", box.Owner.Status.State.FeedEpoch);
        Assert.Single((await box.Owner.Read(r => r.View<ClassRoster>(School, EdgeBox.Class), Cancel))!.Enrolments);
    }

    [Fact]
    public async Task An_operation_nobody_here_understands_is_kept_and_the_ones_after_it_take_effect()
    {
        await using var box = await EdgeBox.Start();
        var garbled = EdgeBox.FromCentral(2, box.NewId(), new Enrolment(box.NewId(), EdgeBox.Class, EdgeBox.Day, null));
        garbled = garbled with { Op = garbled.Op with { Data = "{\"class\":7"u8.ToArray() } };
        var good = EdgeBox.FromCentral(3, box.NewId(), new Enrolment(box.NewId(), EdgeBox.Class, EdgeBox.Day, null));
        Assert.True((await box.Owner.TakePage("feed-1", new(School, false, [EdgeBox.Unknown(1, box.NewId()), garbled, good], new(3, [])), Cancel)).Ok);
        Assert.Equal(["kitchen.meal", "registry.enrolment", "registry.enrolment"], box.Owner.Journal.Reader.EntriesAfter(0).Select(e => e.Op.Entity));
        Assert.Single((await box.Owner.Read(r => r.View<ClassRoster>(School, EdgeBox.Class), Cancel))!.Enrolments);
    }

    [Fact]
    public async Task Case_38_Stamps_grow_when_the_clock_jumps_back_and_after_a_restart()
    {
        var clock = new SettableClock { Now = new(2026, 11, 23, 0, 0, 0, TimeSpan.Zero) };
        await using var box = await EdgeBox.Start(clock);
        await box.Submit(box.NewId());
        clock.Now = clock.Now.AddYears(-6);
        await box.Submit(box.NewId());
        box.Drop();
        await box.StartAgain();
        await box.Submit(box.NewId());
        await box.Submit(box.NewId());
        Assert.Equal(4, box.Owner.Status.Head(Lane.Attendance).Seq);
        var stamps = box.Owner.Journal.ReadLane(Lane.Attendance, 1, 10, 10_000).Select(o => o.Op.Hlc.Value).ToList();
        Assert.Equal(stamps.Order().Distinct(), stamps);
    }

    [Fact]
    public async Task What_is_sent_again_holds_no_half_group_and_nothing_twice_that_came_back_with_its_stamp_cut()
    {
        await using var box = await EdgeBox.Start();
        Assert.True((await box.Submit(box.NewId())).Ok);
        var own = box.Owner.Journal.ReadLane(Lane.Attendance, 1, 1, 1).Single().Op;
        Assert.True((await box.Owner.BeginEpoch(new Dictionary<Lane, long> { [Lane.Attendance] = 1 }, Cancel)).Ok);
        var cut = own with { Hlc = Hlc.At(own.Hlc.Milliseconds - 1), Stamped = own.Hlc };
        FeedOp[] page = [new(cut, EdgeBox.Node, 1), Back(2, groupLeft: 1), Back(3, groupLeft: 1), Back(4, groupLeft: 0)];
        Assert.True((await box.Owner.TakePage("feed-1", new(School, false, page, new(4, [])), Cancel)).Ok);
        Assert.True((await box.Owner.SendEarlier(Cancel)).Ok);
        Assert.Equal(
            [(own.Id, cut.Hlc, 0), .. page.Skip(1).Select((o, n) => (o.Op.Id, o.Op.Hlc, n == 1 ? 1 : 0))],
            box.Owner.Journal.ReadLane(Lane.Attendance, 1, 10, 10_000).Select(o => (o.Op.Id, o.Op.Hlc, o.Op.GroupLeft)));

        FeedOp Back(long seq, int groupLeft)
        {
            var fed = EdgeBox.FromCentral(seq, box.NewId(), EdgeBox.SubmissionOf(EdgeBox.Day));
            return fed with { Node = EdgeBox.Node, Op = fed.Op with { GroupLeft = groupLeft } };
        }
    }

    [Fact]
    public async Task Another_box_s_clock_is_followed_unless_it_is_more_than_a_day_ahead()
    {
        var clock = new FakeTimeProvider(new(2026, 11, 23, 0, 0, 0, TimeSpan.Zero));
        await using var box = await EdgeBox.Start(clock);
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var hour = EdgeBox.FromCentral(1, box.NewId(), new Pupil(null, "A", null, null), now + 3_600_000);
        var years = EdgeBox.FromCentral(2, box.NewId(), new Pupil(null, "B", null, null), now + 100_000_000_000);
        await box.Owner.TakePage("feed-1", new(School, false, [hour, years], new(2, [])), Cancel);
        await box.Submit(box.NewId());
        Assert.Equal(now + 3_600_000, box.Owner.Journal.ReadLane(Lane.Attendance, 1, 1, 1)[0].Op.Hlc.Milliseconds);
    }

    [Fact]
    public async Task Receipts_follow_what_central_acknowledged()
    {
        await using var box = await EdgeBox.Start();
        var (first, second, none) = (box.NewId(), box.NewId(), box.NewId());
        await box.Submit(first);
        await box.Submit(second);
        await box.Owner.Acknowledge(new(Lane.Attendance, 1, []), Cancel);
        var receipts = await box.Owner.Receipts<Submission>(School, [first, second, none], Cancel);
        Assert.Equal(new() { [first] = Receipt.AtCentre, [second] = Receipt.OnBox }, new Dictionary<Guid, Receipt>(receipts));
        Assert.Equal(1, box.Owner.Status.Pending);
    }

    [Fact]
    public async Task Pages_follow_the_index_and_their_cursor()
    {
        await using var box = await EdgeBox.Start();
        foreach (var n in Enumerable.Range(0, 25).Reverse())
        {
            await box.Submit(box.NewId(), EdgeBox.Day.AddDays(n), []);
            if (n == 12)
            {
                await box.Stop();
                await box.StartAgain();
            }
        }
        var seen = new List<DateOnly>();
        for (string? cursor = null, begin = ""; begin is not null; begin = cursor)
        {
            var page = await box.Owner.Read(r => r.Page<Submission>(School, EdgeBox.Day.AddDays(2).Iso(), EdgeBox.Day.AddDays(20).Iso(), cursor, 4), Cancel);
            seen.AddRange(page.Rows.Select(r => r.Value.Date));
            cursor = page.Cursor;
        }
        Assert.Equal(Enumerable.Range(2, 18).Select(n => EdgeBox.Day.AddDays(n)), seen);
    }

    [Fact]
    public async Task An_audit_entry_is_in_the_journal_when_the_call_returns()
    {
        await using var box = await EdgeBox.Start();
        await box.Owner.Write(new AuditEntry("refused", EdgeBox.Teacher.Id, "/class", "role_denied"), Cancel);
        using var connection = JournalSchema.OpenForReading(Path.Combine(box.Folder, "journal.db"));
        Assert.Equal("role_denied", JournalSchema.Scalar(connection, "SELECT CAST(data AS TEXT) ->> 'reason' FROM entries WHERE entity = 'sync.audit'"));
    }

    /// <summary>A wall clock that may be set back, which FakeTimeProvider refuses.</summary>
    private sealed class SettableClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
