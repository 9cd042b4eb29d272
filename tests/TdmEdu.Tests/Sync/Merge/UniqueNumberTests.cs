using CsCheck;
using TdmEdu.Sync.Merge;
using static TdmEdu.Tests.Sync.Written;

namespace TdmEdu.Tests.Sync.Merge;

public class UniqueNumberTests
{
    private static readonly Gen<Numbered[]> AnyNumbers =
        Gen.Select(Gen.Int[1, 6], Gen.Long[1, 4], AnyOf("TV-1", "TV-1-2", "TV-2")).Select((id, at, number) => Has(id, at, number)).Array[1, 10];

    [Fact]
    public void Case_52_Any_order_and_repetition_of_numbers_gives_the_same_clashes() =>
        Gen.Select(AnyNumbers, Gen.Int).Sample((all, seed) =>
            Travels.Of(all, seed).All(way => UniqueNumber.Clashes(way).SequenceEqual(UniqueNumber.Clashes(all))));

    [Fact]
    public void Following_every_suggestion_leaves_no_clash() =>
        AnyNumbers.Sample(all =>
        {
            var numbers = all.GroupBy(n => n.Id).Select(g => g.OrderBy(n => n.Version).ThenBy(n => n.Number, StringComparer.Ordinal).Last()).ToDictionary(n => n.Id);
            foreach (var clash in UniqueNumber.Clashes(all))
            {
                numbers[clash.Loses] = numbers[clash.Loses] with { Number = clash.Suggested };
            }
            return UniqueNumber.Clashes(numbers.Values).Count == 0;
        });

    [Fact]
    public void Case_55_A_clash_of_card_numbers_names_the_later_record_and_a_free_number()
    {
        Numbered[] all = [Has(1, 5, "TV-1"), Has(2, 3, "TV-1"), Has(3, 5, "TV-1"), Has(4, 1, "TV-1-2"), Has(5, 1, "TV-2")];
        Assert.Equal(
            [new("TV-1", Number(2), Number(1), "TV-1-3"), new NumberClash("TV-1", Number(2), Number(3), "TV-1-4")],
            UniqueNumber.Clashes(all.Reverse()));
    }

    [Fact]
    public void A_record_that_gave_its_number_up_holds_it_no_longer() =>
        Assert.Empty(UniqueNumber.Clashes([Has(1, 1, "TV-1"), Has(2, 2, "TV-1"), Has(1, 3, "TV-9")]));

    private static Numbered Has(int id, long at, string number) => new(Number(id), new(new(at), Number(1)), number);
}
