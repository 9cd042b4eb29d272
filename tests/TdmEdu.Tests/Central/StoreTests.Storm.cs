using System.Collections.Concurrent;
using System.Diagnostics;
using TdmEdu.Central.Intake;
using TdmEdu.Sync;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Central;

/// <summary>Many boxes at once: the real admission before the real store, without the network between.</summary>
public abstract partial class StoreTests
{
    private const int Schools = 160;

    /// <summary>Five days of 13 classes, mornings and afternoons.</summary>
    private const int DayOps = 26;
    private const int Days = 5;

    [Fact]
    public async Task Case_73_160_boxes_come_back_at_once_with_a_week_each_and_all_get_on_alike()
    {
        var boxes = new List<NodeBox>();
        while (boxes.Count < Schools)
        {
            boxes.Add(await central.Enrol());
        }
        var (busy, before, began) = (0, GC.GetTotalMemory(forceFullCollection: true), Stopwatch.GetTimestamp());
        var drained = await Task.WhenAll(boxes.Select(box => Task.Run(() => ComeBack(box))));
        var (median, last) = (drained.Order().ElementAt(Schools / 2), drained.Max());
        Assert.True(busy > 0, "Nobody was told to come back later.");
        Assert.InRange(last, TimeSpan.Zero, TimeSpan.FromMinutes(2));
        Assert.InRange(last, median, (3 * median) + TimeSpan.FromSeconds(2));
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 64 << 20);
        await using var db = central.Db();
        Assert.All(db.NodeLanes, l => Assert.Equal(Days * DayOps, l.LastSeq));
        Assert.Equal(2 * Schools, db.NodeLanes.Count());

        // A box's lanes go beside each other.
        async Task<TimeSpan> ComeBack(NodeBox box)
        {
            await Admitted(() => box.Open());
            await Task.WhenAll(Send(box), Send(box.In(Lane.Learning)));
            return Stopwatch.GetElapsedTime(began);
        }

        async Task Send(NodeBox box)
        {
            for (var day = 0; day < Days; day++)
            {
                var batch = box.Next(Some(box, DayOps));
                box.Acked(await Admitted(() => box.Send(batch)));
            }
        }

        async Task<T> Admitted<T>(Func<Task<Result<T>>> call)
        {
            while (true)
            {
                var answer = await call();
                if (answer.Ok)
                {
                    return answer.Value;
                }
                Assert.Equal(Exchange.ReasonBusy, answer.Error.Reason);
                Interlocked.Increment(ref busy);
                await Task.Delay(answer.Error.RetryAfterMs!.Value, Cancel);
            }
        }
    }

    /// <summary>What a box may send at a time is bounded, and the store's writers take turns.</summary>
    [Fact]
    public async Task Case_74_One_box_sends_fifty_thousand_in_all_its_lanes_and_nobody_else_is_refused_or_waits_behind_more_than_one_of_its_batches()
    {
        const int batches = 20, others = 8;
        var importer = await central.Enrol();
        var small = new List<NodeBox>();
        while (small.Count < others)
        {
            small.Add(await central.Enrol());
        }
        var (batchTook, smallTook) = (new ConcurrentBag<TimeSpan>(), new ConcurrentBag<TimeSpan>());
        var import = Task.WhenAll(Enum.GetValues<Lane>().Select(lane => Task.Run(async () =>
        {
            var box = importer.In(lane);
            for (var i = 0; i < batches; i++)
            {
                await Timed(box, Intake.BatchOpsMax, batchTook);
            }
        })));
        await Task.WhenAll(small.Select(box => Task.Run(async () =>
        {
            while (!import.IsCompleted)
            {
                await Timed(box, 1, smallTook);
                await Task.Delay(20, Cancel);
            }
        })));
        await import;
        Assert.InRange(smallTook.Count, 5 * others, int.MaxValue);
        // It waits for the batch that is under way, and then the two may be slow together: what it must not wait for is the importer's queue.
        Assert.InRange(P95(smallTook), TimeSpan.Zero, 2 * P95(batchTook));
        await using var db = central.Db();
        Assert.Equal(Enum.GetValues<Lane>().Length * batches * Intake.BatchOpsMax, db.Ops.Count(o => o.Scope == importer.Identity.School));

        static async Task Timed(NodeBox box, int ops, ConcurrentBag<TimeSpan> took)
        {
            var batch = box.Next(Some(box, ops));
            var began = Stopwatch.GetTimestamp();
            var answer = await box.Send(batch);
            took.Add(Stopwatch.GetElapsedTime(began));
            box.Acked(answer.Value);
        }

        static TimeSpan P95(IReadOnlyCollection<TimeSpan> took) => took.Order().ElementAt(took.Count * 95 / 100);
    }

    private static IEnumerable<Op> Some(NodeBox box, int count) =>
        Enumerable.Range(0, count).Select(n => box.Op(RecordId.New(TimeProvider.System), new Note("có mặt", n)));
}
