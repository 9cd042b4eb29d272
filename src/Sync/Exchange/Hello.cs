using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Exchange;

/// <summary>What Central wants of a box that has said who it is, gravest last.</summary>
public enum OpenAction
{
    Continue = 1,

    /// <summary>Central holds less than it once acknowledged: it was restored, and gets the rest again.</summary>
    ResyncFrom,

    /// <summary>The feed began anew; the box takes it from the beginning and keeps what it has not sent.</summary>
    Reseed,

    /// <summary>The box holds less than it once sent: it was restored. It goes on under a new epoch.</summary>
    Regression,

    /// <summary>Another machine lives under this name. This one keeps all it has and waits for the department's decision.</summary>
    CloneSuspect,

    /// <summary>This version is too old to be understood.</summary>
    Upgrade,

    /// <summary>The department has withdrawn this box.</summary>
    Revoked,
}

/// <param name="Acked">Up to where Central has acknowledged the lane.</param>
public sealed record HelloLane(LaneHead Head, long Acked);

/// <param name="LastSession">The token of the last session this box had; only the machine that had it knows it.</param>
/// <param name="Forked">The box has seen that Central's chain is not its own.</param>
public sealed record Hello(
    Guid Epoch, int Protocol, byte[] LastSession, bool Forked, string FeedEpoch, IReadOnlyList<HelloLane> Lanes)
{
    /// <summary>The version of this exchange.</summary>
    public const int ProtocolNow = 3;

    /// <summary>
    /// The oldest that Central still speaks. Below it are boxes that cannot read every kind of operation that the feed may hold: they
    /// are told to upgrade, for no page can be taken without the one operation in it.
    /// </summary>
    public static int ProtocolMin { get; } = Enum.GetValues<OpKind>().Max(ProtocolOf);

    /// <summary>The version that brought a kind. A new kind needs a new version here, and boxes before it stop sending until they are upgraded.</summary>
    private static int ProtocolOf(OpKind kind) => kind switch
    {
        OpKind.Put or OpKind.Fact or OpKind.Delete => 1,
        OpKind.Evict => 3,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}

/// <param name="Checkpoints">Earlier ends of the lane, newest first, for a box that must find where its history parts from Central's.</param>
/// <param name="BackedUp">Up to here the lane is in a backup of Central; the box must keep what comes after.</param>
public sealed record WelcomeLane(LaneHead Durable, IReadOnlyList<LaneHead> Checkpoints, long BackedUp)
{
    /// <summary>What Central has refused in this epoch and nobody has decided about.</summary>
    public IReadOnlyList<Refusal> Refused { get; init; } = [];
}

/// <summary>Without a session when <see cref="Action"/> does not let the box go on.</summary>
public sealed record Welcome(OpenAction Action, byte[] Session, string FeedEpoch, IReadOnlyList<WelcomeLane> Lanes);
