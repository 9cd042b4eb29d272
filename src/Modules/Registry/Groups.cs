using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>Units that have no box: their people sign in at Central, as name@code, and work there on their own unit.</summary>
public static class Groups
{
    public const char At = '@';

    public static bool Is(IRecords records, Scope unit, DateOnly day) => records.Get<Unit>(Scope.City, unit.Owner) is { } row && IsOn(row.Value, day);

    /// <summary>Null for a code that is no such unit's on that day, a school's too.</summary>
    internal static Row<Unit>? Find(IRecords records, string code, DateOnly day) => records.All<Unit>(Scope.City)
        .FirstOrDefault(u => IsOn(u.Value, day) && u.Value.Code.Equals(code, StringComparison.OrdinalIgnoreCase));

    /// <summary>What somebody types at the door.</summary>
    internal static string SignInName(IRecords records, Scope scope, string userName) =>
        scope.Kind == ScopeKind.School && records.Get<Unit>(Scope.City, scope.Owner) is { Value: { Kind: UnitKind.IndependentGroup } unit }
            ? $"{userName}{At}{unit.Code.ToLowerInvariant()}"
            : userName;

    private static bool IsOn(Unit unit, DateOnly day) => unit.Kind == UnitKind.IndependentGroup && unit.IsValidOn(day);
}
