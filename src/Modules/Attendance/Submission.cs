using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

/// <summary>What is said about one pupil, by its key in records; letters, names and what it counts for: <see cref="MarkCodes"/>.</summary>
public enum MarkCode
{
    Present = 1,
    Unexcused,
    Excused,
    Late,
    LeftEarly,
    OffSite,
}

/// <summary>Whose word it is. What stands for a pupil by all of them: <see cref="SessionSheet"/>.</summary>
public enum Source
{
    Teacher = 1,
    Office,

    /// <summary>An approved notice of absence: it expects the pupil not to be there, with leave. One without marks takes back those it has seen.</summary>
    Notice,

    /// <summary>A register from before, out of a file: below whoever was there. One without a list takes back those it has seen.</summary>
    Import,

    /// <summary>A card at the gate after the bell: the pupil has come, so late. As much as a teacher's; of the class it says nothing.</summary>
    Gate,

    /// <summary>A sheet on paper, which the office typed in: the word of the teacher who ticked it.</summary>
    Paper,
}

/// <param name="Minutes">How late, where somebody noted it.</param>
public sealed record Mark(Guid Pupil, MarkCode Code, int? Minutes = null);

/// <summary>
/// "Gửi": one immutable fact. The first submission of a session implies that everyone on <see cref="Roster"/> without a mark was
/// present. A later one lists only the changed pupils, an explicit "có mặt" included; <see cref="Seen"/> are the submissions
/// its author had before them.
/// </summary>
/// <param name="TakenAtMs">The device's clock when "Gửi" was pressed: data, never used for ordering.</param>
public sealed record Submission(
    Guid Class,
    DateOnly Date,
    Slot Slot,
    Guid Roster,
    Mark[] Marks,
    Guid[] Seen,
    Guid By,
    Source Source,
    long TakenAtMs);

/// <summary>The list of pupils that a submission was made from. Its id is its content, so the same list is stored once.</summary>
/// <param name="Pupils">In ascending order, each once.</param>
public sealed record RosterSeen(Guid Class, Guid[] Pupils)
{
    public Guid IdIn(Scope scope) =>
        RecordId.From(scope, "attendance.roster", $"{Class:n}|{string.Join(',', Pupils.Select(p => p.ToString("n")))}");
}
