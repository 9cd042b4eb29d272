using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Refusals;

internal static class RefusalsSetup
{
    public const string Path = "/bi-tu-choi";

    public static readonly NavEntry Nav = new(Path, "Dữ liệu chưa nhận", Access.EveryDepartmentRole, Side.Central);

    public static IServiceCollection AddRefusals(this IServiceCollection services)
    {
        services.AddSingleton<RedriveService>();
        services.AddHostedService(s => s.GetRequiredService<RedriveService>());
        services.AddSingleton<RefusedPages>();
        return services;
    }

    public static void MapRefusals(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, (HttpContext http, Guid? truong, string? sau, string? ghi, RefusedPages pages, CancellationToken cancel) =>
            pages.List(http.Actor(), truong, sau, ghi, cancel)).RequireRoles(Access.EveryDepartmentRole);
        routes.MapPost(Path + "/nhan", (HttpContext http, RefusedPages pages, CancellationToken cancel) => pages.Accept(http, cancel))
            .RequireRoles(Access.EveryDepartmentRole);
        routes.MapPost(Path + "/bo-qua", (HttpContext http, RefusedPages pages, CancellationToken cancel) => pages.Dismiss(http, cancel))
            .RequireRoles(Access.EveryDepartmentRole);
    }
}
