using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using TdmEdu.EdgeNode.Cache;
using TdmEdu.EdgeNode.Journal;
using TdmEdu.Modules;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Records;

namespace TdmEdu.Bench;

/// <summary>
/// Beside the least that SQLite can do for one durable row: one row through the owner's queue and group commit, and a whole
/// submission, from the use case's call to its answer with rights, checks, hash chain, record and the session's view.
/// </summary>
internal static class JournalBench
{
    private const int Calls = 2000;
    private const int Callers = 50;

    /// <summary>Every teacher of a large school at once, twenty times over, before the box gets a breath.</summary>
    private const int BurstCallsEach = 20;
    private const int Bursts = 5;
    private const int Rounds = 3;
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(500);
    private static readonly TimeProvider Clock = TimeProvider.System;
    private static readonly Scope School = Scope.School(RecordId.New(Clock));
    private static readonly Actor Teacher = new(RecordId.New(Clock), School, Roles.Teacher);
    private static readonly AuditEntry Entry = new("bench", Teacher.Id, new string('x', 300), "");
    private static readonly Catalogue Catalogue = AllModules.Catalogue();

    public static async Task Run()
    {
        var folder = Directory.CreateTempSubdirectory("bench-journal-").FullName;
        var identity = new EdgeIdentity(Path.Combine(folder, "box"), RecordId.New(Clock), School);
        using var owner = new Owner(identity, Catalogue, Clock, NullLogger<Owner>.Instance);
        await owner.StartAsync(default);
        await Burst(owner);
        for (var round = 1; round <= Rounds; round++)
        {
            var bare = await Bare(Path.Combine(folder, $"bare{round}.db"), rows: 1);
            var half = await Bare(Path.Combine(folder, $"half{round}.db"), rows: Callers / 2);
            var alone = await Latencies.Measure(1, Calls, _ => owner.Write(Entry, default));
            var crowd = await Latencies.Measure(Callers, Calls * 4 / Callers, _ => owner.Write(Entry, default));
            var submission = await Drafted(Calls, draft => Latencies.Measure(1, Calls, i => Save(owner, draft[i])));
            var rush = Latencies.Join(await Bursting(owner));
            var sustained = await Drafted(Calls * 4, draft => Latencies.Measure(Callers, Calls * 4 / Callers, i => Save(owner, draft[i])));
            Console.WriteLine($"bare SQLite commit, FULL            {bare.Show()}");
            Console.WriteLine($"bare commit of {Callers / 2} rows            {half.Show(bare)}, two in turn {2 * half.P95 / bare.P95:0.00}");
            Console.WriteLine($"journal append,  1 caller           {alone.Show(bare)} (goal 2)");
            Console.WriteLine($"journal append, 50 callers          {crowd.Show(bare)} (goal 3)");
            Console.WriteLine($"whole submission,  1 caller         {submission.Show(bare)}");
            Console.WriteLine($"whole submission, 50 in bursts      {rush.Show(bare)}");
            Console.WriteLine($"whole submission, 50 without pause  {sustained.Show(bare)}");
        }
        await owner.StopAsync(default);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>
    /// Prepared inserts of rows as large as the submission's operation, committed by themselves. Callers that call again at once part
    /// into two halves, of which one waits while the other is committed: for them the least is two commits of half as many rows.
    /// </summary>
    private static async Task<Latencies> Bare(string path, int rows)
    {
        using var connection = JournalSchema.OpenForWriting(path);
        JournalSchema.Execute(connection, "CREATE TABLE bare(pos INTEGER PRIMARY KEY, data BLOB NOT NULL)");
        using var insert = new SqliteCommand("INSERT INTO bare(data) VALUES (@data)", connection);
        insert.Parameters.AddWithValue("@data", new byte[Content().Data.Length + 150]);
        insert.Prepare();
        Func<int, Task> commit = _ =>
        {
            using var transaction = connection.BeginTransaction(deferred: false);
            insert.Transaction = transaction;
            for (var i = 0; i < rows; i++)
            {
                insert.ExecuteNonQuery();
            }
            transaction.Commit();
            return Task.CompletedTask;
        };
        // The first thousands make the write-ahead log grow, which costs more than writing into it.
        await Latencies.Measure(1, Calls, commit);
        return await Latencies.Measure(1, Calls, commit);
    }

    private static async Task<IReadOnlyList<Latencies>> Bursting(Owner owner)
    {
        var bursts = new List<Latencies>();
        for (var i = 0; i < Bursts; i++)
        {
            bursts.Add(await Burst(owner));
            await Task.Delay(Breath);
        }
        return bursts;
    }

    private static Task<Latencies> Burst(Owner owner) => Drafted(
        Callers * BurstCallsEach, draft => Latencies.Measure(Callers, BurstCallsEach, i => Save(owner, draft[i])));

    private static Task<Latencies> Drafted(int count, Func<Draft[], Task<Latencies>> measure) =>
        measure([.. Enumerable.Range(0, count).Select(_ => Content())]);

    private static async Task Save(Owner owner, Draft draft)
    {
        var saved = await owner.Decide<bool>(Teacher, _ => new(true, [draft]), default);
        if (!saved.Ok)
        {
            throw new InvalidOperationException(saved.Error.Message.Vietnamese);
        }
    }

    /// <summary>One class's session of one day, three exceptions.</summary>
    private static Draft Content()
    {
        var marks = Enumerable.Range(0, 3).Select(_ => new Mark(RecordId.New(Clock), MarkCode.Late)).ToArray();
        var schoolClass = RecordId.New(Clock);
        return Catalogue.Create(School, RecordId.New(Clock), new Submission(
            schoolClass, new(2026, 11, 23), Slot.Morning, Guid.Empty, marks, [], Teacher.Id, Source.Teacher, 0));
    }
}
