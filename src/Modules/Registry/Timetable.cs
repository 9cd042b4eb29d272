using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>One lesson of a class's week.</summary>
/// <param name="Weekday">ISO: 1 = Monday … 7 = Sunday.</param>
/// <param name="Staff">Who teaches it; empty where that is whoever has the class.</param>
public sealed record Lesson(int Weekday, Slot Slot, string Subject, Guid[] Staff, string? Room);

/// <summary>A class's week from a day on, until its next one begins: what was taught when stays known.</summary>
public sealed record Timetable(Guid Class, DateOnly From, Lesson[] Lessons)
{
    public static Guid IdOf(Scope school, Guid schoolClass, DateOnly from) => RecordId.From(school, "registry.timetable", $"{schoolClass:n}|{from.Iso()}");

    public static Timetable? Of(IRecords records, Scope school, Guid schoolClass, DateOnly day) =>
        records.AllAt<Timetable>(school, schoolClass.ToString("n")).Select(t => t.Value).Where(t => t.From <= day).MaxBy(t => t.From);

    /// <summary>Whatever the calendar says of that day.</summary>
    public IEnumerable<Lesson> On(DateOnly day) => Lessons.Where(l => l.Weekday == Calendar.IsoDay(day)).OrderBy(l => l.Slot);

    public static Lesson? Find(IRecords records, Scope school, Guid schoolClass, DateOnly day, Slot slot) =>
        Of(records, school, schoolClass, day)?.On(day).FirstOrDefault(l => l.Slot == slot);
}
