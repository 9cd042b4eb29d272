using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Merge;

/// <summary>So many of an item came to a place (more than 0) or left it (less than 0). A mistake is put right by another movement.</summary>
public sealed record Movement(Guid Id, FieldVersion Version, Guid Item, Guid Place, int Quantity) : IFact;

/// <summary>How many of an item are at a place. Less than none is an <see cref="Shortage"/> for a person to look into.</summary>
public sealed record Stock(Guid Item, Guid Place, long Quantity);

/// <summary>More left a place than was ever there: a movement is missing or was entered twice.</summary>
/// <param name="Missing">How many, more than 0.</param>
/// <param name="Movements">All that left that place, the newest first: where to begin to look.</param>
public sealed record Shortage(Guid Item, Guid Place, long Missing, IReadOnlyList<Guid> Movements);

/// <summary>
/// Library and equipment by quantity: stock is never written, it is the sum of its movements. No movement is ever refused for want
/// of stock, because what it was may have happened offline; what cannot be is shown.
/// </summary>
public sealed record Ledger(SortedDictionary<Guid, Movement> Movements)
{
    public static Ledger Empty => new([]);

    public Ledger Add(params IEnumerable<Movement> movements) => new(FactSet.Join(Movements, movements));

    public IReadOnlyList<Stock> Stock() =>
        [.. ByPlace().Select(g => new Stock(g.Key.Item, g.Key.Place, g.Sum(m => (long)m.Quantity)))];

    public IReadOnlyList<Shortage> Exceptions() =>
    [
        .. from g in ByPlace()
           let quantity = g.Sum(m => (long)m.Quantity)
           where quantity < 0
           select new Shortage(g.Key.Item, g.Key.Place, -quantity, Left(g)),
    ];

    private IEnumerable<IGrouping<(Guid Item, Guid Place), Movement>> ByPlace() =>
        Movements.Values.GroupBy(m => (m.Item, m.Place)).OrderBy(g => g.Key);

    private static Guid[] Left(IEnumerable<Movement> movements) =>
        [.. movements.Where(m => m.Quantity < 0).OrderByDescending(m => m.Version).ThenByDescending(m => m.Id).Select(m => m.Id)];
}
