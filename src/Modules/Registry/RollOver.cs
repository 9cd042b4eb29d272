using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <param name="Place">That ended.</param>
/// <param name="To">The class of the new year; null for one who has finished school.</param>
public sealed record RolledPupil(Guid Pupil, Guid Place, Guid? To);

/// <summary>What the step into a new school year did with one class. All of a step are written at once; they arrive one after the other.</summary>
/// <param name="Classes">How many classes the step has: fewer than that, and the rest is on its way.</param>
/// <param name="Year">The new one.</param>
/// <param name="First">Of the new places.</param>
/// <param name="Made">Classes of the new year that the step added.</param>
public sealed record RollOver(
    Guid Step, int Classes, string Year, Guid Class, DateOnly First, IReadOnlyList<RolledPupil> Pupils, IReadOnlyList<Guid> Made, Guid By);

/// <summary>Takes steps into a year back: all that stood.</summary>
/// <param name="Kept">Pupils whose places somebody had changed since the step: they stay where that put them.</param>
public sealed record RollOverUndone(string Year, IReadOnlyList<Guid> Steps, Guid By, IReadOnlyList<Guid>? Kept = null);

/// <summary>What another module keeps of a class of the new year, so that the step can no longer be taken back.</summary>
public abstract class ClassWork
{
    public abstract Error? WhyKept(IRecords records, Scope school, Row<SchoolClass> schoolClass, DateOnly first);
}

/// <summary>What the office wants other than what is proposed.</summary>
/// <param name="Names">By class of the old year; empty for one that finishes school.</param>
/// <param name="Seen">The state that the office looked at.</param>
public sealed record RollWish(IReadOnlyDictionary<Guid, string> Names, IReadOnlySet<Guid> Retained, string Seen = "");

/// <param name="Target">The class of the new year; empty for one that finishes school.</param>
/// <param name="Left">Pupils whose last place was here and has ended.</param>
public sealed record RollClass(Row<SchoolClass> Class, string Target, IReadOnlyList<Row<Enrolment>> Places, IReadOnlySet<Guid> Retained, int Left)
{
    public int Kept => Places.Count(p => Retained.Contains(p.Value.Pupil));

    public int Goes => Places.Count - Kept;
}

/// <param name="Standing">What was done for this year and not taken back; nothing else is proposed then.</param>
public sealed record RollPlan(SchoolYear From, SchoolYear To, DateOnly First, IReadOnlyList<RollClass> Classes, IReadOnlyList<RollOver> Standing, string Seen);
