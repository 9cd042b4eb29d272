using System.Diagnostics;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using TdmEdu.Central.Storage;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Central;

/// <summary>A feed that is read while others write: late, not at all, or very much at once.</summary>
public abstract partial class StoreTests
{
    /// <summary>How long a transaction holds its number: 60 s in the long run of the tests, 1 s in the short one.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(
        int.Parse(Environment.GetEnvironmentVariable("TDMEDU_LATE_COMMIT_S") ?? "1", CultureInfo.InvariantCulture));

    [Fact]
    public async Task Case_41_What_commits_late_is_given_to_everyone_who_read_meanwhile()
    {
        var slow = await central.Enrol();
        var reader = await central.Enrol(slow.Identity.School.Owner);
        using var release = new ManualResetEventSlim();
        var (late, numbered) = HoldNumber(slow, release, commits: true);
        await numbered;
        var pushing = Task.Run(() => PushUntilTaken(slow, slow.Op(A, new Note("sau"))), Cancel);
        var began = Stopwatch.GetTimestamp();
        for (var pulls = 0; pulls < 3 || Stopwatch.GetElapsedTime(began) < Late; pulls++)
        {
            Assert.Empty((await PullAll(reader, opsMax: 0)).Seqs);
            Assert.False(pushing.IsCompleted);
            await Task.Delay(20, Cancel);
        }
        release.Set();
        await pushing;
        Assert.Equal([1, 2], (await PullAll(reader, opsMax: 0)).Seqs);
        Assert.True((await late).Ok);
    }

    [Fact]
    public async Task Case_42_A_transaction_that_took_a_number_and_is_rolled_back_leaves_no_gap()
    {
        var slow = await central.Enrol();
        var reader = await central.Enrol(slow.Identity.School.Owner);
        using var release = new ManualResetEventSlim();
        var (late, numbered) = HoldNumber(slow, release, commits: false);
        await numbered;
        var pushing = Task.Run(() => slow.Push(slow.Op(A, new Note("sau"))), Cancel);
        release.Set();
        await pushing;
        Assert.False((await late).Ok);
        Assert.Equal([1], (await PullAll(reader, opsMax: 0)).Seqs);
    }

    [Fact]
    public async Task Case_43_Ten_thousand_rows_of_one_transaction_and_one_millisecond_come_in_pages_that_end()
    {
        var box = await central.Enrol();
        await Write([.. Enumerable.Range(0, 10_000).Select(n => central.Catalogue.Create(box.Identity.School, RecordId.New(central.Clock), new Note("x", n)))]);
        var (seqs, pulls) = await PullAll(box, opsMax: 500);
        Assert.Equal(Enumerable.Range(1, 10_000).Select(n => (long)n), seqs);
        Assert.InRange(pulls, 20, 21);
    }

    [Fact]
    public async Task Case_44_A_page_that_ends_with_the_feeds_last_row_neither_skips_nor_repeats()
    {
        var box = await central.Enrol();
        var mate = await central.Enrol(box.Identity.School.Owner);
        await mate.Push(Enumerable.Range(0, 4).Select(_ => mate.Op(RecordId.New(central.Clock), new Note("x"))));
        var (cursors, epoch, seen) = (new Dictionary<Scope, Cursor>(), "", new List<long>());
        for (var pull = 0; pull < 3; pull++)
        {
            await Take();
        }
        Assert.Equal([1, 2, 3, 4], seen);
        await mate.Push(mate.Op(A, new Note("mới")));
        await Take();
        Assert.Equal([1, 2, 3, 4, 5], seen);

        async Task Take()
        {
            var answer = (await box.Pull(epoch, cursors, opsMax: 2)).Value;
            epoch = answer.FeedEpoch;
            answer.Pages.ToList().ForEach(p => cursors[p.Scope] = p.Next);
            seen.AddRange(answer.Pages.SelectMany(p => p.Ops).Select(o => o.Seq));
        }
    }

    [Fact]
    public async Task Case_45_A_long_reading_transaction_holds_neither_the_intake_nor_the_feed_back()
    {
        var box = await central.Enrol();
        var mate = await central.Enrol(box.Identity.School.Owner);
        await mate.Push(mate.Op(A, new Note("trước")));
        using var reading = new SemaphoreSlim(0);
        using var release = new ManualResetEventSlim();
        var report = Task.Run(() => central.Store.Read(bulk =>
        {
            var before = bulk.Counter(box.Identity.School);
            reading.Release();
            release.Wait(Cancel);
            return (before, bulk.Counter(box.Identity.School));
        }, Cancel), Cancel);
        await reading.WaitAsync(Cancel);
        await mate.Push(mate.Op(B, new Note("sau")));
        Assert.Equal([1, 2], (await PullAll(box, opsMax: 0)).Seqs);
        release.Set();
        Assert.Equal((1, 1), await report);
    }

    [Fact]
    public async Task Case_62_A_school_that_comes_under_another_ward_gets_that_wards_rows_and_nothing_else_again()
    {
        var (old, now) = (new Guid(3, 3, 3, new byte[8]), new Guid(4, 4, 4, new byte[8]));
        var box = await central.Enrol();
        await Write(
            central.Catalogue.Create(Scope.City, box.Identity.School.Owner, Unit(UnitKind.School, old)),
            central.Catalogue.Create(Scope.Ward(old), A, new Note("phường cũ")),
            central.Catalogue.Create(Scope.Ward(now), A, new Note("phường mới")),
            central.Catalogue.Create(box.Identity.School, A, new Note("trường")));
        var before = (await box.Pull("", [])).Value;
        var cursors = before.Pages.ToDictionary(p => p.Scope, p => p.Next);
        await Write(central.Catalogue.Create(Scope.City, box.Identity.School.Owner, Unit(UnitKind.School, now)));
        var after = (await box.Pull(before.FeedEpoch, cursors)).Value;
        Assert.Equal(before.FeedEpoch, after.FeedEpoch);
        Assert.Equal([(Scope.City, "registry.unit"), (Scope.Ward(now), "test.note")], after.Pages.Select(p => (p.Scope, p.Ops.Single().Op.Entity)));
        await Write(central.Catalogue.Create(Scope.Ward(old), B, new Note("không còn của trường này")));
        after.Pages.ToList().ForEach(p => cursors[p.Scope] = p.Next);
        Assert.Empty((await box.Pull(before.FeedEpoch, cursors)).Value.Pages);
    }

    [Fact]
    public async Task Case_26_A_migration_that_was_killed_is_done_again_at_the_next_start()
    {
        var database = await NewDatabase();
        await using (var db = CentralBox.Open(database))
        {
            var (migrator, names) = (db.GetService<IMigrator>(), db.Database.GetMigrations().ToList());
            await migrator.MigrateAsync(names[0], Cancel);
            if (db is SqliteCentralDb)
            {
                await db.Database.ExecuteSqlRawAsync("INSERT INTO \"__EFMigrationsLock\" VALUES (1, '2026-11-24 00:00:00')", Cancel);
            }
            await using var killed = await db.Database.BeginTransactionAsync(Cancel);
            var half = migrator.GenerateScript(names[0], names[1]).Split(';').First(s => s.Contains("ALTER TABLE", StringComparison.Ordinal));
            await db.Database.ExecuteSqlRawAsync(half[half.IndexOf("ALTER TABLE", StringComparison.Ordinal)..], Cancel);
        }
        await using var again = await CentralBox.Start(database, Samples.Catalogue());
        var box = await again.Enrol();
        Assert.Equal(1, (await box.Push(box.Op(A, new Note("một")))).Durable.Seq);
    }

    /// <summary>As a box does: PostgreSQL gives a writer up that has waited for half a minute, and the box sends the same again.</summary>
    private static async Task PushUntilTaken(NodeBox box, Op op)
    {
        while (true)
        {
            try
            {
                await box.Push(op);
                return;
            }
            catch (System.Data.Common.DbException) when (Late > TimeSpan.FromSeconds(20))
            {
                await Task.Delay(100, Cancel);
            }
        }
    }

    /// <summary>Takes the next number of the school's feed and keeps everyone waiting until it is released.</summary>
    private (Task<Result<bool>> Late, Task Numbered) HoldNumber(NodeBox box, ManualResetEventSlim release, bool commits)
    {
        var numbered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var draft = central.Catalogue.Create(box.Identity.School, RecordId.New(central.Clock), new Note("trước"));
        var late = Task.Run(() => central.Store.Write<bool>(bulk =>
        {
            var decided = OfficeWriting.Decide(bulk, central.Catalogue, Officer, _ => new Decision<bool>(true, [draft]), central.NowMs, out _);
            // An answer makes the driver send what waits, so that the number is really taken in the database.
            bulk.Counter(box.Identity.School);
            numbered.SetResult();
            release.Wait(Cancel);
            return commits ? decided : Error.Invalid("changed_mind", "Thôi.");
        }, Cancel), Cancel);
        return (late, numbered.Task);
    }
}
