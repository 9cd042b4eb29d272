using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

public enum Sender
{
    Parent = 1,

    /// <summary>A letter on paper, which somebody at the school entered.</summary>
    School,
}

/// <summary>
/// Đơn xin nghỉ học: a family asks that its child may stay away, before the days or after them. Never changed; what became of it is said
/// by <see cref="NoticeDecision"/>.
/// </summary>
/// <param name="To">The last day.</param>
/// <param name="Reason">In the family's words, sealed with the child's key: most say something of health.</param>
/// <param name="By">Who wrote it; of parents the child's id.</param>
/// <param name="AtMs">The clock of the host that took it: data, never used for ordering.</param>
public sealed record AbsenceNotice(Guid Pupil, DateOnly From, DateOnly To, Slot[] Slots, Sealed? Reason, Guid By, Sender Sender, long AtMs);

public enum NoticeState
{
    Sent = 1,
    Approved,
    Refused,

    /// <summary>By the school, after it had approved.</summary>
    Cancelled,

    /// <summary>By the family, before the school had decided.</summary>
    Withdrawn,
}

/// <param name="To">As in the notice; lists range by it.</param>
/// <param name="Why">Sealed with the child's key; read by the family.</param>
public sealed record NoticeDecision(Guid Notice, DateOnly To, NoticeState State, Guid By, Sealed? Why);

/// <summary>View: the notices about a pupil. The view's id is the pupil.</summary>
public sealed record PupilNotices(SortedSet<Guid> Notices)
{
    internal static PupilNotices Fold(PupilNotices? before, Row<AbsenceNotice> notice) => new([.. before?.Notices ?? [], notice.Id]);
}

/// <summary>A notice with what became of it.</summary>
/// <param name="Decisions">The oldest first.</param>
internal sealed record NoticeCase(Guid Id, AbsenceNotice Notice, IReadOnlyList<Row<NoticeDecision>> Decisions)
{
    /// <summary>
    /// The school's newest decision stands. A family withdraws what is not decided yet: where the two crossed, the school's stands, and the page shows both.
    /// </summary>
    public NoticeState State => Decisions.LastOrDefault(d => d.Value.State != NoticeState.Withdrawn)?.Value.State
        ?? (IsWithdrawn ? NoticeState.Withdrawn : NoticeState.Sent);

    public bool IsWithdrawn => Decisions.Any(d => d.Value.State == NoticeState.Withdrawn);

    public static NoticeCase? Find(IRecords records, Scope school, Guid id) => records.Get<AbsenceNotice>(school, id) is { } notice
        ? new(id, notice.Value, InOrder(records.AllAt<NoticeDecision>(school, notice.Value.To.Iso()).Where(d => d.Value.Notice == id)))
        : null;

    public static IReadOnlyList<NoticeCase> OfPupil(IRecords records, Scope school, Guid pupil) =>
        [.. (records.View<PupilNotices>(school, pupil)?.Notices ?? []).Select(id => Find(records, school, id)).OfType<NoticeCase>()];

    /// <summary>Of all pupils, those that end on this day or later.</summary>
    public static IReadOnlyList<NoticeCase> Since(IRecords records, Scope school, DateOnly day)
    {
        var decisions = records.All<NoticeDecision>(school, day.Iso()).ToLookup(d => d.Value.Notice);
        return [.. records.All<AbsenceNotice>(school, day.Iso()).Select(n => new NoticeCase(n.Id, n.Value, InOrder(decisions[n.Id])))];
    }

    /// <summary>What families ask for on a day, or later, that nobody has answered: without leave until somebody does.</summary>
    public static IEnumerable<AbsenceNotice> AskedOn(IRecords records, Scope school, DateOnly first, DateOnly? last = null) =>
        Since(records, school, first).Where(n => n.State == NoticeState.Sent && n.Notice.From <= (last ?? first)).Select(n => n.Notice);

    private static List<Row<NoticeDecision>> InOrder(IEnumerable<Row<NoticeDecision>> decisions) => [.. decisions.OrderBy(d => d.Version).ThenBy(d => d.Id)];
}
