using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>Two pupils of two schools become one person, and two again. Either is one decision, so that no moment has two open places of a merged person.</summary>
public static class MergePupils
{
    /// <summary>The order without places and fields, which are found here.</summary>
    public static Decision<Guid> Decide(Catalogue catalogue, IRecords records, Guid id, PupilMerge order)
    {
        var (keptScope, otherScope) = (Scope.School(order.KeptSchool), Scope.School(order.OtherSchool));
        if (keptScope == otherScope || order.Kept == order.Other)
        {
            return Error.Invalid("merge_same_school", "Hai hồ sơ này ở cùng một trường. Trường tự sửa ở trang Học sinh.");
        }
        if (records.Get<Pupil>(keptScope, order.Kept) is not { } kept || records.Get<Pupil>(otherScope, order.Other) is not { } other)
        {
            return Gone;
        }
        Guid[] both = [order.Kept, order.Other];
        if (records.All<PupilMerge>(keptScope).Concat(records.All<PupilMerge>(otherScope))
            .Any(m => !m.Value.Undone && both.Contains(m.Value.Kept) && both.Contains(m.Value.Other)))
        {
            return Error.Conflict("merge_done", "Hai hồ sơ này đã được gộp. Hãy tải lại trang.");
        }
        if (!IsIn(records, keptScope, order.Kept, order.From) && IsIn(records, otherScope, order.Other, order.From))
        {
            return Error.Conflict("merge_no_place", "Em không học lớp nào ở trường được giữ. Hãy giữ em ở trường mà em đang học.");
        }
        var open = Enrol.PlacesOf(records, otherScope, order.Other).Where(p => Period.Of(p.Value).Overlaps(new(order.From, null))).ToList();
        var filled = new MergedFields(
            kept.Value.MinistryId is null ? other.Value.MinistryId : null, kept.Value.BirthDate is null ? other.Value.BirthDate : null,
            kept.Value.Gender is null ? other.Value.Gender : null);
        var merge = order with
        {
            Places = [.. open.Select(p => new MergedPlace(p.Id, p.Value.To, Period.Of(p.Value).EndBefore(order.From)))], Filled = filled, Undone = false,
        };
        var profile = catalogue.Change(keptScope, kept, kept.Value with
        {
            MinistryId = kept.Value.MinistryId ?? filled.MinistryId, BirthDate = kept.Value.BirthDate ?? filled.BirthDate, Gender = kept.Value.Gender ?? filled.Gender,
        });
        return new(id,
        [
            .. Enrol.End(catalogue, otherScope, open, order.From), catalogue.Create(otherScope, id, merge), catalogue.Create(keptScope, id, merge),
            .. profile is null ? Array.Empty<Draft>() : [profile],
        ]);
    }

    /// <summary>Opens what was ended, and takes out of the kept profile what came from the other; refused where the school has gone on since.</summary>
    public static Decision<Guid> Undo(Catalogue catalogue, IRecords records, Scope school, Guid id)
    {
        if (records.Get<PupilMerge>(school, id) is not { Value: { Undone: false } merge } row)
        {
            return Error.Conflict("merge_undone", "Lần gộp này đã được hoàn tác. Hãy tải lại trang.");
        }
        var (keptScope, otherScope) = (Scope.School(merge.KeptSchool), Scope.School(merge.OtherSchool));
        var places = Enrol.PlacesOf(records, otherScope, merge.Other);
        var opened = new List<Draft>();
        foreach (var ended in merge.Places)
        {
            if (places.FirstOrDefault(p => p.Id == ended.Enrolment) is not { } place || place.Value.To != ended.Ended
                || places.Any(p => p.Id != place.Id && Period.Of(p.Value).Overlaps(new(place.Value.From, ended.To))))
            {
                return Error.Conflict(
                    "merge_changed", "Từ khi gộp, trường đã sửa nơi học của em nên không hoàn tác được. Hãy xếp lớp cho em ở trang Học sinh của trường đó.");
            }
            opened.Add(catalogue.Change(otherScope, place, place.Value with { To = ended.To })!);
        }
        var undone = merge with { Undone = true };
        foreach (var scope in (Scope[])[keptScope, otherScope])
        {
            opened.AddRange(records.Get<PupilMerge>(scope, id) is { } copy && catalogue.Change(scope, copy, undone) is { } draft ? [draft] : []);
        }
        if (records.Get<Pupil>(keptScope, merge.Kept) is { } kept && catalogue.Change(keptScope, kept, Without(kept.Value, merge.Filled)) is { } profile)
        {
            opened.Add(profile);
        }
        return new(row.Id, opened);
    }

    /// <summary>That they are two, or that this was wrong.</summary>
    public static Decision<Guid> Tell(Catalogue catalogue, IRecords records, Guid firstSchool, Guid secondSchool, DistinctPupils said)
    {
        if (records.Get<Pupil>(Scope.School(firstSchool), said.First) is null || records.Get<Pupil>(Scope.School(secondSchool), said.Second) is null)
        {
            return Gone;
        }
        var id = DistinctPupils.IdOf(said.First, said.Second);
        var before = records.Get<DistinctPupils>(Scope.Department, id);
        var draft = before is null ? catalogue.Create(Scope.Department, id, said)
            : catalogue.Change(Scope.Department, before, before.Value with { Stands = said.Stands, By = said.By });
        return new(id, draft is null ? [] : [draft]);
    }

    private static Error Gone { get; } = Error.NotFound("merge_gone", "Một trong hai hồ sơ không còn ở trường. Hãy tải lại trang.");

    /// <summary>What somebody has typed since stays.</summary>
    private static Pupil Without(Pupil pupil, MergedFields filled) => pupil with
    {
        MinistryId = pupil.MinistryId == filled.MinistryId ? null : pupil.MinistryId,
        BirthDate = pupil.BirthDate == filled.BirthDate ? null : pupil.BirthDate,
        Gender = pupil.Gender == filled.Gender ? null : pupil.Gender,
    };

    private static bool IsIn(IRecords records, Scope school, Guid pupil, DateOnly day) =>
        Enrol.PlacesOf(records, school, pupil).Any(p => Period.Of(p.Value).Overlaps(new(day, null)));
}
