using TdmEdu.Modules.Shell;

namespace TdmEdu.Modules.Registry;

/// <summary>From where a school takes its pupils in, by law the department's word: a ward, or some of its neighbourhoods (khu phố).</summary>
/// <param name="Part">The neighbourhoods as the decision names them; empty for the whole ward.</param>
/// <param name="To">The last day.</param>
public sealed record Catchment(Guid School, Guid Ward, string Part, DateOnly From, DateOnly? To);

/// <summary>One of a school's, with the wards that its ward is by the borders of a day.</summary>
public sealed record CatchmentLine(Guid Id, Catchment Catchment, IReadOnlyList<string> Wards);

public sealed record CatchmentSchool(Guid Id, string Name, string Part);

/// <summary>Who takes in the pupils of a ward; where nobody does, that is what has to be seen.</summary>
public sealed record CatchmentWard(string Name, IReadOnlyList<CatchmentSchool> Schools);

/// <param name="Unknown">Schools whose ward was split since, so that nobody knows yet to which of the new ones their neighbourhoods belong.</param>
public sealed record CatchmentMap(IReadOnlyList<CatchmentWard> Wards, IReadOnlyList<CatchmentSchool> Unknown)
{
    /// <param name="level">Of school: MN, TH, THCS; a school of several counts for each.</param>
    /// <param name="on">Whose catchments.</param>
    /// <param name="borders">Whose wards.</param>
    public static CatchmentMap Of(Units units, IEnumerable<Catchment> all, string level, DateOnly on, DateOnly borders)
    {
        var schools = units.ValidOn(on).Where(u => u.Value.Level?.Split('-').Contains(level) == true).ToDictionary(u => u.Id, u => u.Value.Name);
        var taken = all.Where(c => Period.Of(c).Holds(on) && schools.ContainsKey(c.School))
            .Select(c => (Wards: units.On(c.Ward, borders), School: new CatchmentSchool(c.School, schools[c.School], c.Part)))
            .OrderBy(c => c.School.Name, VietnameseText.ByText).ToList();
        var known = taken.Where(c => c.Wards is [_]).ToLookup(c => c.Wards[0].Id, c => c.School);
        return new(
            [.. units.WardsOf(borders).Select(w => new CatchmentWard(w.Value.Name, [.. known[w.Id]]))],
            [.. taken.Where(c => c.Wards is not [_]).Select(c => c.School)]);
    }
}
