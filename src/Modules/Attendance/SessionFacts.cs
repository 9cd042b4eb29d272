using TdmEdu.Modules.Registry;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

public sealed record SessionKey(Guid Class, DateOnly Date, Slot Slot);

/// <summary>What the school's data says about one session: all that the rules look at.</summary>
/// <param name="Class">Null when there is no such class.</param>
/// <param name="Teaches">On the session's date the person has the class, or, of a lesson, that lesson; or stood in when it was taken.</param>
/// <param name="Slots">What attendance of the class is taken of on that day.</param>
/// <param name="Closed">Why the school does not work on that day.</param>
/// <param name="Lock">Set while the class's month is locked.</param>
internal sealed record SessionFacts(
    SchoolClass? Class, bool Teaches, IReadOnlyList<Slot> Slots, Error? Closed, IReadOnlySet<Guid> Roster, SessionSheet? Sheet, LockEntry? Lock = null)
{
    /// <param name="takenAtMs">Of what a phone sends, null while the session is only looked at.</param>
    public static SessionFacts Of(IRecords records, Actor actor, SessionKey key, DateOnly today, long? takenAtMs = null) =>
        Of(records, actor, key, records.Get<SchoolClass>(actor.Scope, key.Class)?.Value, today, takenAtMs);

    private static SessionFacts Of(IRecords records, Actor actor, SessionKey key, SchoolClass? schoolClass, DateOnly today, long? takenAtMs) => new(
        schoolClass,
        new TeachersWork(records, actor, key.Date, today, takenAtMs).Has(key.Class, key.Slot),
        schoolClass is null ? [] : new SlotsOfDay(records, actor.Scope, key.Date).Of(key.Class, schoolClass),
        Calendar.Load(records, actor.Scope).WhyClosed(key.Date),
        SlotRoster.Of(records, actor.Scope, key).ToHashSet(),
        records.View<SessionSheet>(actor.Scope, SessionSheet.IdOf(actor.Scope, key.Class, key.Date, key.Slot)),
        MonthLocks.Of(records, actor.Scope, key.Class, key.Date)?.Standing);

    /// <summary>Why this person may not even look at the session.</summary>
    public Error? WhyNotOpen(Actor actor)
    {
        if (Class is null)
        {
            return Error.NotFound("class_unknown", "Không tìm thấy lớp này ở trường. Hãy tải lại danh sách lớp.");
        }
        return Teaches || actor.Is(SubmitSession.Offices)
            ? null
            : Error.Denied(
                "not_your_class", "Bạn chưa được phân công lớp {0} vào ngày này. Hãy nhờ văn phòng trường phân công rồi thử lại.", Class.Name);
    }
}
