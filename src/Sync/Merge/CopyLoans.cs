using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Merge;

/// <summary>One copy, a book or a projector with its own number, was lent.</summary>
public sealed record Loan(Guid Id, FieldVersion Version, Guid Copy, Guid Borrower, Guid Place) : IFact;

/// <summary>A loan ended.</summary>
public sealed record Return(Guid Id, FieldVersion Version, Guid Loan) : IFact;

/// <summary>A copy that is out more than once at the same time, which cannot be: a number was misread or a return not entered.</summary>
/// <param name="Loans">The loans that are open, the first first. All of them stand until a person has settled it by returns.</param>
public sealed record DoubleLoan(Guid Copy, IReadOnlyList<Guid> Loans);

/// <summary>
/// Who has which copy. A loan is open until a return names it, whatever the clocks say, so a return that arrives before its loan
/// closes it all the same. Lending a copy that is out elsewhere is kept, and shown.
/// </summary>
public sealed record CopyLoans(SortedDictionary<Guid, Loan> Loans, SortedDictionary<Guid, Return> Returns)
{
    public static CopyLoans Empty => new([], []);

    public CopyLoans Lend(params IEnumerable<Loan> loans) => this with { Loans = FactSet.Join(Loans, loans) };

    public CopyLoans GiveBack(params IEnumerable<Return> returns) => this with { Returns = FactSet.Join(Returns, returns) };

    /// <summary>The first first.</summary>
    public IReadOnlyList<Loan> Open()
    {
        var closed = Returns.Values.Select(r => r.Loan).ToHashSet();
        return [.. Loans.Values.Where(l => !closed.Contains(l.Id)).OrderBy(l => l.Version).ThenBy(l => l.Id)];
    }

    public IReadOnlyList<DoubleLoan> Exceptions() =>
        [.. Open().GroupBy(l => l.Copy).Where(g => g.Skip(1).Any()).OrderBy(g => g.Key).Select(g => new DoubleLoan(g.Key, [.. g.Select(l => l.Id)]))];
}
