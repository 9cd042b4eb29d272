using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>Marks an endpoint that asks for the password once more; listed with the rights of each route.</summary>
/// <param name="What">What the person confirms.</param>
/// <param name="Of">Whose or of which class, by the form; null where that says nothing.</param>
/// <param name="Downloads">Answers with a file: the browser then stays on the page that asked.</param>
public sealed record StepUpRequired(Text What, Func<IRecords, HttpContext, string?>? Of, bool Downloads);

/// <param name="Path">Where the form goes once the password is right.</param>
/// <param name="Fields">What was already filled in: nobody types it again.</param>
/// <param name="Back">The page on which it was asked for.</param>
/// <param name="Proved">The password was right, and a file waits.</param>
public sealed record StepUpModel(
    string Path, IReadOnlyList<KeyValuePair<string, string>> Fields, bool External, Error? Refused, Text What, string? Of, string Back, bool Proved);

/// <summary>
/// What takes many records away, brings many in, or opens somebody's account asks for the password again when that was typed more than five
/// minutes ago: a session left open at a desk must not be enough. What was filled in goes on from the page that asks.
/// </summary>
public static class StepUp
{
    internal const string Path = "/xac-nhan";

    /// <summary>The service worker keeps no form with this field.</summary>
    private const string PasswordField = "matkhau";

    private const string NextField = "tiep";
    private const string BackField = "quay-lai";

    /// <param name="endpoint">Not one that takes a file: the page that asks cannot carry it.</param>
    /// <param name="what">As in <see cref="StepUpRequired"/>, like the others.</param>
    public static RouteHandlerBuilder RequireStepUp(
        this RouteHandlerBuilder endpoint, Text what, Func<IRecords, HttpContext, string?>? of = null, bool downloads = false) =>
        endpoint.WithMetadata(new StepUpRequired(what, of, downloads)).AddEndpointFilter(Ask);

    /// <summary>The class that the form or the address names, of the person's own school.</summary>
    public static string? ClassOf(IRecords records, HttpContext http) =>
        FormText.Id(http.Request.RouteValues["lop"] as string ?? http.Request.Form["lop"].ToString()) is { } id
            ? records.Get<SchoolClass>(http.Actor().Scope, id)?.Value.Name : null;

    /// <summary>The member of staff that the address names.</summary>
    public static string? PersonOf(IRecords records, HttpContext http) =>
        FormText.Id(http.Request.RouteValues["id"] as string) is { } id
            ? records.NameOf(FormText.Id(http.Request.Form["truong"]) is { } school && http.Actor().Scope == Scope.City ? Scope.School(school) : http.Actor().Scope, id) : null;

    /// <summary>Where a page goes that was asked for by its address, not by a form.</summary>
    internal static void MapStepUp(this IEndpointRouteBuilder routes) =>
        routes.MapPost(Path, (HttpContext http) => Results.LocalRedirect(LocalPath.Of(http.Request.Form[NextField])))
            .RequireRoles(Access.EverySchoolRole | Access.EveryDepartmentRole).RequireStepUp(new Text("Tiếp tục việc đang làm"));

    private static async ValueTask<object?> Ask(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var sessions = http.RequestServices.GetRequiredService<Sessions>();
        if (sessions.IsProved(http))
        {
            return await next(context);
        }
        if (Refusal.WantsJson(http.Request))
        {
            return Error.Denied("step_up", "Việc này cần nhập lại mật khẩu. Hãy mở trang trong trình duyệt rồi làm lại.").ToResult();
        }
        var fields = http.Request.HasFormContentType ? http.Request.Form : FormCollection.Empty;
        if (!fields.TryGetValue(PasswordField, out var password))
        {
            return await Show(http, fields, null);
        }
        var proved = await Prove(http, password.ToString());
        if (!proved.Ok)
        {
            return await Show(http, fields, proved.Error);
        }
        await sessions.Prove(http);
        return Asked(http).Downloads ? await Show(http, fields, null, proved: true) : await next(context);
    }

    private static async Task<Result<bool>> Prove(HttpContext http, string password)
    {
        var own = http.RequestServices.GetRequiredService<OwnAccount>();
        var mine = await own.Load(http, http.RequestAborted);
        var proved = mine is null ? ChangeAccount.NoOne : own.Prove(http, mine.Account, password);
        await http.RequestServices.GetRequiredService<IAuditLog>().Write(
            new("step_up", http.Actor().Id, $"{http.Request.Method} {http.Request.Path}", proved.Ok ? "" : proved.Error.Reason), http.RequestAborted);
        return proved;
    }

    private static StepUpRequired Asked(HttpContext http) => http.GetEndpoint()!.Metadata.GetMetadata<StepUpRequired>()!;

    /// <summary>The page with the form; the browser names it, as far as it is one of this site.</summary>
    private static string PageBefore(HttpContext http) =>
        Uri.TryCreate(http.Request.Headers.Referer, UriKind.Absolute, out var page) && page.Authority == http.Request.Host.Value ? LocalPath.Of(page.PathAndQuery) : "/";

    private static async Task<RazorComponentResult<StepUpPage>> Show(HttpContext http, IFormCollection fields, Error? refused, bool proved = false)
    {
        var asked = Asked(http);
        var of = asked.Of is null || !http.Request.HasFormContentType ? null
            : await http.RequestServices.GetRequiredService<IRecordStore>().Read(records => asked.Of(records, http), http.RequestAborted);
        var back = fields.TryGetValue(BackField, out var named) ? LocalPath.Of(named) : PageBefore(http);
        var here = http.Request.Path + http.Request.QueryString;
        IEnumerable<KeyValuePair<string, StringValues>> kept = HttpMethods.IsPost(http.Request.Method) ? fields : [KeyValuePair.Create(NextField, new StringValues(here))];
        var model = new StepUpModel(
            HttpMethods.IsPost(http.Request.Method) ? here : Path,
            [
                .. kept.Where(f => f.Key is not (PasswordField or BackField) && !f.Key.StartsWith("__", StringComparison.Ordinal))
                    .SelectMany(f => f.Value.Select(v => KeyValuePair.Create(f.Key, v ?? ""))),
            ],
            Sessions.IsExternal(http), refused, asked.What, of, back, proved);
        return new(new { Model = model }) { StatusCode = refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(refused.Code) };
    }
}
