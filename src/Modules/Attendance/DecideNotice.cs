using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

/// <summary>
/// What becomes of a notice. To approve one writes a word of its own into every session that it covers, past or to come, in the same
/// group of changes as the decision; to refuse or cancel it afterwards takes those words back.
/// </summary>
internal static class DecideNotice
{
    internal const Roles Deciders = Roles.HomeroomTeacher | Roles.Office | Roles.Head;

    public static Decision<Guid> Decide(
        Catalogue catalogue, Seals seals, IRecords records, Actor actor, Guid id, NoticeState wanted, string why, TimeProvider clock)
    {
        if (NoticeCase.Find(records, actor.Scope, id) is not { } found || WhyNotTheirs(records, actor, found.Notice, clock.Today()) is not null)
        {
            return NoNotice;
        }
        if (found.State == wanted)
        {
            return id;
        }
        if (!MayFollow(found.State, wanted))
        {
            return Error.Conflict("notice_decided", "Đơn này đã có người xử lý hoặc gia đình đã rút. Hãy tải lại trang để xem.");
        }
        if (wanted is NoticeState.Refused or NoticeState.Cancelled && why.Length is 0 or > SendNotice.TextCharsMax)
        {
            return Error.Invalid("notice_why", "Hãy ghi vì sao (nhiều nhất {0} chữ); gia đình đọc được câu này.", SendNotice.TextCharsMax);
        }
        if (why.Length > 0 && seals.WhyNot(actor.Scope) is { } noSeal)
        {
            return noSeal;
        }
        var decision = new NoticeDecision(
            id, found.Notice.To, wanted, actor.Id,
            seals.Seal(actor.Scope, found.Notice.Pupil, nameof(NoticeDecision.Why), why.Length == 0 ? null : why));
        if (wanted == NoticeState.Approved)
        {
            return Approve(catalogue, records, actor, decision, found.Notice, clock);
        }
        if (WhyLocked(records, actor.Scope, WordsOf(records, actor.Scope, found).Select(w => (w.Value.Class, w.Value.Date))) is { } locked)
        {
            return locked;
        }
        List<Draft> drafts = [catalogue.Create(actor.Scope, RecordId.New(clock), decision), .. TakeBack(catalogue, records, actor, found, clock)];
        return new(id, drafts) { Atomic = true };
    }

    /// <summary>A family's own, while the school has not decided.</summary>
    public static Decision<Guid> Withdraw(Catalogue catalogue, IRecords records, Actor parent, Guid id, TimeProvider clock) =>
        NoticeCase.Find(records, parent.Scope, id) is not { } found || found.Notice.Pupil != parent.Id ? NoNotice
        : found.State == NoticeState.Withdrawn ? id
        : found.State != NoticeState.Sent ? Error.Conflict("notice_decided", "Nhà trường đã xử lý đơn này nên không rút được. Nếu cần đổi, hãy báo giáo viên chủ nhiệm.")
        : new Decision<Guid>(id, [catalogue.Create(
            parent.Scope, RecordId.New(clock), new NoticeDecision(id, found.Notice.To, NoticeState.Withdrawn, parent.Id, null))]);

    internal static Decision<Guid> Approve(
        Catalogue catalogue, IRecords records, Actor actor, NoticeDecision decision, AbsenceNotice notice, TimeProvider clock)
    {
        var (school, id) = (actor.Scope, RecordId.New(clock));
        var sessions = SendNotice.SessionsOf(records, school, notice);
        if (sessions is [])
        {
            return SendNotice.NoLessons;
        }
        if (WhyLocked(records, school, sessions.Select(s => (s.Class, s.Date))) is { } locked)
        {
            return locked;
        }
        List<Draft> drafts =
        [
            catalogue.Create(school, id, decision),
            .. sessions.Select(s => catalogue.Create(
                school, WordOf(school, id, s.Date, s.Slot), Word(s, [new(notice.Pupil, MarkCode.Excused)], [], actor, clock))),
        ];
        return new(decision.Notice, drafts) { Atomic = true };
    }

    /// <summary>The homeroom teacher's are those about a pupil who is in the class in those days.</summary>
    internal static Error? WhyNotTheirs(IRecords records, Actor actor, AbsenceNotice notice, DateOnly today)
    {
        var (own, days) = (records.View<TeacherClasses>(actor.Scope, actor.Id), new Period(notice.From, notice.To));
        return actor.Is(SubmitSession.Offices)
            || Enrol.PlacesOf(records, actor.Scope, notice.Pupil).Any(p => Period.Of(p.Value).Overlaps(days) && own?.IsHomeroomOf(p.Value.Class, today) == true)
            ? null
            : Error.Denied("not_your_class", "Đơn của lớp do giáo viên chủ nhiệm hoặc văn phòng trường nhận. Hãy nhờ giáo viên chủ nhiệm của lớp.");
    }

    private static Error? WhyLocked(IRecords records, Scope school, IEnumerable<(Guid Class, DateOnly Date)> sessions) =>
        sessions.Select(s => MonthLocks.WhyLocked(records, school, s.Class, s.Date)).FirstOrDefault(e => e is not null);

    private static bool MayFollow(NoticeState before, NoticeState wanted) => (before, wanted) switch
    {
        (NoticeState.Withdrawn, _) => false,
        (_, NoticeState.Approved) => true,
        (NoticeState.Sent or NoticeState.Approved, NoticeState.Refused) => true,
        (NoticeState.Approved, NoticeState.Cancelled) => true,
        _ => false,
    };

    /// <summary>Looked for where they were written: since then the pupil may have another class and the school another calendar.</summary>
    private static IEnumerable<Row<Submission>> WordsOf(IRecords records, Scope school, NoticeCase found) =>
        from decision in found.Decisions
        where decision.Value.State == NoticeState.Approved
        from day in SendNotice.DaysOf(found.Notice)
        from slot in found.Notice.Slots
        let word = records.Get<Submission>(school, WordOf(school, decision.Id, day, slot))
        where word is not null
        select word;

    private static IEnumerable<Draft> TakeBack(Catalogue catalogue, IRecords records, Actor actor, NoticeCase found, TimeProvider clock) =>
        from word in WordsOf(records, actor.Scope, found)
        let id = RecordId.From(actor.Scope, "attendance.submission", $"{word.Id:n}|taken back")
        where records.Get<Submission>(actor.Scope, id) is null
        select catalogue.Create(actor.Scope, id, Word(new(word.Value.Class, word.Value.Date, word.Value.Slot), [], [word.Id], actor, clock));

    private static Submission Word(SessionKey session, Mark[] marks, Guid[] seen, Actor actor, TimeProvider clock) => new(
        session.Class, session.Date, session.Slot, Guid.Empty, marks, seen, actor.Id, Source.Notice, clock.GetUtcNow().ToUnixTimeMilliseconds());

    private static Guid WordOf(Scope school, Guid decision, DateOnly day, Slot slot) =>
        RecordId.From(school, "attendance.submission", $"{decision:n}|{day.Iso()}|{slot}");

    internal static Error NoNotice { get; } = Error.NotFound("no_notice", "Không có đơn này, hoặc đơn của lớp khác. Hãy về danh sách đơn rồi chọn lại.");
}
