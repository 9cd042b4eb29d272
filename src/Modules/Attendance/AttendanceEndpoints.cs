using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

/// <summary>
/// The addresses of attendance: two pages, and the JSON that their islands speak. They answer on a box, and at Central for units that have none.
/// </summary>
internal static class AttendanceEndpoints
{
    /// <summary>Says that the request comes from a page of ours, and, when it holds an id, whose page it is.</summary>
    public const string IslandHeader = "X-TdmEdu";

    private const int ReceiptIdsMax = 200;
    private const int BodyBytesMax = 64 * 1024;

    public static void MapAttendance(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/diem-danh", () => new RazorComponentResult<CapturePage>()).RequireRoles(AttendanceModule.School).OpensToGroups();
        var api = Api(routes).OpensToGroups();
        api.MapGet("/today", Today).Unattended();
        api.MapGet("/sheets/{schoolClass:guid}/{date}/{slot}", OpenSheet).Unattended();
        api.MapPost("/submissions", Submit).AddEndpointFilter(FromOwnPage);
        api.MapPost("/receipts", Receipts).AddEndpointFilter(FromOwnPage).Unattended();
    }

    public static void MapGateScan(this IEndpointRouteBuilder routes) => Api(routes).MapPost("/gate", ScanCard).AddEndpointFilter(FromOwnPage);

    public static void MapWall(this IEndpointRouteBuilder routes) => routes.MapGet("/bang-lop", ShowWall).RequireRoles(SubmitSession.Offices);

    private static RouteGroupBuilder Api(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/attendance").RequireRoles(AttendanceModule.School);
        api.AddEndpointFilter(NeverCached);
        api.AddEndpointFilter(HasNoBox);
        api.AddEndpointFilter(SamePerson);
        return api;
    }

    private static async Task<IResult> ShowWall(HttpContext http, IRecordStore store, TimeProvider clock, CancellationToken cancel)
    {
        var scope = http.Actor().Scope;
        var wall = await store.Read(records => Wall.Of(records, scope, clock), cancel);
        return new RazorComponentResult<WallPage>(new { Wall = wall });
    }

    private static async Task<IResult> Today(
        HttpContext http, string? date, IRecordStore store, TimeProvider clock, Words words, CancellationToken cancel)
    {
        var actor = http.Actor();
        var day = TryDate(date) ?? clock.Today();
        return Reply(await store.Read(records => DayReply.Of(records, actor, day, clock, words), cancel));
    }

    private static async Task<IResult> OpenSheet(
        HttpContext http, Guid schoolClass, string date, string slot, IRecordStore store, TimeProvider clock, Words words, CancellationToken cancel)
    {
        if (TryDate(date) is not { } day || !Enum.TryParse<Slot>(slot, ignoreCase: true, out var buoi) || !Enum.IsDefined(buoi))
        {
            return Error.Invalid("bad_address", "Địa chỉ này có ngày hoặc buổi không đúng. Hãy bấm Các lớp rồi chọn lại.").ToResult();
        }
        var (actor, key) = (http.Actor(), new SessionKey(schoolClass, day, buoi));
        var sheet = await store.Read(records => SheetReply.Open(records, actor, key, clock.Today(), words), cancel);
        return sheet.Match(Reply, error => error.ToResult());
    }

    private static async Task<IResult> Submit(
        HttpContext http, IRecordStore store, Catalogue catalogue, TimeProvider clock, CancellationToken cancel)
    {
        if (await Body<SubmitSession>(http, cancel) is not { } request)
        {
            return Malformed.ToResult();
        }
        var sent = await SubmitSession.Handle(request, http.Actor(), store, catalogue, clock, cancel);
        return sent.Match(Reply, error => error.ToResult());
    }

    private static async Task<IResult> ScanCard(HttpContext http, GatePages gate, CancellationToken cancel) =>
        await Body<GateScan>(http, cancel) is { } scan ? await gate.Scan(scan, http.Actor(), cancel) : Malformed.ToResult();

    private static async Task<IResult> Receipts(HttpContext http, IRecordStore store, CancellationToken cancel)
    {
        if (await Body<ReceiptsRequest>(http, cancel) is not { Ids: { Length: <= ReceiptIdsMax } ids })
        {
            return Malformed.ToResult();
        }
        return Reply(new ReceiptsReply(await store.Receipts<Submission>(http.Actor().Scope, ids, cancel)));
    }

    /// <summary>
    /// The cookie is sent with any request to this address, so a foreign page could make the browser post here. A plain form
    /// cannot post JSON nor add a header, a script of another origin is asked for CORS permission that is never given, and the
    /// cookie is SameSite: three locks, of which each suffices.
    /// </summary>
    private static async ValueTask<object?> FromOwnPage(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        return request.HasJsonContentType() && request.Headers.ContainsKey(IslandHeader)
            ? await next(context)
            : Error.Unsupported(
                "not_from_page", "Yêu cầu này không đến từ trang điểm danh. Hãy mở trang Điểm danh rồi gửi lại.").ToResult();
    }

    /// <summary>A tab that A left open must neither show A what B may see, nor send A's marks as B's, who has signed in since.</summary>
    private static async ValueTask<object?> SamePerson(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        return Guid.TryParse(http.Request.Headers[IslandHeader], out var person) && person != http.Actor().Id
            ? Error.Conflict("other_person", "Trang này mở bằng tài khoản khác với tài khoản đang đăng nhập. Hãy tải lại trang.").ToResult()
            : await next(context);
    }

    /// <summary>Two places that take a class's attendance would be two truths until the line is back.</summary>
    private static async ValueTask<object?> HasNoBox(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var (services, actor) = (http.RequestServices, http.Actor());
        var (home, store, clock) = (services.GetRequiredService<Home>(), services.GetRequiredService<IRecordStore>(), services.GetRequiredService<TimeProvider>());
        return home.Side == Side.Edge || await store.Read(records => Groups.Is(records, actor.Scope, clock.Today()), http.RequestAborted)
            ? await next(context)
            : Error.Denied("unit_has_box", "Trường này có máy chủ riêng. Hãy điểm danh ở địa chỉ máy chủ của trường.").ToResult();
    }

    private static ValueTask<object?> NeverCached(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        context.HttpContext.Response.Headers.CacheControl = "no-store";
        return next(context);
    }

    private static async Task<T?> Body<T>(HttpContext http, CancellationToken cancel) where T : class
    {
        if (http.Request.ContentLength is null or > BodyBytesMax)
        {
            return null;
        }
        try
        {
            return await JsonSerializer.DeserializeAsync<T>(http.Request.Body, Json.Options, cancel);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static IResult Reply<T>(T value) => Results.Json(value, Json.Options);

    private static DateOnly? TryDate(string? text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : null;

    private static Error Malformed => Error.Invalid("malformed", SubmitSession.MalformedText);

    private sealed record ReceiptsRequest(Guid[] Ids);

    private sealed record ReceiptsReply(IReadOnlyDictionary<Guid, Receipt> Receipts);
}
