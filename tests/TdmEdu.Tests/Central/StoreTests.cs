using System.Text;
using Microsoft.EntityFrameworkCore;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Central;

/// <summary>What Central promises of a batch, on whichever database.</summary>
public abstract partial class StoreTests : IAsyncLifetime
{
    private static readonly Guid A = new(1, 0, 0, new byte[8]);
    private static readonly Guid B = new(2, 0, 0, new byte[8]);

    private CentralBox central = null!;
    private string connection = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected abstract Task<string> NewDatabase();

    protected virtual void DropDatabase()
    {
    }

    public async ValueTask InitializeAsync()
    {
        connection = await NewDatabase();
        central = await CentralBox.Start(connection, Samples.Catalogue());
    }

    public async ValueTask DisposeAsync()
    {
        await central.DisposeAsync();
        DropDatabase();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Batch_that_arrives_twice_has_one_effect()
    {
        var box = await central.Enrol();
        var batch = box.Next(box.Op(A, new Note("một")), box.Op(B, new Note("hai")));
        var first = await box.Send(batch);
        var second = await box.Send(batch);
        Assert.Equal(2, first.Value.Durable.Seq);
        Assert.Equal(2, second.Value.Durable.Seq);
        Assert.Equal(first.Value.Durable.Hash, second.Value.Durable.Hash);
        await using var db = central.Db();
        Assert.Equal([1, 2], await db.Ops.OrderBy(o => o.FeedSeq).Select(o => o.FeedSeq).ToListAsync(Cancel));
        Assert.Equal(2, await db.Records.CountAsync(Cancel));
    }

    [Fact]
    public async Task Overlap_is_trimmed_and_only_the_rest_applied()
    {
        var box = await central.Enrol();
        var whole = box.Next(Enumerable.Range(0, 5).Select(n => box.Op(RecordId.New(central.Clock), new Note("x", n))));
        await box.Send(whole with { Ops = [.. whole.Ops.Take(3)] });
        var answer = await box.Send(whole);
        Assert.Equal(5, answer.Value.Durable.Seq);
        await using var db = central.Db();
        Assert.Equal([1, 2, 3, 4, 5], await db.Ops.OrderBy(o => o.FeedSeq).Select(o => o.Seq).ToListAsync(Cancel));
    }

    [Fact]
    public async Task Gap_is_answered_with_the_wanted_number_and_nothing_is_taken()
    {
        var box = await central.Enrol();
        await box.Push(box.Op(A, new Note("một")));
        var answer = await box.Send(box.Next(box.Op(B, new Note("ba"))) with { FirstSeq = 3 });
        Assert.True(answer.Value.Gap);
        Assert.Equal(1, answer.Value.Durable.Seq);
        await using var db = central.Db();
        Assert.Equal(1, await db.Ops.CountAsync(Cancel));
    }

    [Fact]
    public async Task Broken_chain_is_refused_and_leaves_the_lane_as_it_was()
    {
        var box = await central.Enrol();
        await box.Push(box.Op(A, new Note("một")));
        var answer = await box.Send(box.Next(box.Op(B, new Note("hai"))) with { PrevHash = new byte[HashChain.HashBytes] });
        Assert.Equal("chain_broken", answer.Error.Reason);
        await using var db = central.Db();
        Assert.Equal(1, (await db.NodeLanes.SingleAsync(Cancel)).LastSeq);
        Assert.Equal(1, await db.Ops.CountAsync(Cancel));
    }

    [Fact]
    public async Task Case_35_Another_schools_ids_are_kept_verbatim_as_rejected_and_touch_nothing_there()
    {
        var (mine, other) = (await central.Enrol(), await central.Enrol());
        await other.Push(other.Op(A, new Note("của B")));
        var before = await RecordsOf(other);
        var forged = mine.Op(A, new Note("kẻ khác"), Hlc.At(central.NowMs + 5), other.Identity.School);
        var answer = await mine.Push(mine.Op(B, new Note("của tôi")), forged, mine.Op(A, new Note("cùng id, trường tôi")));
        Assert.Equal(new OpResult(2, Outcome.Rejected, "scope_denied"), answer.NotApplied.Single());
        Assert.Equal(3, answer.Durable.Seq);
        Assert.Equal(before, await RecordsOf(other));
        await using var db = central.Db();
        var kept = await db.RefusedOps.SingleAsync(Cancel);
        Assert.Equal((mine.Identity.School, other.Identity.School, A), (kept.Scope, kept.ClaimedScope, kept.Id));
        Assert.Equal(forged.Data.ToArray(), kept.Data);
        Assert.Equal(2, await db.Records.CountAsync(r => r.Scope == mine.Identity.School, Cancel));
    }

    [Theory]
    [InlineData("{\"text\":5}", "bad_content")]
    [InlineData("{\"text\":\"\\u0000\"}", "bad_content")]
    [InlineData("{\"text\":\"a\",\"number\":-1}", "number_negative")]
    [InlineData("[1]", "bad_json")]
    [InlineData("{\"text\":", "bad_json")]
    public async Task Case_57_Malformed_content_is_rejected_and_the_lane_goes_on(string json, string reason)
    {
        var box = await central.Enrol();
        var bad = box.Op(A, new Note("")) with { Data = Encoding.UTF8.GetBytes(json) };
        var answer = await box.Push(bad, box.Op(B, new Note("tốt")));
        Assert.Equal(new OpResult(1, Outcome.Rejected, reason), answer.NotApplied.Single());
        await using var db = central.Db();
        Assert.Equal(bad.Data.ToArray(), (await db.RefusedOps.SingleAsync(Cancel)).Data);
        Assert.Equal(B, (await db.Records.SingleAsync(Cancel)).Id);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_rejected()
    {
        var box = await central.Enrol();
        var answer = await box.Push(box.Op(A, new Note("")) with { Data = Encoding.Latin1.GetBytes("{\"ÿ\":1}") });
        Assert.Equal(Outcome.Rejected, answer.NotApplied.Single().Outcome);
    }

    [Fact]
    public async Task Unknown_entity_is_parked_verbatim()
    {
        var box = await central.Enrol();
        var answer = await box.Push(box.Op(A, new Note("?")) with { Entity = "kitchen.meal" },
            box.Op(B, new Note("tốt")) with { Schema = 9 });
        Assert.All(answer.NotApplied, r => Assert.Equal((Outcome.Parked, "unknown_entity"), (r.Outcome, r.Reason)));
        await using var db = central.Db();
        Assert.Equal(["kitchen.meal", "test.note"], await db.RefusedOps.OrderBy(o => o.Seq).Select(o => o.Entity).ToListAsync(Cancel));
        Assert.Equal(0, await db.Ops.CountAsync(Cancel));
    }

    [Fact]
    public async Task Case_58_Module_that_throws_parks_its_operation_and_the_lane_goes_on()
    {
        var box = await central.Enrol();
        var answer = await box.Push(
            box.Op(A, new Fragile("good")), box.Op(B, new Fragile("bad")), box.Op(RecordId.New(central.Clock), new Fragile("good")));
        Assert.Equal(new OpResult(2, Outcome.Parked, "apply_failed"), answer.NotApplied.Single() with { Fault = null });
        Assert.Equal(2, (await central.Records.Read(r => r.View<FragileSum>(box.Identity.School, Guid.Empty), Cancel))!.Count);
        await using var db = central.Db();
        Assert.False(await db.Records.AnyAsync(r => r.Id == B, Cancel));
    }

    [Fact]
    public async Task Case_17_Crash_before_the_commit_leaves_neither_rows_nor_the_lanes_advance()
    {
        var box = await central.Enrol();
        await box.Push(box.Op(A, new Fragile("good")));
        var batch = box.Next(box.Op(B, new Fragile("good")), box.Op(Guid.Empty, new Fragile("power cut")));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => box.Send(batch));
        await using var db = central.Db();
        Assert.Equal(1, await db.Ops.CountAsync(Cancel));
        Assert.Equal(1, await db.Records.CountAsync(Cancel));
        Assert.Equal(1, (await db.NodeLanes.SingleAsync(Cancel)).LastSeq);
        Assert.Equal(1, (await db.FeedCounters.SingleAsync(c => c.Scope == box.Identity.School, Cancel)).Seq);
        Assert.Equal(2, (await box.Push(box.Op(B, new Fragile("good")))).Durable.Seq);
    }

    [Fact]
    public async Task Two_nodes_of_a_school_merge_field_by_field_in_any_order()
    {
        var first = await central.Enrol();
        var second = await central.Enrol(first.Identity.School.Owner);
        var now = central.NowMs;
        await first.Push(first.Op(A, new Note("đầu", 1), Hlc.At(now)));
        await second.Push(Put(second, "{\"number\":7}", now + 20));
        var late = await first.Push(Put(first, "{\"text\":\"mới\",\"number\":3}", now + 10));
        var none = await first.Push(Put(first, "{\"number\":2}", now + 5));
        Assert.Equal(Outcome.Merged, late.NotApplied.Single().Outcome);
        Assert.Equal(Outcome.Superseded, none.NotApplied.Single().Outcome);
        var row = await central.Records.Read(r => r.Get<Note>(first.Identity.School, A), Cancel);
        Assert.Equal(new Note("mới", 7), row!.Value);
        Op Put(NodeBox box, string json, long ms) => box.Op(A, new Note(""), Hlc.At(ms)) with { Data = Encoding.UTF8.GetBytes(json) };
    }

    [Fact]
    public async Task Attendance_is_folded_into_its_session_when_roster_and_submission_come_in_one_batch()
    {
        var box = await central.Enrol();
        var pupils = Enumerable.Range(1, 38).Select(n => new Guid(n, 1, 0, new byte[8])).ToArray();
        var (klass, day) = (new Guid(9, 9, 9, new byte[8]), new DateOnly(2026, 9, 7));
        var one = new Submission(klass, day, Slot.Morning, A, [new(pupils[0], MarkCode.Unexcused)], [], Guid.Empty, Source.Teacher, 0);
        var two = one with { Marks = [new(pupils[1], MarkCode.Late)] };
        await box.Push(box.Op(A, new RosterSeen(klass, pupils)), box.Op(RecordId.New(central.Clock), one));
        await box.Push(box.Op(RecordId.New(central.Clock), two));
        var sheet = Assert.Single(await central.Records.Query(r => r.AllViews<SessionSheet>("2026-09-07", "2026-09-08"), Cancel));
        Assert.Equal(new Tally(38, 37, 0, 1, 1, 0, 0), sheet.View.Tally);
        Assert.Equal((box.Identity.School, 2), (sheet.Scope, sheet.View.Submissions.Count));
    }

    [Fact]
    public async Task Fact_with_the_same_id_and_another_content_is_rejected()
    {
        var box = await central.Enrol();
        var answer = await box.Push(box.Op(A, new Fragile("good")), box.Op(A, new Fragile("good")), box.Op(A, new Fragile("else")));
        Assert.Equal([(2L, Outcome.Superseded), (3L, Outcome.Rejected)], answer.NotApplied.Select(r => (r.Seq, r.Outcome)));
    }

    [Theory]
    [InlineData(-1_000)]
    [InlineData(1_000)]
    public async Task Fact_stands_as_it_was_first_taken_whatever_time_another_content_claims(int laterMs)
    {
        var box = await central.Enrol();
        await box.Push(box.Op(A, new Fragile("good")));
        var answer = await box.Push(box.Op(A, new Fragile("else"), Hlc.At(central.NowMs + laterMs)));
        Assert.Equal(new(2, Outcome.Rejected, RefusalReason.FactDiffers), answer.NotApplied.Single());
        Assert.Equal("good", (await central.Records.Read(r => r.Get<Fragile>(box.Identity.School, A), Cancel))!.Value.Text);
    }

    [Fact]
    public async Task Clock_far_ahead_is_cut_back_in_order_and_kept_raw()
    {
        var box = await central.Enrol();
        var ahead = Hlc.At(central.NowMs + 3_600_000);
        await box.Push(box.Op(A, new Note("một"), ahead), box.Op(A, new Note("hai"), ahead.Next(0)));
        var row = await central.Records.Read(r => r.Get<Note>(box.Identity.School, A), Cancel);
        Assert.Equal("hai", row!.Value.Text);
        Assert.InRange(row.Version.Hlc.Milliseconds, central.NowMs, central.NowMs + 60_000);
        await using var db = central.Db();
        Assert.Equal(ahead.Value, (await db.Ops.FirstAsync(Cancel)).Hlc);
    }

    private async Task<string> RecordsOf(NodeBox box)
    {
        await using var db = central.Db();
        var rows = await db.Records.Where(r => r.Scope == box.Identity.School).OrderBy(r => r.Id).ToListAsync(Cancel);
        return string.Join("\n", rows.Select(r =>
            $"{r.Entity} {r.Id} {Convert.ToHexString(r.Data)} {r.Versions} {r.Deleted} {r.IndexKey}"));
    }
}
