using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>
/// The department's decision that a pupil goes to another school: the same record in both schools, so that each has it. What the pupil
/// did at the old school stays there; of absences the sum travels.
/// </summary>
/// <param name="Class">At the new school.</param>
/// <param name="Effective">The last day at the old school; from the next day on the pupil is the new school's.</param>
/// <param name="Fence">In the old school's feed: once its box holds this and Central all that the box had recorded, the profile may be taken away.</param>
/// <param name="Excused">Sessions missed with leave in the school year up to <paramref name="Effective"/>; null until the old school has sent everything.</param>
/// <param name="Unexcused">As <paramref name="Excused"/>, without leave.</param>
/// <param name="RecordedAfter">Sessions that the old school recorded of the pupil after the last day; they count nowhere, and both schools are told.</param>
public sealed record Transfer(
    Guid Pupil, Guid From, Guid To, Guid Class, DateOnly Effective, long Fence, int? Excused = null, int? Unexcused = null, bool Done = false,
    int? RecordedAfter = null);

/// <summary>View: who left a school and who came, by decisions of the department. The view's id is the school.</summary>
public sealed record PupilMoves(SortedDictionary<Guid, Transfer> Transfers)
{
    public static PupilMoves? Of(IRecords records, Scope school) => records.View<PupilMoves>(school, school.Owner);

    /// <summary>
    /// Whether the pupil had left this school before that day. The newest decision by effective day counts, whichever was written or
    /// arrived first; of one day the later decision.
    /// </summary>
    public bool HasLeft(Guid school, Guid pupil, DateOnly day) => Transfers
        .Where(t => t.Value.Pupil == pupil && t.Value.Effective < day)
        .OrderBy(t => t.Value.Effective).ThenBy(t => t.Key).LastOrDefault().Value?.From == school;

    internal static PupilMoves Fold(PupilMoves? before, Row<Transfer> transfer) =>
        new(new SortedDictionary<Guid, Transfer>(before?.Transfers ?? []) { [transfer.Id] = transfer.Value });
}
