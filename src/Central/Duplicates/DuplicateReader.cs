using System.Collections.Concurrent;
using TdmEdu.Central.Storage;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Duplicates;

/// <summary>A pupil of a pair, as shown.</summary>
/// <param name="ClassNow">Null for who has no place now.</param>
public sealed record LikePupil(Guid School, string SchoolName, Guid Id, string FullName, string? BirthDate, string? MinistryId, string? ClassNow);

public sealed record LikeLine(LikePupil First, LikePupil Second, IReadOnlyList<Reason> Why, int Points);

public sealed record MergeLine(Guid Id, Guid School, LikePupil Kept, LikePupil Other, DateOnly From);

/// <param name="Count">Of all pairs, of which the first are shown.</param>
public sealed record DuplicatesModel(IReadOnlyList<LikeLine> Lines, int Count, IReadOnlyList<MergeLine> Merged, IReadOnlyList<LikeLine> Distinct)
{
    public string? Said { get; init; }

    public Error? Refused { get; init; }
}

/// <summary>Pupils that seem to be in two schools. A school's pupils are read again only when its feed has moved.</summary>
internal sealed class DuplicateReader(CentralStore store, Catalogue catalogue, Seals seals, TimeProvider clock)
{
    private const int ShownMax = 50;
    private const int SettledMax = 20;
    private readonly ConcurrentDictionary<Guid, (long Seq, IReadOnlyList<PupilFacts> Pupils)> known = new();

    public Task<DuplicatesModel> Read(CancellationToken cancel) => store.Read(
        bulk =>
        {
            var records = new Snapshot(bulk, catalogue);
            var (today, units) = (clock.Today(), Units.Load(records));
            var schools = units.ValidOn(today).Where(u => u.Value.Kind is UnitKind.School or UnitKind.IndependentGroup).ToDictionary(u => u.Id, u => u.Value.Name);
            var merges = schools.Keys.SelectMany(s => records.All<PupilMerge>(Scope.School(s)).Where(m => m.Value.OtherSchool == s && !m.Value.Undone)).ToList();
            var distinct = records.All<DistinctPupils>(Scope.Department).Where(d => d.Value.Stands).Select(d => d.Id).ToHashSet();
            var merged = merges.Select(m => DistinctPupils.IdOf(m.Value.Kept, m.Value.Other)).ToHashSet();
            var pairs = Likeness.Pairs(schools.Keys.SelectMany(s => Facts(bulk, records, s))).ToLookup(p => distinct.Contains(IdOf(p)));
            var open = pairs[false].Where(p => !merged.Contains(IdOf(p)) || IsTwice(p)).ToList();
            return new DuplicatesModel(
                [.. open.Take(ShownMax).Select(Line)], open.Count,
                [.. merges.OrderByDescending(m => m.Value.From).Take(SettledMax).Select(m => new MergeLine(
                    m.Id, m.Value.KeptSchool, Pupil(m.Value.KeptSchool, m.Value.Kept), Pupil(m.Value.OtherSchool, m.Value.Other), m.Value.From))],
                [.. pairs[true].Take(SettledMax).Select(Line)]);

            // A school has taken the pupil back since.
            bool IsTwice(LikePair p) => Pupil(p.First.School, p.First.Id).ClassNow is not null && Pupil(p.Second.School, p.Second.Id).ClassNow is not null;

            LikeLine Line(LikePair p) => new(Pupil(p.First.School, p.First.Id), Pupil(p.Second.School, p.Second.Id), p.Why, p.Points);

            LikePupil Pupil(Guid school, Guid id)
            {
                var scope = Scope.School(school);
                var (pupil, place) = (records.Get<Pupil>(scope, id)?.Value, records.AllAt<Enrolment>(scope, id.ToString("n")).FirstOrDefault(p => p.Value.IsActiveOn(today)));
                return new(school, schools.GetValueOrDefault(school) ?? "–", id, pupil?.FullName ?? "–", pupil?.BirthDate, pupil?.MinistryId,
                    place is null ? null : records.Get<SchoolClass>(scope, place.Value.Class)?.Value.Name);
            }
        }, cancel);

    private static Guid IdOf(LikePair pair) => DistinctPupils.IdOf(pair.First.Id, pair.Second.Id);

    private IReadOnlyList<PupilFacts> Facts(Bulk bulk, Snapshot records, Guid school)
    {
        var scope = Scope.School(school);
        var seq = bulk.Counter(scope);
        if (!known.TryGetValue(school, out var held) || held.Seq != seq)
        {
            held = known[school] = (seq,
            [
                .. records.All<Pupil>(scope).Select(p => new PupilFacts(
                    school, p.Id, VietnameseText.Fold(p.Value.FullName), p.Value.BirthDate, p.Value.Gender, p.Value.MinistryId,
                    seals.Mark(scope, p.Id, nameof(Pupil.PersonalId), p.Value.PersonalId), seals.Mark(scope, p.Id, nameof(Pupil.Phone), p.Value.Phone))),
            ]);
        }
        return held.Pupils;
    }
}
