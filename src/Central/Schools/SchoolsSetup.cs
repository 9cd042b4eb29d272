using TdmEdu.Central.Intake;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Schools;

internal static class SchoolsSetup
{
    public const string Path = "/may-chu-truong";

    public static readonly NavEntry Nav = new(Path, "Máy chủ trường", Roles.DepartmentIt, Side.Central);

    public static void AddSchools(this IServiceCollection services)
    {
        services.AddSingleton(s => new Seals(System.IO.Path.Combine(s.GetRequiredService<CentralSettings>().DataDir, "seals"), makes: true));
        services.AddSingleton(s => s.GetRequiredService<CentralSettings>() is var settings
            ? new WebHosts(() => [.. settings.WebHosts.Select(h => h.ToLowerInvariant())], settings.WebPort) : null!);
        services.AddSingleton<JoinDelay>().AddSingleton<Certification>().AddSingleton<BoxEnrolment>();
        services.AddSingleton<CaRotation>().AddSingleton<BoxRegister>().AddSingleton<BoxPages>().AddSingleton<FirstAccount>();
    }

    public static void MapSchools(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, (string? ghi, BoxPages pages, CancellationToken cancel) => pages.List(ghi, cancel)).RequireRoles(Nav.Roles);
        routes.MapPost(Path + "/ma", (HttpContext http, BoxPages pages, CancellationToken cancel) => pages.MakeCode(http, cancel)).RequireRoles(Nav.Roles);
        routes.MapPost($"{Path}/{BoxPages.CodeCancelled}", (HttpContext http, BoxPages pages, CancellationToken cancel) => pages.CancelCode(http, cancel))
            .RequireRoles(Nav.Roles);
        routes.MapPost(Path + "/ghi-danh", (HttpContext http, BoxPages pages, CancellationToken cancel) => pages.Decide(http, cancel)).RequireRoles(Nav.Roles)
            .RequireStepUp(new Text("Nhận hoặc từ chối máy ghi danh"));
        foreach (var (done, what) in BoxPages.Changes)
        {
            routes.MapPost($"{Path}/{done}", (HttpContext http, BoxPages pages, CancellationToken cancel) => pages.Change(http, done, cancel)).RequireRoles(Nav.Roles)
                .RequireStepUp(what);
        }
        routes.MapGrpcService<EnrolmentEndpoint>().AuditRefusals(routes.ServiceProvider).AllowAnonymous();
    }
}
