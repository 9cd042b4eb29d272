using System.Globalization;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

/// <summary>When a school's half of the day begins; without one, the product's own (slots.csv).</summary>
public sealed record Bell(Slot Slot, TimeOnly At)
{
    public static Guid IdOf(Scope school, Slot slot) => RecordId.From(school, "attendance.bell", slot.ToString());

    public static TimeOnly Of(IRecords records, Scope school, Slot slot) => records.Get<Bell>(school, IdOf(school, slot))?.Value.At ?? slot.Facts().Bell!.Value;
}

/// <param name="Minutes">How late; null for who is in time.</param>
/// <param name="Again">It was on record already.</param>
public sealed record GateReply(string Name, string ClassName, string At, int? Minutes, bool Again);

/// <summary>A pupil's card before the scanner at the gate. Who comes after the bell gets a word in the class's sheet; of who is in time nothing is kept.</summary>
/// <param name="AgoMs">How long ago it was scanned, by the kiosk's own running clock: it waits where the box cannot be reached, which may be all the morning.</param>
public sealed record GateScan(string Card, long AgoMs)
{
    internal const int AgoHoursMax = 12;

    internal Decision<GateReply> Decide(Catalogue catalogue, IRecords records, Actor actor, TimeProvider clock)
    {
        if (PupilKeys.SecretIn(Card?.Trim() ?? "") is not { } secret || AgoMs is < 0 or > AgoHoursMax * 3_600_000L)
        {
            return Error.Invalid("gate_unreadable", "Không đọc được thẻ. Hãy quét lại, giữ thẻ thẳng.");
        }
        var (school, at) = (actor.Scope, clock.SchoolNow().AddMilliseconds(-AgoMs));
        var today = DateOnly.FromDateTime(at.DateTime);
        var hash = PupilKeys.Hash(secret);
        if (records.AllAt<PupilKey>(school, hash) is not [var key, ..])
        {
            return Error.NotFound("gate_unknown", "Thẻ lạ, hoặc đã được thay bằng thẻ mới. Em hãy vào lớp báo thầy cô và xin thẻ mới.");
        }
        if (PupilKeys.StampOf(records, new(key.Id, school, Roles.Pupil), today) != hash)
        {
            return Error.Conflict("gate_old", "Thẻ cũ: em không còn học lớp ghi trên thẻ. Em hãy vào lớp báo thầy cô và xin thẻ mới.");
        }
        if (Registry.Calendar.Load(records, school).WhyClosed(today) is { } closed)
        {
            return closed;
        }
        return Arrive(catalogue, records, actor, key, at);
    }

    private static Decision<GateReply> Arrive(Catalogue catalogue, IRecords records, Actor actor, Row<PupilKey> key, DateTimeOffset at)
    {
        var (school, lop, time) = (actor.Scope, records.Get<SchoolClass>(actor.Scope, key.Value.Class)!.Value, TimeOnly.FromDateTime(at.DateTime));
        var sessions = lop.Slots.Where(s => s.IsSession()).Order().ToList();
        var slot = sessions.FindLast(s => s.Facts().Begins <= time);
        var minutes = slot == default ? 0 : (int)(time - Bell.Of(records, school, slot)).TotalMinutes;
        var session = new SessionKey(key.Value.Class, DateOnly.FromDateTime(at.DateTime), slot);
        var id = RecordId.From(school, "attendance.submission", $"gate|{key.Id:n}|{session.Date.Iso()}|{slot}");
        var reply = new GateReply(
            records.Get<Pupil>(school, key.Id)?.Value.FullName ?? SheetReply.Gone, lop.Name, time.ToString("HH:mm", CultureInfo.InvariantCulture), null, Again: false);
        if (slot == default || time <= Bell.Of(records, school, slot) || minutes == 0)
        {
            return reply;
        }
        if (records.Get<Submission>(school, id) is { } before)
        {
            return reply with { Minutes = before.Value.Marks[0].Minutes, Again = true };
        }
        var late = Math.Min(minutes, SubmitSession.MinutesMax);
        // What stood before is known: "absent" of a teacher who counted at the bell is no second opinion.
        var seen = records.View<SessionSheet>(school, SessionSheet.IdOf(school, session.Class, session.Date, slot))?.Submissions.Keys ?? Enumerable.Empty<Guid>();
        var word = new Submission(
            session.Class, session.Date, slot, Guid.Empty, [new(key.Id, MarkCode.Late, late)], [.. seen], actor.Id, Source.Gate, at.ToUnixTimeMilliseconds());
        return new(reply with { Minutes = late }, [catalogue.Create(school, id, word)]);
    }
}
