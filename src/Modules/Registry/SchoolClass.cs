using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <param name="Grade">1–12; null in kindergarten.</param>
/// <param name="Slots">The slots in which the class has lessons on a school day.</param>
public sealed record SchoolClass(string Name, int? Grade, string Year, Slot[] Slots);

/// <summary>A pupil's dated place in a class: from the first day to the last, both inside.</summary>
public sealed record Enrolment(Guid Pupil, Guid Class, DateOnly From, DateOnly? To)
{
    public bool IsActiveOn(DateOnly date) => From <= date && (To is null || date <= To);
}

/// <summary>A teacher's dated work in a class.</summary>
/// <param name="Subject">A code of <see cref="Subjects"/>; null where the teacher teaches no subject of its own, or all.</param>
public sealed record Assignment(Guid Staff, Guid Class, DateOnly From, DateOnly? To, bool Homeroom, string? Subject = null)
{
    public bool IsActiveOn(DateOnly date) => From <= date && (To is null || date <= To);
}

/// <summary>View: every enrolment of a class, past ones included. The view's id is the class.</summary>
public sealed record ClassRoster(Guid Class, SortedDictionary<Guid, Enrolment> Enrolments)
{
    public IEnumerable<Guid> PupilsOn(DateOnly date) => Enrolments.Values.Where(e => e.IsActiveOn(date)).Select(e => e.Pupil).Distinct();

    internal static ClassRoster Fold(ClassRoster? before, Row<Enrolment> enrolment)
    {
        var all = before is null ? [] : new SortedDictionary<Guid, Enrolment>(before.Enrolments);
        all[enrolment.Id] = enrolment.Value;
        return new(enrolment.Value.Class, all);
    }

    internal ClassRoster? Without(Guid enrolment) => Enrolments.Remove(enrolment) && Enrolments.Count == 0 ? null : this;
}

/// <summary>View: every assignment of a teacher. The view's id is the staff member.</summary>
public sealed record TeacherClasses(Guid Staff, SortedDictionary<Guid, Assignment> Assignments)
{
    public bool Teaches(Guid schoolClass, DateOnly date) => Assignments.Values.Any(a => a.Class == schoolClass && a.IsActiveOn(date));

    public bool IsHomeroomOf(Guid schoolClass, DateOnly date) => Assignments.Values.Any(a => a.Homeroom && a.Class == schoolClass && a.IsActiveOn(date));

    internal static TeacherClasses Fold(TeacherClasses? before, Row<Assignment> assignment)
    {
        var all = before is null ? [] : new SortedDictionary<Guid, Assignment>(before.Assignments);
        all[assignment.Id] = assignment.Value;
        return new(assignment.Value.Staff, all);
    }

    internal TeacherClasses? Without(Guid assignment) => Assignments.Remove(assignment) && Assignments.Count == 0 ? null : this;
}
