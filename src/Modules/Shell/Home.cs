using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Shell;

/// <summary>Where this process stands: an edge serves one school, Central the city.</summary>
public sealed record Home(Side Side, Scope Scope)
{
    /// <summary>Whose people sign in here. The department's accounts stay at Central, no box ever receives them.</summary>
    public Scope Accounts => Side == Side.Central ? Scope.Department : Scope;
}
