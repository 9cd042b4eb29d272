using System.Globalization;
using Quartz;

namespace TdmEdu.EdgeNode.Cache;

/// <summary>
/// Copies the cache every night, and soon after a start when the last copy is a day old: the box may be off at night.
/// </summary>
[DisallowConcurrentExecution]
internal sealed class CacheCopyJob(Owner owner, TimeProvider clock) : IJob
{
    public const string LastRun = "cache_copied_ms";

    /// <summary>Less than a day, so that the nightly run a little early still counts as due.</summary>
    private static readonly TimeSpan DueAfter = TimeSpan.FromHours(23);

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        var lastMs = long.Parse(await owner.Meta(LastRun, cancellationToken) ?? "0", CultureInfo.InvariantCulture);
        if (clock.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(lastMs) >= DueAfter)
        {
            await owner.CopyCache(cancellationToken);
        }
        // Starting and copying leave 10 to 15 MiB behind, LiteDB's page cache above all. An idle box allocates so little that it
        // would not collect them for days.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
