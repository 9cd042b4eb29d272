using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Auditing;

internal static class AuditingSetup
{
    public const string Path = "/nhat-ky";
    public const string GuardedPath = "/hai-nguoi";

    public static readonly NavEntry Nav = new(Path, "Nhật ký", Roles.DepartmentIt, Side.Central);
    public static readonly NavEntry GuardedNav = new(GuardedPath, "Việc cần hai người", Roles.DepartmentIt, Side.Central);

    public static void AddAuditing(this IServiceCollection services) =>
        services.AddSingleton<AuditVerifier>().AddSingleton<GuardedActs>().AddSingleton<AuditPages>();

    public static void MapAuditing(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, (HttpContext http, string? truong, string? ngay, string? loai, long? sau, AuditPages pages, CancellationToken cancel) => pages.List(
            http, Guid.TryParse(truong, out var school) ? school : null, DateOnly.TryParseExact(ngay, "yyyy-MM-dd", out var day) ? day : null,
            string.IsNullOrEmpty(loai) ? null : loai, sau, cancel)).RequireRoles(Nav.Roles);
        routes.MapGet(GuardedPath, (HttpContext http, AuditPages pages, CancellationToken cancel) => pages.Guarded(http, cancel)).RequireRoles(Nav.Roles);
        routes.MapPost(GuardedPath, (HttpContext http, AuditPages pages, CancellationToken cancel) => pages.Agree(http, cancel)).RequireRoles(Nav.Roles)
            .RequireStepUp(new Text("Đồng ý việc cần hai người"));
        routes.MapPost(GuardedPath + "/bo", (HttpContext http, AuditPages pages, CancellationToken cancel) => pages.Refuse(http, cancel)).RequireRoles(Nav.Roles);
    }
}
