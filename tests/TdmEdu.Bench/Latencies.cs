using System.Diagnostics;

namespace TdmEdu.Bench;

/// <summary>How long each of many calls took.</summary>
internal sealed record Latencies(double[] SortedMs, double ElapsedMs)
{
    public double P50 => At(0.50);

    public double P95 => At(0.95);

    public double P99 => At(0.99);

    /// <summary>As many callers as given, each calling again as soon as it was answered.</summary>
    public static async Task<Latencies> Measure(int callers, int callsEach, Func<int, Task> call)
    {
        var all = new double[callers * callsEach];
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            for (var i = caller * callsEach; i < (caller + 1) * callsEach; i++)
            {
                var at = Stopwatch.GetTimestamp();
                await call(i);
                all[i] = Stopwatch.GetElapsedTime(at).TotalMilliseconds;
            }
        })));
        var elapsed = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        Array.Sort(all);
        return new(all, elapsed);
    }

    public static Latencies Join(IReadOnlyList<Latencies> parts) =>
        new([.. parts.SelectMany(p => p.SortedMs).Order()], parts.Sum(p => p.ElapsedMs));

    public string Show(Latencies? bare = null) =>
        $"p50 {P50,7:0.000} ms  p95 {P95,7:0.000} ms  p99 {P99,7:0.000} ms  {SortedMs.Length / ElapsedMs * 1000,8:0}/s"
        + (bare is null ? "" : $"  p95 ratio {P95 / bare.P95:0.00}");

    private double At(double share) => SortedMs[(int)((SortedMs.Length - 1) * share)];
}
