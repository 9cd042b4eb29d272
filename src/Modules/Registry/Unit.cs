using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

public enum UnitKind
{
    Department = 1,
    Ward,
    School,

    /// <summary>Nhóm, lớp mầm non độc lập: one to three rooms, no box of its own.</summary>
    IndependentGroup,
}

/// <summary>
/// A dated organisational unit. A code alone never names a unit, codes were reused in 2025: (code, date) does.
/// <see cref="SampleCode"/> marks a code that was made up and must never be shown as the ministry's.
/// </summary>
/// <param name="Ward">Recorded since the last change; where the unit was before is in <paramref name="Earlier"/>.</param>
public sealed record Unit(
    UnitKind Kind,
    string Code,
    string Name,
    string? Level,
    Guid? Ward,
    DateOnly ValidFrom,
    DateOnly? ValidTo,
    bool SampleCode = false,
    IReadOnlyList<WardUntil>? Earlier = null)
{
    internal DateOnly WardSince => (Earlier ?? []).Select(e => e.To.AddDays(1)).Append(ValidFrom).Max();

    /// <summary>What is recorded for a day. The ward may have ended by then: <see cref="Units.WardOn"/> follows it.</summary>
    public Guid? WardAt(DateOnly day) => (Earlier ?? []).Where(e => day <= e.To).MinBy(e => e.To) is { } before ? before.Ward : Ward;

    /// <summary>A school receives what is its own, its ward's and the city's.</summary>
    public static (Scope School, IReadOnlyList<Scope> Scopes)? FeedsOf(Guid id, Unit unit)
    {
        var school = Scope.School(id);
        return unit.Kind != UnitKind.School ? null
            : (school, unit.Ward is { } ward ? [Scope.City, school, Scope.Ward(ward)] : [Scope.City, school]);
    }

    public bool IsValidOn(DateOnly date) => ValidFrom <= date && (ValidTo is null || date <= ValidTo);
}

/// <param name="To">The last day there.</param>
public sealed record WardUntil(Guid? Ward, DateOnly To);

/// <summary>Lineage: what became of a unit. A split unit has several rows with <see cref="Whole"/> false.</summary>
public sealed record Succession(Guid From, Guid To, DateOnly On, bool Whole);
