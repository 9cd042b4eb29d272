using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>What attendance of a school's classes is taken of on a day: the class's own slots, what every class of its level has, its lessons by the timetable,
/// and the day's event.</summary>
internal sealed class SlotsOfDay
{
    private readonly List<Slot> everywhere;
    private readonly Func<Guid, IEnumerable<Slot>> lessons;

    public SlotsOfDay(IRecords records, Scope school, DateOnly day)
    {
        var level = records.Get<Unit>(Scope.City, school.Owner)?.Value.Level ?? "";
        everywhere = [.. Slots.All.Where(s => s.Facts().Levels.Contains(level))];
        if (Calendar.Load(records, school).EventOn(day) is not null)
        {
            everywhere.Add(Slot.Event);
        }
        lessons = id => Timetable.Of(records, school, id, day)?.On(day).Select(l => l.Slot) ?? [];
    }

    public IReadOnlyList<Slot> Of(Guid id, SchoolClass schoolClass) => [.. schoolClass.Slots.Union(everywhere).Union(lessons(id)).Order()];
}
