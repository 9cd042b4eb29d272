using System.Text;
using TdmEdu.EdgeNode.Journal;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.EdgeNode;

public sealed class JournalTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("journal-").FullName;

    [Fact]
    public void Journal_opened_again_holds_operations_heads_cursors_and_acknowledgements()
    {
        JournalState before;
        using (var journal = Open())
        {
            var batch = New(journal);
            batch.AddOwn(Lane.Attendance, AnOp(1));
            batch.AddFromCentral(EdgeBox.School, new(AnOp(2), EdgeBox.Central, 7));
            batch.AddOwn(Lane.Attendance, AnOp(3));
            batch.AddOwn(Lane.Control, AnOp(4, OpKind.Delete, ""));
            batch.Advance("feed-1", EdgeBox.School, 9);
            batch.Acknowledge(Lane.Attendance, 1);
            batch.Hlc = Hlc.At(77);
            journal.Append(batch);
            before = journal.State;
        }
        using var again = Open();
        Assert.Equal(before.Heads.Select(h => (h.Seq, Convert.ToHexString(h.Hash))), again.State.Heads.Select(h => (h.Seq, Convert.ToHexString(h.Hash))));
        Assert.Equal(before.Acked, again.State.Acked);
        Assert.Equal(before.Cursors, again.State.Cursors);
        Assert.Equal((4, "feed-1", Hlc.At(77)), (again.State.Position, again.State.FeedEpoch, again.State.Hlc));
        Assert.Equal([1, 0, 2, 1], again.Reader.EntriesAfter(0).Select(e => e.OwnSeq));
        Assert.Equal("{\"n\":3}", Encoding.UTF8.GetString(again.Reader.ReadLane(Lane.Attendance, 2, 10, 1000)[0].Op.Data.Span));
    }

    [Fact]
    public void A_lane_read_back_verifies_against_central_s_own_decision()
    {
        using var journal = Open();
        Append(journal, 5);
        Append(journal, 7);
        var ops = journal.Reader.ReadLane(Lane.Attendance, 1, 500, int.MaxValue);
        var decision = Intake.Decide(
            new(Lane.Attendance, 0, HashChain.Base(EdgeBox.Node, journal.Epoch, Lane.Attendance)), 1, journal.Reader.HashAt(Lane.Attendance, 0),
            [.. ops.Select(o => (o.Op, o.Salt))]);
        Assert.Equal(IntakeAction.Apply, decision.Action);
        Assert.Equal(12, decision.Head.Seq);
        Assert.Equal(journal.State.Heads[(int)Lane.Attendance].Hash, decision.Head.Hash);
        Assert.Equal(journal.Reader.HashAt(Lane.Attendance, 5), ops[4].Hash);
    }

    [Fact]
    public void Reading_a_lane_stops_at_the_limits_but_never_before_one_operation()
    {
        using var journal = Open();
        Append(journal, 20);
        Assert.Equal(3, journal.Reader.ReadLane(Lane.Attendance, 4, 3, int.MaxValue).Count);
        Assert.Single(journal.Reader.ReadLane(Lane.Attendance, 4, 500, bytesMax: 1));
        Assert.Empty(journal.Reader.ReadLane(Lane.Attendance, 21, 500, int.MaxValue));
    }

    [Fact]
    public void Every_commit_is_synchronised_with_the_disk()
    {
        using var journal = Open();
        using var connection = JournalSchema.OpenForWriting(Path.Combine(folder, "journal.db"));
        Assert.Equal(2L, JournalSchema.Scalar(connection, "PRAGMA synchronous"));
        Assert.Equal("wal", JournalSchema.Scalar(connection, "PRAGMA journal_mode"));
    }

    [Fact]
    public void A_data_folder_in_use_is_refused_with_what_to_do()
    {
        using var journal = Open();
        var refusal = Assert.Throws<StartRefusedException>(() => Open().Dispose());
        Assert.Contains("Hãy tắt chương trình EdgeNode kia", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_process_is_refused()
    {
        using var journal = Open();
        using var child = ChildProcess.Start(ChildProcess.OpenJournal, folder);
        var said = await child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith("refused", said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_journal_of_another_installation_is_refused()
    {
        Open().Dispose();
        File.WriteAllText(Path.Combine(folder, "epoch"), Guid.AllBitsSet.ToString("n"));
        Assert.Throws<StartRefusedException>(Open);
    }

    [Fact]
    public void A_lost_journal_is_not_silently_begun_anew()
    {
        Open().Dispose();
        foreach (var file in Directory.GetFiles(folder, "journal.db*"))
        {
            File.Delete(file);
        }
        Assert.Throws<StartRefusedException>(Open);
    }

    [Fact]
    public void Another_node_s_journal_is_refused()
    {
        Open().Dispose();
        Assert.Throws<StartRefusedException>(() => JournalFile.Open(folder, EdgeBox.Central, TimeProvider.System));
    }

    [Fact]
    public void A_transaction_that_fails_leaves_nothing_and_the_next_one_goes_on_from_there()
    {
        using var journal = Open();
        Append(journal, 2);
        var batch = New(journal);
        batch.AddOwn(Lane.Attendance, AnOp(1));
        batch.AddOwn(Lane.Attendance, AnOp(2) with { Entity = null! });
        Assert.ThrowsAny<ArgumentException>(() => journal.Append(batch));
        Assert.Equal(2, journal.State.Position);
        Append(journal, 1);
        Assert.Equal([1, 2, 3], journal.Reader.ReadLane(Lane.Attendance, 1, 10, 10_000).Select(o => o.Seq));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private JournalFile Open() => JournalFile.Open(folder, EdgeBox.Node, TimeProvider.System);

    private static JournalBatch New(JournalFile journal) => new(journal.State, EdgeBox.Node);

    private static void Append(JournalFile journal, int count)
    {
        var batch = New(journal);
        for (var i = 0; i < count; i++)
        {
            batch.AddOwn(Lane.Attendance, AnOp(i));
        }
        journal.Append(batch);
    }

    private static Op AnOp(int n, OpKind kind = OpKind.Put, string? data = null) => new(
        EdgeBox.School, "registry.calendar_day", RecordId.New(TimeProvider.System), 1, kind, Hlc.At(n), EdgeBox.Teacher.Id, Encoding.UTF8.GetBytes(data ?? $"{{\"n\":{n}}}"));
}
