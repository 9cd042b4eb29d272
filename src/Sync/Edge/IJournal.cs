using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Edge;

/// <summary>
/// An operation as the journal holds it. <see cref="OwnSeq"/> is 0 when it came from Central or belongs to an earlier epoch;
/// <see cref="Idle"/> when it is kept without effect: it came in the feed of another scope than its own, or is an eviction that was held.
/// </summary>
public sealed record JournalEntry(long Position, Guid Node, Op Op, long OwnSeq, bool Idle);

/// <summary>The truth of an edge (design D1). One thread writes.</summary>
public interface IJournal
{
    JournalState State { get; }

    /// <summary>Writes the whole batch; it is on no disk until <see cref="Sync"/> has returned.</summary>
    /// <exception cref="JournalException">Nothing was written.</exception>
    void Write(JournalBatch batch);

    /// <summary>What was written is durable when this returns, and <see cref="State"/> is what came of it.</summary>
    /// <exception cref="JournalException">
    /// Nothing counts as written, and what came before still does: the next <see cref="Write"/> first makes sure of that, or throws.
    /// </exception>
    void Sync();

    /// <summary>Own operations from a number on, as many whole groups as fit, but at least one if there is any.</summary>
    IReadOnlyList<NumberedOp> ReadLane(Lane lane, long fromSeq, int opsMax, int bytesMax);

    /// <summary>The chain hash at a number that the journal holds; the chain's base at 0.</summary>
    byte[] HashAt(Lane lane, long seq);

    /// <summary>Own operations of this epoch after a number.</summary>
    IEnumerable<JournalEntry> OwnAfter(Lane lane, long seq);

    /// <summary>
    /// Own operations without a number in this epoch: sent in an earlier one, or lost here and come back from Central. One that Central
    /// stamped anew has its number with that stamp.
    /// </summary>
    IEnumerable<JournalEntry> OwnOfEarlierEpochs();
}

/// <summary>The disk does not take it.</summary>
public sealed class JournalException(bool isFull, Exception? cause = null) : Exception("The journal did not take a batch.", cause)
{
    public bool IsFull => isFull;
}
