using System.Text;
using TdmEdu.EdgeNode.Journal;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.EdgeNode;

public sealed partial class JournalTests : IDisposable
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
            batch.Advance("feed-1", EdgeBox.School, new(9, [1, 2]));
            batch.Acknowledge(Lane.Attendance, 1);
            batch.Hlc = Hlc.At(77);
            Write(journal, batch);
            before = journal.State;
        }
        using var again = Open();
        Assert.Equal(before.Heads.Select(h => (h.Seq, Convert.ToHexString(h.Hash))), again.State.Heads.Select(h => (h.Seq, Convert.ToHexString(h.Hash))));
        Assert.Equal(before.Acked, again.State.Acked);
        Assert.Equal(before.Cursors.Select(c => (c.Key, c.Value.Seq)), again.State.Cursors.Select(c => (c.Key, c.Value.Seq)));
        Assert.Equal([1, 2], again.State.Cursors[EdgeBox.School].Mark);
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
    public void A_restored_journal_opens_and_will_say_so_to_Central()
    {
        using (var journal = Open())
        {
            Assert.False(journal.State.Forked);
        }
        File.WriteAllText(Path.Combine(folder, "epoch"), Guid.AllBitsSet.ToString("n"));
        using var restored = Open();
        Assert.True(restored.State.Forked);
        Assert.Equal(restored.Epoch.ToString("n"), File.ReadAllText(Path.Combine(folder, "epoch")));
    }

    [Fact]
    public void Case_18_A_torn_end_of_the_journal_takes_the_last_commit_only()
    {
        byte[] before, wal;
        using (var journal = Open())
        {
            Append(journal, 3);
            Append(journal, 2);
            // The write-ahead log as the power cut finds it, with its last page cut off in the middle.
            (before, wal) = (Read("journal.db"), Read("journal.db-wal"));
        }
        File.WriteAllBytes(Path.Combine(folder, "journal.db"), before);
        File.WriteAllBytes(Path.Combine(folder, "journal.db-wal"), wal[..^2048]);
        using var again = Open();
        Assert.Equal([1, 2, 3], again.ReadLane(Lane.Attendance, 1, 10, 10_000).Select(o => o.Seq));
        Append(again, 1);
        Assert.Equal(4, again.State.Head(Lane.Attendance).Seq);
    }

    [Fact]
    public void Case_19_A_byte_that_the_disk_changed_is_noticed_set_aside_and_asked_for_anew()
    {
        using (var journal = Open())
        {
            Append(journal, 5);
            var batch = New(journal);
            batch.Advance("feed-1", EdgeBox.School, new(9, [1, 2]));
            Write(journal, batch);
        }
        Spoil("UPDATE entries SET data = CAST('{\"n\":7}' AS BLOB) WHERE seq = 3");
        using (var again = Open())
        {
            Assert.StartsWith("lane 1 seq 3 ", Assert.Single(again.Damaged), StringComparison.Ordinal);
            Assert.Equal((true, 5), (again.State.Forked, again.State.Head(Lane.Attendance).Seq));
            Assert.Empty(again.State.Cursors);
            Assert.Equal([1, 2, 4, 5], again.Reader.EntriesAfter(0).Select(e => e.OwnSeq));
            Assert.Equal([2, 4, 5], again.OwnAfter(Lane.Attendance, 1).Select(e => e.OwnSeq));
            Append(again, 1);
        }
        Spoil("UPDATE entries SET hash = zeroblob(32) WHERE seq = 5");
        using var third = Open();
        Assert.Equal([1, 2, 4, 6], third.Reader.EntriesAfter(0).Select(e => e.OwnSeq));
    }

    [Fact]
    public void Case_19_A_byte_that_the_disk_changed_in_what_came_from_Central_is_noticed_and_asked_for_anew()
    {
        using (var journal = Open())
        {
            Append(journal, 2);
            var batch = New(journal);
            for (var seq = 1; seq <= 3; seq++)
            {
                var op = new Op(EdgeBox.School, "test.x", Guid.CreateVersion7(), 1, OpKind.Put, new(seq), Guid.Empty, "{\"n\":1}"u8.ToArray());
                batch.AddFromCentral(EdgeBox.School, new(op, EdgeBox.Central, seq));
            }
            batch.Advance("feed-1", EdgeBox.School, new(3, [1, 2]));
            Write(journal, batch);
        }
        Spoil("UPDATE entries SET data = CAST('{\"n\":7}' AS BLOB) WHERE feed_seq = 2");
        using var again = Open();
        Assert.Equal((1, false), (again.Damaged.Count, again.State.Forked));
        Assert.Empty(again.State.Cursors);
        Assert.Equal([1, 2, 3, 5], again.Reader.EntriesAfter(0).Select(e => e.Position));
    }

    [Fact]
    public void Case_19_A_journal_that_cannot_be_read_is_refused_with_what_to_do()
    {
        using (var journal = Open())
        {
            Append(journal, 50);
        }
        using (var file = File.OpenWrite(Path.Combine(folder, "journal.db")))
        {
            file.Write(new byte[100]);
        }
        Assert.Contains("Đừng xóa tệp nào", Assert.Throws<StartRefusedException>(Open).Message, StringComparison.Ordinal);
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
        Assert.ThrowsAny<ArgumentException>(() => journal.Write(batch));
        Assert.Equal(2, journal.State.Position);
        Append(journal, 1);
        Assert.Equal([1, 2, 3], journal.Reader.ReadLane(Lane.Attendance, 1, 10, 10_000).Select(o => o.Seq));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private byte[] Read(string name)
    {
        using var file = new FileStream(Path.Combine(folder, name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private void Spoil(string sql)
    {
        using var connection = JournalSchema.OpenForWriting(Path.Combine(folder, "journal.db"));
        // A disk asks no trigger.
        JournalSchema.Execute(connection, $"DROP TRIGGER entries_keep; {sql}");
    }

    private JournalFile Open() => JournalFile.Open(folder, EdgeBox.Node, TimeProvider.System);

    private static JournalBatch New(JournalFile journal) => new(journal.State, EdgeBox.Node);

    private static void Append(JournalFile journal, int count)
    {
        var batch = New(journal);
        for (var i = 0; i < count; i++)
        {
            batch.AddOwn(Lane.Attendance, AnOp(i));
        }
        Write(journal, batch);
    }

    private static void Write(JournalFile journal, JournalBatch batch)
    {
        journal.Write(batch);
        journal.Sync();
    }

    private static Op AnOp(int n, OpKind kind = OpKind.Put, string? data = null) => new(
        EdgeBox.School, "registry.calendar_day", RecordId.New(TimeProvider.System), 1, kind, Hlc.At(n), EdgeBox.Teacher.Id, Encoding.UTF8.GetBytes(data ?? $"{{\"n\":{n}}}"));
}
