using System.Globalization;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

/// <summary>One class in one slot. <see cref="Tally"/> is null while nothing was submitted: that is not "nobody absent".</summary>
/// <param name="Unknown">The pupils on the class's list of whom nobody has said anything.</param>
public sealed record DaySession(Slot Slot, Tally? Tally, long? SubmittedAtMs, int Unknown)
{
    /// <summary>A class whose pupils have not been entered yet has nothing to submit.</summary>
    public bool Empty => Tally is null && Unknown == 0;
}

public sealed record DayClass(Guid Id, string Name, IReadOnlyList<DaySession> Sessions);

/// <param name="Slot">The half of the day that the person most likely means now.</param>
/// <param name="Now">The box's time of the day: slots that begin later owe nothing yet.</param>
/// <param name="AnyDate">The person sees every class of the school.</param>
/// <param name="Earliest">The first day of which this person may still submit; null when there is no such day.</param>
/// <param name="Closed">Why nobody submits on this date: the school does not work, or the date is still to come.</param>
public sealed record DayReply(
    Guid Person, DateOnly Date, DateOnly Today, Slot Slot, string Now, bool AnyDate, DateOnly? Earliest, string? Closed, IReadOnlyList<DayClass> Classes)
{
    /// <summary>The classes of this person: for the office and the head all of the year, for a teacher those assigned.</summary>
    internal static DayReply Of(IRecords records, Actor actor, DateOnly date, TimeProvider clock, Words words)
    {
        var offices = actor.Is(SubmitSession.Offices);
        var today = clock.Today();
        var closed = SubmitSession.WhyTooEarly(date, today) ?? Registry.Calendar.Load(records, actor.Scope).WhyClosed(date);
        var mine = new TeachersWork(records, actor, date, today);
        return new(
            actor.Id, date, today, clock.SlotNow(), clock.SchoolNow().ToString("HH:mm", CultureInfo.InvariantCulture), offices,
            offices ? null : today.AddDays(-SubmitSession.TeacherDaysBackMax), closed is null ? null : words[closed.Message],
            ClassesOn(records, actor.Scope, date, (id, slot) => offices || mine.Has(id, slot)));
    }

    internal static IReadOnlyList<DayClass> ClassesOn(IRecords records, Scope scope, DateOnly date, Func<Guid, Slot, bool> wanted)
    {
        var sheets = records.Views<SessionSheet>(scope, date.Iso(), date.Iso() + '\0').ToLookup(s => s.Slot);
        var slots = new SlotsOfDay(records, scope, date);
        DayClass Day(Row<SchoolClass> row)
        {
            var enrolled = SlotRoster.EnrolledOn(records, scope, row.Id, date);
            return new(row.Id, row.Value.Name, [.. slots.Of(row.Id, row.Value).Where(slot => wanted(row.Id, slot)).Select(slot => Session(
                slot, sheets[slot].FirstOrDefault(s => s.Class == row.Id),
                SlotRoster.Of(records, scope, new(row.Id, date, slot), enrolled, [.. sheets[slot]])))]);
        }
        return
        [
            .. YearsClasses(records, scope, date).OrderBy(c => c.Value, ClassOrder.Instance).Select(Day).Where(c => c.Sessions.Count > 0),
        ];
    }

    private static IEnumerable<Row<SchoolClass>> YearsClasses(IRecords records, Scope scope, DateOnly date) =>
        Registry.Calendar.Load(records, scope).YearOf(date) is { } year ? records.AllAt<SchoolClass>(scope, year.Name) : [];

    private static DaySession Session(Slot slot, SessionSheet? sheet, IReadOnlyCollection<Guid> pupils) => new(
        slot, sheet?.Tally, sheet?.TakenLastMs(), SessionSheet.Unknown(sheet, pupils));
}
