using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TdmEdu.Central;
using TdmEdu.Central.Intake;
using TdmEdu.Central.Storage;
using TdmEdu.Modules.Shell.Joining;

namespace TdmEdu.Bench;

/// <summary>
/// The city in its busiest quarter of an hour over mutual TLS, each school one Push and one Beat every two seconds; then the same with one
/// school at 50 times that, then with one that calls as fast as it is answered. What counts is what the others wait: their p95 against
/// their p95 before. Callers and Central share this machine's processors.
/// </summary>
internal static class FloodBench
{
    private const int Schools = 160;
    private const int Times = 50;
    private const int Rounds = 3;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(10);

    public static async Task Run()
    {
        var folder = Directory.CreateTempSubdirectory("bench-flood-").FullName;
        using var server = FloodBox.SelfSigned("central");
        var boxes = Enumerable.Range(0, Schools).Select(_ => new FloodBox(server)).ToList();
        await using (var central = await StartCentral(folder, server, boxes))
        {
            foreach (var box in boxes)
            {
                await box.Open(central.Urls.First());
            }
            await Measure(boxes, flood: null);
            var ratios = (Fifty: new List<double>(), Endless: new List<double>());
            for (var round = 0; round < Rounds; round++)
            {
                var alone = await Measure(boxes, flood: null);
                ratios.Fifty.Add(await Against(alone, boxes, Every / Times, $"one school at {Times} times its rate"));
                ratios.Endless.Add(await Against(alone, boxes, TimeSpan.Zero, "one school as fast as it is answered"));
            }
            Console.WriteLine(
                $"flood: median p95 ratio {ratios.Fifty.Order().ElementAt(Rounds / 2):0.00} at {Times} times (goal 2.00), "
                    + $"{ratios.Endless.Order().ElementAt(Rounds / 2):0.00} without a pause");
            boxes.ForEach(b => b.Dispose());
            await central.StopAsync();
        }
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<double> Against(Latencies alone, List<FloodBox> boxes, TimeSpan pause, string who)
    {
        var before = boxes[0].Counts;
        var beside = await Measure(boxes, pause);
        var (done, refused) = (boxes[0].Counts.Done - before.Done, boxes[0].Counts.Refused - before.Refused);
        Console.WriteLine($"flood: others alone                {alone.Show()}");
        Console.WriteLine(
            $"flood: beside {who}  {beside.Show(alone)}; it was answered {done / Round.TotalSeconds:0} calls/s and refused {refused / Round.TotalSeconds:0}");
        return beside.P95 / alone.P95;
    }

    /// <param name="boxes">The first of them is the one that floods.</param>
    /// <param name="flood">How often it calls; null when it stays away.</param>
    private static async Task<Latencies> Measure(List<FloodBox> boxes, TimeSpan? flood)
    {
        var (took, began) = (new ConcurrentBag<double>(), Stopwatch.GetTimestamp());
        var quiet = boxes.Skip(1).Select((box, n) => box.Call(lane: 1, Every, Every * n / Schools, Round, took.Add));
        var loud = flood is { } pause ? FloodBox.Lanes.Select(lane => boxes[0].Call(lane, pause * FloodBox.Lanes.Length, TimeSpan.Zero, Round, _ => { })) : [];
        await Task.WhenAll(quiet.Concat(loud));
        return new([.. took.Order()], Stopwatch.GetElapsedTime(began).TotalMilliseconds);
    }

    private static async Task<WebApplication> StartCentral(string folder, System.Security.Cryptography.X509Certificates.X509Certificate2 server, List<FloodBox> boxes)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration["ConnectionStrings:Central"] = $"Data Source={Path.Combine(folder, "central.db")}";
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.UseHttps(server, https =>
            {
                https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                https.AllowAnyClientCertificate();
            });
        }));
        builder.Services.AddSingleton(new CentralSettings { DataDir = folder }).AddCentralStore().AddIntake();
        var app = builder.Build();
        app.MapIntake();
        await app.Services.MigrateCentral(default);
        await using (var db = await app.Services.GetRequiredService<IDbContextFactory<CentralDb>>().CreateDbContextAsync())
        {
            db.Nodes.AddRange(boxes.Select(b => new NodeRow { NodeId = b.Node, School = b.School, KeyPin = BoxKey.Pin(b.Certificate.PublicKey) }));
            await db.SaveChangesAsync();
        }
        await app.StartAsync();
        return app;
    }
}
