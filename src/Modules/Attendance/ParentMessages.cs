using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

public sealed record DueMessage(MessageSession Session, MessageStep Step);

/// <summary>What of a school's sheets families are to be told, by <see cref="MessageRules"/>.</summary>
public static class ParentMessages
{
    public static IReadOnlyList<DueMessage> Due(IRecords records, Scope school, DateOnly first, DateOnly last, DateTimeOffset now)
    {
        var known = records.All<ParentMessage>(school, first.Iso(), last.Iso() + '\0').ToLookup(m => m.Value.Session, m => m.Value);
        var words = Words(records, school, first, last);
        return
        [
            .. from session in words.Keys.Union(known.Select(g => g.Key))
               let step = MessageRules.Next(session.Date, words.GetValueOrDefault(session), [.. known[session]], now)
               where step is not null
               orderby session.Date, session.Slot, session.Pupil
               select new DueMessage(session, step),
        ];
    }

    /// <summary>A pupil whom one of two classes has seen was there. Nobody is told of days that were declared free, or by a school that the child had left.</summary>
    private static Dictionary<MessageSession, SessionWord> Words(IRecords records, Scope school, DateOnly first, DateOnly last)
    {
        var (calendar, moves) = (Calendar.Load(records, school), PupilMoves.Of(records, school));
        var asked = NoticeCase.Since(records, school, first).Where(n => n.State == NoticeState.Sent).ToLookup(n => n.Notice.Pupil, n => n.Notice);
        var said =
            from sheet in records.Views<SessionSheet>(school, first.Iso(), last.Iso() + '\0')
            where sheet.Tally is not null && sheet.Slot.IsSession() && calendar.WhyClosed(sheet.Date) is null
            from pupil in sheet.Pupils
            where moves?.HasLeft(school.Owner, pupil.Key, sheet.Date) != true
            group WordOf(sheet, pupil.Key, pupil.Value) by new MessageSession(pupil.Key, sheet.Date, sheet.Slot);
        return said.ToDictionary(g => g.Key, g => new SessionWord(
            g.Min(w => w.Presence), g.Max(w => w.At), g.Any(w => w.Pends) || asked[g.Key.Pupil].Any(n => Covers(n, g.Key))));
    }

    private static (Presence Presence, DateTimeOffset At, bool Pends) WordOf(SessionSheet sheet, Guid pupil, Standing standing)
    {
        var code = standing.Code.Facts(sheet.Date);
        var sent = sheet.Submissions.Values.Where(e => !e.IsNotice).ToList();
        var about = sent.Where(e => e.Marks.Any(m => m.Pupil == pupil)).Select(e => e.At.Hlc.Milliseconds).DefaultIfEmpty(sent.Min(e => e.At.Hlc.Milliseconds)).Max();
        return (code.Presence, DateTimeOffset.FromUnixTimeMilliseconds(about), code.Excused == Excuse.Pending);
    }

    private static bool Covers(AbsenceNotice notice, MessageSession session) =>
        notice.From <= session.Date && session.Date <= notice.To && notice.Slots.Contains(session.Slot);
}
