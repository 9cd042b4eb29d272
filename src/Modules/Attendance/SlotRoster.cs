using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

/// <summary>
/// Who is of a class in one slot of a day. Enrolments know days only: who changes classes at noon was in the morning where the morning's sheet, sent
/// by then, has them, and is on that one list of the morning and on no other.
/// </summary>
internal static class SlotRoster
{
    public static IReadOnlyCollection<Guid> Of(IRecords records, Scope school, SessionKey key)
    {
        var enrolled = EnrolledOn(records, school, key.Class, key.Date);
        var sheets = records.Views<SessionSheet>(school, key.Date.Iso(), key.Date.Iso() + '\0').Where(s => s.Slot == key.Slot);
        return Of(records, school, key, enrolled, [.. sheets]);
    }

    /// <param name="sheets">All of that day and slot.</param>
    public static IReadOnlyCollection<Guid> Of(
        IRecords records, Scope school, SessionKey key, IReadOnlyCollection<Guid> enrolled, IReadOnlyCollection<SessionSheet> sheets)
    {
        var own = sheets.FirstOrDefault(s => s.Class == key.Class && s.Tally is not null)?.Pupils;
        var others = sheets.Where(s => s.Class != key.Class && s.Tally is not null).ToList();
        var pupils = enrolled.Where(p => own?.ContainsKey(p) == true || !others.Exists(o => o.Pupils.ContainsKey(p))).ToHashSet();
        var moved = (own?.Keys ?? Enumerable.Empty<Guid>()).Except(enrolled)
            .Where(p => Enrol.PlacesOf(records, school, p).Any(place => place.Value.Class != key.Class && place.Value.IsActiveOn(key.Date)));
        pupils.UnionWith(moved);
        return pupils;
    }

    public static IReadOnlyCollection<Guid> EnrolledOn(IRecords records, Scope school, Guid schoolClass, DateOnly date) =>
        [.. records.View<ClassRoster>(school, schoolClass)?.PupilsOn(date) ?? []];
}
