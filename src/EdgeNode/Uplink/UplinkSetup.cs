using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using TdmEdu.EdgeNode.Cache;
using TdmEdu.EdgeNode.Erasing;
using TdmEdu.EdgeNode.Joining;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.EdgeNode.Uplink;

internal static class UplinkSetup
{
    public static readonly NavEntry Nav = new("/duong-truyen", "Đường truyền", Readers, Side.Edge, HomeOf: Roles.SchoolIt);

    public static readonly NavEntry RefusedNav = new("/chua-nhan", "Dữ liệu chưa nhận", Readers, Side.Edge);

    private const string ClockPath = "/duong-truyen/gio";
    private const int RefusedLinesMax = 200;
    /// <summary>The time decides how long people may sign in without Central, so it is not the office's.</summary>
    private const Roles ClockSetters = Roles.SchoolIt | Roles.Head;
    private const Roles Readers = Roles.SchoolIt | Roles.Office | Roles.Head;

    private static readonly Text Withdrawn = new(
        "Máy chủ này đã bị Phòng Giáo dục thu hồi: những gì ghi ở đây từ nay không đến Phòng. Hãy báo hiệu trưởng và CNTT của Phòng; trang Đường truyền chỉ cách ghi danh lại.");

    public static void AddUplink(this IServiceCollection services, BoxIdentity box, EdgeSettings settings, BoxClock clock)
    {
        services.AddSingleton(new CentralContact(() => clock.LastHeard));
        if (settings.CentralPages is { } pages)
        {
            services.AddSingleton(new CentralPages(pages));
        }
        services.AddSingleton(new WebHosts(() => box.LanHosts, settings.LanPort));
        services.AddSingleton(clock).AddSingleton(_ => box).AddSingleton(_ => new CentralLink(box, settings.Central, clock));
        services.AddSingleton(_ => box.Seals);
        services.AddSingleton(s => new Renewal(box, settings.IdentityDir, settings.EnrolmentAddress, clock, s.GetRequiredService<ILogger<Renewal>>()));
        services.AddHostedService(s => s.GetRequiredService<Renewal>());
        services.AddHostedService<EraseService>();
        services.AddSingleton(_ => new JoinCentral(BoxIdentity.NextOf(settings.IdentityDir), settings.EnrolmentAddress, clock, box.School));
        services.AddSingleton<JoinPages>().AddHostedService(s => s.GetRequiredService<JoinPages>());
        services.AddSingleton<UplinkWorker>();
        services.AddHostedService(s => s.GetRequiredService<UplinkWorker>());
        services.AddSingleton(s => new HostNotice(_ => IsWithdrawn(s.GetRequiredService<UplinkWorker>()) ? Withdrawn : null));
    }

    public static void MapLineStatus(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Nav.Path, (HttpContext http, UplinkWorker uplink, Owner owner, Renewal renewal) => Show(http, uplink, owner, renewal)).RequireRoles(Readers);
        routes.MapPost(ClockPath, SetClock).RequireRoles(ClockSetters).RequireStepUp(new Text("Đặt giờ máy trường"));
        routes.MapGet(JoinPages.AgainPath, (UplinkWorker uplink, JoinPages pages) => IsWithdrawn(uplink) || pages.Waits
            ? (IResult)pages.Page() : Results.LocalRedirect(Nav.Path))
            .RequireRoles(ClockSetters);
        routes.MapPost(JoinPages.AgainPath, JoinAgain).RequireRoles(ClockSetters).RequireStepUp(new Text("Ghi danh lại máy này"));
        routes.MapPost(JoinPages.GiveUpPath, GiveUp).RequireRoles(ClockSetters);
        routes.MapGet(RefusedNav.Path, ListRefused).RequireRoles(Readers);
    }

    private static bool IsWithdrawn(UplinkWorker uplink) => uplink.State.Reason == nameof(OpenAction.Revoked);

    private static async Task<IResult> JoinAgain(HttpContext http, UplinkWorker uplink, JoinPages pages, Owner owner, CancellationToken cancel)
    {
        if (!IsWithdrawn(uplink))
        {
            return Results.LocalRedirect(Nav.Path);
        }
        await owner.Write(new("join_asked", http.Actor().Id, $"{owner.Identity.Node}", ""), cancel);
        return await pages.Ask(http, cancel);
    }

    private static async Task<IResult> GiveUp(HttpContext http, JoinPages pages, Owner owner, CancellationToken cancel)
    {
        await owner.Write(new("join_given_up", http.Actor().Id, $"{owner.Identity.Node}", ""), cancel);
        pages.GiveUp();
        return Results.LocalRedirect(Nav.Path);
    }

    private static RazorComponentResult<LinePage> Show(HttpContext http, UplinkWorker uplink, Owner owner, Renewal renewal, Error? clockError = null) =>
        new(new
        {
            uplink.State, owner.Status.Pending, owner.Status.State.NotBackedUp, NotRenewed = renewal.Refused,
            Ahead = ClockWasAhead.Of(owner.Journal.Reader, http.RequestServices.GetRequiredService<BoxClock>().GetUtcNow()),
            MaySet = http.Actor().Is(ClockSetters), IsWithdrawn = IsWithdrawn(uplink), ClockError = clockError,
        })
        {
            StatusCode = clockError is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(clockError.Code),
        };

    private static async Task<IResult> SetClock(
        HttpContext http, BoxClock clock, UplinkWorker uplink, Owner owner, Renewal renewal, CancellationToken cancel)
    {
        if (!DateTime.TryParse(http.Request.Form["gio-dat"], CultureInfo.InvariantCulture, out var typed))
        {
            return Show(http, uplink, owner, renewal, Error.Invalid("clock_missing", "Hãy nhập ngày và giờ bây giờ."));
        }
        var now = new DateTimeOffset(typed, SchoolTime.Offset);
        if (!clock.TrySet(now))
        {
            return Show(http, uplink, owner, renewal, Error.Invalid(
                "clock_impossible", "Giờ này không thể đúng: máy được cài ngày {0:dd/MM/yyyy}. Hãy xem lại năm, tháng, ngày.", clock.Earliest));
        }
        await owner.Write(new("clock_set", http.Actor().Id, now.ToString("O", CultureInfo.InvariantCulture), ""), cancel);
        await http.RestartSession();
        return Results.LocalRedirect(Nav.Path);
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
