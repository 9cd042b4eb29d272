using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>Of which classes and lessons somebody takes attendance on a day: those they are assigned, and the lessons that the timetable gives them.</summary>
internal sealed class TeachersWork(IRecords records, Actor actor, DateOnly date)
{
    private readonly TeacherClasses? own = records.View<TeacherClasses>(actor.Scope, actor.Id);

    public bool Has(Guid schoolClass, Slot slot) => slot.Facts().Kind == SlotKind.Lesson
        && Timetable.Find(records, actor.Scope, schoolClass, date, slot) is { Staff: [_, ..] } lesson ? lesson.Staff.Contains(actor.Id) : own?.Teaches(schoolClass, date) == true;
}
