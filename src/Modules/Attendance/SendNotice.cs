using Microsoft.AspNetCore.Http;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

/// <summary>A notice as typed.</summary>
public sealed record NoticeForm(DateOnly? From, DateOnly? To, Slot[] Slots, string Reason)
{
    internal static NoticeForm Empty(DateOnly today) => new(today, today, [.. Registry.Slots.Sessions], "");

    internal static NoticeForm Read(IFormCollection form) => new(
        FormText.Day(form["tu"]), FormText.Day(form["den"]), [.. form["buoi"].Select(b => b == "chieu" ? Slot.Afternoon : Slot.Morning).Distinct().Order()],
        VietnameseText.Normalise(form["ly-do"].ToString()));
}

/// <summary>A family's notice, by itself or from the letter that it brought to the school.</summary>
internal static class SendNotice
{
    public const int DaysMax = 30;
    public const int DaysBackMax = 30;
    internal const int TextCharsMax = 200;
    private const int WaitingMax = 10;

    /// <summary>The same once more is the same notice.</summary>
    public static Decision<Guid> Send(
        Catalogue catalogue, Seals seals, IRecords records, Actor parent, NoticeForm form, TimeProvider clock)
    {
        if (WhyNot(form, clock.Today()) is { } refusal)
        {
            return refusal;
        }
        var earlier = NoticeCase.OfPupil(records, parent.Scope, parent.Id);
        if (earlier.FirstOrDefault(e => IsSame(e, form)) is { } same)
        {
            return same.Id;
        }
        if (earlier.Count(e => e.State == NoticeState.Sent) >= WaitingMax)
        {
            return Error.Conflict("notices_waiting", "Đã có {0} đơn đang chờ nhà trường. Hãy rút bớt đơn không cần nữa, hoặc gọi giáo viên chủ nhiệm.", WaitingMax);
        }
        var (notice, id) = (Of(seals, parent, parent.Id, form, Sender.Parent, clock), RecordId.New(clock));
        return !notice.Ok ? notice.Error
            : SessionsOf(records, parent.Scope, notice.Value) is [] ? NoLessons
            : new Decision<Guid>(id, [catalogue.Create(parent.Scope, id, notice.Value)]);
    }

    /// <summary>A letter on paper is entered by who may decide on it, so it is approved with that.</summary>
    public static Decision<Guid> Enter(
        Catalogue catalogue, Seals seals, IRecords records, Actor actor, Guid pupil, NoticeForm form, TimeProvider clock)
    {
        if (WhyNot(form, clock.Today()) is { } refusal)
        {
            return refusal;
        }
        var notice = Of(seals, actor, pupil, form, Sender.School, clock);
        if (!notice.Ok)
        {
            return notice.Error;
        }
        if (DecideNotice.WhyNotTheirs(records, actor, notice.Value, clock.Today()) is { } notTheirs)
        {
            return notTheirs;
        }
        if (NoticeCase.OfPupil(records, actor.Scope, pupil).FirstOrDefault(e => IsSame(e, form)) is { } same)
        {
            return same.State == NoticeState.Approved ? same.Id
                : Error.Conflict("notice_waits", "Gia đình đã gửi đơn như vậy và đơn đang chờ. Hãy duyệt đơn đó trong danh sách.");
        }
        var id = RecordId.New(clock);
        var approved = DecideNotice.Approve(
            catalogue, records, actor, new(id, notice.Value.To, NoticeState.Approved, actor.Id, null), notice.Value, clock);
        return approved with { Drafts = approved.Reply.Ok ? [catalogue.Create(actor.Scope, id, notice.Value), .. approved.Drafts] : [] };
    }

    internal static IEnumerable<DateOnly> DaysOf(AbsenceNotice notice) =>
        Enumerable.Range(0, notice.To.DayNumber - notice.From.DayNumber + 1).Take(DaysMax).Select(notice.From.AddDays);

    /// <summary>The sessions that the pupil's class has in those days and slots: at most two a day.</summary>
    internal static IReadOnlyList<SessionKey> SessionsOf(IRecords records, Scope school, AbsenceNotice notice)
    {
        var calendar = Calendar.Load(records, school);
        var places = Enrol.PlacesOf(records, school, notice.Pupil).Select(p => p.Value).ToList();
        return
        [
            .. from day in DaysOf(notice)
               where calendar.WhyClosed(day) is null
               let place = places.Where(p => p.IsActiveOn(day)).MaxBy(p => p.From)
               where place is not null
               from slot in (records.Get<SchoolClass>(school, place.Class)?.Value.Slots ?? []).Intersect(notice.Slots).Order()
               select new SessionKey(place.Class, day, slot),
        ];
    }

    internal static Error NoLessons { get; } = Error.Invalid(
        "notice_no_lessons", "Trong những ngày và buổi này em không có buổi học nào. Hãy xem lại ngày và buổi.");

    private static Error? WhyNot(NoticeForm form, DateOnly today) => form switch
    {
        { From: null } or { To: null } => FormText.NoDay,
        { Slots: [] } => Error.Invalid("notice_slots", "Hãy chọn buổi nghỉ: sáng, chiều hoặc cả hai."),
        _ when form.To < form.From => Error.Invalid("notice_days", "Ngày cuối đứng trước ngày đầu. Hãy sửa lại ngày."),
        _ when form.To >= form.From.Value.AddDays(DaysMax) => Error.Invalid("notice_long", "Một đơn xin nghỉ nhiều nhất {0} ngày. Hãy viết thêm đơn cho những ngày sau.", DaysMax),
        _ when form.From < today.AddDays(-DaysBackMax) => Error.Invalid(
            "notice_late", "Ngày {0:dd/MM/yyyy} đã quá {1} ngày. Hãy gặp văn phòng trường để sửa điểm danh của ngày đó.", form.From, DaysBackMax),
        _ when form.Reason.Length > TextCharsMax => Error.Invalid("notice_reason", "Lý do dài quá {0} chữ. Hãy viết ngắn lại.", TextCharsMax),
        _ => null,
    };

    private static Result<AbsenceNotice> Of(Seals seals, Actor actor, Guid pupil, NoticeForm form, Sender sender, TimeProvider clock) =>
        form.Reason.Length > 0 && seals.WhyNot(actor.Scope) is { } noSeal
            ? noSeal
            : new AbsenceNotice(
                pupil, form.From!.Value, form.To!.Value, form.Slots,
                seals.Seal(actor.Scope, pupil, nameof(AbsenceNotice.Reason), form.Reason.Length == 0 ? null : form.Reason),
                actor.Id, sender, clock.GetUtcNow().ToUnixTimeMilliseconds());

    private static bool IsSame(NoticeCase earlier, NoticeForm form) => earlier.State is NoticeState.Sent or NoticeState.Approved
        && (earlier.Notice.From, earlier.Notice.To) == (form.From, form.To) && earlier.Notice.Slots.SequenceEqual(form.Slots);
}
