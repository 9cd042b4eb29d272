using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>Which school a page is about: on a box its own, at Central the one that was chosen.</summary>
internal static class SchoolScope
{
    /// <summary>What the department chooses from; nothing on a box.</summary>
    public static List<Row<Unit>> Choices(IRecords records, Actor actor, DateOnly today) => actor.Scope.Kind == ScopeKind.School ? [] :
        [.. Units.Load(records).ValidOn(today).Where(u => IsSchool(u.Value)).OrderBy(u => u.Value.Name, VietnameseText.ByText)];

    public static Scope? Chosen(Actor actor, Guid? chosen) =>
        actor.Scope.Kind == ScopeKind.School ? actor.Scope : chosen is { } id && id != Guid.Empty ? Scope.School(id) : null;

    /// <summary>As <see cref="Chosen"/>, for writing: an id that is no school's would keep records that nobody ever sees.</summary>
    public static Result<Scope> Existing(IRecords records, Actor actor, Guid? chosen) =>
        Chosen(actor, chosen) is { } scope && (scope == actor.Scope || records.Get<Unit>(Scope.City, scope.Owner) is { } unit && IsSchool(unit.Value))
            ? scope
            : Error.Invalid("choose_school", "Hãy chọn trường trước.");

    private static bool IsSchool(Unit unit) => unit.Kind is UnitKind.School or UnitKind.IndependentGroup;
}
