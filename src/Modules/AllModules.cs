using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules;

public static class AllModules
{
    /// <summary>The order is the menu's: what people do every day first, what is set up once a year last.</summary>
    public static readonly IReadOnlyList<Module> List =
    [
        new AttendanceModule(),
        new RegistryModule(),
    ];

    public static Catalogue Catalogue()
    {
        var builder = new ModuleBuilder();
        foreach (var module in List)
        {
            module.Define(builder);
        }
        return builder.Build();
    }

    public static IServiceCollection AddModules(this IServiceCollection services, Side side)
    {
        services.AddSingleton(Catalogue());
        services.AddSingleton(new Navigation(side, List.SelectMany(m => m.Nav)));
        foreach (var module in List)
        {
            module.AddServices(services);
        }
        return services;
    }

    public static void MapModules(this IEndpointRouteBuilder routes, Side side)
    {
        foreach (var module in List)
        {
            module.Map(routes, side);
        }
    }
}
