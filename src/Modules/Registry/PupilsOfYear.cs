using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>The pupils of a school with the class of the year that each is in on a day or later, and their places of all years.</summary>
internal sealed record PupilsOfYear(
    string Year, IReadOnlyDictionary<string, Row<SchoolClass>> ClassByName, IReadOnlyList<Row<Pupil>> Pupils, ILookup<Guid, Guid> ClassesOf,
    ILookup<Guid, Row<Enrolment>> PlacesOf)
{
    public static PupilsOfYear Load(IRecords records, Scope school, string year, DateOnly from)
    {
        var classes = records.AllAt<SchoolClass>(school, year);
        var ids = classes.Select(c => c.Id).ToHashSet();
        var places = records.All<Enrolment>(school);
        var enrolments = places.Select(e => e.Value).Where(e => ids.Contains(e.Class) && (e.To is null || from <= e.To));
        return new(
            year,
            classes.GroupBy(c => VietnameseText.Key(c.Value.Name)).ToDictionary(g => g.Key, g => g.First()),
            records.All<Pupil>(school),
            enrolments.ToLookup(e => e.Pupil, e => e.Class),
            places.ToLookup(p => p.Value.Pupil));
    }
}
