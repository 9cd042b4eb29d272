using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>
/// The department's decision that what is not kept for ever of these pupils (<see cref="Purpose.YearsAfterLeaving"/>) ends now: each host of the school takes
/// their keys away, and with them every sealed word about them in all journals, operations and copies.
/// </summary>
public sealed record Erasure(Guid[] Pupils, DateOnly On, Guid By)
{
    public const int PupilsMax = 500;

    /// <summary>Who left the school so long ago that it is due, and was not erased yet; in the order of their ids.</summary>
    public static IReadOnlyList<Guid> Due(IRecords records, Scope school, DateOnly today)
    {
        var erased = records.All<Erasure>(school).SelectMany(e => e.Value.Pupils).ToHashSet();
        var yearEnds = records.All<SchoolYear>(Scope.City).ToDictionary(y => y.Value.Name, y => y.Value.To);
        var classEnds = records.All<SchoolClass>(school).ToDictionary(c => c.Id, c => yearEnds.GetValueOrDefault(c.Value.Year, DateOnly.MaxValue));
        var until = today.AddYears(-Purposes.YearsAfterLeaving);
        return
        [
            .. records.All<Enrolment>(school).GroupBy(e => e.Value.Pupil)
                .Where(p => !erased.Contains(p.Key) && p.All(e => (e.Value.To ?? classEnds.GetValueOrDefault(e.Value.Class, DateOnly.MaxValue)) < until))
                .Select(p => p.Key).Order().Take(PupilsMax),
        ];
    }

    /// <summary>When it was decided for this pupil; null when it was not. The keys are gone within a minute of that.</summary>
    public static DateOnly? DayOf(IRecords records, Scope school, Guid pupil) =>
        records.All<Erasure>(school).Where(e => e.Value.Pupils.Contains(pupil)).Min(e => (DateOnly?)e.Value.On);

    internal static Error Done { get; } = Error.Conflict(
        "pupil_erased", "Thông tin riêng của em này đã được xóa theo hạn. Hãy thêm em như học sinh mới.");

    /// <summary>Carries out all that was decided for the school, also after an old copy of the keys was put back.</summary>
    public static void CarryOut(Seals seals, IReadOnlyList<Row<Erasure>> decided, Scope school) =>
        seals.Erase(school, decided.SelectMany(e => e.Value.Pupils));
}

/// <summary>A box's word that nothing on it opens what was erased.</summary>
public sealed record Erased(Guid Erasure, Guid Node)
{
    public Guid IdIn(Scope school) => RecordId.From(school, "registry.erased", $"{Erasure:n}|{Node:n}");
}
