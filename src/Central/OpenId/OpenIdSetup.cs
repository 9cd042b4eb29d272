using System.Globalization;
using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;

namespace TdmEdu.Central.OpenId;

/// <summary>A sign-in server of the department or the province, beside the passwords here. Without these settings there is none.</summary>
internal sealed record OpenIdSettings
{
    public required string Authority { get; init; }

    public required string ClientId { get; init; }

    public required string ClientSecret { get; init; }

    /// <summary>What of a person's token is the user name here.</summary>
    public string Claim { get; init; } = "preferred_username";

    /// <summary>Where it may stand besides public addresses, as 10.20.0.0/16: one in the department's own network has to be listed.</summary>
    public string[] Networks { get; init; } = [];

    /// <summary>What people call that server.</summary>
    public string Name { get; init; } = "tài khoản của Phòng";
}

internal static class OpenIdSetup
{
    private const string Scheme = "openid";
    private const string AgainItem = "again";
    private const string NotLetIn = ShellSetup.SignInPath + "?ngoai=loi";
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(10);

    public static IServiceCollection AddOpenId(this IServiceCollection services, OpenIdSettings? settings)
    {
        if (settings is not null)
        {
            var server = Server(settings);
            services.AddSingleton(new ExternalDoor(settings.Name));
            services.AddAuthentication().AddOpenIdConnect(Scheme, options => Configure(options, settings, server));
        }
        return services;
    }

    public static void MapOpenId(this IEndpointRouteBuilder routes) =>
        routes.MapGet(ExternalDoor.Path, Ask).AllowAnonymous();

    private static async Task<IResult> Ask(HttpContext http, string? tiep, string? lai)
    {
        if (http.RequestServices.GetService<ExternalDoor>() is null)
        {
            return Results.NotFound();
        }
        try
        {
            await http.ChallengeAsync(Scheme, new() { RedirectUri = LocalPath.Of(tiep), Items = { [AgainItem] = lai } });
            return Results.Empty;
        }
        catch (InvalidOperationException)
        {
            // The library's answer to a server that does not answer it. Passwords go on.
            return Results.LocalRedirect(NotLetIn);
        }
    }

    private static NamedServer Server(OpenIdSettings settings) =>
        Uri.TryCreate(settings.Authority, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps
        && settings.Networks.All(n => IPNetwork.TryParse(n, out _))
            ? new(address, [.. settings.Networks.Select(n => IPNetwork.Parse(n))])
            : throw new StartRefusedException(
                "Central__OpenId__Authority phải là địa chỉ https và Central__OpenId__Networks là các mạng như 10.20.0.0/16; hãy sửa rồi khởi động lại",
                "Central__OpenId__Authority must be an https address and Central__OpenId__Networks networks such as 10.20.0.0/16; mend them and start again.");

    private static void Configure(OpenIdConnectOptions options, OpenIdSettings settings, NamedServer server)
    {
        (options.Authority, options.ClientId, options.ClientSecret) = (settings.Authority, settings.ClientId, settings.ClientSecret);
        options.SignInScheme = CookieAuthenticationDefaults.AuthenticationScheme;
        options.CallbackPath = ExternalDoor.Path + "/ve";
        options.ResponseType = OpenIdConnectResponseType.Code;
        // The answer comes by the address bar: a form from another site would need a cookie that other sites may send.
        options.ResponseMode = OpenIdConnectResponseMode.Query;
        (options.MapInboundClaims, options.UsePkce, options.SaveTokens, options.GetClaimsFromUserInfoEndpoint) = (false, true, false, false);
        (options.BackchannelTimeout, options.BackchannelHttpHandler) = (AnswerWithin, server);
        foreach (var (cookie, name) in new[] { (options.CorrelationCookie, "state"), (options.NonceCookie, "nonce") })
        {
            (cookie.Name, cookie.Path, cookie.SameSite, cookie.SecurePolicy) = ($"__Host-tdmedu-{name}.", "/", SameSiteMode.Lax, CookieSecurePolicy.Always);
        }
        options.Events.OnRedirectToIdentityProvider = context =>
        {
            if (context.Properties.Items.TryGetValue(AgainItem, out var again) && again == "1")
            {
                (context.ProtocolMessage.Prompt, context.ProtocolMessage.MaxAge) = (OpenIdConnectPrompt.Login, "0");
            }
            return Task.CompletedTask;
        };
        options.Events.OnTokenValidated = context => Admit(context, settings.Claim);
        options.Events.OnRemoteFailure = context =>
        {
            context.HandleResponse();
            context.Response.Redirect(NotLetIn);
            return Task.CompletedTask;
        };
    }

    /// <summary>What the other server says of the person's rights is not asked for: those are the account's.</summary>
    private static async Task Admit(TokenValidatedContext context, string claim)
    {
        var said = context.Principal!;
        DateTimeOffset? signedInAt = said.FindFirstValue("auth_time") is { } at
            ? DateTimeOffset.FromUnixTimeSeconds(long.Parse(at, CultureInfo.InvariantCulture))
            : null;
        var admitted = await ExternalDoor.Admit(context.HttpContext, said.FindFirstValue(claim) ?? "", signedInAt);
        if (!admitted.Ok)
        {
            context.Fail(admitted.Error.Reason);
            return;
        }
        var (person, ticket) = admitted.Value;
        context.Principal = person;
        ticket.RedirectUri = context.Properties!.RedirectUri;
        context.Properties = ticket;
    }
}
