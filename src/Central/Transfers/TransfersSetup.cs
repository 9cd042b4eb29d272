using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Transfers;

internal static class TransfersSetup
{
    public const string Path = "/chuyen-truong";

    public static readonly NavEntry Nav = new(Path, "Chuyển trường", Office, Side.Central);

    private const Roles Office = Roles.DepartmentOfficer;

    public static IServiceCollection AddTransfers(this IServiceCollection services)
    {
        services.AddHostedService<TransferService>();
        services.AddSingleton<TransferPages>();
        return services;
    }

    public static void MapTransfers(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, (HttpContext http, Guid? tu, string? tim, string? ghi, TransferPages pages, CancellationToken cancel) =>
            pages.List(http, tu, tim, ghi, cancel)).RequireRoles(Office);
        routes.MapGet(Path + "/moi", (HttpContext http, Guid? tu, Guid? hs, Guid? den, Guid? lop, DateOnly? ngay, TransferPages pages, CancellationToken cancel) =>
            pages.Form(http, new(hs ?? Guid.Empty, tu ?? Guid.Empty, den ?? Guid.Empty, lop ?? Guid.Empty, ngay ?? pages.Today), cancel)).RequireRoles(Office);
        routes.MapPost(Path, (HttpContext http, TransferPages pages, CancellationToken cancel) => pages.Begin(http, cancel)).RequireRoles(Office);
        routes.MapPost(Path + "/danh-sach", (HttpContext http, TransferPages pages, CancellationToken cancel) => pages.Settle(http, cancel))
            .RequireRoles(Office).RequireStepUp(new Text("Quyết định về hồ sơ chờ rút"));
    }
}
