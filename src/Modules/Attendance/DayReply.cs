using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

/// <summary>One class in one slot. <see cref="Tally"/> is null while nothing was submitted: that is not "nobody absent".</summary>
public sealed record DaySession(Slot Slot, Tally? Tally, long? SubmittedAtMs);

public sealed record DayClass(Guid Id, string Name, IReadOnlyList<DaySession> Sessions);

/// <param name="Slot">The slot that the person most likely means now.</param>
/// <param name="AnyDate">The person may choose another date than today.</param>
/// <param name="Closed">Why the school does not work on this date; null when it does.</param>
public sealed record DayReply(
    Guid Person, DateOnly Date, DateOnly Today, Slot Slot, bool AnyDate, string? Closed, IReadOnlyList<DayClass> Classes)
{
    /// <summary>The classes of this person: for the office and the head all of the year, for a teacher those assigned.</summary>
    internal static DayReply Of(IRecords records, Actor actor, DateOnly date, TimeProvider clock, Words words)
    {
        var offices = actor.Is(SubmitSession.Offices);
        var closed = Calendar.Load(records, actor.Scope).WhyClosed(date);
        var mine = records.View<TeacherClasses>(actor.Scope, actor.Id);
        return new(actor.Id, date, clock.Today(), clock.SlotNow(), offices, closed is null ? null : words[closed.Message],
            ClassesOn(records, actor.Scope, date, id => offices || mine?.Teaches(id, date) == true));
    }

    internal static IReadOnlyList<DayClass> ClassesOn(IRecords records, Scope scope, DateOnly date, Func<Guid, bool> wanted)
    {
        var sheets = records.Views<SessionSheet>(scope, date.Iso(), date.AddDays(1).Iso()).ToDictionary(s => (s.Class, s.Slot));
        return
        [
            .. YearsClasses(records, scope, date).Where(c => wanted(c.Id))
                .OrderBy(c => c.Value.Grade ?? 0).ThenBy(c => c.Value.Name.Length).ThenBy(c => c.Value.Name, StringComparer.Ordinal)
                .Select(c => new DayClass(
                    c.Id, c.Value.Name, [.. c.Value.Slots.Order().Select(slot => Session(slot, sheets.GetValueOrDefault((c.Id, slot))))])),
        ];
    }

    private static IEnumerable<Row<SchoolClass>> YearsClasses(IRecords records, Scope scope, DateOnly date) =>
        Calendar.Load(records, scope).YearOf(date) is { } year ? records.AllAt<SchoolClass>(scope, year.Name) : [];

    private static DaySession Session(Slot slot, SessionSheet? sheet) => new(slot, sheet?.Tally, sheet?.TakenLastMs());
}
