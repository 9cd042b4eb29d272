using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Duplicates;

internal static class DuplicatesSetup
{
    public const string Path = "/hoc-sinh-trung";

    public static readonly NavEntry Nav = new(Path, "Học sinh trùng", Office, Side.Central);

    private const Roles Office = Roles.DepartmentOfficer;

    public static IServiceCollection AddDuplicates(this IServiceCollection services) =>
        services.AddSingleton<DuplicateReader>().AddSingleton<DuplicatePages>();

    public static void MapDuplicates(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, (HttpContext http, string? ghi, DuplicatePages pages, CancellationToken cancel) => pages.List(http, ghi, cancel)).RequireRoles(Office);
        routes.MapPost(Path + "/gop", (HttpContext http, DuplicatePages pages, CancellationToken cancel) => pages.Merge(http, cancel)).RequireRoles(Office);
        routes.MapPost(Path + "/hoan-tac", (HttpContext http, DuplicatePages pages, CancellationToken cancel) => pages.Undo(http, cancel)).RequireRoles(Office);
        routes.MapPost(Path + "/khac", (HttpContext http, DuplicatePages pages, CancellationToken cancel) => pages.Tell(http, cancel)).RequireRoles(Office);
    }
}
