using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Shell;

/// <summary>Where this process stands: an edge serves one school, Central the city.</summary>
public sealed record Home(Side Side, Scope Scope)
{
    /// <summary>Whose people sign in here. The department's accounts stay at Central, no box ever receives them.</summary>
    public Scope Accounts => Side == Side.Central ? Scope.Department : Scope;

    /// <summary>Where this person's account is: at Central also that of a group, which has no box.</summary>
    public Scope AccountsOf(Actor actor) => IsOfGroup(actor) ? actor.Scope : Accounts;

    /// <summary>Whether the person is of a unit that works at Central, and so sees that unit's own pages and nothing else.</summary>
    public bool IsOfGroup(Actor actor) => Side == Side.Central && actor.Scope.Kind == ScopeKind.School && !actor.Is(Access.Family);
}
