using Microsoft.Extensions.DependencyInjection.Extensions;
using Quartz;
using TdmEdu.Modules;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Records;

namespace TdmEdu.EdgeNode.Cache;

internal static class EdgeStore
{
    /// <summary>The box's data behind its owner. Register it before the services that use it: they start in this order.</summary>
    public static IServiceCollection AddEdgeStore(this IServiceCollection services, string dataFolder, Guid node, Scope school, Guid? before = null)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(AllModules.Catalogue());
        services.AddSingleton(new EdgeIdentity(dataFolder, node, school, before));
        services.AddSingleton<Owner>();
        services.AddSingleton<IRecordStore>(s => s.GetRequiredService<Owner>());
        services.AddSingleton<IAuditLog>(s => s.GetRequiredService<Owner>());
        services.AddHostedService(s => s.GetRequiredService<Owner>());
        services.AddQuartz(q => q.AddJob<CacheCopyJob>(j => j.WithIdentity(nameof(CacheCopyJob)))
            .AddTrigger(t => t.ForJob(nameof(CacheCopyJob)).WithIdentity("nightly")
                .WithCronSchedule("0 30 2 * * ?", c => c.InTimeZone(SchoolZone)))
            .AddTrigger(t => t.ForJob(nameof(CacheCopyJob)).WithIdentity("at-start")
                .StartAt(TimeProvider.System.GetUtcNow().AddMinutes(1))));
        services.AddQuartzHostedService(o => o.WaitForJobsToComplete = true);
        return services;
    }

    private static readonly TimeZoneInfo SchoolZone = TimeZoneInfo.CreateCustomTimeZone("school", SchoolTime.Offset, "school", "school");
}
