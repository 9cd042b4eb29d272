using TdmEdu.Modules.Registry;

namespace TdmEdu.Modules.Attendance;

public enum Presence
{
    There = 1,
    Excused,
    Unexcused,
}

/// <summary>What the school's sheets say of a pupil in a session.</summary>
/// <param name="SaidAt">When the box took the newest word about the pupil.</param>
/// <param name="NoticeWaits">The family has asked for leave, and nobody has answered.</param>
public sealed record SessionWord(Presence Presence, DateTimeOffset SaidAt, bool NoticeWaits);

/// <param name="State"><see cref="MessageState.Sending"/> is what is to be sent now.</param>
/// <param name="IsLate">So late that the family must not read that the child is missing just now.</param>
public sealed record MessageStep(int Number, MessageState State, MessageWait? Why = null, bool IsLate = false);

/// <summary>Which message a family gets about a session, and when: of nothing but what is said, what was told and what time it is.</summary>
public static class MessageRules
{
    /// <summary>The product's own figure: a child who comes ten minutes late is corrected within it.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(15);

    public static readonly TimeSpan LateAfter = TimeSpan.FromHours(2);

    /// <summary>From then until <see cref="QuietUntil"/> no telephone rings because of us.</summary>
    public static readonly TimeOnly QuietFrom = new(21, 0);

    public static readonly TimeOnly QuietUntil = new(6, 0);

    /// <summary>Longer than any server is waited for.</summary>
    public static readonly TimeSpan LostAfter = TimeSpan.FromMinutes(10);

    /// <summary>As long as a teacher may correct a sheet.</summary>
    public const int CorrectionDays = SubmitSession.TeacherDaysBackMax;

    /// <summary>Absent, there, absent, there: after that people have to call each other.</summary>
    public const int PerSessionMax = 4;

    /// <param name="word">Null while no sheet says anything of the pupil.</param>
    /// <param name="known">What was told about it so far.</param>
    /// <returns>What changes; null when nothing does.</returns>
    public static MessageStep? Next(DateOnly date, SessionWord? word, IReadOnlyCollection<ParentMessage> known, DateTimeOffset now)
    {
        if (known.FirstOrDefault(m => m.State == MessageState.Sending && now - DateTimeOffset.FromUnixTimeMilliseconds(m.AtMs) >= LostAfter) is { } lost)
        {
            return new(lost.Number, MessageState.Unknown);
        }
        var number = 1 + known.Where(m => m.MayHaveArrived).Select(m => m.Number).DefaultIfEmpty().Max();
        var open = known.FirstOrDefault(m => m.Number == number);
        if (open?.State is MessageState.Failed or MessageState.Expired || known.Any(m => m.State == MessageState.Sending))
        {
            return null;
        }
        var step = number <= PerSessionMax && word is not null && IsDue(number, word) ? Tell(date, word, number, open, now)
            : open?.State == MessageState.Waiting ? new(number, MessageState.NotNeeded)
            : null;
        return step is null || (step.State == open?.State && step.Why == open.Why) ? null : step;
    }

    private static bool IsDue(int number, SessionWord word) => word.Presence == (ParentMessage.IsCorrectionAt(number) ? Presence.There : Presence.Unexcused);

    private static MessageStep? Tell(DateOnly date, SessionWord word, int number, ParentMessage? open, DateTimeOffset now) =>
        now < StartOf(date) ? null
        : now >= EndOf(date, number) ? new(number, MessageState.Expired, open?.Why)
        : word is { NoticeWaits: true, Presence: Presence.Unexcused } ? new(number, MessageState.Waiting, MessageWait.Notice)
        : now < word.SaidAt + Grace ? new(number, MessageState.Waiting, MessageWait.Grace)
        : TimeOnly.FromDateTime(now.ToOffset(SchoolTime.Offset).DateTime).IsBetween(QuietFrom, QuietUntil) ? new(number, MessageState.Waiting, MessageWait.QuietHours)
        : new(number, MessageState.Sending, IsLate: now - word.SaidAt > LateAfter);

    /// <summary>What is missing today is no news tomorrow; what was wrong is put right later too.</summary>
    private static DateTimeOffset EndOf(DateOnly date, int number) => StartOf(date.AddDays(1 + (ParentMessage.IsCorrectionAt(number) ? CorrectionDays : 0)));

    private static DateTimeOffset StartOf(DateOnly date) => new(date.ToDateTime(TimeOnly.MinValue), SchoolTime.Offset);
}
