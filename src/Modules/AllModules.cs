using Microsoft.AspNetCore.Routing;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules;

public static class AllModules
{
    public static readonly IReadOnlyList<Module> List =
    [
        new RegistryModule(),
        new AttendanceModule(),
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

    public static void MapModules(this IEndpointRouteBuilder routes, Side side)
    {
        foreach (var module in List)
        {
            module.Map(routes, side);
        }
    }
}
