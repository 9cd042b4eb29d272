using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Intake;
using TdmEdu.Sync;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Central;

/// <summary>Many boxes at once: the real admission before the real store, without the network between.</summary>
public abstract partial class StoreTests
{
    private const int Schools = 160;

    /// <summary>Of one box, half of them attendance: 5,320 are a school's week, all schools' together 851,200.</summary>
    private static readonly int StormOps = Setting("TDMEDU_STORM_OPS", 260);

    /// <summary>Of one school's import: 5,000,000 in the long run of the tests.</summary>
    private static readonly int ImportOps = Setting("TDMEDU_IMPORT_OPS", 50_000);

    [Fact]
    public async Task Case_73_160_boxes_come_back_at_once_with_a_week_each_and_all_attendance_is_in_before_any_bulk()
    {
        var (boxes, admission) = (new List<NodeBox>(), central.Get<Admission>());
        while (boxes.Count < Schools)
        {
            boxes.Add(await central.Enrol());
        }
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (turnedAway, began, most) = (new ConcurrentDictionary<Guid, int>(), Stopwatch.GetTimestamp(), 0L);
        var others = Enumerable.Range(0, Admission.CallsMax).Select(_ => RecordId.New(TimeProvider.System)).ToList();
        others.ForEach(other => admission.Enter(other, 0));
        var attendance = boxes.Select(box => Task.Run(() => Send(box, opens: true))).ToList();
        // Each bulk lane comes with its box's first answer; Central's steady clock stands still, so it waits for as long as anybody else may.
        var bulk = boxes.Zip(attendance).Select(b => Task.Run(async () =>
        {
            await b.Second;
            return await Send(b.First.In(Lane.Learning), opens: false);
        })).ToList();
        await Until(() => turnedAway.Count == Schools);
        others.ForEach(admission.Leave);

        var drained = await Task.WhenAll(attendance);
        await using var db = central.Db();
        Assert.Equal(Schools, await db.NodeLanes.CountAsync(l => l.Lane == Lane.Attendance && l.LastSeq == StormOps / 2, Cancel));
        Assert.Equal(0, await db.NodeLanes.CountAsync(l => l.Lane == Lane.Learning, Cancel));
        central.Clock.Advance(TimeSpan.FromMinutes(1));
        var all = (await Task.WhenAll(bulk)).Max();
        Assert.Equal(Schools, await db.NodeLanes.CountAsync(l => l.Lane == Lane.Learning && l.LastSeq == StormOps / 2, Cancel));

        var (median, last) = (drained.Order().ElementAt(Schools / 2), drained.Max());
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"storm: {Schools} boxes of {StormOps} operations; attendance of half the schools in {median.TotalSeconds:0.0} s, of all in {last.TotalSeconds:0.0} s; "
                + $"everything in {all.TotalSeconds:0.0} s, {Schools * StormOps / all.TotalSeconds:0} a second; memory at most {most >> 20} MiB more");
        Assert.InRange(last, median, (3 * median) + TimeSpan.FromSeconds(2));
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 64 << 20);

        async Task<TimeSpan> Send(NodeBox box, bool opens)
        {
            if (opens)
            {
                await Admitted(box, () => box.Open());
            }
            for (var left = StormOps / 2; left > 0;)
            {
                var batch = box.Next(Some(box, Math.Min(left, Math.Min(Intake.BatchOpsMax, Math.Max(1, StormOps / 10)))));
                box.Acked(await Admitted(box, () => box.Send(batch)));
                left -= batch.Ops.Count;
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: false) - before);
            }
            return Stopwatch.GetElapsedTime(began);
        }

        async Task<T> Admitted<T>(NodeBox box, Func<Task<Result<T>>> call)
        {
            while (true)
            {
                var answer = await call();
                if (answer.Ok)
                {
                    return answer.Value;
                }
                Assert.Equal(Exchange.ReasonBusy, answer.Error.Reason);
                turnedAway.TryAdd(box.Identity.Node, 0);
                await Task.Delay(answer.Error.RetryAfterMs!.Value, Cancel);
            }
        }
    }

    /// <summary>What a box may send at a time is bounded, and the store's writers take turns. The same schools in the same run, first without the import.</summary>
    [Fact]
    public async Task Case_74_One_box_imports_in_all_its_lanes_and_nobody_else_is_refused_or_waits_behind_more_than_one_of_its_batches()
    {
        const int others = 8, sendsEach = 50;
        var importer = await central.Enrol();
        var small = new List<NodeBox>();
        while (small.Count < others)
        {
            small.Add(await central.Enrol());
        }
        var (alone, beside) = (new ConcurrentBag<(TimeSpan Took, int Behind)>(), new ConcurrentBag<(TimeSpan Took, int Behind)>());
        var imported = 0;
        await Task.WhenAll(small.Select(box => Task.Run(() => Work(box, alone, sends => sends < sendsEach))));
        var began = Stopwatch.GetTimestamp();
        var import = Task.WhenAll(Enum.GetValues<Lane>().Select(lane => Task.Run(async () =>
        {
            var box = importer.In(lane);
            for (var left = ImportOps / Enum.GetValues<Lane>().Length; left > 0; left -= Intake.BatchOpsMax)
            {
                await Import(box, Math.Min(left, Intake.BatchOpsMax));
                Interlocked.Increment(ref imported);
            }
        })));
        await Task.WhenAll(small.Select(box => Task.Run(() => Work(box, beside, _ => !import.IsCompleted))));
        await import;
        var took = Stopwatch.GetElapsedTime(began);
        var (before, during, behind) = (P95(alone.Select(s => s.Took)), P95(beside.Select(s => s.Took)), P95(beside.Select(s => s.Behind)));
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"import: {ImportOps} operations in {took.TotalSeconds:0.0} s, {ImportOps / took.TotalSeconds:0} a second; {others} others' p95 "
                + $"{before.TotalMilliseconds:0.0} ms without and {during.TotalMilliseconds:0.0} ms beside it, ratio {during / before:0.0}; "
                + $"p95 of its batches that came in meanwhile: {behind}");
        Assert.InRange(beside.Count, 5 * others, int.MaxValue);
        // The one under way, and one that was counted late: what nobody waits for is the importer's queue.
        Assert.InRange(behind, 0, 2);
        await using var db = central.Db();
        Assert.Equal(ImportOps, await db.Ops.CountAsync(o => o.Scope == importer.Identity.School, Cancel));

        async Task Work(NodeBox box, ConcurrentBag<(TimeSpan, int)> sends, Func<int, bool> goesOn)
        {
            for (var sent = 0; goesOn(sent); sent++)
            {
                var (at, importedBefore) = (Stopwatch.GetTimestamp(), Volatile.Read(ref imported));
                await Send(box, 1);
                sends.Add((Stopwatch.GetElapsedTime(at), Volatile.Read(ref imported) - importedBefore));
                // Within what a box may call, by a clock of Central's that stands still.
                central.Clock.Advance(TimeSpan.FromMilliseconds(Admission.CallEveryMs));
                await Task.Delay(20, Cancel);
            }
        }

        async Task Import(NodeBox box, int ops)
        {
            var batch = box.Next(Some(box, ops));
            Result<BatchAnswer> answer;
            while (!(answer = await box.Send(batch)).Ok)
            {
                Assert.Equal(Exchange.ReasonBusy, answer.Error.Reason);
                await Task.Delay(answer.Error.RetryAfterMs!.Value, Cancel);
            }
            box.Acked(answer.Value);
        }

        // Whoever is refused has no value.
        async Task Send(NodeBox box, int ops) => box.Acked((await box.Send(box.Next(Some(box, ops)))).Value);

        static T P95<T>(IEnumerable<T> values) => values.Order().ToList() is var sorted ? sorted[sorted.Count * 95 / 100] : default!;
    }

    private static int Setting(string name, int normally) =>
        int.Parse(Environment.GetEnvironmentVariable(name) ?? normally.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static IEnumerable<Op> Some(NodeBox box, int count) =>
        Enumerable.Range(0, count).Select(n => box.Op(RecordId.New(TimeProvider.System), new Note("có mặt", n)));
}
