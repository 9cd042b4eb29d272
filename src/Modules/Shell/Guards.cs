using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace TdmEdu.Modules.Shell;

/// <summary>What stands before and behind every endpoint.</summary>
internal static class Guards
{
    private const int AskedCharsMax = 200;

    private const string ContentSecurityPolicy =
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private static readonly SemaphoreSlim Uploads = new(WebLimits.UploadsMax);

    internal static bool IsGrpc(HttpRequest request) =>
        request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true;

    /// <summary>What no form can send, at the addresses that expect it; anywhere else it is a form of the wrong kind, and is refused as one.</summary>
    private static bool IsCall(HttpRequest request) => IsGrpc(request)
        ? request.Path.Value!.StartsWith("/tdmedu.", StringComparison.Ordinal)
        : request.HasJsonContentType() && request.Path.StartsWithSegments("/api");

    internal static Task SetHeaders(HttpContext http, RequestDelegate next)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        http.Response.OnStarting(() =>
        {
            // Whatever a signed-in person is shown stays in no browser's store on a shared PC; the files of the build name their own rule.
            if (headers.CacheControl.Count == 0 && http.User.Identity?.IsAuthenticated == true)
            {
                headers.CacheControl = "no-store";
            }
            return Task.CompletedTask;
        });
        return next(http);
    }

    /// <summary>A refused person is on record before they read the refusal.</summary>
    internal static Task AuditRefusals(HttpContext http, RequestDelegate next)
    {
        http.Response.OnStarting(() => http.Response.StatusCode == StatusCodes.Status403Forbidden && http.User.TryActor() is { } actor
            ? http.RequestServices.GetRequiredService<IAuditLog>().Write(
                new("refused", actor.Id, Asked(http.Request), Refusal.ReasonOf(http)), CancellationToken.None)
            : Task.CompletedTask);
        return next(http);
    }

    /// <summary>An address may be as long as its sender likes.</summary>
    private static string Asked(HttpRequest request)
    {
        var asked = $"{request.Method} {request.Path}";
        return asked.Length > AskedCharsMax ? asked[..AskedCharsMax] : asked;
    }

    /// <summary>
    /// Every change asked for by a form is checked, whether its endpoint thought of it or not. JSON is left out: another site
    /// cannot send it with our cookie, the browser asks for permission first and is not given any.
    /// </summary>
    internal static async Task CheckForm(HttpContext http, RequestDelegate next)
    {
        var method = http.Request.Method;
        var reads = HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method);
        if (reads || IsCall(http.Request))
        {
            await next(http);
            return;
        }
        var isUpload = http.GetEndpoint()?.Metadata.GetMetadata<WebLimits.BodyLimit>() is not null;
        if (isUpload && !await Uploads.WaitAsync(TimeSpan.Zero))
        {
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }
        try
        {
            await CheckToken(http, next);
        }
        finally
        {
            _ = isUpload && Uploads.Release() >= 0;
        }
    }

    private static async Task CheckToken(HttpContext http, RequestDelegate next)
    {
        try
        {
            await http.RequestServices.GetRequiredService<IAntiforgery>().ValidateRequestAsync(http);
        }
        catch (AntiforgeryValidationException e)
        {
            http.Response.StatusCode = e.InnerException is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status400BadRequest;
            return;
        }
        await next(http);
    }
}
