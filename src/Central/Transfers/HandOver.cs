using System.Text.Json;
using System.Text.Json.Nodes;
using TdmEdu.Central.Storage;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Transfers;

/// <summary>What the department decides about a pupil.</summary>
/// <param name="LastDay">At the old school.</param>
internal sealed record TransferOrder(Guid Pupil, Guid From, Guid To, Guid Class, DateOnly LastDay);

/// <summary>
/// A pupil goes from one school to another: at once in both schools' records, but the old school keeps the profile until its last day there
/// is over, its box knows, and all that it had recorded is here.
/// </summary>
internal static class HandOver
{
    /// <summary>Writes when nobody is there: what was decided is carried out, under the guard against too many at once.</summary>
    private static readonly Actor System = new(Guid.Empty, Scope.City, Roles.DepartmentOfficer);

    public static Result<Guid> Begin(Bulk bulk, Catalogue catalogue, Seals seals, Actor actor, TransferOrder order, TimeProvider clock, out IReadOnlyList<Scope> grown)
    {
        grown = [];
        var (from, to) = (Scope.School(order.From), Scope.School(order.To));
        Lock(bulk, [from, to]);
        // The number of the first draft.
        var (id, fence) = (RecordId.New(clock), bulk.Counter(from) + 1);
        return OfficeWriting.Decide(bulk, catalogue, actor, records =>
        {
            var transfer = new Transfer(order.Pupil, order.From, order.To, order.Class, order.LastDay, fence);
            var places = TransferPupil.Places(catalogue, records, transfer, clock.Today());
            return !places.Ok ? places.Error : new Decision<Guid>(id,
            [
                catalogue.Create(from, id, transfer), catalogue.Create(to, id, transfer),
                catalogue.Copy(Resealed(seals, Profile(bulk, catalogue, from, order.Pupil)!, to), to), .. places.Value,
            ]);
        }, clock.GetUtcNow().ToUnixTimeMilliseconds(), out grown);
    }

    /// <summary>Whether the old school's box knows of the decision and everything that it recorded up to the end of the last day is here.</summary>
    public static bool HasPassed(Transfer transfer, IReadOnlyList<BoxSame> boxes)
    {
        var over = new DateTimeOffset(transfer.Effective.AddDays(1), default, SchoolTime.Offset).ToUnixTimeMilliseconds();
        return boxes.All(b => b.FeedSeq >= transfer.Fence && b.AtMs >= over);
    }

    /// <summary>Completes those of a school's transfers whose fence has passed, all in one decision, so that the guard sees them together.</summary>
    public static Result<int> Complete(Bulk bulk, Catalogue catalogue, Seals seals, Scope from, TimeProvider clock, out IReadOnlyList<Scope> grown)
    {
        bulk.LockFeed(Scope.City);
        var boxes = bulk.BoxesOf(from);
        var due = new Snapshot(bulk, catalogue).All<Transfer>(from).Where(t => t.Value.From == from.Owner && !t.Value.Done)
            .Where(t => t.Value.Effective < clock.Today() && HasPassed(t.Value, boxes)).ToList();
        Lock(bulk, [from, .. due.Select(t => Scope.School(t.Value.To))]);
        return OfficeWriting.Decide(
            bulk, catalogue, System,
            records => new Decision<int>(due.Count, [.. due.SelectMany(t => Completion(bulk, catalogue, seals, records, t, clock.Today()))]),
            clock.GetUtcNow().ToUnixTimeMilliseconds(), out grown);
    }

    /// <summary>In the order of <see cref="OfficeWriting"/>, which then finds them locked: what is read from here on does not change.</summary>
    private static void Lock(Bulk bulk, IEnumerable<Scope> schools)
    {
        bulk.LockFeed(Scope.City);
        foreach (var scope in schools.Distinct().OrderBy(s => s.Value, StringComparer.Ordinal))
        {
            bulk.LockFeed(scope);
        }
    }

    private static IEnumerable<Draft> Completion(Bulk bulk, Catalogue catalogue, Seals seals, IRecords records, Row<Transfer> transfer, DateOnly today)
    {
        var value = transfer.Value;
        var (from, to) = (Scope.School(value.From), Scope.School(value.To));
        var (excused, unexcused) = Absences(records, from, value);
        var done = value with { Done = true, Excused = excused, Unexcused = unexcused, RecordedAfter = RecordedAfter(records, from, value, today) };
        yield return catalogue.Change(from, transfer, done)!;
        if (records.Get<Transfer>(to, transfer.Id) is { } copy && catalogue.Change(to, copy, done) is { } known)
        {
            yield return known;
        }
        foreach (var end in TransferPupil.EndLeftOver(catalogue, records, value))
        {
            yield return end;
        }
        var (left, came) = (Profile(bulk, catalogue, from, value.Pupil), Profile(bulk, catalogue, to, value.Pupil));
        if (left is { Deleted: false } && came is { Deleted: false } && catalogue.CopyChanges(Resealed(seals, left, to), came) is { } changes)
        {
            yield return changes;
        }
        if (PupilMoves.Of(records, from)?.HasLeft(value.From, value.Pupil, DateOnly.MaxValue) == true)
        {
            yield return Eviction.Draft(catalogue.Of<Pupil>(), from, value.Pupil, new(EvictReason.Moved));
        }
    }

    /// <summary>Sessions missed at the old school, by the plan of one a day as the rule counts them, in the school year of the last day up to that day.</summary>
    private static (int Excused, int Unexcused) Absences(IRecords records, Scope from, Transfer transfer)
    {
        var begin = Calendar.Load(records, from).YearOf(transfer.Effective)?.From ?? transfer.Effective;
        var missed = PlacesOf(records, from, transfer)
            .SelectMany(p => Recorded(records, from, p, p.From > begin ? p.From : begin, p.To < transfer.Effective ? p.To.Value : transfer.Effective))
            .Where(r => r.Code.Facts(r.Day).IsAbsence).GroupBy(r => r.Day, r => r.Code.Facts(r.Day).Excused).ToList();
        var excused = missed.Count(day => day.All(e => e == Excuse.Yes));
        return (excused, missed.Count - excused);
    }

    private static int RecordedAfter(IRecords records, Scope from, Transfer transfer, DateOnly today) =>
        PlacesOf(records, from, transfer).Where(p => p.IsActiveOn(transfer.Effective))
            .Sum(p => Recorded(records, from, p, transfer.Effective.AddDays(1), today).Count());

    private static IEnumerable<Enrolment> PlacesOf(IRecords records, Scope from, Transfer transfer) =>
        records.AllAt<Enrolment>(from, transfer.Pupil.ToString("n")).Select(p => p.Value);

    /// <summary>What the class's submitted sheets say of the pupil, session by session.</summary>
    private static IEnumerable<(DateOnly Day, MarkCode Code)> Recorded(IRecords records, Scope from, Enrolment place, DateOnly first, DateOnly last)
    {
        var slots = records.Get<SchoolClass>(from, place.Class)?.Value.Slots.Where(s => s.IsSession()).ToList() ?? [];
        for (var day = first; day <= last; day = day.AddDays(1))
        {
            foreach (var slot in slots)
            {
                var sheet = records.View<SessionSheet>(from, SessionSheet.IdOf(from, place.Class, day, slot));
                if (sheet?.Tally is not null && sheet.Pupils.TryGetValue(place.Pupil, out var standing))
                {
                    yield return (day, standing.Code);
                }
            }
        }
    }

    /// <summary>A seal of one school says nothing in another, whose box has that school's keys only.</summary>
    private static RecordState Resealed(Seals seals, RecordState profile, Scope to)
    {
        var fields = JsonNode.Parse(profile.Data.Span)!.AsObject();
        var pupil = fields.Deserialize<Pupil>(Json.Options)!;
        var anew = PupilSecrets.Of(seals, profile.Scope, profile.Id, pupil).SealInto(pupil, seals, to, profile.Id);
        var known = JsonSerializer.SerializeToNode(anew, Json.Options)!.AsObject();
        foreach (var name in PupilSecrets.Fields.Where(fields.ContainsKey))
        {
            fields[name] = known[name]?.DeepClone();
        }
        return profile with { Data = JsonSerializer.SerializeToUtf8Bytes(fields, Json.Options) };
    }

    private static RecordState? Profile(Bulk bulk, Catalogue catalogue, Scope school, Guid pupil) =>
        bulk.FindRecords(school, catalogue.Of<Pupil>().Key, [pupil]).SingleOrDefault();
}
