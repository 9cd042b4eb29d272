using TdmEdu.Central.Storage;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Auditing;

/// <summary>What the audit's ids are called, for one look at it: the audit itself holds ids only.</summary>
/// <param name="places">Where <see cref="Find"/> found each.</param>
/// <param name="seesPupils">Who may not open pupils' pages is told the class and the initials.</param>
internal sealed class AuditNames(IRecords records, IReadOnlyDictionary<Guid, Scope> boxes, IReadOnlyDictionary<Guid, Scope> places, bool seesPupils)
{
    private const int ShortIdChars = 8;

    /// <summary>In which scope each of these people and classes is known: one question for a scope, as long as any is missing.</summary>
    public static Dictionary<Guid, Scope> Find(Bulk bulk, Catalogue catalogue, IEnumerable<Guid> ids, IEnumerable<Scope> scopes)
    {
        string[] entities = [catalogue.Of<Staff>().Key, catalogue.Of<SchoolClass>().Key, catalogue.Of<Pupil>().Key];
        var (missing, found) = (ids.ToHashSet(), new Dictionary<Guid, Scope>());
        foreach (var scope in scopes.TakeWhile(_ => missing.Count > 0))
        {
            var there = bulk.FindRecords(scope, [.. from id in missing from entity in entities select new RecordKey(scope, entity, id)]);
            foreach (var record in there.Where(r => !r.Deleted))
            {
                found[record.Id] = scope;
                missing.Remove(record.Id);
            }
        }
        return found;
    }

    /// <summary>Null for what has no name here.</summary>
    public string? Of(Guid id) => boxes.TryGetValue(id, out var school)
        // By the end of its id, which is made by chance; the beginning is the time.
        ? $"{records.Get<Unit>(Scope.City, school.Owner)?.Value.Name} (…{$"{id:n}"[^ShortIdChars..]})"
        : places.TryGetValue(id, out var scope)
            ? records.Get<Staff>(scope, id)?.Value.FullName ?? records.Get<SchoolClass>(scope, id)?.Value.Name ?? OfPupil(scope, id)
        : records.Get<Unit>(Scope.City, id)?.Value.Name;

    private string? OfPupil(Scope school, Guid id)
    {
        if (records.Get<Pupil>(school, id)?.Value.FullName is not { } name || seesPupils)
        {
            return records.Get<Pupil>(school, id)?.Value.FullName;
        }
        var place = records.AllAt<Enrolment>(school, $"{id:n}").MaxBy(e => e.Value.From)?.Value.Class;
        var initials = string.Concat(name.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(part => $"{part.EnumerateRunes().First()}."));
        return place is { } lop && records.Get<SchoolClass>(school, lop) is { } found ? $"{found.Value.Name} · {initials}" : initials;
    }
}
