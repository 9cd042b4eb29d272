using Microsoft.AspNetCore.Http.HttpResults;
using TdmEdu.EdgeNode.Cache;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

namespace TdmEdu.EdgeNode.Uplink;

internal static class UplinkSetup
{
    public static readonly NavEntry Nav = new("/duong-truyen", "Đường truyền", Readers, Side.Edge);

    public static readonly NavEntry RefusedNav = new("/chua-nhan", "Dữ liệu chưa nhận", Readers, Side.Edge);

    private const int RefusedLinesMax = 200;
    private const Roles Readers = Roles.SchoolIt | Roles.Office | Roles.Head;

    public static void AddUplink(this IServiceCollection services, BoxIdentity box, Uri central)
    {
        services.AddSingleton(_ => new CentralLink(box, central));
        services.AddSingleton<UplinkWorker>();
        services.AddHostedService(s => s.GetRequiredService<UplinkWorker>());
    }

    public static void MapLineStatus(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/duong-truyen", (UplinkWorker uplink, Owner owner) =>
            new RazorComponentResult<LinePage>(new { uplink.State, owner.Status.Pending }))
            .RequireRoles(Readers);
        routes.MapGet(RefusedNav.Path, ListRefused).RequireRoles(Readers);
    }

    private static async Task<RazorComponentResult<RefusedPage>> ListRefused(
        HttpContext http, Owner owner, Catalogue catalogue, Navigation navigation, CancellationToken cancel)
    {
        var found = owner.Journal.Reader.Refused(RefusedLinesMax + 1);
        var shown = found.Take(RefusedLinesMax).Select(r => (r.Entry.Op, r.Reason)).ToList();
        var names = await owner.Read(
            records => shown.Select(r => r.Op.Actor).Distinct().ToDictionary(id => id, id => records.NameOf(owner.Identity.School, id)), cancel);
        List<RefusedLine> lines =
        [
            .. shown.Select(r => RefusedLine.Of(
                catalogue, navigation, http.Actor(), r.Op.Entity, r.Op.Data.Span, r.Reason,
                DateTimeOffset.FromUnixTimeMilliseconds(r.Op.Hlc.Milliseconds).ToOffset(SchoolTime.Offset), names[r.Op.Actor])),
        ];
        return new(new { Lines = lines, HasMore = found.Count > RefusedLinesMax });
    }
}
