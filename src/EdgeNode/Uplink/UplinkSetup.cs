using Microsoft.AspNetCore.Http.HttpResults;
using TdmEdu.EdgeNode.Cache;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

namespace TdmEdu.EdgeNode.Uplink;

internal static class UplinkSetup
{
    public static readonly NavEntry Nav = new("/duong-truyen", "Đường truyền", Readers, Side.Edge);

    private const Roles Readers = Roles.SchoolIt | Roles.Office | Roles.Head;

    public static void AddUplink(this IServiceCollection services, BoxIdentity box, Uri central)
    {
        services.AddSingleton(_ => new CentralLink(box, central));
        services.AddSingleton<UplinkWorker>();
        services.AddHostedService(s => s.GetRequiredService<UplinkWorker>());
    }

    public static void MapLineStatus(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/duong-truyen", (UplinkWorker uplink, Owner owner) =>
            new RazorComponentResult<LinePage>(new { uplink.State, owner.Status.Pending }))
            .RequireRoles(Readers);
}
