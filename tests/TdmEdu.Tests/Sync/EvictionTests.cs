using TdmEdu.Sync.Records;
using static TdmEdu.Tests.Sync.Written;

namespace TdmEdu.Tests.Sync;

public class EvictionTests
{
    private const string Gone = """{"$evicted":{"reason":"moved"}}""";
    private const string Back = """{"a":9,"$evicted":false}""";

    /// <summary>What was written, in any order: whether the record is there, and what can be read of it.</summary>
    [Theory]
    [InlineData("written, then evicted", false, "$evicted")]
    [InlineData("older edit that comes after the eviction", false, "$evicted")]
    [InlineData("deleted, then evicted, then back", true, "$evicted,a")]
    [InlineData("back, and an edit from before the return", true, "$evicted,a")]
    [InlineData("back and gone again", false, "$evicted")]
    public void Case_60_Leaving_and_coming_back_in_any_order_leave_what_the_newest_says(string what, bool there, string fields)
    {
        Written[] all = what switch
        {
            "written, then evicted" => [Put(1, """{"a":1,"b":2}"""), Evict(3)],
            "older edit that comes after the eviction" => [Evict(3), Put(2, """{"b":2}""")],
            "deleted, then evicted, then back" => [Put(1, """{"a":1}"""), Delete(2), Evict(3), Put(5, Back)],
            "back, and an edit from before the return" => [Put(1, """{"a":1}"""), Evict(3), Put(4, """{"c":4}"""), Put(5, Back)],
            _ => [Put(1, """{"a":1}"""), Evict(3), Put(5, Back), Evict(7)],
        };
        Assert.All(Travels.Of(all, what.Length).Append([.. all.Reverse()]), way =>
        {
            var state = new Replica().Apply(way).Find(Only)!;
            Assert.Equal((there, fields), (!state.Deleted, string.Join(',', state.FieldVersions().Keys.Order(StringComparer.Ordinal))));
        });
    }

    [Fact]
    public void A_fact_that_was_evicted_does_not_come_back_when_it_is_sent_again()
    {
        var fact = Fact(1, """{"a":1}""");
        var evicted = new Replica().Apply([fact, Evict(3), fact, fact]).Find(Only)!;
        Assert.True(evicted is { Evicted: true, Deleted: true });
        Assert.Equal(Outcome.Superseded, RecordState.Apply(evicted, fact.Op, fact.Node).Outcome);
    }

    [Theory]
    [InlineData(400, 80, 0, false)]
    [InlineData(400, 81, 0, true)]
    [InlineData(10, 5, 0, false)]
    [InlineData(10, 6, 0, true)]
    [InlineData(400, 50, 40, true)]
    [InlineData(3, 3, 0, false)]
    public void Guard_holds_more_than_a_fifth_of_a_scope_in_a_day_but_never_the_first_five(int records, int wanted, int anHourAgo, bool holds)
    {
        const long now = 1_790_000_000_000;
        var all = Enumerable.Range(0, records).Select(n => n < anHourAgo
            ? new Replica().Apply([Evict(Hlc.At(now - 3_600_000).Value, Number(n + 10))]).Find(Number(n + 10))!
            : new Replica().Apply([Put(1, "{}", id: n + 10)]).Find(Number(n + 10))!).ToList();
        var more = all.Where(r => !r.Deleted).Take(wanted).Select(r => (r.Id, Hlc.At(now))).ToList();
        Assert.Equal(holds, EvictionGuard.Holds(all, more));
        // Yesterday's are not counted, and what is not there cannot leave.
        Assert.False(EvictionGuard.Holds(all, all.Where(r => !r.Deleted).Take(5).Select(r => (r.Id, Hlc.At(now + (25 * 3_600_000L))))));
        Assert.False(EvictionGuard.Holds([], more));
    }

    private static Written Evict(long hlc, Guid? id = null)
    {
        var put = Put(hlc, Gone);
        return put with { Op = put.Op with { Kind = OpKind.Evict, Id = id ?? Only } };
    }
}
