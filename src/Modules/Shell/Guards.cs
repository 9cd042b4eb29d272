using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Shell;

/// <summary>What stands before and behind every endpoint.</summary>
internal static class Guards
{
    private const int AskedCharsMax = 200;

    private const string ContentSecurityPolicy =
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>Of a file that is taken away: where a browser opens it all the same, it may do nothing.</summary>
    private const string DownloadPolicy = $"{ContentSecurityPolicy}; sandbox";

    private const string StrictTransport = "max-age=31536000";

    private static readonly SemaphoreSlim Uploads = new(WebLimits.UploadsMax);

    internal static bool IsGrpc(HttpRequest request) =>
        request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true;

    private static bool IsBetweenHosts(HttpRequest request) => request.Path.Value!.StartsWith("/tdmedu.", StringComparison.Ordinal);

    /// <summary>What no form can send, at the addresses that expect it; anywhere else it is a form of the wrong kind, and is refused as one.</summary>
    private static bool IsCall(HttpRequest request) => IsGrpc(request)
        ? IsBetweenHosts(request)
        : request.HasJsonContentType() && request.Path.StartsWithSegments("/api");

    /// <summary>
    /// Before anything reads the name. A box that is not enrolled yet has none and answers to all; calls between hosts are named by their certificates.
    /// </summary>
    internal static Task CheckHost(HttpContext http, RequestDelegate next)
    {
        var hosts = http.RequestServices.GetService<WebHosts>();
        if (hosts is null || hosts.Has(http) || http.Request.Path == ShellSetup.HealthPath || IsBetweenHosts(http.Request))
        {
            return next(http);
        }
        http.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync(http.RequestServices.GetRequiredService<Words>()[
            "Máy chủ này không có địa chỉ như vậy. Hãy dùng địa chỉ mà nhà trường hoặc Phòng Giáo dục đã thông báo."]);
    }

    /// <summary>Before the route is looked for: whatever answers GET answers HEAD, of which the server leaves the body out.</summary>
    internal static Task AnswerHead(HttpContext http, RequestDelegate next)
    {
        if (HttpMethods.IsHead(http.Request.Method))
        {
            http.Request.Method = HttpMethods.Get;
        }
        return next(http);
    }

    internal static Task SetHeaders(HttpContext http, RequestDelegate next)
    {
        var headers = http.Response.Headers;
        // Not on a box: its certificate is the department's own, it changes with the box, and a browser that insists would shut the whole school out of
        // the page that explains how to trust it. Nothing of a box answers without TLS either.
        if (http.RequestServices.GetRequiredService<Home>().Side == Side.Central && !WebHosts.IsThisMachine(WebHosts.NameIn(http.Request)))
        {
            headers.StrictTransportSecurity = StrictTransport;
        }
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
            if (headers.ContentDisposition.ToString().StartsWith("attachment", StringComparison.Ordinal))
            {
                headers.ContentSecurityPolicy = DownloadPolicy;
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
