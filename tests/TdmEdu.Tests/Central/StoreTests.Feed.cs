using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using TdmEdu.Central.Feed;
using TdmEdu.Central.Intake;
using TdmEdu.Central.Storage;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Central;

public abstract partial class StoreTests
{
    [Fact]
    public async Task Feed_gives_the_school_its_ward_and_the_city_and_nobody_elses()
    {
        var ward = new Guid(3, 3, 3, new byte[8]);
        var (box, other) = (await central.Enrol(), await central.Enrol());
        await Write(
            central.Catalogue.Create(Scope.City, box.Identity.School.Owner, Unit(UnitKind.School, ward)),
            central.Catalogue.Create(Scope.Ward(ward), A, new Note("phường")),
            central.Catalogue.Create(Scope.Ward(B), A, new Note("phường khác")),
            central.Catalogue.Create(box.Identity.School, A, new Note("trường")));
        await other.Push(other.Op(A, new Note("trường khác")));
        var answer = (await box.Pull("", [])).Value;
        Assert.False(answer.More);
        Assert.Equal(
            [(Scope.City, "registry.unit"), (box.Identity.School, "test.note"), (Scope.Ward(ward), "test.note")],
            answer.Pages.Select(p => (p.Scope, p.Ops.Single().Op.Entity)));
        var again = await box.Pull(answer.FeedEpoch, answer.Pages.ToDictionary(p => p.Scope, p => p.Next));
        Assert.Empty(again.Value.Pages);
        Assert.Equal(3, (await box.Pull("another", answer.Pages.ToDictionary(p => p.Scope, p => p.Next))).Value.Pages.Count);
    }

    [Fact]
    public async Task Own_operations_do_not_come_back_but_move_the_cursor_until_the_box_is_made_anew()
    {
        var box = await central.Enrol();
        var mate = await central.Enrol(box.Identity.School.Owner);
        await box.Push(box.Op(A, new Note("của tôi")));
        await mate.Push(mate.Op(B, new Note("của bạn")));
        await box.Push(box.Op(A, new Note("lại của tôi", 2), Hlc.At(central.NowMs + 1)));
        var page = Assert.Single((await box.Pull("", [])).Value.Pages);
        Assert.Equal((B, 3), (page.Ops.Single().Op.Id, page.Next.Seq));
        await box.OpenNewEpoch();
        Assert.Equal(3, (await box.Pull("", [])).Value.Pages.Single().Ops.Count);
    }

    [Fact]
    public async Task Case_75_Pages_are_cut_by_number_and_by_size_and_miss_nothing()
    {
        var (box, reader) = (await central.Enrol(), (NodeBox)null!);
        reader = await central.Enrol(box.Identity.School.Owner);
        for (var batch = 0; batch < 8; batch++)
        {
            await box.Push(Enumerable.Range(0, 2).Select(n => box.Op(RecordId.New(central.Clock), new Note(new string('x', 100_000), n))));
        }
        var (seqs, pulls) = await PullAll(reader, opsMax: 0);
        Assert.Equal(Enumerable.Range(1, 16).Select(n => (long)n), seqs);
        Assert.InRange(pulls, 2, 3);
        Assert.Equal(16, (await PullAll(reader, opsMax: 1)).Seqs.Count);
    }

    [Fact]
    public async Task Feed_has_no_gaps_under_writers_that_commit_at_once()
    {
        var reader = await central.Enrol();
        var writers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => central.Enrol(reader.Identity.School.Owner)));
        using var done = new CancellationTokenSource();
        var seen = new List<long>();
        var reading = Task.Run(async () =>
        {
            var (cursor, epoch) = (Cursor.Start, "");
            while (true)
            {
                var last = done.IsCancellationRequested;
                central.Clock.Advance(TimeSpan.FromMilliseconds(Admission.CallEveryMs));
                var answer = (await reader.Pull(epoch, new() { [reader.Identity.School] = cursor }, opsMax: 7)).Value;
                epoch = answer.FeedEpoch;
                foreach (var page in answer.Pages)
                {
                    seen.AddRange(page.Ops.Select(o => o.Seq));
                    cursor = page.Next;
                }
                if (last && !answer.More)
                {
                    return;
                }
            }
        }, Cancel);
        await Task.WhenAll(writers.Select(w => Task.Run(async () =>
        {
            for (var n = 0; n < 20; n++)
            {
                await w.Push(Enumerable.Range(0, 3).Select(_ => w.Op(RecordId.New(central.Clock), new Note("x"))));
            }
        }, Cancel)));
        await done.CancelAsync();
        await reading;
        Assert.Equal(Enumerable.Range(1, 240).Select(n => (long)n), seen);
    }

    [Fact]
    public async Task Completeness_is_noted_only_when_everything_announced_is_here_and_never_from_the_future()
    {
        var box = await central.Enrol();
        await box.Push(box.Op(A, new Note("một")));
        await box.Pull("", [], clockMs: central.NowMs - 5, heads: [box.Head with { Seq = 2 }]);
        Assert.Null(await CompleteAt(box));
        await box.Pull("", [], clockMs: central.NowMs - 5, heads: [box.Head]);
        Assert.Equal(central.NowMs - 5, await CompleteAt(box));
        await box.Pull("", [], clockMs: central.NowMs + 999_999, heads: [box.Head]);
        Assert.Equal(central.NowMs, await CompleteAt(box));
        await box.Pull("", [], clockMs: 1, heads: [box.Head]);
        Assert.Equal((central.NowMs, central.NowMs), (await CompleteAt(box), (await NodeOf(box)).LastSeenAtMs));
    }

    [Fact]
    public async Task Watch_nudges_on_others_writes_also_of_another_copy_of_central_and_ends_with_its_session()
    {
        var box = await central.Enrol();
        var mate = await central.Enrol(box.Identity.School.Owner);
        var nudges = new ConcurrentQueue<int>();
        var watching = central.Get<FeedWatch>().Run(box.Identity, box.Token, () => Task.Run(() => nudges.Enqueue(1), Cancel), Cancel);
        await Until(() => nudges.Count == 1);
        await mate.Push(mate.Op(A, new Note("mới")));
        await Until(() => nudges.Count == 2);
        await box.Push(box.Op(B, new Note("của tôi")));
        var elsewhere = new Exchange(
            central.Store, central.Catalogue, new FeedSignal(), new Admission(), central.Get<RefusalAudit>(), central.Get<BoxAlarms>(), central.Clock,
            NullLogger<Exchange>.Instance);
        await elsewhere.Take(mate.Identity, mate.Next(mate.Op(A, new Note("nữa"), Hlc.At(central.NowMs + 9))), Cancel);
        await Until(() => nudges.Count == 3, turnClock: true);
        await box.Open();
        await Until(() => watching.IsCompleted, turnClock: true);
        Assert.Equal("session_stale", (await watching).Reason);
        Assert.Equal(3, nudges.Count);
    }

    [Fact]
    public async Task Watch_ends_at_once_when_its_session_begins_another_and_one_of_another_session_that_comes_late_ends_none()
    {
        var box = await central.Enrol();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        // The clock stands still, so nothing here is found out by polling.
        var (first, second) = (Watch(box.Token), Watch(box.Token));
        Assert.Equal("session_stale", (await first.WaitAsync(TimeSpan.FromSeconds(10), Cancel)).Reason);
        Assert.Equal("session_stale", (await Watch(new byte[Greeting.TokenBytes])).Reason);
        Assert.False(second.IsCompleted);
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);

        Task<Error> Watch(byte[] token) => central.Get<FeedWatch>().Run(box.Identity, token, () => Task.CompletedTask, over.Token);
    }

    private static Unit Unit(UnitKind kind, Guid? ward) => new(kind, "U1", "Trường thử", null, ward, new(2025, 7, 1), null);

    private async Task<(List<long> Seqs, int Pulls)> PullAll(NodeBox reader, int opsMax)
    {
        var (seqs, pulls, epoch) = (new List<long>(), 0, "");
        var cursors = new Dictionary<Scope, Cursor>();
        while (true)
        {
            var answer = (await reader.Pull(epoch, cursors, opsMax)).Value;
            epoch = answer.FeedEpoch;
            pulls++;
            foreach (var page in answer.Pages)
            {
                seqs.AddRange(page.Ops.Select(o => o.Seq));
                cursors[page.Scope] = page.Next;
            }
            if (!answer.More)
            {
                return (seqs, pulls);
            }
        }
    }

    private async Task<long?> CompleteAt(NodeBox box)
    {
        await using var db = central.Db();
        return (await db.NodeLanes.AsNoTracking().SingleAsync(l => l.NodeId == box.Identity.Node && l.Lane == box.Head.Lane, Cancel)).CompleteAtMs;
    }

    private async Task<NodeRow> NodeOf(NodeBox box)
    {
        await using var db = central.Db();
        return await db.Nodes.AsNoTracking().SingleAsync(n => n.NodeId == box.Identity.Node, Cancel);
    }

    private async Task Until(Func<bool> holds, bool turnClock = false)
    {
        for (var tries = 0; !holds(); tries++)
        {
            Assert.True(tries < 500, "It never came to be.");
            if (turnClock)
            {
                central.Clock.Advance(TimeSpan.FromSeconds(1));
            }
            await Task.Delay(20, Cancel);
        }
    }
}
