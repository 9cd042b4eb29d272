using TdmEdu.Modules.Registry;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

/// <summary>"Gửi", as the phone asks for it.</summary>
/// <param name="Id">UUIDv7 made by the phone, the submission's id for ever: sending it again is the same act.</param>
/// <param name="Pupils">The pupils that were on the screen; null for everyone on the class's list.</param>
/// <param name="Paper">Typed in from a sheet on paper, which only the office does.</param>
/// <param name="Seen">The submissions of this session that the phone had; empty for a first word.</param>
public sealed record SubmitSession(
    Guid Id,
    Guid Class,
    DateOnly Date,
    Slot Slot,
    Guid[]? Pupils,
    Mark[]? Marks,
    Guid[]? Seen,
    long TakenAtMs,
    bool Paper = false)
{
    public const int MarksMax = 100;
    public const int PupilsMax = 200;
    public const int SeenMax = 200;
    public const int MinutesMax = 240;
    public const int TeacherDaysBackMax = 7;

    internal const string MalformedText = "Nội dung gửi lên không đọc được. Hãy tải lại trang rồi gửi lại.";
    internal const Roles Offices = Roles.Office | Roles.Head;

    public static async Task<Result<SubmittedSession>> Handle(
        SubmitSession request, Actor actor, IRecordStore store, Catalogue catalogue, TimeProvider clock, CancellationToken cancel)
    {
        var today = clock.Today();
        var sent = await store.Decide(actor, records => Decide(request, actor, records, catalogue, today), cancel);
        if (!sent.Ok)
        {
            return sent.Error;
        }
        var receipts = await store.Receipts<Submission>(actor.Scope, [request.Id], cancel);
        var receipt = receipts.GetValueOrDefault(request.Id, Receipt.OnBox);
        var sheet = await store.Read(records => SheetReply.Of(records, actor.Scope, new(request.Class, request.Date, request.Slot)), cancel);
        return new SubmittedSession(request.Id, receipt, sheet);
    }

    internal static Decision<Guid> Decide(SubmitSession request, Actor actor, IRecords records, Catalogue catalogue, DateOnly today)
    {
        if (request.WhyMalformed() is { } malformed)
        {
            return malformed;
        }
        if (records.Get<Submission>(actor.Scope, request.Id) is { } before)
        {
            return request.IsRepeatOf(before.Value, actor, records) ? request.Id : Error.Conflict(
                "id_reused", "Mã lần gửi này đã dùng cho nội dung khác. Hãy mở lại lớp, kiểm tra rồi bấm Gửi lần nữa.");
        }
        var known = SessionFacts.Of(records, actor, new(request.Class, request.Date, request.Slot), today, request.TakenAtMs);
        if (request.WhyRefused(known, actor, today) is { } refused)
        {
            return refused;
        }
        var seen = request.Pupils is null ? known.Roster : known.Roster.Intersect(request.Pupils);
        var roster = new RosterSeen(request.Class, [.. seen.Order()]);
        var rosterId = roster.IdIn(actor.Scope);
        var submission = new Submission(
            request.Class, request.Date, request.Slot, rosterId, [.. request.SortedMarks()], [.. request.SortedSeen()],
            actor.Id, request.SourceOf(actor), request.TakenAtMs);
        var fact = catalogue.Create(actor.Scope, request.Id, submission);
        var isNewRoster = records.Get<RosterSeen>(actor.Scope, rosterId) is null;
        return new(request.Id, isNewRoster ? [catalogue.Create(actor.Scope, rosterId, roster), fact] : [fact]);
    }

    /// <summary>What is wrong with the request whatever the school's data says.</summary>
    internal Error? WhyMalformed()
    {
        var marks = Marks ?? [];
        if (Id.Version != 7 || !Enum.IsDefined(Slot) || marks.Any(m => m is null || MarkCodes.Find(m.Code, Date) is not { } code || !IsLateness(m, code)))
        {
            return Error.Invalid("malformed", MalformedText);
        }
        if (marks.Length > MarksMax || Pupils?.Length > PupilsMax || Seen?.Length > SeenMax)
        {
            return Error.Invalid(
                "too_many_marks", "Một lần gửi chỉ nhận tối đa {0} em có đánh dấu. Hãy tải lại trang và kiểm tra danh sách lớp.", MarksMax);
        }
        return marks.DistinctBy(m => m.Pupil).Count() == marks.Length
            ? null
            : Error.Invalid(
                "pupil_marked_twice", "Có em được đánh dấu hai lần trong cùng một lần gửi. Hãy tải lại trang rồi đánh dấu lại em đó.");
    }

    private static bool IsLateness(Mark mark, CodeFacts code) => mark.Minutes is null || (code.Kind == MarkKind.Late && mark.Minutes is >= 1 and <= MinutesMax);

    internal Error? WhyRefused(SessionFacts known, Actor actor, DateOnly today) =>
        known.WhyNotOpen(actor) ?? WhyShut(known, new(Class, Date, Slot), actor, today) ?? WhyLocked(known, Date, TakenAtMs) ?? WhyNotOnList(known);

    /// <summary>Why this person cannot submit the session whatever they type: said before they type anything.</summary>
    internal static Error? WhyShut(SessionFacts known, SessionKey key, Actor actor, DateOnly today)
    {
        if (WhyTooEarly(key.Date, today) is { } early)
        {
            return early;
        }
        if (!actor.Is(Offices) && key.Date < today.AddDays(-TeacherDaysBackMax))
        {
            return Error.Invalid(
                "date_too_old", "Ngày {0:dd/MM/yyyy} đã quá {1} ngày. Hãy nhờ văn phòng trường sửa giúp.", key.Date, TeacherDaysBackMax);
        }
        if (known.Closed is { } closed)
        {
            return closed;
        }
        if (!known.Slots.Contains(key.Slot))
        {
            return Error.Invalid("slot_not_taught", "Lớp {0} không học buổi này. Hãy chọn buổi khác.", known.Class!.Name);
        }
        return known.Roster.Count > 0 ? null : Error.Invalid(
            "roster_empty", "Lớp {0} chưa có học sinh vào ngày {1:dd/MM/yyyy}. Văn phòng trường thêm học sinh ở trang Học sinh.",
            known.Class!.Name, key.Date);
    }

    /// <summary>What a phone took before the lock and could not send is kept, beside the locked book; a clock that lies cannot change what is in the book.</summary>
    internal static Error? WhyLocked(SessionFacts known, DateOnly date, long takenAtMs) =>
        known.Lock is not { } locked || takenAtMs < locked.At.Hlc.Milliseconds ? null : MonthLocks.Refusal(date, known.Class!.Name);

    internal static Error? WhyTooEarly(DateOnly date, DateOnly today) => date <= today ? null : Error.Invalid(
        "date_future", "Ngày {0:dd/MM/yyyy} chưa đến nên chưa điểm danh được. Hãy chọn hôm nay.", date);

    private Error? WhyNotOnList(SessionFacts known)
    {
        if (Pupils is not null && !known.Roster.Overlaps(Pupils))
        {
            return Error.Invalid(
                "roster_empty", "Danh sách lớp {0} ngày {1:dd/MM/yyyy} đã đổi, không còn em nào của bài này. Hãy mở lại lớp rồi điểm danh lại.",
                known.Class!.Name, Date);
        }
        if ((Marks ?? []).Any(m => !known.Roster.Contains(m.Pupil)))
        {
            return Error.Invalid(
                "pupil_not_in_class", "Có em được đánh dấu không thuộc lớp {0} vào ngày {1:dd/MM/yyyy}. Hãy tải lại danh sách rồi kiểm tra lại.",
                known.Class!.Name,
                Date);
        }
        return (Seen ?? []).All(id => known.Sheet?.Submissions.ContainsKey(id) == true)
            ? null
            : Error.Conflict("seen_unknown", "Lần gửi trước của buổi này chưa có ở máy chủ trường. Hãy mở lại lớp, kiểm tra rồi gửi lại.");
    }

    /// <summary>The list of pupils may have changed between the two, so the one stored must only be within the one that came.</summary>
    private bool IsRepeatOf(Submission before, Actor actor, IRecords records) =>
        (before.By, before.Class, before.Date, before.Slot, before.TakenAtMs, before.Source) == (actor.Id, Class, Date, Slot, TakenAtMs, SourceOf(actor))
        && before.Marks.SequenceEqual(SortedMarks())
        && before.Seen.SequenceEqual(SortedSeen())
        && (Pupils is null || records.Get<RosterSeen>(actor.Scope, before.Roster)?.Value.Pupils.All(Pupils.Contains) != false);

    private IEnumerable<Mark> SortedMarks() => (Marks ?? []).OrderBy(m => m.Pupil);

    private IEnumerable<Guid> SortedSeen() => (Seen ?? []).Distinct().Order();

    private Source SourceOf(Actor actor) => !actor.Is(Offices) ? Source.Teacher : Paper ? Source.Paper : Source.Office;
}

/// <summary>What the phone learns: how far its submission has come, and the session as everybody's words make it.</summary>
public sealed record SubmittedSession(Guid Id, Receipt Receipt, SheetReply Sheet);
