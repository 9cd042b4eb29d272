using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;

namespace TdmEdu.Modules.Registry;

/// <summary>Another server that tells who somebody is; registered by a host that has one, and shown at sign-in.</summary>
/// <param name="Name">What people call it.</param>
public sealed record ExternalDoor(string Name)
{
    public const string Path = "/dang-nhap/ngoai";

    /// <summary>Lets in whom that server knows by the name of an account here. None is ever made for somebody who has none.</summary>
    /// <param name="http">The request that came back from there.</param>
    /// <param name="userName">The name of the account.</param>
    /// <param name="signedInAt">When the person last proved there who they are.</param>
    public static async Task<Result<(ClaimsPrincipal Person, AuthenticationProperties Ticket)>> Admit(HttpContext http, string userName, DateTimeOffset? signedInAt)
    {
        var services = http.RequestServices;
        var found = await services.GetRequiredService<SignIn>().Find(VietnameseText.Fold(userName), http.RequestAborted);
        // That server speaks for the department's people only.
        found = found is { Group: null } ? found : null;
        var reason = found is null ? "unknown_user" : found.Account.Value.Disabled ? "disabled" : "";
        await services.GetRequiredService<IAuditLog>().Write(
            new("sign_in_external", found?.Account.Id ?? Guid.Empty, SignIn.AddressOf(http), reason), http.RequestAborted);
        return reason is [] ? services.GetRequiredService<Sessions>().External(found!, signedInAt) : SignIn.NotLetIn;
    }
}
