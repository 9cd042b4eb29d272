using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

/// <param name="Said">Null where nobody has said anything of the pupil.</param>
public sealed record ClassDayLine(Guid Pupil, string FullName, Slot Slot, CodeFacts? Said, int? Minutes, bool TwoOpinions);

/// <param name="HasBegun">Before that the class owes nothing.</param>
public sealed record ClassDaySlot(Slot Slot, bool HasBegun, Tally? Tally);

public sealed record AskedAbsence(string FullName, DateOnly From, DateOnly To);

/// <param name="IsOver">From four o'clock it is the day's summary.</param>
/// <param name="Lines">Who was not simply there, by session.</param>
/// <param name="Asked">Notices of the class's families that nobody has answered.</param>
public sealed record ClassDayModel(
    IReadOnlyList<Row<SchoolClass>> Classes, Row<SchoolClass>? Class, DateOnly Date, TimeOnly At, bool IsOver, Error? Closed, IReadOnlyList<ClassDaySlot> Slots,
    IReadOnlyList<ClassDayLine> Lines, IReadOnlyList<AskedAbsence> Asked, IReadOnlyList<RunLine> Runs, IReadOnlyList<MeterLine> Near);

/// <summary>The homeroom teacher's class today, as of now.</summary>
internal static class ClassDay
{
    private static readonly TimeOnly DayIsOver = new(16, 0);

    public static Result<ClassDayModel> Load(IRecords records, Actor actor, Guid? chosen, TimeProvider clock)
    {
        var (school, today, at) = (actor.Scope, clock.Today(), TimeOnly.FromDateTime(clock.SchoolNow().DateTime));
        var calendar = Registry.Calendar.Load(records, school);
        List<Row<SchoolClass>> classes = [.. (calendar.YearFor(today) is { } year ? records.AllAt<SchoolClass>(school, year.Name) : [])
            .Where(c => ClassExport.WhyNot(records, actor, c.Id, today) is null).OrderBy(c => c.Value, ClassOrder.Instance)];
        var lop = chosen is null ? classes.FirstOrDefault() : classes.Find(c => c.Id == chosen);
        if (lop is null && chosen is not null)
        {
            return Error.NotFound("no_class", "Không có lớp này trong năm học. Hãy chọn lại lớp.");
        }
        var empty = new ClassDayModel(classes, lop, today, at, at >= DayIsOver, calendar.WhyClosed(today), [], [], [], [], []);
        return lop is null ? empty : empty with
        {
            Slots = [.. SlotsOf(lop.Value).Select(s => new ClassDaySlot(s, s.HasBegun(today, clock), Sheet(records, school, lop.Id, today, s)?.Tally))],
            Lines = [.. SlotsOf(lop.Value).SelectMany(s => LinesOf(records, school, new(lop.Id, today, s)))],
            Asked = AskedFor(records, school, lop.Id, today),
            Runs = AbsenceRuns.Of(records, school, clock, AbsenceRuns.HomeroomFrom, id => id == lop.Id),
            Near = AbsenceMeter.Load(records, school, clock, id => id == lop.Id).Lines,
        };
    }

    private static IEnumerable<Slot> SlotsOf(SchoolClass schoolClass) => schoolClass.Slots.Where(s => s.IsSession()).Order();

    private static SessionSheet? Sheet(IRecords records, Scope school, Guid lop, DateOnly day, Slot slot) =>
        records.View<SessionSheet>(school, SessionSheet.IdOf(school, lop, day, slot));

    /// <summary>Nothing of a session that was not sent: the slot itself says so.</summary>
    private static IEnumerable<ClassDayLine> LinesOf(IRecords records, Scope school, SessionKey key) =>
        Sheet(records, school, key.Class, key.Date, key.Slot) is not { Tally: not null } sheet ? [] :
            from pupil in SlotRoster.Of(records, school, key)
            let standing = sheet.Pupils.GetValueOrDefault(pupil)
            let said = standing?.Code.Facts(key.Date)
            where said?.Kind != MarkKind.Present || standing!.TwoOpinions
            let name = records.Get<Pupil>(school, pupil)?.Value.FullName ?? SheetReply.Gone
            orderby said?.Kind, said?.Excused, VietnameseText.Key(name), pupil
            select new ClassDayLine(pupil, name, key.Slot, said, standing?.Minutes, standing?.TwoOpinions == true);

    private static List<AskedAbsence> AskedFor(IRecords records, Scope school, Guid lop, DateOnly today)
    {
        var pupils = SlotRoster.EnrolledOn(records, school, lop, today).ToHashSet();
        return [.. NoticeCase.Since(records, school, today.AddDays(-NoticeDesk.DaysShown)).Where(n => n.State == NoticeState.Sent && pupils.Contains(n.Notice.Pupil))
            .OrderBy(n => n.Notice.From).ThenBy(n => n.Id)
            .Select(n => new AskedAbsence(records.Get<Pupil>(school, n.Notice.Pupil)?.Value.FullName ?? SheetReply.Gone, n.Notice.From, n.Notice.To))];
    }
}
