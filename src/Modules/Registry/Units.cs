using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>By whose borders a report of a day is grouped: "theo địa giới lúc đó" or "hiện nay".</summary>
public enum Borders
{
    Then = 1,
    Now,
}

public static class BordersOfDay
{
    public static DateOnly DayOf(this Borders by, DateOnly reported, TimeProvider clock) => by == Borders.Now ? clock.Today() : reported;
}

/// <summary>The city's units of all times with their lineage; every question names a day.</summary>
public sealed record Units(IReadOnlyList<Row<Unit>> All, IReadOnlyList<Row<Succession>> Successions)
{
    public static Units Load(IRecords records) => new(records.All<Unit>(Scope.City), records.All<Succession>(Scope.City));

    /// <summary>A code names a unit only together with a day: codes were given to other wards in 2025.</summary>
    public Row<Unit>? Find(string code, DateOnly on) => All.FirstOrDefault(u => u.Value.Code == code && u.Value.IsValidOn(on));

    public IEnumerable<Row<Unit>> ValidOn(DateOnly date) => All.Where(u => u.Value.IsValidOn(date));

    public List<Row<Unit>> WardsOf(DateOnly date) =>
        [.. ValidOn(date).Where(u => u.Value.Kind == UnitKind.Ward).OrderBy(u => u.Value.Name, VietnameseText.ByText)];

    /// <summary>
    /// The ward that a unit lies in by the borders of a day. Null where none is recorded, and where its ward was split and nobody has said yet in which
    /// part it lies: that is never guessed.
    /// </summary>
    public Row<Unit>? WardOn(Unit unit, DateOnly borders) => WardsOn(unit, borders) is [var one] ? one : null;

    /// <summary>The wards that it may lie in.</summary>
    public IReadOnlyList<Row<Unit>> WardsOn(Unit unit, DateOnly borders) => unit.WardAt(borders) is { } ward ? On(ward, borders) : [];

    /// <summary>
    /// What a unit is on a later day: itself, the unit that took it in, or, where it was split, every unit that got a part.
    /// Empty when it ended without a successor or did not exist yet.
    /// </summary>
    public IReadOnlyList<Row<Unit>> On(Guid unit, DateOnly date)
    {
        var (found, seen) = (new List<Row<Unit>>(), new HashSet<Guid>());
        var open = new Queue<Guid>([unit]);
        while (open.TryDequeue(out var id))
        {
            if (!seen.Add(id) || All.FirstOrDefault(u => u.Id == id) is not { } row)
            {
                continue;
            }
            if (row.Value.IsValidOn(date))
            {
                found.Add(row);
                continue;
            }
            foreach (var succession in Successions.Where(s => s.Value.From == id && s.Value.On <= date))
            {
                open.Enqueue(succession.Value.To);
            }
        }
        return found;
    }
}
