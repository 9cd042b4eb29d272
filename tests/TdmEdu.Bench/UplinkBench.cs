using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using TdmEdu.Central.Storage;
using TdmEdu.Demo;
using TdmEdu.EdgeNode;
using TdmEdu.EdgeNode.Cache;
using TdmEdu.EdgeNode.Uplink;
using TdmEdu.Modules;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Records;

namespace TdmEdu.Bench;

/// <summary>
/// One box sends a backlog of five-field rows with random ids over mutual TLS into Central, a process of its own on SQLite with
/// synchronous=FULL; then the rows that this caused at Central are inserted once more, bare, in transactions of the same size.
/// </summary>
internal static class UplinkBench
{
    private const int WarmupOps = 60_000;
    private const int Ops = 200_000;
    private const int DraftsEach = 500;
    private const int BatchOps = 500;
    private static readonly TimeProvider Clock = TimeProvider.System;

    public static async Task Run()
    {
        var folder = Directory.CreateTempSubdirectory("bench-uplink-").FullName;
        await using var stack = await DemoStack.Start(folder, DemoPorts.Free(), _ => { }, default);
        var school = stack.EdgeUrls.Keys.First();
        foreach (var edge in stack.EdgeUrls.Keys)
        {
            stack.StopEdge(edge);
        }
        using var box = new BoxIdentity(Path.Combine(stack.EdgeData(school), "identity"));
        var (elapsed, bytes) = await Send(stack, box, Path.Combine(stack.EdgeData(school), "data"));
        stack.StopHosts();
        var bare = await InsertBare(Path.Combine(stack.CentralData, "central.db"), Path.Combine(folder, "bare.db"), box.School);
        var rate = Ops / elapsed.TotalSeconds;
        Console.WriteLine($"uplink: {Ops} ops in {elapsed.TotalSeconds:0.00} s = {rate:0} durable ops/s (goal 20000), {(double)bytes / Ops:0.0} bytes/op on the wire (goal 60)");
        Console.WriteLine($"bare prepared inserts of the same rows: {bare:0} ops/s, ratio {rate / bare:0.00} (goal 0.5)");
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<(TimeSpan, long)> Send(DemoStack stack, BoxIdentity box, string data)
    {
        using var owner = new Owner(new(data, box.Node, box.School), AllModules.Catalogue(), Clock, NullLogger<Owner>.Instance);
        await owner.StartAsync(default);
        await Fill(owner, box.School, WarmupOps);
        await Drain(stack, box, owner);
        await Fill(owner, box.School, Ops);
        var sent = await Drain(stack, box, owner);
        await owner.StopAsync(default);
        return sent;
    }

    private static async Task<(TimeSpan, long)> Drain(DemoStack stack, BoxIdentity identity, Owner owner)
    {
        using var link = new CentralLink(identity, new Uri($"https://127.0.0.1:{stack.Line.Port}"), Clock);
        var clock = new BoxClock(Path.GetTempPath(), DateTimeOffset.UnixEpoch, Clock);
        using var worker = new UplinkWorker(link, owner, AllModules.Catalogue(), clock, NullLogger<UplinkWorker>.Instance);
        using var central = Process.GetProcessById(stack.ProcessIds["central"]);
        var before = stack.Line.BytesUp;
        var (boxCpu, centralCpu) = (Environment.CpuUsage.TotalTime, central.TotalProcessorTime);
        var began = Stopwatch.GetTimestamp();
        await worker.StartAsync(default);
        while (owner.Status is { Pending: > 0 } status)
        {
            await status.Replaced;
        }
        var drained = (Stopwatch.GetElapsedTime(began), stack.Line.BytesUp - before);
        central.Refresh();
        var (box, other) = (Environment.CpuUsage.TotalTime - boxCpu, central.TotalProcessorTime - centralCpu);
        Console.WriteLine($"processor: box and line {box.TotalSeconds:0.00} s, Central {other.TotalSeconds:0.00} s");
        await worker.StopAsync(default);
        return drained;
    }

    private static async Task Fill(Owner owner, Scope school, int ops)
    {
        var (catalogue, random) = (AllModules.Catalogue(), new Random(1));
        var office = new Actor(RecordId.New(Clock), school, Roles.Office);
        string[] names = ["Nguyễn Minh Thư", "Trần Gia Bảo", "Lê Ngọc Anh", "Phạm Đức Huy", "Huỳnh Bảo Châu", "Võ Anh Khoa", "Phan Tuệ Lâm"];
        Pupil Row() => new(
            $"74{random.Next(100_000_000):00000000}", names[random.Next(names.Length)], new DateOnly(2014, 1, 1).AddDays(random.Next(2000)).Iso(),
            random.Next(2) == 0 ? Gender.Male : Gender.Female, IntakeBox.Ethnicity(random));
        for (var done = 0; done < ops; done += DraftsEach)
        {
            var drafts = Enumerable.Range(0, DraftsEach).Select(_ => catalogue.Create(school, RecordId.New(Clock), Row())).ToList();
            var saved = await owner.Decide(office, _ => new Decision<int>(drafts.Count, drafts), default);
            _ = saved.Value;
        }
    }

    /// <summary>Operations a second of inserting the same operations and records with nothing around them.</summary>
    private static async Task<double> InsertBare(string central, string target, Scope school)
    {
        await using var source = Open(central);
        var ops = await source.Ops.AsNoTracking().Where(o => o.Scope == school && o.Entity == "registry.pupil" && o.Seq > 0).OrderBy(o => o.FeedSeq).ToListAsync();
        var records = await source.Records.AsNoTracking().Where(r => r.Scope == school && r.Entity == "registry.pupil").ToDictionaryAsync(r => r.Id);
        await using (var empty = Open(target))
        {
            await empty.Database.MigrateAsync();
        }
        var batches = ops.Chunk(BatchOps).Select(batch => (Ops: batch, Records: batch.Select(o => records[o.Id])
            .Select(r => new IndexedRecord(new(r.Scope, r.Entity, r.Id, r.Data, r.Versions, r.Deleted), r.IndexKey)).ToList())).ToList();
        using var bulk = new SqliteBulk($"Data Source={target};Pooling=False");
        var began = Stopwatch.GetTimestamp();
        foreach (var (rows, states) in batches)
        {
            bulk.BeginWrite(null);
            bulk.InsertOps(rows);
            bulk.UpsertRecords(states);
            bulk.Commit();
        }
        return ops.Count / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static SqliteCentralDb Open(string file) => new(new DbContextOptionsBuilder<SqliteCentralDb>().UseSqlite($"Data Source={file};Pooling=False").Options);
}
