using System.Collections.Immutable;
using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Exchange;

/// <summary>How far a scope's feed was taken. Central alone knows what <see cref="Mark"/> means; the box gives it back as it was.</summary>
public sealed record Cursor(long Seq, byte[] Mark)
{
    public const int MarkBytes = 8;

    public static readonly Cursor Start = new(0, []);
}

/// <param name="Restart">The feed was rewritten below the box's cursor: these are its first operations.</param>
/// <param name="Next">To be stored in the same transaction as the operations.</param>
public sealed record FeedPage(Scope Scope, bool Restart, IReadOnlyList<FeedOp> Ops, Cursor Next);

public sealed record FeedAnswer(string FeedEpoch, IReadOnlyList<FeedPage> Pages, bool More)
{
    /// <summary>Up to where the session's lanes are in a backup of Central; those that are not named are in none.</summary>
    public IReadOnlyDictionary<Lane, long> BackedUp { get; init; } = ImmutableDictionary<Lane, long>.Empty;
}
