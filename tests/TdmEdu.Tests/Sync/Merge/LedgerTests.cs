using System.Text.Json;
using CsCheck;
using TdmEdu.Sync;
using TdmEdu.Sync.Merge;
using static TdmEdu.Tests.Sync.Written;

namespace TdmEdu.Tests.Sync.Merge;

public class LedgerTests
{
    private const int Beakers = 1;
    private const int Store = 1;
    private const int Lab = 2;

    /// <summary>Ids meet with another content, as forged ones do.</summary>
    private static readonly Gen<Movement[]> AnyMovements =
        Gen.Select(Gen.Int[1, 8], Gen.Long[1, 4], Gen.Int[1, 2], Gen.Int[1, 2], Gen.Int[-5, 5])
            .Select((id, at, item, place, quantity) => Moved(id, at, item, place, quantity)).Array[1, 10];

    [Fact]
    public void Case_52_Any_order_repetition_and_partition_of_movements_gives_the_same_ledger() =>
        Gen.Select(AnyMovements, Gen.Int).Sample((all, seed) =>
            Travels.Of(all, seed).All(way => Show(way.Aggregate(Ledger.Empty, (l, m) => Stored(l.Add(m)))) == Show(Ledger.Empty.Add(all))));

    [Fact]
    public void Ledgers_of_two_boxes_join_in_either_direction() =>
        Gen.Select(AnyMovements, AnyMovements).Sample((a, b) =>
            Show(Ledger.Empty.Add(a).Add(Ledger.Empty.Add(b).Movements.Values)) == Show(Ledger.Empty.Add(b).Add(a)));

    [Fact]
    public void Stock_is_the_sum_of_movements_and_every_shortage_is_shown() =>
        AnyMovements.Sample(all =>
        {
            var ledger = Ledger.Empty.Add(all);
            return ledger.Stock().Sum(s => s.Quantity) == ledger.Movements.Values.Sum(m => m.Quantity)
                && ledger.Stock().Where(s => s.Quantity < 0).Select(s => (s.Item, s.Place, -s.Quantity))
                    .SequenceEqual(ledger.Exceptions().Select(e => (e.Item, e.Place, e.Missing)));
        });

    [Fact]
    public void Case_54_Stock_taken_twice_offline_keeps_both_movements_and_is_not_negative_in_silence()
    {
        var ledger = Ledger.Empty.Add(Moved(1, 1, Beakers, Store, 10), Moved(2, 2, Beakers, Store, -8), Moved(3, 2, Beakers, Store, -7, node: 2));
        Assert.Equal(3, ledger.Movements.Count);
        Assert.Equal([new(Number(Beakers), Number(Store), -5)], ledger.Stock());
        var shortage = Assert.Single(ledger.Exceptions());
        Assert.Equal(5, shortage.Missing);
        Assert.Equal([Number(3), Number(2)], shortage.Movements);
    }

    [Fact]
    public void A_movement_that_was_missing_settles_the_shortage()
    {
        var moved = Ledger.Empty.Add(Moved(2, 5, Beakers, Lab, -4));
        Assert.Single(moved.Exceptions());
        Assert.Empty(moved.Add(Moved(1, 1, Beakers, Lab, 4)).Exceptions());
    }

    private static Movement Moved(int id, long at, int item, int place, int quantity, int node = 1) =>
        new(Number(id), new(new(at), Number(node)), Number(item), Number(place), quantity);

    private static string Show(Ledger ledger) => JsonSerializer.Serialize(new { ledger, stock = ledger.Stock(), exceptions = ledger.Exceptions() }, Json.Options);

    private static Ledger Stored(Ledger ledger) => JsonSerializer.Deserialize<Ledger>(JsonSerializer.Serialize(ledger, Json.Options), Json.Options)!;
}
