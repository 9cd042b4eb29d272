using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Shell;

/// <summary>The signed-in person, as the cookie's claims name them.</summary>
public static class Person
{
    private const string ScopeClaim = "scope";
    private const string RolesClaim = "roles";
    private const string UnitClaim = "unit";
    private const string PasswordDueClaim = "password_due";

    /// <param name="actor">Who it is.</param>
    /// <param name="displayName">What people call them.</param>
    /// <param name="unitName">Where they work.</param>
    /// <param name="passwordDue">The person must choose a password before anything else.</param>
    public static ClaimsPrincipal ToPrincipal(Actor actor, string displayName, string unitName, bool passwordDue = false) => new(new ClaimsIdentity(
        [
            .. passwordDue ? [new Claim(PasswordDueClaim, "1")] : Array.Empty<Claim>(),
            new(ClaimTypes.NameIdentifier, actor.Id.ToString("n")),
            new(ClaimTypes.Name, displayName),
            new(UnitClaim, unitName),
            new(ScopeClaim, actor.Scope.Value),
            new(RolesClaim, ((int)actor.Roles).ToString(System.Globalization.CultureInfo.InvariantCulture)),
        ],
        authenticationType: "password"));

    /// <summary>The school or department that the person works for.</summary>
    public static string? UnitName(this ClaimsPrincipal user) => user.FindFirstValue(UnitClaim);

    public static bool IsPasswordDue(this ClaimsPrincipal user) => user.HasClaim(c => c.Type == PasswordDueClaim);

    public static Actor? TryActor(this ClaimsPrincipal user)
    {
        var id = user.FindFirstValue(ClaimTypes.NameIdentifier);
        var scope = Scope.TryParse(user.FindFirstValue(ScopeClaim) ?? "");
        return id is null || scope is null ? null
            : new(Guid.ParseExact(id, "n"), scope.Value, (Roles)int.Parse(user.FindFirstValue(RolesClaim)!) & (Access.RolesIn(scope.Value) | Access.Family));
    }

    /// <summary>The person behind the request; the endpoint must have required one.</summary>
    public static Actor Actor(this HttpContext http) =>
        http.User.TryActor() ?? throw new InvalidOperationException("The endpoint let nobody in.");
}
