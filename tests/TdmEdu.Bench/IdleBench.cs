using System.Diagnostics;
using System.Globalization;
using TdmEdu.Demo;

namespace TdmEdu.Bench;

/// <summary>Memory of idle hosts, and the time from starting a box to its first page.</summary>
internal static class IdleBench
{
    /// <summary>Past the first copy of the cache, a minute after the start: what a box takes for the rest of the day.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(80);

    public static async Task Run()
    {
        var folder = Directory.CreateTempSubdirectory("bench-idle-").FullName;
        await using var stack = await DemoStack.Start(folder, DemoPorts.Free(), _ => { }, default);
        using var client = EdgeClient.Create(stack.Authority);
        await client.GetStringAsync(new Uri(stack.CentralUrl, "/dang-nhap"));
        foreach (var url in stack.EdgeUrls.Values)
        {
            await client.GetStringAsync(new Uri(url, "/dang-nhap"));
        }
        await Task.Delay(Settle);
        foreach (var (name, id) in stack.ProcessIds)
        {
            Console.WriteLine($"idle: {name,-12} {ResidentMib(id):0} MiB RSS (goal {(name == "central" ? 250 : 150)})");
        }
        foreach (var school in stack.EdgeUrls.Keys)
        {
            stack.StopEdge(school);
            var began = Stopwatch.GetTimestamp();
            await stack.StartEdge(school, default);
            await client.GetStringAsync(new Uri(stack.EdgeUrls[school], "/dang-nhap"));
            Console.WriteLine($"start: {school,-12} {Stopwatch.GetElapsedTime(began).TotalSeconds:0.00} s to the first page (goal 3)");
        }
        await stack.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private static double ResidentMib(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status").Single(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }
}
