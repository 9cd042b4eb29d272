using System.Text;
using CsCheck;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Sync;

public class ExchangeTests
{
    private static readonly Guid Node = new(1, 1, 1, new byte[8]);
    private static readonly Guid Epoch = new(2, 2, 2, new byte[8]);
    private static readonly Scope School = Scope.School(new Guid(3, 3, 3, new byte[8]));
    private static readonly byte[] Base = HashChain.Base(Node, Epoch, Lane.Attendance);

    [Fact]
    public void Any_overlapping_resend_of_a_lane_has_the_effect_of_sending_it_once()
    {
        var batches = Gen.Select(Gen.Int[0, 20], Gen.Int[1, 10]).Array[1, 12];
        batches.Sample(plan =>
        {
            var lane = Chain(20);
            var (held, taken) = (new LaneHead(Lane.Attendance, 0, Base), new List<long>());
            foreach (var (start, count) in plan.Append((0, 20)))
            {
                var batch = lane.Skip(start).Take(count).ToList();
                var prev = start == 0 ? Base : lane[Math.Min(start, 20) - 1].Hash;
                var decision = Intake.Decide(held, start + 1, prev, [.. batch.Select(n => (n.Op, n.Salt))]);
                Assert.NotEqual(IntakeAction.Broken, decision.Action);
                Assert.Equal(decision.Action == IntakeAction.Gap, start > held.Seq);
                taken.AddRange(decision.Ops.Select(o => o.Seq));
                held = decision.Head;
            }
            return taken.SequenceEqual(Enumerable.Range(1, 20).Select(i => (long)i)) && held.Hash.AsSpan().SequenceEqual(lane[^1].Hash);
        });
    }

    [Fact]
    public void A_changed_operation_breaks_the_chain()
    {
        var lane = Chain(3);
        var forged = lane[1].Op with { Data = Encoding.UTF8.GetBytes("""{"a":99}""") };
        var held = new LaneHead(Lane.Attendance, 3, lane[2].Hash);
        var decision = Intake.Decide(held, 1, Base, [(lane[0].Op, lane[0].Salt), (forged, lane[1].Salt), (lane[2].Op, lane[2].Salt)]);
        Assert.Equal(IntakeAction.Broken, decision.Action);
    }

    [Fact]
    public void Waits_grow_to_a_cap_and_never_beyond_it()
    {
        var longest = Enumerable.Range(1, 50).Select(n => Backoff.Wait(n, 0.999999)).ToList();
        Assert.True(longest.SequenceEqual(longest.Order()));
        Assert.All(longest, wait => Assert.InRange(wait, TimeSpan.Zero, Backoff.LastCap));
        Assert.Equal([500, 1000, 1500, 1500], Enumerable.Range(1, 4).Select(n => Math.Round(Backoff.Wait(n, 1).TotalMilliseconds)));
        Assert.Equal(TimeSpan.Zero, Backoff.Wait(7, 0));
    }

    /// <summary>
    /// TCP on a line of 800 ms that loses each tenth packet carries some 7 kB/s (Mathis: 1460 B / 0.8 s · 1.22 / √0.1). One batch at a
    /// time, as the kernel sends a lane; what takes longer than a call may is lost, and counts as time only.
    /// </summary>
    [Fact]
    public void Case_09_Batches_on_a_slow_lossy_line_use_seven_tenths_of_it_and_time_out_rarely()
    {
        const double bytesPerMs = 7;
        const int roundTripMs = 800, bytesPerOp = 60, callMaxMs = 30_000, hourMs = 3_600_000;
        var (size, sentOps, timeouts, calls) = (new BatchSize(), 0L, 0, 0);
        var now = 0.0;
        for (; now < hourMs; calls++)
        {
            var took = roundTripMs + (size.Ops * bytesPerOp / bytesPerMs);
            now += Math.Min(took, callMaxMs);
            if (took > callMaxMs)
            {
                size.Failed();
                timeouts++;
                continue;
            }
            sentOps += size.Ops;
            size.Came((long)took);
        }
        Assert.InRange(sentOps * bytesPerOp / (bytesPerMs * now), 0.7, 1);
        Assert.InRange(timeouts, 0, calls / 100);
    }

    [Fact]
    public void A_batch_that_failed_or_was_slow_halves_the_next_and_one_that_came_lets_it_grow_a_little()
    {
        var size = new BatchSize();
        size.Failed();
        Assert.Equal(Intake.BatchOpsMax / 2, size.Ops);
        size.Came(BatchSize.SlowMs + 1);
        Assert.Equal(Intake.BatchOpsMax / 4, size.Ops);
        size.Came(BatchSize.SlowMs);
        Assert.Equal((Intake.BatchOpsMax / 4) + BatchSize.Step, size.Ops);
        for (var i = 0; i < 20; i++)
        {
            size.Failed();
        }
        Assert.Equal(BatchSize.Min, size.Ops);
    }

    [Fact]
    public void The_heartbeats_hash_covers_every_head_its_backup_and_every_cursor_and_no_order()
    {
        LaneHead[] heads = [new(Lane.Attendance, 3, Base), new(Lane.Desks, 1, Base)];
        KeyValuePair<Scope, Cursor>[] cursors = [new(School, new(7, [1, 2])), new(Scope.City, new(4, [3]))];
        var backedUp = new Dictionary<Lane, long> { [Lane.Attendance] = 2 };
        var same = ExchangeState.Hash(heads, backedUp, "feed", cursors);
        Assert.Equal(same, ExchangeState.Hash(heads.Reverse().Append(new(Lane.Control, 0, Base)), backedUp, "feed", cursors.Reverse().Append(new(Scope.Ward(Node), Cursor.Start))));
        byte[][] others =
        [
            ExchangeState.Hash(heads[..1], backedUp, "feed", cursors),
            ExchangeState.Hash([heads[0] with { Seq = 4 }, heads[1]], backedUp, "feed", cursors),
            ExchangeState.Hash([heads[0] with { Hash = new byte[32] }, heads[1]], backedUp, "feed", cursors),
            ExchangeState.Hash([heads[0] with { Lane = Lane.Control }, heads[1]], backedUp, "feed", cursors),
            ExchangeState.Hash(heads, new Dictionary<Lane, long> { [Lane.Attendance] = 3 }, "feed", cursors),
            ExchangeState.Hash(heads, backedUp, "other", cursors),
            ExchangeState.Hash(heads, backedUp, "feed", cursors[..1]),
            ExchangeState.Hash(heads, backedUp, "feed", [new(School, new(8, [1, 2])), cursors[1]]),
            ExchangeState.Hash(heads, backedUp, "feed", [new(School, new(7, [1, 9])), cursors[1]]),
            ExchangeState.Hash(heads, backedUp, "feed", [new(Scope.School(Epoch), new(7, [1, 2])), cursors[1]]),
        ];
        Assert.Equal(others.Length + 1, others.Append(same).Select(Convert.ToHexString).Distinct().Count());
    }

    [Fact]
    public void The_chain_covers_everything_that_an_operation_says()
    {
        var op = Chain(1)[0].Op;
        var other = new Guid(9, 9, 9, new byte[8]);
        Op[] changed =
        [
            op with { Scope = Scope.School(other) }, op with { Entity = "x.z" }, op with { Id = other }, op with { Schema = 2 },
            op with { Kind = OpKind.Fact }, op with { Hlc = new(2) }, op with { Actor = other }, op with { GroupLeft = 1 }, op with { Data = "{}"u8.ToArray() },
        ];
        var salt = new byte[HashChain.SaltBytes];
        var hashes = changed.Append(op).Select(o => Convert.ToHexString(HashChain.Next(Base, 1, o, salt)))
            .Append(Convert.ToHexString(HashChain.Next(Base, 2, op, salt))).Append(Convert.ToHexString(HashChain.Next(Base, 1, op, [1, .. salt[1..]])));
        Assert.Equal(changed.Length + 3, hashes.Distinct().Count());
    }

    [Fact]
    public void A_school_has_room_for_one_call_a_lane_and_one_more_and_the_rest_is_told_when_to_come_back()
    {
        var admission = new Admission();
        var mate = new Guid(4, 4, 4, new byte[8]);
        for (var i = 0; i < Admission.CallsPerBoxMax; i++)
        {
            Assert.Null(admission.Enter(School.Owner, 0));
        }
        Assert.True(admission.Enter(School.Owner, 0) > 0);
        Assert.Null(admission.Enter(mate, 0));
        admission.Leave(School.Owner);
        Assert.Null(admission.Enter(School.Owner, 0));
    }

    [Fact]
    public void Threat_T24_A_school_drains_a_week_without_waiting_and_calls_no_faster_than_its_bucket_fills()
    {
        var (admission, mate) = (new Admission(), new Guid(4, 4, 4, new byte[8]));
        Assert.All(Enumerable.Range(0, Admission.CallsInRowMax), _ => Assert.Null(Call(School.Owner, 0)));
        Assert.Equal(Admission.CallEveryMs, Call(School.Owner, 0));
        Assert.Null(Call(mate, 0));
        var taken = Enumerable.Range(0, 60_000).Count(now => Call(School.Owner, now) is null);
        Assert.InRange(taken, (60_000 / Admission.CallEveryMs) - 1, 60_000 / Admission.CallEveryMs);

        int? Call(Guid box, long nowMs)
        {
            var wait = admission.Enter(box, nowMs);
            if (wait is null)
            {
                admission.Leave(box);
            }
            return wait;
        }
    }

    [Fact]
    public void Threat_T24_A_school_whose_batch_cost_much_leaves_most_of_the_writer_to_the_others()
    {
        const long costly = 500 * 1024 * 1024;
        var (admission, mate) = (new Admission(), new Guid(4, 4, 4, new byte[8]));
        admission.Made(School.Owner, Admission.MadeBytesMax, 0);
        Assert.Null(admission.Enter(School.Owner, 0));
        admission.Made(School.Owner, costly, 0);
        Assert.Equal((int)(costly / Admission.RestBytesPerMs), admission.Enter(School.Owner, 0));
        Assert.Null(admission.Enter(mate, 0));
        Assert.Null(admission.Enter(School.Owner, costly / Admission.RestBytesPerMs));
    }

    [Fact]
    public void A_box_that_reconnects_as_often_as_it_may_is_never_refused_and_one_that_begins_watches_without_end_is()
    {
        const int reconnectsEveryMs = 1_500;
        var (admission, mate) = (new Admission(), new Guid(4, 4, 4, new byte[8]));
        for (var now = 0; now < 3_600_000; now += reconnectsEveryMs)
        {
            Assert.Null(admission.Enter(School.Owner, now, opens: true));
            Assert.Null(admission.Watch(School.Owner, now));
            admission.Leave(School.Owner);
        }
        Assert.All(Enumerable.Range(0, Admission.OpensInRowMax), _ => Assert.Null(admission.Watch(mate, 0)));
        Assert.Equal(Admission.OpenEveryMs, admission.Watch(mate, 0));
        Assert.Null(admission.Watch(mate, Admission.OpenEveryMs));
        Assert.Equal(Admission.OpenEveryMs, admission.Watch(mate, Admission.OpenEveryMs));
    }

    [Fact]
    public void Stamps_only_grow_whatever_the_wall_clock_does()
    {
        Gen.Long[0, 4_000_000_000_000].Array[2, 50].Sample(clock =>
        {
            var stamps = new List<Hlc> { Hlc.Zero };
            foreach (var now in clock)
            {
                stamps.Add(stamps[^1].Next(now));
            }
            return stamps.Zip(stamps.Skip(1)).All(pair => pair.First < pair.Second);
        });
    }

    [Fact]
    public void Case_40_A_counter_that_is_full_carries_into_the_next_millisecond()
    {
        var stamp = Hlc.At(1000);
        for (var ops = 0; ops < 70_000; ops++)
        {
            var next = stamp.Next(1000);
            Assert.True(stamp < next);
            stamp = next;
        }
        Assert.Equal(1001, stamp.Milliseconds);
    }

    [Fact]
    public void What_is_no_operation_is_not_read_from_the_wire()
    {
        var good = Wire.ToProto(Chain(1)[0].Op);
        Assert.NotNull(Wire.FromProto(good));
        foreach (var spoil in new Action<Contracts.Sync.V1.Op>[]
        {
            op => op.Scope = "elsewhere", op => op.Id = Google.Protobuf.ByteString.CopyFrom(1, 2), op => op.Hlc = -1,
            op => op.Kind = Contracts.Sync.V1.OpKind.Unspecified, op => op.Entity = new string('x', 65), op => op.Actor = Google.Protobuf.ByteString.CopyFrom(1),
        })
        {
            var bad = good.Clone();
            spoil(bad);
            Assert.Null(Wire.FromProto(bad));
        }
    }

    private static List<NumberedOp> Chain(int count)
    {
        var (lane, hash) = (new List<NumberedOp>(), Base);
        for (var seq = 1; seq <= count; seq++)
        {
            var op = new Op(School, "x.y", new Guid(seq, 0, 0, new byte[8]), 1, OpKind.Put, new Hlc(seq), default, Encoding.UTF8.GetBytes($$"""{"a":{{seq}}}"""));
            var salt = BitConverter.GetBytes((long)seq);
            hash = HashChain.Next(hash, seq, op, salt);
            lane.Add(new(seq, op, salt, hash));
        }
        return lane;
    }
}
