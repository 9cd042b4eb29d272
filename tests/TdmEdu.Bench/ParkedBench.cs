using System.Diagnostics;
using Npgsql;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Records;
using TdmEdu.Tests;

namespace TdmEdu.Bench;

/// <summary>
/// What a million parked operations of a school cost its healthy lane. Two databases of the same kind take the same batches in
/// turns, one with the million and one without, so that other work on the machine falls on both.
/// </summary>
internal static class ParkedBench
{
    private const int Parked = 1_000_000;
    private const int ParkedEach = 10_000;
    private const int WarmupBatches = 40;
    private const int Batches = 300;

    public static async Task Run()
    {
        var folder = Directory.CreateTempSubdirectory("bench-parked-").FullName;
        await Compare("SQLite", name => Task.FromResult($"Data Source={Path.Combine(folder, name)}.db;Pooling=False"));
        Directory.Delete(folder, recursive: true);
        await using var cluster = await PostgresCluster.Start();
        await Compare("PostgreSQL", cluster.NewDatabase);
        NpgsqlConnection.ClearAllPools();
    }

    private static async Task Compare(string database, Func<string, Task<string>> create)
    {
        await using var clean = await IntakeBox.Start(await create("clean"));
        await using var loaded = await IntakeBox.Start(await create("loaded"));
        await Measure(clean, loaded, WarmupBatches);
        var (before, same) = await Measure(clean, loaded, Batches);
        var began = Stopwatch.GetTimestamp();
        for (var done = 0; done < Parked; done += ParkedEach)
        {
            await Park(loaded, done);
        }
        var parking = Stopwatch.GetElapsedTime(began);
        var (after, parked) = await Measure(clean, loaded, Batches);
        Console.WriteLine($"parked: {database}, median batch of {IntakeBox.BatchOps} in ms without and with a million parked: "
            + $"{after:0.00} and {parked:0.00}, ratio {parked / after:0.00} (goal 1.10); the same two before: {before:0.00} and {same:0.00}, "
            + $"ratio {same / before:0.00}; parking took {parking.TotalSeconds:0} s");
    }

    private static async Task<(double CleanMs, double LoadedMs)> Measure(IntakeBox clean, IntakeBox loaded, int batches)
    {
        var (without, with) = (new List<double>(batches), new List<double>(batches));
        for (var i = 0; i < batches; i++)
        {
            without.Add(await Time(clean));
            with.Add(await Time(loaded));
        }
        return (without.Order().ElementAt(batches / 2), with.Order().ElementAt(batches / 2));
    }

    private static async Task<double> Time(IntakeBox box)
    {
        var ops = box.NewOps();
        var began = Stopwatch.GetTimestamp();
        await box.Take(ops);
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    private static Task Park(IntakeBox box, int done)
    {
        var ops = box.NewOps();
        return box.Store.Write<bool>(
            bulk =>
            {
                bulk.InsertRefused([.. Enumerable.Range(0, ParkedEach).Select(i => ToRefused(box, done + i + 1, ops[i % ops.Count]))]);
                return true;
            },
            default);
    }

    private static RefusedOp ToRefused(IntakeBox box, int seq, (Op Op, byte[] Salt) from) => new()
    {
        Scope = box.Node.School,
        Node = box.Node.Node,
        Epoch = box.Epoch,
        Lane = Lane.Desks,
        Seq = seq,
        ClaimedScope = box.Node.School,
        Entity = "kitchen.meal",
        Id = RecordId.New(TimeProvider.System),
        Schema = 1,
        Kind = from.Op.Kind,
        Hlc = from.Op.Hlc.Value,
        Actor = from.Op.Actor,
        Data = Bytes.Whole(from.Op.Data),
        Salt = from.Salt,
        Hash = new byte[32],
        Outcome = Outcome.Parked,
        Reason = "unknown_entity",
        ReceivedAtMs = from.Op.Hlc.Milliseconds,
    };
}
