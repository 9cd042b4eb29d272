using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting.StaticWebAssets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Shell;

/// <summary>What every page of both hosts stands on: sign-in cookie, rights, language, forms, headers, error pages.</summary>
public static class ShellSetup
{
    public const string SignInPath = "/dang-nhap";
    public const string OwnPasswordPath = "/can-bo/mat-khau";
    public const string PupilPath = "/em";
    public const string ParentPath = "/phu-huynh";
    internal const string HealthPath = "/health";

    private const Roles Everybody = Access.EverySchoolRole | Access.EveryDepartmentRole | Access.Family;

    /// <param name="services">The host's services; it also registers <see cref="IAuditLog"/> and its record store.</param>
    /// <param name="home">The side, and the scope whose accounts sign in here.</param>
    /// <param name="keysFolder">Keeps the keys that protect cookies, so that a restart signs nobody out.</param>
    public static IServiceCollection AddShell(this IServiceCollection services, Home home, string keysFolder)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(home);
        services.AddLimits();
        services.AddSingleton<Words>();
        services.AddSingleton<ReadVolume>();
        services.AddRazorComponents();
        services.AddHealthChecks();
        // Below a warning the framework writes down every address with its query, and people search by a child's name.
        services.AddLogging(logging => logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning));
        services.AddDataProtection().SetApplicationName($"tdmedu-{home.Side}")
            .PersistKeysToFileSystem(Directory.CreateDirectory(keysFolder));
        services.Configure<RequestLocalizationOptions>(Language.Configure);
        services.AddAntiforgery(o =>
        {
            o.Cookie.Name = $"{CookieName(home)}-form";
            o.Cookie.SecurePolicy = CookieSecurePolicy.Always;
            o.Cookie.SameSite = SameSiteMode.Strict;
            // The policy in Headers says frame-ancestors 'none', which replaces this older header.
            o.SuppressXFrameOptionsHeader = true;
        });
        services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(o => ConfigureCookie(o, home));
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAssertion(_ => false).Build());
        return services;
    }

    public static void UseShell(this WebApplication app)
    {
        StaticWebAssetsLoader.UseStaticWebAssets(app.Environment, app.Configuration);
        app.Use(Guards.AnswerHead);
        app.UseRouting();
        app.UseRequestLocalization();
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = http => Refusal.Show(http, http.Response.StatusCode),
            StatusCodeSelector = e => e is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError,
            SuppressDiagnosticsCallback = e => e.Exception is BadHttpRequestException,
        });
        app.Use(Guards.SetHeaders);
        app.Use(Guards.CheckHost);
        app.UseStatusCodePages(page => Guards.IsGrpc(page.HttpContext.Request)
            ? Task.CompletedTask
            : Refusal.Show(page.HttpContext, page.HttpContext.Response.StatusCode));
        app.UseAuthentication();
        app.Use(Guards.AuditRefusals);
        app.UseAuthorization();
        app.Use(Guards.CheckForm);
        app.UseAntiforgery();
    }

    public static void MapShell(this IEndpointRouteBuilder routes)
    {
        routes.MapStaticAssets().AllowAnonymous();
        routes.MapHealthChecks(HealthPath).AllowAnonymous();
        // Asked by a page on which somebody types (StillHere.ts).
        routes.MapGet("/con-day", () => Results.NoContent()).RequireRoles(Everybody).OpensToGroups();
        routes.MapPost("/ngon-ngu", Language.Choose).AllowAnonymous();
        routes.MapGet("/", (HttpContext http, Navigation navigation) =>
            navigation.For(http.Actor()).FirstOrDefault() is { } first ? Results.LocalRedirect(first.Path) : Results.NotFound())
            .RequireRoles(Everybody).OpensToGroups();
        // Without it an address that does not exist would be "denied", as everything without a rule is.
        routes.MapFallback("{**path}", () => Results.NotFound()).AllowAnonymous();
    }

    /// <summary>Browsers do not tell ports apart: on one machine, Central and several boxes would end each other's sessions.</summary>
    private static string CookieName(Home home) => $"__Host-tdmedu-{home.Scope.Value.Replace('/', '-')}";

    private static void ConfigureCookie(CookieAuthenticationOptions options, Home home)
    {
        options.Cookie.Name = CookieName(home);
        options.Cookie.HttpOnly = true;
        options.Cookie.SecurePolicy = CookieSecurePolicy.Always;
        options.Cookie.SameSite = SameSiteMode.Lax;
        // How long a session lasts, and what makes it last longer, is decided where people sign in.
        options.SlidingExpiration = false;
        options.LoginPath = SignInPath;
        options.ReturnUrlParameter = "tiep";
        options.Events.OnRedirectToLogin = async context =>
        {
            if (Refusal.WantsJson(context.Request))
            {
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            }
            else if (!await Refusal.TryKeepForm(context.HttpContext))
            {
                var path = context.Request.Path;
                var door = path.StartsWithSegments(PupilPath) || path.StartsWithSegments(ParentPath) ? $"/{path.Value!.Split('/')[1]}" : SignInPath;
                // Not what the framework proposes, which begins with the name that the request claims.
                context.Response.Redirect($"{door}?{options.ReturnUrlParameter}={Uri.EscapeDataString(path + context.Request.QueryString)}");
            }
        };
        options.Events.OnRedirectToAccessDenied = context =>
        {
            if (context.HttpContext.User.IsPasswordDue() && !Refusal.WantsJson(context.Request))
            {
                context.Response.Redirect(OwnPasswordPath);
            }
            else
            {
                context.Response.StatusCode = StatusCodes.Status403Forbidden;
            }
            return Task.CompletedTask;
        };
    }
}
