using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

public enum MessageState
{
    /// <summary>Not yet; <see cref="ParentMessage.Why"/> says what is waited for.</summary>
    Waiting = 1,

    /// <summary>Written before it is handed over: who finds it so later does not know whether it arrived.</summary>
    Sending,
    Sent,

    /// <summary>Refused for good by the server that was to deliver it.</summary>
    Failed,

    /// <summary>Handed over, and nobody said what became of it. Not sent again.</summary>
    Unknown,

    /// <summary>Its day had ended before it could be sent.</summary>
    Expired,

    /// <summary>While it waited, what it was to tell turned out otherwise.</summary>
    NotNeeded,
}

public enum MessageWait
{
    /// <summary>The teacher may still correct the list.</summary>
    Grace = 1,

    /// <summary>The family's notice has not been answered.</summary>
    Notice,
    NoAddress,

    /// <summary>Central has no way to send messages.</summary>
    NoChannel,

    /// <summary>The server did not take it for the time being.</summary>
    Channel,

    /// <summary>Families sleep.</summary>
    QuietHours,
}

/// <summary>A pupil's half of a school day.</summary>
public readonly record struct MessageSession(Guid Pupil, DateOnly Date, Slot Slot);

/// <summary>
/// A message to a pupil's family, written by Central, which sends it. Of one session they are numbered: the odd ones tell that the child is missing,
/// the even ones take that back. No address is in it.
/// </summary>
/// <param name="Why">What it waits for, or waited for when it expired.</param>
/// <param name="AtMs">Since when it stands so, by Central's clock.</param>
public sealed record ParentMessage(Guid Pupil, DateOnly Date, Slot Slot, int Number, MessageState State, MessageWait? Why, long AtMs)
{
    internal MessageSession Session => new(Pupil, Date, Slot);

    internal bool IsCorrection => IsCorrectionAt(Number);

    /// <summary>The family may have read it.</summary>
    internal bool MayHaveArrived => State is MessageState.Sending or MessageState.Sent or MessageState.Unknown;

    public static bool IsCorrectionAt(int number) => number % 2 == 0;

    public static Guid IdOf(Scope school, MessageSession of, int number) =>
        RecordId.From(school, "attendance.parent_message", $"{of.Pupil:n}|{of.Date.Iso()}|{of.Slot}|{number}");
}
