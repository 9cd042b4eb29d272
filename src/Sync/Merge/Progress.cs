using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Merge;

/// <summary>One finished try at an activity. Points as the activity counts them; null when it gives none.</summary>
public sealed record Attempt(Guid Id, FieldVersion Version, decimal? Score) : IFact;

/// <summary>What a pupil answered to a question within an attempt, as given. Changing one's mind is another answer.</summary>
public sealed record Answer(Guid Id, FieldVersion Version, Guid Attempt, Guid Question, string Given) : IFact;

/// <summary>
/// A pupil's progress in one activity, from however many devices: everything tried and answered, and the furthest position
/// reached (pages, seconds: the activity's own measure). Going back to reread does not take progress back.
/// </summary>
public sealed record Progress(SortedDictionary<Guid, Attempt> Attempts, SortedDictionary<Guid, Answer> Answers, long Position)
{
    public static Progress Empty => new([], [], 0);

    public Progress Try(params IEnumerable<Attempt> attempts) => this with { Attempts = FactSet.Join(Attempts, attempts) };

    public Progress Give(params IEnumerable<Answer> answers) => this with { Answers = FactSet.Join(Answers, answers) };

    public Progress Reach(long position) => this with { Position = Math.Max(Position, position) };

    /// <summary>The attempt with the highest score, the first of equals; null before any was scored.</summary>
    public Attempt? Best() => Scored().OrderByDescending(a => a.Score).ThenBy(a => a.Version).ThenBy(a => a.Id).FirstOrDefault();

    /// <summary>The latest attempt that was scored.</summary>
    public Attempt? Last() => Scored().OrderByDescending(a => a.Version).ThenByDescending(a => a.Id).FirstOrDefault();

    private IEnumerable<Attempt> Scored() => Attempts.Values.Where(a => a.Score is not null);
}
