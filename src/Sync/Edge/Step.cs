using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Edge;

/// <summary>
/// What the host shall do for the exchange. Calls to Central are answered by the method of <see cref="EdgeExchange"/> that has the
/// call's name; steps on the box's own journal by <see cref="EdgeExchange.Done"/>.
/// </summary>
public abstract record Step;

public sealed record OpenCall(Hello Hello) : Step;

public sealed record PushCall(byte[] Session, Lane Lane, long From, int OpsMax) : Step;

public sealed record PullCall(byte[] Session, int OpsMax) : Step;

/// <summary>One question whether either side has something new.</summary>
public sealed record BeatCall(byte[] Session, byte[] State) : Step;

/// <summary>A stream of nudges, as long as the session lives.</summary>
public sealed record WatchCall(byte[] Session) : Step;

public abstract record JournalStep : Step;

public sealed record WelcomedStep(byte[] Session, string FeedEpoch, IReadOnlyList<WelcomeLane> Lanes) : JournalStep;

public sealed record AcknowledgeStep(Lane Lane, long Seq, IReadOnlyList<Refusal> Refusals) : JournalStep;

public sealed record TakePagesStep(string FeedEpoch, IReadOnlyList<FeedPage> Pages) : JournalStep;

/// <summary>Central has made a backup, or lost one. A lane that is not named is in none.</summary>
public sealed record BackUpStep(IReadOnlyDictionary<Lane, long> Lanes) : JournalStep;

/// <summary>Begin a new epoch; what comes after the shared ends is sent again in it.</summary>
public sealed record BeginEpochStep(IReadOnlyDictionary<Lane, long> Shared) : JournalStep;

/// <summary>Central began anew: what it once acknowledged in earlier epochs of this box is sent again.</summary>
public sealed record SendEarlierStep : JournalStep;
