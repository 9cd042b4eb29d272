using TdmEdu.Simulation.Plans;

namespace TdmEdu.Simulation.Boxes;

internal enum DiskMode
{
    Honest,

    /// <summary>Says that it has synced, and has not.</summary>
    Liar,
    Full,

    /// <summary>The next syncs fail.</summary>
    Failing,

    /// <summary>Mounted read-only after an error.</summary>
    ReadOnly,

    /// <summary>Every other read fails.</summary>
    Unreadable,
}

/// <summary>
/// A machine's disk: frames that are durable, then frames that are only in the page cache. On a power cut some of those are kept,
/// each whole or, when torn, recognised by its checksum and dropped with all that follow.
/// </summary>
internal sealed class Disk
{
    private const int ReserveFrames = 12;

    private readonly List<Frame> frames = [];
    private int told;
    private bool lost;

    public IReadOnlyList<Frame> Frames => frames;

    public int Durable { get; private set; }

    public DiskMode Mode { get; set; }

    /// <summary>How many more frames a full disk takes, in the room that was kept for them.</summary>
    public int ReserveLeft { get; set; } = ReserveFrames;

    /// <summary>How much longer than usual a commit takes.</summary>
    public long SlowMs { get; set; }

    /// <summary>The epochs in the file beside the journal; two while one becomes the other.</summary>
    public List<Guid> EpochFile { get; private set; } = [];

    /// <summary>A frame whose sync failed: it may be on the platter all the same.</summary>
    public Frame? Ghost { get; set; }

    public static Disk CopyOf(Disk other)
    {
        var copy = new Disk { EpochFile = [.. other.EpochFile] };
        copy.frames.AddRange(other.frames);
        (copy.Durable, copy.told) = (other.frames.Count, other.frames.Count);
        return copy;
    }

    public void Append(Frame frame)
    {
        frames.Add(frame);
        Ghost = null;
    }

    /// <summary>Made again when there is room.</summary>
    public void KeepReserve() => ReserveLeft = Mode == DiskMode.Full ? ReserveLeft : ReserveFrames;

    public void Sync() => (Durable, told) = (Mode == DiskMode.Liar ? Durable : frames.Count, frames.Count);

    /// <summary>Whether, since this was last asked, the power took what the disk had said is safe.</summary>
    public bool TakeLoss()
    {
        var was = lost;
        lost = false;
        return was;
    }

    public void DropLast(bool maybeThere)
    {
        Ghost = maybeThere ? frames[^1] : null;
        frames.RemoveAt(frames.Count - 1);
        (Durable, told) = (Math.Min(Durable, frames.Count), Math.Min(told, frames.Count));
    }

    /// <summary>Returns how many frames are left of those that were written.</summary>
    public int PowerCut(Rng rng)
    {
        var kept = Durable;
        while (kept < frames.Count && rng.Chance(0.5))
        {
            kept++;
        }
        if (kept == frames.Count && Ghost is { } ghost && rng.Chance(0.5))
        {
            frames.Add(ghost);
            kept++;
        }
        lost |= kept < told;
        Truncate(kept);
        return kept;
    }

    public void Truncate(int count)
    {
        frames.RemoveRange(count, frames.Count - count);
        (Durable, told) = (count, count);
        Ghost = null;
    }

    /// <summary>The rotten frames, from now on marked.</summary>
    public IReadOnlyList<Frame> SetAside()
    {
        var rotten = frames.Where(f => f.Rotten).ToList();
        for (var i = 0; i < frames.Count; i++)
        {
            frames[i] = frames[i].Rotten ? frames[i] with { Rotten = false, Aside = true } : frames[i];
        }
        return rotten;
    }

    public void Rot(int index) => frames[index] = frames[index] with { Rotten = true };

    /// <summary>A process that ends well leaves nothing in the page cache that the kernel of the system would not write.</summary>
    public void Flush() => (Durable, told) = (frames.Count, frames.Count);
}
