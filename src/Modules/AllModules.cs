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

    /// <param name="first">The host's own places in the menu before the modules'; a person's home page is the first that they may open.</param>
    /// <param name="last">The host's own places after the modules'.</param>
    public static IServiceCollection AddModules(this IServiceCollection services, Side side, NavEntry[]? first = null, NavEntry[]? last = null)
    {
        services.AddSingleton(Catalogue());
        services.AddSingleton(s => new Navigation(s.GetRequiredService<Home>(), [.. first ?? [], .. List.SelectMany(m => m.Nav), .. last ?? []]));
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
