using System.Text;
using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.EdgeNode;

/// <summary>Operations that get a new number: in a new epoch, or for a Central that lost them.</summary>
public sealed partial class JournalTests
{
    [Fact]
    public void New_epoch_numbers_what_is_not_shared_from_one_and_forgets_no_entry()
    {
        Guid before;
        using (var journal = Open())
        {
            Append(journal, 5);
            before = journal.Epoch;
            var batch = New(journal);
            batch.BeginEpoch(RecordId.New(TimeProvider.System));
            foreach (var entry in journal.OwnAfter(Lane.Attendance, 3))
            {
                batch.Renumber(entry.Position, Lane.Attendance, entry.Op);
            }
            Write(journal, batch);
        }
        using var again = Open();
        Assert.NotEqual(before, again.Epoch);
        Assert.Equal([0, 0, 0, 1, 2], again.Reader.EntriesAfter(0).Select(e => e.OwnSeq));
        Assert.Equal([1, 2, 3], again.OwnOfEarlierEpochs().Select(e => e.Position));
        var sent = again.ReadLane(Lane.Attendance, 1, 10, 10_000);
        var decision = Intake.Decide(
            new(Lane.Attendance, 0, again.HashAt(Lane.Attendance, 0)), 1, again.HashAt(Lane.Attendance, 0), [.. sent.Select(o => (o.Op, o.Salt))]);
        Assert.Equal(IntakeAction.Apply, decision.Action);
        Assert.Equal(again.State.Head(Lane.Attendance).Hash, decision.Head.Hash);
    }

    [Fact]
    public void What_came_back_from_Central_is_sent_to_one_that_lost_it_and_only_until_it_has_a_number()
    {
        using var journal = Open();
        var back = New(journal);
        back.AddFromCentral(EdgeBox.School, new(AnOp(1), EdgeBox.Node, 7));
        back.AddFromCentral(EdgeBox.School, new(AnOp(2), EdgeBox.Central, 8));
        back.AddFromCentral(Scope.City, new(AnOp(3), EdgeBox.Node, 9));
        Write(journal, back);
        var entry = Assert.Single(journal.OwnOfEarlierEpochs());
        Assert.Equal((1, EdgeBox.Node), (entry.Position, entry.Node));
        var again = New(journal);
        again.Renumber(entry.Position, Lane.Attendance, entry.Op);
        Write(journal, again);
        Assert.Equal("{\"n\":1}", Encoding.UTF8.GetString(Assert.Single(journal.ReadLane(Lane.Attendance, 1, 10, 1000)).Op.Data.Span));
        Assert.Empty(journal.OwnOfEarlierEpochs());
    }

    [Fact]
    public void What_was_sent_with_the_stamp_that_Central_gave_it_is_not_sent_again_with_the_one_before()
    {
        var (ahead, cut) = (Hlc.At(9_000_000), Hlc.At(60_000));
        var op = AnOp(1) with { Hlc = ahead };
        using var journal = Open();
        var first = New(journal);
        first.AddOwn(Lane.Attendance, op);
        Write(journal, first);
        var back = New(journal);
        back.BeginEpoch(RecordId.New(TimeProvider.System));
        back.AddFromCentral(EdgeBox.School, new(op with { Hlc = cut, Stamped = ahead }, EdgeBox.Node, 7));
        Write(journal, back);
        var earlier = Batching.Once(journal.OwnOfEarlierEpochs()).ToList();
        Assert.Equal([cut], earlier.Select(e => e.Op.Hlc));
        var again = New(journal);
        again.Renumber(earlier[0].Position, Lane.Attendance, earlier[0].Op);
        Write(journal, again);
        Assert.Empty(journal.OwnOfEarlierEpochs());
    }

    [Fact]
    public void What_is_sent_once_more_names_the_stamp_that_Central_gave_it()
    {
        var (ahead, cut) = (Hlc.At(9_000_000), Hlc.At(60_000));
        var op = AnOp(1) with { Hlc = ahead };
        using var journal = Open();
        var batch = New(journal);
        batch.AddOwn(Lane.Attendance, op);
        batch.AddOwn(Lane.Attendance, AnOp(2));
        batch.AddFromCentral(EdgeBox.School, new(op with { Hlc = cut, Stamped = ahead }, EdgeBox.Node, 7));
        Write(journal, batch);
        var sent = journal.ReadLane(Lane.Attendance, 1, 10, 1000).Select(n => Wire.FromProto(Wire.ToProto(n.Op, n.Salt))!).ToList();
        Assert.Equal([(ahead, cut), (AnOp(2).Hlc, Hlc.Zero)], sent.Select(o => (o.Hlc, o.CutTo)));
    }

    [Fact]
    public void Half_a_group_is_sent_again_as_operations_that_stand_alone()
    {
        using var journal = Open();
        var batch = New(journal);
        int[] left = [1, 0, 2, 0, 1, 1, 0, 1];
        foreach (var (more, n) in left.Select((l, i) => (l, i)))
        {
            batch.AddFromCentral(EdgeBox.School, new(AnOp(n) with { GroupLeft = more }, EdgeBox.Node, n + 1));
        }
        Write(journal, batch);
        var again = New(journal);
        foreach (var entry in Batching.Mended(journal.OwnOfEarlierEpochs()))
        {
            again.Renumber(entry.Position, Lane.Attendance, entry.Op);
        }
        Write(journal, again);
        var sent = journal.ReadLane(Lane.Attendance, 1, 100, 100_000);
        Assert.Equal([1, 0, 0, 0, 0, 1, 0, 0], sent.Select(n => n.Op.GroupLeft));
        var taken = Intake.Decide(
            new(Lane.Attendance, 0, journal.HashAt(Lane.Attendance, 0)), 1, journal.HashAt(Lane.Attendance, 0), [.. sent.Select(o => (o.Op, o.Salt))],
            sent[^1].Hash);
        Assert.Equal((IntakeAction.Apply, 8), (taken.Action, taken.Head.Seq));
    }

    [Fact]
    public void The_clock_stands_above_every_own_stamp_when_a_lane_ends_with_an_older_operation_numbered_anew()
    {
        var newest = Hlc.At(9_000_000);
        using (var journal = Open())
        {
            Append(journal, 1);
            var batch = New(journal);
            batch.Hlc = newest;
            batch.AddOwn(Lane.Attendance, AnOp(2) with { Hlc = newest });
            Write(journal, batch);
            var again = New(journal);
            again.BeginEpoch(RecordId.New(TimeProvider.System));
            again.Renumber(1, Lane.Attendance, AnOp(1));
            Write(journal, again);
        }
        using var restarted = Open();
        Assert.Equal(newest, restarted.State.Hlc);
    }

    [Fact]
    public void A_power_cut_in_the_middle_of_a_new_epoch_leaves_the_old_one_or_the_new_one()
    {
        Guid old;
        using (var journal = Open())
        {
            Append(journal, 2);
            old = journal.Epoch;
            var batch = New(journal);
            batch.BeginEpoch(RecordId.New(TimeProvider.System));
            journal.Write(batch);
        }
        using var again = Open();
        Assert.Equal((old, 2, false), (again.Epoch, again.State.Head(Lane.Attendance).Seq, again.State.Forked));
    }

    [Fact]
    public void A_batch_never_cuts_a_group()
    {
        using var journal = Open();
        var batch = New(journal);
        foreach (var left in (int[])[0, 2, 1, 0, 0])
        {
            batch.AddOwn(Lane.Attendance, AnOp(left) with { GroupLeft = left });
        }
        Write(journal, batch);
        Assert.Equal([1, 3, 1], new[] { 1L, 2, 5 }.Select(from => journal.ReadLane(Lane.Attendance, from, 2, int.MaxValue).Count));
        Assert.Equal(4, journal.ReadLane(Lane.Attendance, 1, 4, int.MaxValue).Count);
    }
}
