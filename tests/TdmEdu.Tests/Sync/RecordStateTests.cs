using System.Text;
using CsCheck;
using TdmEdu.Sync.Records;
using static TdmEdu.Tests.Sync.Written;

namespace TdmEdu.Tests.Sync;

public class RecordStateTests
{
    private static readonly Gen<string> AnyName = AnyOf("a", "b", "c", "\\u0061", "A");

    /// <summary>Spellings that differ where their values do not, empty values, and values whose bytes begin alike.</summary>
    private static readonly Gen<string> AnyValue = AnyOf("1", "1.0", "10", "null", "\"\"", "\"ă\"", "\"\\u0103\"", "{\"x\":1,\"y\":[ ]}", "{\"y\":[ ],\"x\":1}", "[]");

    private static readonly Gen<string> AnyField = Gen.Frequency(
        (9, Gen.Select(AnyName, AnyValue, (name, value) => $"\"{name}\":{value}")),
        (1, AnyOf("\"$deleted\":true", "\"$deleted\":false", "\"\\u0024deleted\":true", "\"$deleted\":0",
            "\"$evicted\":{\"reason\":\"moved\"}", "\"$evicted\":{\"reason\":\"erased\"}", "\"$evicted\":false", "\"$evicted\":1")));

    private static readonly Gen<string> AnyObject = AnyField.Array[0, 4].Select(fields => $"{{{string.Join(" , ", fields)}}}");

    private static readonly Gen<string> AnyJson = Gen.Frequency(
        (19, AnyObject), (1, AnyOf("", "[]", "null", "{", "{\"a\":1} {}", "{\"\\ud800\":1}", "{\"a\":\"\0\"}")));

    /// <summary>Few clocks and nodes, so that versions meet: of one record, of one node, and with another content.</summary>
    private static readonly Gen<Written> AnyPutOrDelete =
        from kind in Gen.Int[0, 7]
        from hlc in Gen.Long[1, 4]
        from node in Gen.Int[1, 2]
        from id in Gen.Int[1, 2]
        from json in AnyJson
        select kind == 0 ? Delete(hlc, node, id) : Put(hlc, json, node, id);

    private static readonly Gen<Written> AnyFact =
        from hlc in Gen.Long[1, 4]
        from node in Gen.Int[1, 2]
        from id in Gen.Int[3, 4]
        from json in AnyJson
        select Fact(hlc, json, node, id);

    /// <summary>One that two machines sent under two stamps, and evictions before, between and after.</summary>
    private static readonly Gen<Written> AnyOfEvictedFact =
        from hlc in Gen.Long[1, 6]
        from node in Gen.Int[1, 2]
        from evicts in Gen.Bool
        from reason in AnyOf("moved", "erased")
        select evicts ? Evict(hlc, reason, node, id: 5) : Fact(hlc, """{"a":1}""", node, id: 5);

    /// <summary>A record has facts and evictions only, or neither: its entity says which (<see cref="EntityType.Takes"/>).</summary>
    [Fact]
    public void Case_52_Any_permutation_duplication_and_partition_of_any_operations_gives_the_same_records_and_digest() =>
        Gen.Select(Gen.Frequency((4, AnyPutOrDelete), (1, AnyFact), (1, AnyOfEvictedFact)).Array[1, 12], Gen.Int).Sample((all, seed) =>
        {
            var expected = new Replica().Apply(all).Show();
            return Travels.Of(all, seed).All(way => new Replica().Apply(way).Show() == expected);
        }, iter: 2000);

    [Fact]
    public void Case_37_A_clock_years_ahead_is_cut_at_receipt_and_loses_to_the_next_edit()
    {
        const long received = 1_790_000_000_000;
        // Central orders such an operation by its receipt + 60 s; an edit two minutes later is newer.
        var mad = Put(Hlc.At(received + 60_000).Value, """{"a":"2031"}""");
        var next = Put(Hlc.At(received + 120_000).Value, """{"a":"2026"}""", node: 2);
        Assert.Equal("""{"a":"2026"}""", DataOf(mad, next));
        Assert.Equal("""{"a":"2026"}""", DataOf(next, mad));
    }

    [Fact]
    public void Case_39_Equal_clocks_are_ordered_by_node_the_same_everywhere()
    {
        var low = Put(5, """{"a":"low"}""", node: 1);
        var high = Put(5, """{"a":"high"}""", node: 2);
        Assert.Equal("""{"a":"high"}""", DataOf(low, high));
        Assert.Equal("""{"a":"high"}""", DataOf(high, low));
    }

    [Fact]
    public void Two_values_under_one_version_leave_the_greater_bytes_everywhere()
    {
        var one = Put(5, """{"a":"một","b":1}""");
        var other = Put(5, """{"a":"hai","b":2}""");
        Assert.Equal("""{"a":"một","b":2}""", DataOf(one, other));
        Assert.Equal("""{"a":"một","b":2}""", DataOf(other, one));
    }

    /// <summary>The rule table of update against delete: what is done, in either order of arrival, and whether the record is there.</summary>
    [Theory]
    [InlineData("older put", false)]
    [InlineData("newer put", false)]
    [InlineData("newer put that revives", true)]
    [InlineData("older put that revives", false)]
    [InlineData("put that revives under the same version", false)]
    [InlineData("revived and deleted again", false)]
    public void Case_53_An_update_beside_a_delete_follows_the_table_and_leaves_no_zombie(string what, bool there)
    {
        Written[] all = what switch
        {
            "older put" => [Put(3, """{"a":1}"""), Delete(5)],
            "newer put" => [Put(7, """{"a":1}"""), Delete(5)],
            "newer put that revives" => [Put(7, """{"a":1,"$deleted":false}"""), Delete(5)],
            "older put that revives" => [Put(3, """{"a":1,"$deleted":false}"""), Delete(5)],
            "put that revives under the same version" => [Put(5, """{"a":1,"$deleted":false}"""), Delete(5)],
            _ => [Put(7, """{"a":1,"$deleted":false}"""), Delete(5), Delete(9)],
        };
        var one = new Replica().Apply(all);
        var other = new Replica().Apply(all.Reverse());
        Assert.Equal(there, !one.Find(Only)!.Deleted);
        Assert.Equal(1, one.Find(Only)!.FieldVersions()["a"].Hlc.Value % 2);
        Assert.Equal(one.Show(), other.Show());
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("1")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("{}{}")]
    [InlineData("""{"a":}""")]
    [InlineData("""{"$deleted":"yes"}""")]
    [InlineData("""{"\u0024deleted":null}""")]
    [InlineData("""{"\ud800":1}""")]
    public void Data_that_is_no_record_is_refused_and_changes_nothing(string json)
    {
        var held = RecordState.Apply(null, Put(1, """{"a":1}""").Op, Number(1)).State;
        Assert.Equal((null, Outcome.Rejected), RecordState.Apply(null, Put(2, json).Op, Number(1)));
        Assert.Equal((held, Outcome.Rejected), RecordState.Apply(held, Put(2, json).Op, Number(1)));
        Assert.Equal((null, Outcome.Rejected), RecordState.Apply(null, Fact(2, json).Op, Number(1)));
    }

    [Fact]
    public void What_Central_cut_to_a_stamp_below_an_eviction_is_not_there()
    {
        var held = RecordState.Apply(null, Put(9, """{"a":1}""").Op, Number(1)).State;
        held = RecordState.Apply(held, Put(5, """{"$evicted":{"reason":"moved"}}""", node: 2).Op, Number(2)).State;
        Assert.Equal(["$evicted", "a"], held!.FieldVersions().Keys.Order(StringComparer.Ordinal));
        held = RecordState.Apply(held, Put(3, """{"a":1}""").Op with { Stamped = new(9) }, Number(1)).State;
        Assert.Equal(["$evicted"], held!.FieldVersions().Keys);
        Assert.Equal("""{"$evicted":{"reason":"moved"}}""", Encoding.UTF8.GetString(held.Data.Span));
    }

    [Fact]
    public void Nesting_without_end_and_broken_letters_are_refused()
    {
        var deep = $$"""{"a":{{new string('[', 100_000)}}{{new string(']', 100_000)}}}""";
        byte[] broken = [.. "{\"a\":\""u8, 0xc3, .. "\"}"u8];
        Assert.Equal(Outcome.Rejected, RecordState.Apply(null, Put(1, deep).Op, Number(1)).Outcome);
        Assert.Equal(Outcome.Rejected, RecordState.Apply(null, Put(1, "").Op with { Data = broken }, Number(1)).Outcome);
    }

    [Fact]
    public void A_first_put_may_be_a_tombstone() => Assert.True(new Replica().Apply([Put(1, """{"a":1,"$deleted":true}""")]).Find(Only)!.Deleted);

    [Fact]
    public void Of_a_repeated_name_the_last_value_stands() => Assert.Equal("""{"a":2,"b":3}""", DataOf(Put(1, """{"a":1,"b":3,"\u0061":2}""")));

    [Fact]
    public void Values_stay_as_their_author_wrote_them() =>
        Assert.Equal("""{"a":{ "y":1.50,"x":"\u0103" },"b":2}""", DataOf(Put(1, """{"a":{ "y":1.50,"x":"\u0103" },"b":1}"""), Put(2, """{"b":2}""")));

    [Fact]
    public void More_fields_than_the_fast_path_takes_merge_all_the_same()
    {
        string Many(int value) => $"{{{string.Join(',', Enumerable.Range(0, 500).Select(n => $"\"f{n:000}\":{value}"))}}}";
        var first = Put(1, Many(1));
        var last = Put(3, Many(3));
        Assert.Equal(new Replica().Apply([last, first]).Show(), new Replica().Apply([first, Put(2, """{"f007":7}"""), last]).Show());
    }

    [Fact]
    public void Outcomes_tell_how_much_of_an_operation_took_effect()
    {
        var replica = new Replica();
        Assert.Equal(Outcome.Applied, replica.Apply(Put(2, """{"a":1,"b":1}""")));
        Assert.Equal(Outcome.Superseded, replica.Apply(Put(2, """{"a":1,"b":1}""")));
        Assert.Equal(Outcome.Superseded, replica.Apply(Put(1, """{"b":0}""")));
        Assert.Equal(Outcome.Merged, replica.Apply(Put(1, """{"b":0,"c":0}""")));
        Assert.Equal(Outcome.Applied, replica.Apply(Put(3, """{"c":3}""")));
        Assert.Equal("""{"a":1,"b":1,"c":3}""", Encoding.UTF8.GetString(replica.Find(Only)!.Data.Span));
    }

    [Fact]
    public void Of_two_contents_under_one_fact_the_earlier_stands_and_the_other_is_refused()
    {
        var (early, late) = (Fact(1, """{"a":1}"""), Fact(2, """{"a":2}"""));
        var told = new Replica().Apply([early]);
        Assert.Equal(Outcome.Rejected, told.Apply(late));
        var misled = new Replica().Apply([late]);
        Assert.Equal(Outcome.Merged, misled.Apply(early));
        Assert.Equal(told.Show(), misled.Show());
    }

    [Fact]
    public void One_fact_from_two_nodes_has_the_version_of_the_first()
    {
        var (early, late) = (Fact(1, """{"a":1}"""), Fact(2, """{"a":1}""", node: 2));
        var replica = new Replica().Apply([late]);
        Assert.Equal(Outcome.Applied, replica.Apply(early));
        Assert.Equal(Outcome.Superseded, replica.Apply(late));
        Assert.Equal(1, replica.Find(Only)!.Version.Hlc.Value);
    }

    private static string DataOf(params Written[] all) => Encoding.UTF8.GetString(new Replica().Apply(all).Find(Only)!.Data.Span);
}
