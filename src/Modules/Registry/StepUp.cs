using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;

namespace TdmEdu.Modules.Registry;

/// <summary>Marks an endpoint that asks for the password once more; listed with the rights of each route.</summary>
public sealed class StepUpRequired;

/// <param name="Path">Where the form goes once the password is right.</param>
/// <param name="Fields">What was already filled in: nobody types it again.</param>
public sealed record StepUpModel(string Path, IReadOnlyList<KeyValuePair<string, string>> Fields, bool External, Error? Refused);

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

    /// <param name="endpoint">Not one that takes a file: the page that asks cannot carry it.</param>
    public static RouteHandlerBuilder RequireStepUp(this RouteHandlerBuilder endpoint) => endpoint.WithMetadata(new StepUpRequired()).AddEndpointFilter(Ask);

    /// <summary>Where a page goes that was asked for by its address, not by a form.</summary>
    internal static void MapStepUp(this IEndpointRouteBuilder routes) =>
        routes.MapPost(Path, (HttpContext http) => Results.LocalRedirect(LocalPath.Of(http.Request.Form[NextField])))
            .RequireRoles(Access.EverySchoolRole | Access.EveryDepartmentRole).RequireStepUp();

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
            return Show(http, fields, null);
        }
        var proved = await Prove(http, password.ToString());
        if (!proved.Ok)
        {
            return Show(http, fields, proved.Error);
        }
        await sessions.Prove(http);
        return await next(context);
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

    private static RazorComponentResult<StepUpPage> Show(HttpContext http, IFormCollection fields, Error? refused)
    {
        var here = http.Request.Path + http.Request.QueryString;
        IEnumerable<KeyValuePair<string, StringValues>> kept = HttpMethods.IsPost(http.Request.Method) ? fields : [KeyValuePair.Create(NextField, new StringValues(here))];
        var model = new StepUpModel(
            HttpMethods.IsPost(http.Request.Method) ? here : Path,
            [
                .. kept.Where(f => f.Key is not PasswordField && !f.Key.StartsWith("__", StringComparison.Ordinal))
                    .SelectMany(f => f.Value.Select(v => KeyValuePair.Create(f.Key, v ?? ""))),
            ],
            Sessions.IsExternal(http),
            refused);
        return new(new { Model = model }) { StatusCode = refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(refused.Code) };
    }
}
