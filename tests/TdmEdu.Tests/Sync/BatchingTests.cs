using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Sync;

public sealed class BatchingTests
{
    /// <summary>Each number is an operation's <see cref="Op.GroupLeft"/>: 2 1 0 is a whole group of three.</summary>
    [Theory]
    [InlineData("0 2 1 0 0", "0 2 1 0 0")]
    [InlineData("2 1", "0 0")]
    [InlineData("1 0 2 0 0", "1 0 0 0 0")]
    [InlineData("2 1 1 0", "0 0 1 0")]
    [InlineData("1 0 0", "1 0 0")]
    [InlineData("2 0", "0 0")]
    [InlineData("3 2 2 1 0 0", "0 0 2 1 0 0")]
    [InlineData("", "")]
    public void What_is_left_of_a_group_that_lost_a_member_stands_alone_and_whole_groups_stay(string left, string mended)
    {
        var entries = Numbers(left).Select((n, i) => Entry(i + 1, n)).ToList();
        var after = Batching.Mended(entries).ToList();
        Assert.Equal(Numbers(mended), after.Select(e => e.Op.GroupLeft));
        Assert.Equal(entries.Select(e => e.Position), after.Select(e => e.Position));
    }

    [Fact]
    public void Of_stamps_that_a_restored_Central_gave_one_after_the_other_the_latest_is_sent_again()
    {
        var own = Entry(9, 0);
        var cuts = new[] { 2, 4, 3 }.Select(at => Entry(at, 0) with { Op = Entry(at, 0).Op with { Stamped = own.Op.Hlc } });
        Assert.Equal([Entry(1, 0).Op.Hlc, Hlc.At(4)], Batching.Once([Entry(1, 0), own, Entry(2, 0), .. cuts]).Select(e => e.Op.Hlc));
    }

    private static IEnumerable<int> Numbers(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse);

    private static JournalEntry Entry(long position, int left) => new(
        position, Guid.Empty, new Op(Scope.City, "x.y", Guid.Empty, 1, OpKind.Put, Hlc.At(position), Guid.Empty, "{}"u8.ToArray()) { GroupLeft = left }, 0, Idle: false);
}
