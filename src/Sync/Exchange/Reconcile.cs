using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Exchange;

public enum ReconcileAction
{
    /// <summary>Send from <see cref="ReconcileDecision.NextSeq"/>.</summary>
    Continue,

    /// <summary>Central holds more than this box: it was restored from an old copy. A person must decide.</summary>
    Regression,

    /// <summary>Central holds another history under this box's name: its disk was cloned. A person must decide.</summary>
    Clone,
}

public sealed record ReconcileDecision(ReconcileAction Action, long NextSeq);

/// <summary>The edge's decision when Central has said what it holds of a lane.</summary>
public static class Reconcile
{
    /// <param name="own">The lane's end in the journal.</param>
    /// <param name="durable">What Central holds; a Central restored from a backup holds less than it once acknowledged, and gets it again.</param>
    /// <param name="ownHashAt">The journal's chain hash at a number it holds (the base at 0).</param>
    public static ReconcileDecision Decide(LaneHead own, LaneHead durable, Func<long, byte[]> ownHashAt) =>
        durable.Seq > own.Seq ? new(ReconcileAction.Regression, 0)
        : durable.Seq > 0 && !ownHashAt(durable.Seq).AsSpan().SequenceEqual(durable.Hash) ? new(ReconcileAction.Clone, 0)
        : new(ReconcileAction.Continue, durable.Seq + 1);
}
