using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Schools;

internal static class SchoolsSetup
{
    public const string Path = "/may-chu-truong";

    public static readonly NavEntry Nav = new(Path, "Máy chủ trường", Roles.DepartmentIt, Side.Central);

    public static void AddSchools(this IServiceCollection services) => services.AddSingleton<Provision>().AddSingleton<BoxPages>();

    public static void MapSchools(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, (string? ghi, BoxPages pages, CancellationToken cancel) => pages.List(ghi, cancel)).RequireRoles(Nav.Roles);
        routes.MapPost(Path + "/cho-vao", (HttpContext http, BoxPages pages, CancellationToken cancel) => pages.Admit(http, cancel)).RequireRoles(Nav.Roles);
    }
}
