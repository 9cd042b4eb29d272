using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

internal static class RegistryRoutes
{
    internal static readonly IReadOnlyList<NavEntry> Nav =
    [
        new("/hoc-sinh", "Học sinh", PupilPages.Readers, Side.Edge | Side.Central),
        new("/don-vi", "Đơn vị", Access.EveryDepartmentRole, Side.Central),
        new("/lich", "Lịch năm học", CalendarPages.Readers, Side.Edge | Side.Central),
    ];

    internal static void MapSignIn(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(ShellSetup.SignInPath, SignIn.Page).AllowAnonymous();
        routes.MapPost(ShellSetup.SignInPath, (HttpContext http, SignIn signIn) => signIn.Post(http)).AllowAnonymous();
        routes.MapPost("/dang-xuat", (Delegate)SignIn.SignOut).AllowAnonymous();
    }

    internal static void MapUnits(this IEndpointRouteBuilder routes)
    {
        const string import = "/don-vi/nhap";
        routes.MapGet("/don-vi", (string? ngay, string? phuong, string? tim, int? ghi, UnitPages pages, CancellationToken cancel) =>
            pages.List(DayOf(ngay), IdOf(phuong), tim, ghi, cancel)).RequireRoles(Access.EveryDepartmentRole);
        routes.MapGet(import, (UnitPages pages) => pages.ImportForm()).RequireRoles(Access.EveryDepartmentRole);
        routes.MapPost(import, (HttpContext http, UnitPages pages, CancellationToken cancel) => pages.DryRun(http, cancel))
            .RequireRoles(Access.EveryDepartmentRole);
        routes.MapPost(import + "/ghi", (HttpContext http, UnitPages pages, CancellationToken cancel) => pages.Apply(http, cancel))
            .RequireRoles(Access.EveryDepartmentRole);
    }

    internal static void MapPupils(this IEndpointRouteBuilder routes)
    {
        const string import = "/hoc-sinh/nhap";
        routes.MapGet("/hoc-sinh", (HttpContext http, string? truong, string? lop, int? ghi, PupilPages pages, CancellationToken cancel) =>
            pages.List(http, IdOf(truong), IdOf(lop), ghi, cancel)).RequireRoles(PupilPages.Readers);
        routes.MapPost("/hoc-sinh/lop", (HttpContext http, PupilPages pages, CancellationToken cancel) => pages.AddClass(http, cancel))
            .RequireRoles(PupilPages.Writers);
        routes.MapGet(import, (HttpContext http, string? truong, PupilPages pages, CancellationToken cancel) =>
            pages.ImportForm(http, IdOf(truong), cancel)).RequireRoles(PupilPages.Writers);
        routes.MapPost(import, (HttpContext http, PupilPages pages, CancellationToken cancel) => pages.DryRun(http, cancel))
            .RequireRoles(PupilPages.Writers);
        routes.MapPost(import + "/ghi", (HttpContext http, PupilPages pages, CancellationToken cancel) => pages.Apply(http, cancel))
            .RequireRoles(PupilPages.Writers);
    }

    internal static void MapCalendar(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/lich", (HttpContext http, CalendarPages pages, CancellationToken cancel) => pages.Page(http, cancel))
            .RequireRoles(CalendarPages.Readers);
        routes.MapPost("/lich", (HttpContext http, CalendarPages pages, CancellationToken cancel) => pages.Add(http, cancel))
            .RequireRoles(CalendarPages.Writers);
        routes.MapPost("/lich/bo", (HttpContext http, CalendarPages pages, CancellationToken cancel) => pages.Remove(http, cancel))
            .RequireRoles(CalendarPages.Writers);
    }

    /// <summary>An empty or broken id in an address is no id.</summary>
    private static Guid? IdOf(string? text) => Guid.TryParse(text, out var id) && id != Guid.Empty ? id : null;

    private static DateOnly? DayOf(string? text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
}
