using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

/// <param name="MaySet">Who may set when the bell rings.</param>
public sealed record GateModel(IReadOnlyList<Bell> Bells, bool MaySet, Error? Refused = null);

/// <summary>The kiosk at the gate: a scanner that types, one field, and when the bell rings.</summary>
internal sealed class GatePages(IRecordStore store, Catalogue catalogue, TimeProvider clock)
{
    internal const string Path = "/cong";

    public async Task<IResult> Page(HttpContext http, CancellationToken cancel) => Show(await Load(http.Actor(), cancel));

    public async Task<IResult> SetBells(HttpContext http, CancellationToken cancel)
    {
        var (actor, form) = (http.Actor(), http.Request.Form);
        TimeOnly Typed(Slot slot) =>
            TimeOnly.TryParseExact(form[$"gio-{slot}"], "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var at) ? at : default;
        var bells = Slots.Sessions.Select(s => new Bell(s, Typed(s))).ToList();
        if (bells.Exists(b => b.At < b.Slot.Facts().Begins || b.At == default))
        {
            return Show(await Load(actor, cancel) with { Refused = Error.Invalid("bell_time", "Hãy ghi giờ vào lớp của cả hai buổi; buổi chiều từ 12:00.") });
        }
        var set = await store.Decide(actor, records => new Decision<int>(0, [.. bells.Select(b => Set(records, actor.Scope, b)).OfType<Draft>()]), cancel);
        return set.Ok ? Results.LocalRedirect(Path) : Show(await Load(actor, cancel) with { Refused = set.Error });
    }

    public async Task<IResult> Scan(GateScan scan, Actor actor, CancellationToken cancel)
    {
        var arrived = await store.Decide(actor, records => scan.Decide(catalogue, records, actor, clock), cancel);
        return arrived.Match(reply => Results.Json(reply, Json.Options), error => error.ToResult());
    }

    private Draft? Set(IRecords records, Scope school, Bell bell)
    {
        var id = Bell.IdOf(school, bell.Slot);
        return records.Get<Bell>(school, id) is { } before ? catalogue.Change(school, before, bell) : catalogue.Create(school, id, bell);
    }

    private Task<GateModel> Load(Actor actor, CancellationToken cancel) => store.Read(
        records => new GateModel([.. Slots.Sessions.Select(s => new Bell(s, Bell.Of(records, actor.Scope, s)))], actor.Is(SubmitSession.Offices)), cancel);

    private static RazorComponentResult<GatePage> Show(GateModel model) => new(new { Model = model })
    {
        StatusCode = model.Refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(model.Refused.Code),
    };

    internal static string ToJson(Words w) => JsonSerializer.Serialize(
        new Dictionary<string, string>
        {
            ["onTime"] = w["{0}, lớp {1}: đến lúc {2}"],
            ["late"] = w["{0}, lớp {1}: đến lúc {2}, muộn {3} phút"],
            ["again"] = w["{0}, lớp {1}: đã ghi muộn {3} phút rồi"],
            ["waiting"] = w["Không kết nối được máy chủ trường: đang giữ {0} lượt quét, tự gửi khi có mạng. Đừng tắt trang này."],
            ["signIn"] = w["Phiên làm việc đã hết: đang giữ {0} lượt quét. Hãy mở một cửa sổ khác của trình duyệt và đăng nhập; đừng tắt trang này."],
            ["full"] = w["Đang giữ {0} lượt quét nên thẻ này chưa được nhận. Hãy ghi tên em ra giấy."],
        },
        Json.Options);
}

internal static class GateRoutes
{
    internal static readonly NavEntry Nav = new(GatePages.Path, "Cổng trường", AttendanceModule.School, Side.Edge);

    internal static void MapGate(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(GatePages.Path, (HttpContext http, GatePages pages, CancellationToken cancel) => pages.Page(http, cancel)).RequireRoles(Nav.Roles);
        routes.MapPost(GatePages.Path + "/gio", (HttpContext http, GatePages pages, CancellationToken cancel) => pages.SetBells(http, cancel))
            .RequireRoles(SubmitSession.Offices);
        routes.MapGateScan();
    }
}
