using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Quartz;
using TdmEdu.EdgeNode.Cache;

namespace TdmEdu.Tests.EdgeNode;

public sealed class CacheCopyJobTests
{
    [Fact]
    public async Task The_host_copies_the_cache_at_night_and_soon_after_a_start()
    {
        var cancel = TestContext.Current.CancellationToken;
        var folder = Directory.CreateTempSubdirectory("copy-job-").FullName;
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddEdgeStore(folder, EdgeBox.Node, EdgeBox.School);
        using (var host = builder.Build())
        {
            await host.StartAsync(cancel);
            var scheduler = await host.Services.GetRequiredService<ISchedulerFactory>().GetScheduler(cancel);
            var triggers = await scheduler.GetTriggersOfJob(new JobKey(nameof(CacheCopyJob)), cancel);
            var nightly = triggers.Single(t => t.Key.Name == "nightly").NextFireTimeUtc!.Value;
            Assert.Equal(new TimeSpan(19, 30, 0), nightly.UtcDateTime.TimeOfDay);
            Assert.Equal(2, triggers.Count);
            await scheduler.TriggerJob(new JobKey(nameof(CacheCopyJob)), cancel);
            var owner = host.Services.GetRequiredService<Owner>();
            for (var i = 0; i < 200 && await owner.Meta(CacheCopyJob.LastRun, cancel) is null; i++)
            {
                await Task.Delay(50, cancel);
            }
            Assert.NotNull(CacheMarker.Read(Path.Combine(folder, "cache-copy.db")));
            await host.StopAsync(cancel);
        }
        Directory.Delete(folder, recursive: true);
    }
}
