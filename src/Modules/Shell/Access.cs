using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Shell;

/// <summary>Which roles may call an endpoint. An endpoint without this and without AllowAnonymous is denied to everyone.</summary>
public sealed class RolesRequirement(Roles roles) : AuthorizationHandler<RolesRequirement>, IAuthorizationRequirement
{
    public Roles Roles => roles;

    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, RolesRequirement requirement)
    {
        var http = context.Resource as HttpContext;
        var endpoint = http?.GetEndpoint();
        var mayYet = !context.User.IsPasswordDue() || endpoint?.Metadata.GetMetadata<Access.OpenWhilePasswordDue>() is not null;
        if (mayYet && context.User.TryActor() is { } actor && actor.Is(requirement.Roles)
            && (http?.RequestServices.GetRequiredService<Home>().IsOfGroup(actor) != true || endpoint?.Metadata.GetMetadata<Access.OpenToGroups>() is not null))
        {
            context.Succeed(requirement);
        }
        return Task.CompletedTask;
    }
}

public static class Access
{
    public const Roles EverySchoolRole = Roles.Teacher | Roles.HomeroomTeacher | Roles.Office | Roles.Head | Roles.SchoolIt;
    public const Roles EveryDepartmentRole = Roles.DepartmentOfficer | Roles.DepartmentIt;

    /// <summary>Who comes with a card or a link instead of an account.</summary>
    public const Roles Family = Roles.Pupil | Roles.Parent;

    /// <summary>What people of a school, or of the department, can be. Anything else in an account counts for nothing.</summary>
    public static Roles RolesIn(Scope scope) => scope.Kind == ScopeKind.School ? EverySchoolRole : EveryDepartmentRole;

    /// <summary>Who can come in there: pupils on their school's network only, parents everywhere.</summary>
    public static Roles RolesAt(Home home) => RolesIn(home.Scope) | (home.Side == Side.Central ? Roles.Parent : home.Scope.Kind == ScopeKind.School ? Family : Roles.None);

    /// <summary>Where somebody signs in again.</summary>
    public static string DoorOf(Actor? actor) =>
        actor?.Is(Roles.Pupil) == true ? ShellSetup.PupilPath : actor?.Is(Roles.Parent) == true ? ShellSetup.ParentPath : ShellSetup.SignInPath;

    public static TBuilder RequireRoles<TBuilder>(this TBuilder endpoint, Roles roles) where TBuilder : IEndpointConventionBuilder =>
        endpoint.RequireAuthorization(policy => policy.RequireAuthenticatedUser().AddRequirements(new RolesRequirement(roles)));

    /// <summary>Where a person with somebody else's password chooses their own. Everything else is closed to them until then.</summary>
    public static TBuilder OpensWhilePasswordDue<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new OpenWhilePasswordDue());

    /// <summary>What people of a unit without a box may open at Central, in the roles that they have there; all else is closed to them.</summary>
    public static TBuilder OpensToGroups<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new OpenToGroups());

    /// <summary>Pages ask here on their own, whether somebody sits before them or not: such a call keeps no session alive.</summary>
    public static TBuilder Unattended<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new AskedByThePage());

    /// <summary>False also for a page that draws itself again (LiveRegion.ts).</summary>
    internal static bool IsAskedByAPerson(this HttpContext http) =>
        http.GetEndpoint()?.Metadata.GetMetadata<AskedByThePage>() is null && http.Request.Headers["X-TdmEdu"] != "live";

    internal sealed class OpenWhilePasswordDue;

    /// <summary>Listed with the rights of each route.</summary>
    public sealed class OpenToGroups;

    private sealed class AskedByThePage;
}
