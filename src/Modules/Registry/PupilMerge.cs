using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <param name="To">The last day before the merge ended the place; null for an open one.</param>
/// <param name="Ended">The last day since.</param>
public sealed record MergedPlace(Guid Enrolment, DateOnly? To, DateOnly Ended);

/// <summary>What the kept profile did not say and the other one did.</summary>
public sealed record MergedFields(string? MinistryId, string? BirthDate, Gender? Gender);

/// <summary>
/// The department's decision that two pupils of two schools are one person, who goes on at the school of the one that is kept: the same record in both
/// schools. Nothing is moved: what each school recorded stays under the id that it had there.
/// </summary>
/// <param name="Kept">The pupil whose place goes on.</param>
/// <param name="From">The first day on which the other school no longer has the pupil.</param>
/// <param name="Places">Of the other pupil, that were ended: what undoing opens again.</param>
/// <param name="Filled">In the kept profile.</param>
public sealed record PupilMerge(
    Guid Kept, Guid KeptSchool, Guid Other, Guid OtherSchool, DateOnly From, IReadOnlyList<MergedPlace> Places, MergedFields Filled, Guid By, bool Undone = false);

/// <summary>A person looked at two pupils that seem to be one, and says that they are not; its id is made from both.</summary>
/// <param name="Stands">False once somebody took that back.</param>
public sealed record DistinctPupils(Guid First, Guid Second, bool Stands, Guid By)
{
    public static Guid IdOf(Guid a, Guid b) =>
        RecordId.From(Scope.Department, "registry.distinct", a.CompareTo(b) < 0 ? $"{a:n}|{b:n}" : $"{b:n}|{a:n}");
}
