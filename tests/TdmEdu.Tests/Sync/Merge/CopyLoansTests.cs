using System.Text.Json;
using CsCheck;
using TdmEdu.Sync;
using TdmEdu.Sync.Merge;
using static TdmEdu.Tests.Sync.Written;

namespace TdmEdu.Tests.Sync.Merge;

public class CopyLoansTests
{
    private static readonly Gen<IFact> AnyEvent = Gen.OneOf(
        Gen.Select(Gen.Int[1, 6], Gen.Long[1, 4], Gen.Int[1, 2], Gen.Int[1, 3]).Select((id, at, copy, place) => (IFact)Lent(id, at, copy, place)),
        Gen.Select(Gen.Int[11, 14], Gen.Long[1, 4], Gen.Int[1, 6]).Select((id, at, loan) => (IFact)Returned(id, at, loan)));

    [Fact]
    public void Case_52_Any_order_repetition_and_partition_of_loans_and_returns_gives_the_same_loans() =>
        Gen.Select(AnyEvent.Array[1, 10], Gen.Int).Sample((all, seed) =>
            Travels.Of(all, seed).All(way => Show(Fold(way)) == Show(Fold(all))));

    [Fact]
    public void Case_54_A_copy_lent_at_two_libraries_offline_keeps_both_loans_and_makes_one_exception()
    {
        var a = Lent(1, 7, copy: 9, place: 1);
        var b = Lent(2, 5, copy: 9, place: 2);
        var loans = Fold([a, b]);
        Assert.Equal(2, loans.Loans.Count);
        var exception = Assert.Single(loans.Exceptions());
        Assert.Equal(Number(9), exception.Copy);
        Assert.Equal([b.Id, a.Id], exception.Loans);
        Assert.Equal(Show(loans), Show(Fold([b, a])));
    }

    [Fact]
    public void A_double_loan_is_settled_by_returning_either()
    {
        IFact[] both = [Lent(1, 7, copy: 9, place: 1), Lent(2, 5, copy: 9, place: 2)];
        Assert.Empty(Fold([.. both, Returned(11, 8, loan: 1)]).Exceptions());
        Assert.Equal(Number(1), Assert.Single(Fold([.. both, Returned(11, 8, loan: 2)]).Open()).Id);
    }

    [Fact]
    public void A_copy_lent_again_after_its_return_is_no_exception() =>
        Assert.Empty(Fold([Lent(2, 8, copy: 9, place: 1), Returned(11, 7, loan: 1), Lent(1, 5, copy: 9, place: 1)]).Exceptions());

    private static CopyLoans Fold(IEnumerable<IFact> all) => all.Aggregate(CopyLoans.Empty, (loans, e) => e switch
    {
        Loan loan => Stored(loans.Lend(loan)),
        _ => Stored(loans.GiveBack((Return)e)),
    });

    private static Loan Lent(int id, long at, int copy, int place) => new(Number(id), new(new(at), Number(place)), Number(copy), Number(30 + id), Number(place));

    private static Return Returned(int id, long at, int loan) => new(Number(id), new(new(at), Number(1)), Number(loan));

    private static string Show(CopyLoans loans) => JsonSerializer.Serialize(new { loans, open = loans.Open(), exceptions = loans.Exceptions() }, Json.Options);

    private static CopyLoans Stored(CopyLoans loans) => JsonSerializer.Deserialize<CopyLoans>(JsonSerializer.Serialize(loans, Json.Options), Json.Options)!;
}
