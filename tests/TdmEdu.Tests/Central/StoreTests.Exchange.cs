using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Intake;
using TdmEdu.Sync;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Central;

public abstract partial class StoreTests
{
    [Fact]
    public async Task Case_14_Newer_session_makes_the_older_one_stale()
    {
        var box = await central.Enrol();
        var old = box.Next(box.Op(A, new Note("cũ")));
        await box.Open();
        Assert.Equal("session_stale", (await box.Send(old)).Error.Reason);
        Assert.Equal(1, (await box.Push(box.Op(A, new Note("mới")))).Durable.Seq);
    }

    [Fact]
    public async Task Case_05_Batch_of_a_broken_connection_that_arrives_late_changes_nothing()
    {
        var box = await central.Enrol();
        var late = box.Next(box.Op(A, new Note("một")));
        await box.Open();
        await box.Push(late.Ops[0].Op);
        Assert.Equal("session_stale", (await box.Send(late)).Error.Reason);
        await using var db = central.Db();
        Assert.Equal(1, (await db.NodeLanes.SingleAsync(Cancel)).LastSeq);
    }

    [Fact]
    public async Task Open_tells_the_durable_ends_and_lets_a_box_go_on_from_them()
    {
        var box = await central.Enrol();
        await box.Push(box.Op(A, new Note("một")), box.Op(B, new Note("hai")));
        await using var db = central.Db();
        var (epoch, end) = ((await db.Meta.SingleAsync(m => m.Key == MetaKeys.FeedEpoch, Cancel)).Value, box.Head);
        var opened = (await box.Open(end, new LaneHead(Lane.Control, 0, []))).Value;
        Assert.Equal(OpenAction.Continue, opened.Action);
        Assert.Equal([2L, 0L], opened.Lanes.Select(l => l.Durable.Seq));
        Assert.Equal(end.Hash, opened.Lanes[0].Durable.Hash);
        Assert.Equal(epoch, opened.FeedEpoch);
        Assert.Equal(OpenAction.Continue, (await box.Open(end with { Seq = 3, Hash = new byte[32] })).Value.Action);
    }

    [Fact]
    public async Task Case_28_Box_restored_from_an_older_copy_learns_what_both_still_share()
    {
        var box = await central.Enrol();
        await box.Push(box.Op(A, new Note("một")));
        await box.Open(box.Head);
        var shared = box.Head;
        await box.Push(box.Op(B, new Note("hai")));
        var restored = box.Hello(shared) with { LastSession = [] };
        Assert.Equal(OpenAction.CloneSuspect, (await box.Greet(restored)).Value.Action);
        await central.Get<Exchange>().Admit(box.Identity, Cancel);
        var told = (await box.Greet(restored)).Value;
        Assert.Equal((OpenAction.Regression, 0), (told.Action, told.Session.Length));
        Assert.Equal(shared.Hash, Assert.Single(told.Lanes.Single().Checkpoints).Hash);
        Assert.Equal(OpenAction.Continue, (await box.OpenNewEpoch()).Value.Action);
        Assert.Equal(2, (await box.Pull("", [])).Value.Pages.Single().Ops.Count);
    }

    [Fact]
    public async Task Case_29_Cloned_box_gets_no_session_while_the_other_lives_and_waits_for_the_department()
    {
        var box = await central.Enrol();
        await box.Push(box.Op(A, new Note("một")));
        var clone = box.Hello(box.Head with { Hash = new byte[32] }) with { LastSession = [] };
        Assert.Equal(OpenAction.CloneSuspect, (await box.Greet(clone)).Value.Action);
        central.Clock.Advance(Greeting.Lease * 2);
        Assert.Equal(OpenAction.CloneSuspect, (await box.Greet(clone)).Value.Action);
        Assert.NotNull((await NodeOf(box)).SuspectSinceMs);
        Assert.True((await box.Send(box.Next(box.Op(B, new Note("vẫn gửi được"))))).Ok);
        await central.Get<Exchange>().Admit(box.Identity, Cancel);
        Assert.Equal(OpenAction.Regression, (await box.Greet(clone)).Value.Action);
    }

    [Theory]
    [InlineData(24 * 60, OpenAction.Regression)]
    [InlineData(1, OpenAction.CloneSuspect)]
    [InlineData(-1, OpenAction.CloneSuspect)]
    [InlineData(-24 * 60, OpenAction.Regression)]
    public async Task Restored_box_waits_for_nobody_because_Centrals_clock_was_put_back_by_more_than_the_lease(int seenAheadMinutes, OpenAction action)
    {
        var box = await central.Enrol();
        await box.Push(box.Op(A, new Note("một")));
        var restored = box.Hello(box.Head with { Hash = new byte[32] }) with { LastSession = [] };
        await central.Store.Write<bool>(
            b =>
            {
                b.SetSeen(box.Identity.Node, central.NowMs + (seenAheadMinutes * 60_000L));
                return true;
            },
            Cancel);
        Assert.Equal(action, (await box.Greet(restored)).Value.Action);
    }

    [Fact]
    public async Task Case_31_Central_restored_says_what_it_lost_and_begins_its_feed_anew()
    {
        var box = await central.Enrol();
        await box.Push(box.Op(A, new Note("một")));
        var feed = (await box.Pull("", [])).Value.FeedEpoch;
        var ahead = box.Head with { Seq = 5, Hash = new byte[32] };
        var hello = box.Hello(ahead) with { FeedEpoch = feed, Lanes = [new(ahead, 3)] };
        var resync = (await box.Greet(hello)).Value;
        Assert.Equal((OpenAction.ResyncFrom, 1), (resync.Action, resync.Lanes.Single().Durable.Seq));
        await central.Get<Exchange>().BeginFeed(Cancel);
        var reseed = (await box.Greet(hello with { LastSession = box.Token, Lanes = [new(ahead, 1)] })).Value;
        Assert.Equal(OpenAction.Reseed, reseed.Action);
        Assert.NotEqual(feed, reseed.FeedEpoch);
    }

    /// <summary>Operations that leave a school came with the version that is the oldest now: the feed must not stop a box that cannot read them.</summary>
    [Fact]
    public async Task Box_that_cannot_read_every_kind_of_operation_is_told_to_upgrade_before_it_meets_one()
    {
        var box = await central.Enrol();
        var (first, token) = (box.Hello(), box.Token);
        var told = (await box.Greet(first with { Protocol = Hello.ProtocolMin - 1 })).Value;
        Assert.Equal((OpenAction.Upgrade, 0, 0), (told.Action, told.Session.Length, told.Lanes.Count));
        Assert.Equal(token, (await central.Store.Read(b => b.Node(box.Identity.Node), Cancel))!.Token);
        Assert.Equal(OpenAction.Continue, (await box.Greet(first with { Protocol = Hello.ProtocolMin })).Value.Action);
        Assert.InRange(Hello.ProtocolMin, 3, Hello.ProtocolNow);
    }

    [Fact]
    public async Task Box_that_opens_sessions_without_end_is_told_to_come_back_later()
    {
        var box = await central.Enrol();
        for (var n = 1; n < Admission.OpensInRowMax; n++)
        {
            Assert.True((await box.Open()).Ok);
        }
        var refused = (await box.Open()).Error;
        Assert.Equal((Exchange.ReasonBusy, Admission.OpenEveryMs), (refused.Reason, refused.RetryAfterMs));
        central.Clock.Advance(TimeSpan.FromMilliseconds(Admission.OpenEveryMs));
        Assert.True((await box.Open()).Ok);
    }

    [Fact]
    public async Task Group_takes_effect_as_a_whole_or_not_at_all_and_the_lane_goes_on()
    {
        var box = await central.Enrol();
        var (good, bad) = (box.Op(A, new Note("cặp")) with { GroupLeft = 1 }, box.Op(B, new Note("sai", -1)));
        var answer = await box.Push(good, bad, box.Op(B, new Note("sau")));
        Assert.Equal([(1L, "group_refused"), (2L, "number_negative")], answer.NotApplied.Select(o => (o.Seq, o.Reason)));
        await using var db = central.Db();
        Assert.Equal(B, (await db.Records.SingleAsync(r => r.Entity == "test.note", Cancel)).Id);
        Assert.Equal(2, await db.RefusedOps.CountAsync(Cancel));
        Assert.Empty((await box.Push(box.Op(A, new Note("cặp")) with { GroupLeft = 1 }, box.Op(B, new Note("đúng"), Hlc.At(central.NowMs + 1)))).NotApplied);
    }

    /// <summary>Its first member had taken effect in memory, and its second made that be written.</summary>
    [Fact]
    public async Task Group_that_is_refused_leaves_nothing_to_what_follows_it_in_its_batch()
    {
        var box = await central.Enrol();
        var (c, d, e) = (new Guid(3, 0, 0, new byte[8]), new Guid(4, 0, 0, new byte[8]), new Guid(5, 0, 0, new byte[8]));
        var answer = await box.Push(
            box.Op(A, new Note("trước", 1)),
            box.Op(A, new Tagged("x", "trước")),
            box.Op(A, new Note("nhóm", 2), Hlc.At(central.NowMs + 1)) with { GroupLeft = 3 },
            box.Op(c, new Fragile("good")) with { GroupLeft = 2 },
            box.Op(d, new Tagged("x", "nhóm")) with { GroupLeft = 1 },
            box.Op(B, new Note("sai", -1)),
            box.Op(A, new Note("")) with { Data = "{\"text\":\"sau\"}"u8.ToArray(), Hlc = Hlc.At(central.NowMs + 2) },
            box.Op(e, new Tagged("x", "sau")));
        Assert.Equal([3, 4, 5, 6], answer.NotApplied.Select(o => o.Seq));
        var (note, tags, sum) = await central.Records.Read(
            r => (r.Get<Note>(box.Identity.School, A), r.View<TagTexts>(box.Identity.School, Tagged.ViewOf("x")), r.View<FragileSum>(box.Identity.School, Guid.Empty)), Cancel);
        Assert.Equal(new("sau", 1), note!.Value);
        Assert.Equal(["trước", "sau"], tags!.Texts.Values);
        Assert.Null(sum);
        await using var db = central.Db();
        Assert.Equal([(1, 1), (2, 2), (3, 7), (4, 8)], (await db.Ops.OrderBy(o => o.FeedSeq).ToListAsync(Cancel)).Select(o => (o.FeedSeq, o.Seq)));
        Assert.Equal([A, A, e], await db.Records.OrderBy(r => r.Id).Select(r => r.Id).ToListAsync(Cancel));
    }

    [Fact]
    public async Task Batch_that_arrives_again_is_told_again_what_of_it_was_refused()
    {
        var box = await central.Enrol();
        var whole = box.Next(box.Op(A, new Note("sai", -1)), box.Op(B, new Note("tốt")), box.Op(A, new Note("sai", -2)));
        var half = whole with { Ops = [.. whole.Ops.Take(2)] };
        Assert.Equal([1], await Refused(half));
        Assert.Equal([1], await Refused(half));
        Assert.Equal([1, 3], await Refused(whole));
        Assert.Equal([1, 3], await Refused(whole));
        Assert.Empty(await Refused(box.GoBack((await box.Send(whole)).Value.Durable).Next(box.Op(A, new Note("tốt")))));

        async Task<IEnumerable<long>> Refused(Batch batch) =>
            (await box.Send(batch)).Value.NotApplied.Where(o => o is { Outcome: Outcome.Rejected, Reason: "number_negative" }).Select(o => o.Seq).Order();
    }

    /// <summary>Else a Central that is restored before the next page leaves a box with half, which it would send again as a whole.</summary>
    [Fact]
    public async Task Page_of_the_feed_ends_with_a_whole_group_and_says_what_belongs_together()
    {
        var box = await central.Enrol();
        var mate = await central.Enrol(box.Identity.School.Owner);
        var ids = Enumerable.Range(1, 5).Select(n => new Guid(n, 0, 0, new byte[8])).ToArray();
        await mate.Push(ids.Zip([0, 2, 1, 0, 0], (id, left) => mate.Op(id, new Note("sách")) with { GroupLeft = left }));

        var (pages, cursors) = (new List<int[]>(), new Dictionary<Scope, Cursor>());
        var epoch = (await box.Pull("", [], opsMax: 1)).Value.FeedEpoch;
        while ((await box.Pull(epoch, cursors, opsMax: 3)).Value is { Pages.Count: > 0 } answer)
        {
            pages.AddRange(answer.Pages.Where(p => p.Scope == box.Identity.School).Select(p => p.Ops.Select(o => o.Op.GroupLeft).ToArray()));
            foreach (var page in answer.Pages)
            {
                cursors[page.Scope] = page.Next;
            }
        }
        Assert.Equal([[0], [2, 1, 0], [0]], pages.Where(p => p.Length > 0));
    }

    [Fact]
    public async Task Cursor_into_a_feed_that_was_rewritten_begins_anew()
    {
        var (box, mate) = (await central.Enrol(), (NodeBox)null!);
        mate = await central.Enrol(box.Identity.School.Owner);
        await mate.Push(mate.Op(A, new Note("một")), mate.Op(B, new Note("hai")));
        var page = (await box.Pull("", [])).Value;
        var cursors = page.Pages.ToDictionary(p => p.Scope, p => p.Next);
        Assert.Empty((await box.Pull(page.FeedEpoch, cursors)).Value.Pages);
        cursors[box.Identity.School] = cursors[box.Identity.School] with { Mark = new byte[Cursor.MarkBytes] };
        var again = Assert.Single((await box.Pull(page.FeedEpoch, cursors)).Value.Pages);
        Assert.Equal((true, 2, 2), (again.Restart, again.Ops.Count, again.Next.Seq));
    }

    [Fact]
    public async Task Heartbeat_says_that_both_hold_the_same_until_either_has_news()
    {
        var (box, mate) = (await central.Enrol(), (NodeBox)null!);
        mate = await central.Enrol(box.Identity.School.Owner);
        await mate.Push(mate.Op(A, new Note("một")));
        await box.Push(box.Op(B, new Note("hai")));
        var page = (await box.Pull("", [])).Value;
        var backedUp = new Dictionary<Lane, long>();
        byte[] State(LaneHead head) => ExchangeState.Hash([head], backedUp, page.FeedEpoch, page.Pages.Select(p => KeyValuePair.Create(p.Scope, p.Next)));
        Task<Result<bool>> Beat(LaneHead head) => central.Get<Exchange>().Beat(box.Identity, box.Token, State(head), central.NowMs, Cancel);
        Assert.True((await Beat(box.Head)).Value);
        Assert.False((await Beat(box.Head with { Seq = 2 })).Value);
        await mate.Push(mate.Op(A, new Note("ba"), Hlc.At(central.NowMs + 1)));
        Assert.False((await Beat(box.Head)).Value);
    }

    [Fact]
    public async Task Case_34_Revoked_box_is_refused_in_the_middle_of_its_session()
    {
        var box = await central.Enrol();
        await using var db = central.Db();
        await db.Nodes.ExecuteUpdateAsync(n => n.SetProperty(r => r.Revoked, true), Cancel);
        Assert.Equal("node_revoked", (await box.Send(box.Next(box.Op(A, new Note("x"))))).Error.Reason);
    }
}
