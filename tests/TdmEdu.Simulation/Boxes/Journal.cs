using System.Text;
using TdmEdu.Simulation.Plans;
using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Simulation.Boxes;

/// <summary>The twin of the edge's SQLite journal over a disk that fails: what the port promises, and no more.</summary>
internal sealed class Journal : IJournal
{
    private static readonly byte[] Changed = "{\"\":"u8.ToArray();

    private readonly Disk disk;
    private readonly Guid node;
    private readonly Action<string> port;
    private readonly Rng salts;
    private readonly List<Entry> entries = [];
    private readonly List<Entry>[] lanes = [.. JournalState.Lanes.Select(_ => new List<Entry>())];
    private Frame? written;

    /// <param name="port">Called before each effect; throws when the power goes there.</param>
    public Journal(Disk disk, Guid node, Guid epochIfNew, Rng salts, Action<string> port)
    {
        (this.disk, this.node, this.salts, this.port) = (disk, node, salts, port);
        State = JournalState.Empty(node, epochIfNew);
        if (disk.Frames.Count == 0)
        {
            disk.EpochFile.Clear();
            disk.EpochFile.Add(epochIfNew);
            disk.Append(new([], State, NewEpoch: false, [], Restates: false));
            disk.Flush();
            return;
        }
        foreach (var frame in disk.Frames)
        {
            Take(frame);
        }
        SetAside();
        Claim();
    }

    public JournalState State { get; private set; }

    /// <summary>What the school is told that Central has refused of this epoch.</summary>
    public HashSet<(Lane Lane, long Seq)> Refused { get; } = [];

    /// <summary>What is written now goes into the room that was kept for it.</summary>
    public bool OnReserve { get; private set; }

    /// <summary>What the disk had changed when the journal was opened.</summary>
    public HashSet<string> Spoilt { get; } = [];

    public IEnumerable<JournalEntry> Entries => entries.Where(e => !e.Aside).Select(e => e.ToEntry());

    public bool Holds(ReadOnlyMemory<byte> data) => entries.Exists(e => !e.Aside && e.Line.Op.Data.Span.SequenceEqual(data.Span));

    public void Write(JournalBatch batch)
    {
        port("write");
        if (disk.Mode == DiskMode.Full && (!OnReserve || disk.ReserveLeft-- <= 0))
        {
            OnReserve = true;
            throw new JournalException(isFull: true);
        }
        if (disk.Mode == DiskMode.ReadOnly)
        {
            throw new JournalException(isFull: false);
        }
        var (lines, next) = batch.Seal(salts.Bytes(batch.Lines.Count * HashChain.SaltBytes));
        if (batch.NewEpoch is { } epoch)
        {
            disk.EpochFile.Add(epoch);
        }
        written = new(lines, next, batch.NewEpoch is not null, [.. batch.Refusals, .. batch.OpenRefusals ?? []], batch.OpenRefusals is not null);
        disk.Append(written);
    }

    public void Sync()
    {
        port("sync");
        if (disk.Mode == DiskMode.Failing)
        {
            disk.DropLast(maybeThere: true);
            written = null;
            throw new JournalException(isFull: false);
        }
        disk.Sync();
        Take(written!);
        if (written!.NewEpoch)
        {
            disk.EpochFile.Clear();
            disk.EpochFile.Add(State.Epoch);
        }
        written = null;
        port("synced");
    }

    public void KeepReserve()
    {
        disk.KeepReserve();
        OnReserve &= disk.Mode == DiskMode.Full;
    }

    public IReadOnlyList<NumberedOp> ReadLane(Lane lane, long fromSeq, int opsMax, int bytesMax)
    {
        var cuts = entries.Where(e => !e.Aside && e.Line.Op.Stamped != Hlc.Zero && e.Line.Node == node).Select(e => e.Line.Op)
            .ToLookup(o => (o.Entity, o.Id, o.Stamped), o => o.Hlc);
        return Batching.Whole(Read()[(int)lane].Skip((int)fromSeq - 1).Take(Math.Max(opsMax, Op.GroupOpsMax)).Select(e => e.Numbered()).Select(Sent), opsMax, bytesMax);

        NumberedOp Sent(NumberedOp n) => cuts[(n.Op.Entity, n.Op.Id, n.Op.Hlc)] is var cut && !cut.Any() ? n : n with { Op = n.Op with { CutTo = cut.Max() } };
    }

    public byte[] HashAt(Lane lane, long seq) => seq == 0 ? HashChain.Base(node, State.Epoch, lane)
        : seq <= lanes[(int)lane].Count ? Read()[(int)lane][(int)seq - 1].Hash
        : throw new ArgumentOutOfRangeException(nameof(seq), seq, "The journal does not hold this number.");

    public IEnumerable<JournalEntry> OwnAfter(Lane lane, long seq) => [.. Read()[(int)lane].Skip((int)seq).Where(e => !e.Aside).Select(e => e.ToEntry())];

    public IEnumerable<JournalEntry> OwnOfEarlierEpochs()
    {
        var sent = lanes.SelectMany(l => l).Select(e => e.Line.Op).Where(o => o.Stamped != Hlc.Zero).Select(o => (o.Entity, o.Id, o.Stamped)).ToHashSet();
        return
        [
            .. entries.Where(e => e.Line.Node == node && e.Lane is null && !e.Aside && !sent.Contains((e.Line.Op.Entity, e.Line.Op.Id, e.Line.Op.Hlc)))
                .Select(e => e.ToEntry()),
        ];
    }

    private List<Entry>[] Read() => disk.Mode == DiskMode.Unreadable && salts.Chance(0.5) ? throw new IOException("A read failed.") : lanes;

    private void Take(Frame frame)
    {
        if (frame.NewEpoch)
        {
            entries.ForEach(e => e.Lane = null);
            Array.ForEach(lanes, l => l.Clear());
        }
        foreach (var line in frame.Lines)
        {
            var entry = line.Position <= entries.Count ? entries[(int)line.Position - 1] : Add(line);
            if (line.Lane is { } lane)
            {
                entry.Line = entry.Line with { Op = line.Op };
                (entry.Lane, entry.Seq, entry.Salt, entry.Hash) = (lane, line.Seq, line.Salt, line.Hash);
                lanes[(int)lane].Add(entry);
            }
            entry.Aside |= frame.Aside;
        }
        if (frame.NewEpoch || frame.Restates)
        {
            Refused.Clear();
        }
        Refused.UnionWith(frame.Refusals.Select(r => (r.Lane, r.Seq)));
        State = frame.Next;
    }

    private Entry Add(JournalLine line)
    {
        var entry = new Entry(line);
        entries.Add(entry);
        return entry;
    }

    /// <summary>As the host's JournalDamage: what does not verify is read by nobody, and taken anew from Central.</summary>
    private void SetAside()
    {
        var rotten = disk.SetAside();
        if (rotten.All(f => f.Lines.Count == 0))
        {
            return;
        }
        var own = false;
        foreach (var line in rotten.SelectMany(f => f.Lines))
        {
            var entry = entries[(int)line.Position - 1];
            (entry.Aside, own) = (true, own || entry.Lane is not null);
            Spoilt.Add(Encoding.UTF8.GetString(line.Op.Data.Span));
        }
        State = State with { Forked = State.Forked || own, Cursors = State.Cursors.Clear() };
        disk.Append(new([], State, NewEpoch: false, [], Restates: false));
        disk.Flush();
    }

    /// <summary>As the host's JournalIdentity: a journal that is not the one of the file beside it was restored or copied.</summary>
    private void Claim()
    {
        if (!disk.EpochFile.Contains(State.Epoch))
        {
            State = State with { Forked = true };
            disk.Append(new([], State, NewEpoch: false, [], Restates: false));
            disk.Flush();
        }
        disk.EpochFile.Clear();
        disk.EpochFile.Add(State.Epoch);
    }

    private sealed class Entry(JournalLine line)
    {
        public JournalLine Line { get; set; } = line;

        public Lane? Lane { get; set; }

        /// <summary>The disk has changed it; it keeps its place in the lane.</summary>
        public bool Aside { get; set; }

        public long Seq { get; set; }

        public byte[] Salt { get; set; } = [];

        public byte[] Hash { get; set; } = [];

        public NumberedOp Numbered() => new(Seq, Aside ? Line.Op with { Data = Changed } : Line.Op, Salt, Hash);

        public JournalEntry ToEntry() => new(
            Line.Position, Line.Node, Line.Op, Lane is null ? 0 : Seq, Line.Held || (Line.Feed is { } feed && feed != Line.Op.Scope));
    }
}
