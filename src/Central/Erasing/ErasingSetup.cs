using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Erasing;

internal static class ErasingSetup
{
    public const string Path = "/xoa-du-lieu";

    public static readonly NavEntry Nav = new(Path, "Xóa dữ liệu hết hạn", Roles.DepartmentOfficer, Side.Central);

    public static void AddErasing(this IServiceCollection services)
    {
        services.AddSingleton<ErasureOffice>().AddSingleton<ErasurePages>();
        services.AddHostedService(s => s.GetRequiredService<ErasureOffice>());
    }

    public static void MapErasing(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, (HttpContext http, string? truong, ErasurePages pages, CancellationToken cancel) =>
            pages.Page(http, Guid.TryParse(truong, out var id) ? id : null, cancel)).RequireRoles(Nav.Roles);
        routes.MapPost(Path, (HttpContext http, ErasurePages pages, CancellationToken cancel) => pages.Erase(http, cancel)).RequireRoles(Nav.Roles)
            .RequireStepUp(new Text("Xóa dữ liệu hết hạn"));
    }
}
