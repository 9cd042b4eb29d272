using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>
/// Of which classes and lessons somebody takes attendance on a day: those they are assigned, the lessons that the timetable gives them, and, as long as
/// they stand in for somebody, what that person has.
/// </summary>
internal sealed class TeachersWork
{
    private readonly IRecords records;
    private readonly Scope school;
    private readonly DateOnly date;
    private readonly Guid own;
    private readonly List<Substitution> standsIn;
    private readonly Dictionary<Guid, Timetable?> weeks = [];

    /// <param name="date">Of the session.</param>
    /// <param name="today">Who stood in until yesterday has nothing any more, of days before neither.</param>
    /// <param name="takenAtMs">By the phone's clock, of what comes now: what was taken while they stood in is theirs to send later.</param>
    public TeachersWork(IRecords records, Actor actor, DateOnly date, DateOnly today, long? takenAtMs = null)
    {
        (this.records, school, this.date, own) = (records, actor.Scope, date, actor.Id);
        standsIn =
        [
            .. records.AllAt<Substitution>(school, actor.Id.ToString("n"))
                .Where(s => (s.Value.IsOn(date) && s.Value.IsOn(today)) || (takenAtMs is { } ms && Substitute.StoodIn(s, date, ms))).Select(s => s.Value),
        ];
    }

    public bool Has(Guid schoolClass, Slot slot) => Has(own, schoolClass, slot)
        || standsIn.Exists(s => (s.Class is null || s.Class == schoolClass) && (s.Slot is null || s.Slot == slot) && Has(s.For, schoolClass, slot));

    private bool Has(Guid staff, Guid schoolClass, Slot slot) => slot.Facts().Kind == SlotKind.Lesson && LessonOf(schoolClass, slot) is { Staff: [_, ..] } lesson
        ? lesson.Staff.Contains(staff)
        : records.View<TeacherClasses>(school, staff)?.Teaches(schoolClass, date) == true;

    private Lesson? LessonOf(Guid schoolClass, Slot slot)
    {
        if (!weeks.TryGetValue(schoolClass, out var week))
        {
            weeks[schoolClass] = week = Timetable.Of(records, school, schoolClass, date);
        }
        return week?.On(date).FirstOrDefault(l => l.Slot == slot);
    }
}
