using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Exchange;

/// <summary>What Central did not take into effect of this school's operations; it keeps them verbatim, and so does the journal.</summary>
public sealed record Refusal(Lane Lane, long Seq, Outcome Outcome, string Reason);
