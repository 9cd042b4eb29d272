using TdmEdu.Central.Storage;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Transfers;

/// <summary>A person's decision about evictions that were held because they were too many at once.</summary>
internal static class HeldLists
{
    public static IEnumerable<Row<HeldEvictions>> Open(IRecords records, Scope school) =>
        records.All<HeldEvictions>(school).Where(l => l.Value.Confirmed is null);

    /// <summary>Confirmed, exactly the records of the list leave the school, but those who have come back since; else all stay. Returns how many leave.</summary>
    public static Result<int> Decide(
        Bulk bulk, Catalogue catalogue, Actor actor, Scope school, Guid list, bool confirmed, long nowMs, out IReadOnlyList<Scope> grown) =>
        OfficeWriting.Decide(bulk, catalogue, actor, records =>
        {
            if (records.Get<HeldEvictions>(school, list) is not { Value.Confirmed: null } held || catalogue.Find(held.Value.Entity) is not { } type)
            {
                return Error.Conflict("held_settled", "Danh sách này đã được xử lý. Hãy tải lại trang.");
            }
            var moves = PupilMoves.Of(records, school);
            var leaving = confirmed ? held.Value.Ids.Where(id => !HasComeBack(moves, school, id)).ToList() : [];
            return new Decision<int>(leaving.Count,
            [
                catalogue.Change(school, held, held.Value with { Confirmed = confirmed })!,
                .. leaving.Select(id => Eviction.Draft(type, school, id, new(held.Value.Reason, list))),
            ]);
        }, nowMs, out grown);

    private static bool HasComeBack(PupilMoves? moves, Scope school, Guid pupil) =>
        moves?.Transfers.Values.Any(t => t.Pupil == pupil) == true && !moves.HasLeft(school.Owner, pupil, DateOnly.MaxValue);
}
