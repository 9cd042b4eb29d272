using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Shell;

/// <summary>Which roles may call an endpoint. An endpoint without this and without AllowAnonymous is denied to everyone.</summary>
public sealed class RolesRequirement(Roles roles) : AuthorizationHandler<RolesRequirement>, IAuthorizationRequirement
{
    public Roles Roles => roles;

    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, RolesRequirement requirement)
    {
        if (context.User.TryActor() is { } actor && actor.Is(requirement.Roles))
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

    public static TBuilder RequireRoles<TBuilder>(this TBuilder endpoint, Roles roles) where TBuilder : IEndpointConventionBuilder =>
        endpoint.RequireAuthorization(policy => policy.RequireAuthenticatedUser().AddRequirements(new RolesRequirement(roles)));
}
