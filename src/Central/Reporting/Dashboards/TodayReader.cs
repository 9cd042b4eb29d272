using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Storage;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Reporting.Dashboards;

/// <summary>
/// Makes the figures of a day and slot. A school's classes are read again only when its feed or the city's has moved, so a city
/// of 160 units costs one query for the counters and the schools that changed.
/// </summary>
internal sealed class TodayReader(IRecordStore store, IDbContextFactory<CentralDb> databases, TimeProvider clock)
{
    /// <summary>A box asks every 4 s, and a dead connection is given up within 10 s: what is silent for three times that has no line.</summary>
    private static readonly TimeSpan OnlineWithin = TimeSpan.FromSeconds(35);
    private const int CachedDaysMax = 1000;
    private const int ClassesMax = 500;
    private readonly ConcurrentDictionary<(Guid School, DateOnly Date, Slot Slot), (long School, long City, SchoolClasses Classes)> cache = new();

    /// <summary>All that is stored of a school's day; <see cref="Any"/>: it has a class with pupils in some slot.</summary>
    private sealed record SchoolClasses(IReadOnlyList<ClassDay> Classes, bool Any, Error? Closed);

    private sealed record BoxRow(Scope School, bool IsWithdrawn, long? SeenAtMs, long? CompleteAtMs);

    /// <param name="IsWithdrawn">And no other is in its place.</param>
    /// <param name="FromWithdrawn">What is complete came from a box that was withdrawn; the one in its place has said nothing yet.</param>
    private sealed record Box(bool IsWithdrawn, DateTimeOffset? LastSeen, DateTimeOffset? CompleteAt, bool FromWithdrawn)
    {
        public static Box Of(IEnumerable<BoxRow> boxes)
        {
            var (there, gone) = (boxes.Where(b => !b.IsWithdrawn).ToList(), boxes.Where(b => b.IsWithdrawn).ToList());
            // A school with two boxes is complete up to where both are.
            var complete = there.Exists(b => b.CompleteAtMs is null) ? null : there.Min(b => b.CompleteAtMs);
            var before = gone.Max(b => b.CompleteAtMs);
            return new(there is [], Instant((there is [] ? gone : there).Max(b => b.SeenAtMs)), Instant(complete ?? before), complete is null && before is not null);
        }
    }

    public async Task<TodayReport> Read(DateOnly date, Slot slot, Borders by, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var counters = await db.FeedCounters.ToDictionaryAsync(c => c.Scope, c => c.Seq, cancel);
        var boxes = (await LanesOfAttendance(db).ToListAsync(cancel))
            .GroupBy(b => b.School).ToDictionary(g => g.Key, Box.Of);
        var now = clock.GetUtcNow();
        if (cache.Count > CachedDaysMax)
        {
            cache.Clear();
        }
        return await store.Read(
            records =>
            {
                var (units, borders) = (Units.Load(records), by.DayOf(date, clock));
                var schools = units.ValidOn(date).Where(u => u.Value.Kind is UnitKind.School or UnitKind.IndependentGroup)
                    .Select(u => Day(records, units.WardOn(u.Value, borders)?.Id, u, date, slot, counters, boxes, now)).OrderBy(s => s.Name, VietnameseText.ByText).ToList();
                var wards = units.ValidOn(borders).Where(u => u.Value.Kind == UnitKind.Ward).OrderBy(u => u.Value.Name, VietnameseText.ByText)
                    .Select(w => new AreaDay(w.Value.Name, [.. schools.Where(s => s.Ward == w.Id)]))
                    .Append(new AreaDay(null, [.. schools.Where(s => s.Ward is null)])).Where(w => w.Schools.Count > 0).ToList();
                return new TodayReport(date, slot, by, borders, now, new(null, schools), wards)
                {
                    NoUnitYet = !units.All.Any(u => u.Value.Kind is UnitKind.School or UnitKind.IndependentGroup),
                };
            },
            cancel);
    }

    /// <summary>Up to when everything that the school had recorded of attendance is here.</summary>
    public async Task<DateTimeOffset?> CompleteAt(Scope school, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        return Box.Of((await LanesOfAttendance(db).ToListAsync(cancel)).Where(b => b.School == school)).CompleteAt;
    }

    /// <summary>How far the lane of attendance is complete in the epoch that each box lives in now.</summary>
    private static IQueryable<BoxRow> LanesOfAttendance(CentralDb db) =>
        from node in db.Nodes
        join session in db.Sessions on node.NodeId equals session.NodeId into sessions
        from session in sessions.DefaultIfEmpty()
        join lane in db.NodeLanes.Where(l => l.Lane == Lane.Attendance)
            on new { node.NodeId, session.Epoch } equals new { lane.NodeId, lane.Epoch } into lanes
        from lane in lanes.DefaultIfEmpty()
        select new BoxRow(node.School, node.Revoked, node.LastSeenAtMs, lane.CompleteAtMs);

    private SchoolDay Day(
        IRecords records, Guid? ward, Row<Unit> unit, DateOnly date, Slot slot, Dictionary<Scope, long> counters, Dictionary<Scope, Box> boxes, DateTimeOffset now)
    {
        var scope = Scope.School(unit.Id);
        var (own, city) = (counters.GetValueOrDefault(scope), counters.GetValueOrDefault(Scope.City));
        if (!cache.TryGetValue((unit.Id, date, slot), out var held) || held.School != own || held.City != city)
        {
            held = (own, city, Classes(records, scope, date, slot));
            cache[(unit.Id, date, slot)] = held;
        }
        var box = boxes.GetValueOrDefault(scope);
        var isHere = unit.Value.Kind == UnitKind.IndependentGroup;
        var line = isHere ? LineSeen.AtCentral : box is null ? LineSeen.NoBox
            : box.IsWithdrawn ? LineSeen.Withdrawn
            : now - box.LastSeen < OnlineWithin ? LineSeen.Online : LineSeen.Offline;
        return new(unit.Id, unit.Value.Name, ward, StateOf(held.Classes, slot.HasBegun(date, clock)),
            held.Classes.Classes, held.Classes.Closed, line, box?.LastSeen, isHere ? now : box?.CompleteAt)
        {
            FromWithdrawn = !isHere && box is { FromWithdrawn: true },
        };
    }

    private static DayState StateOf(SchoolClasses known, bool begun) => known switch
    {
        { Closed: not null } => DayState.Closed,
        { Any: false } => begun ? DayState.NoData : DayState.NotBegun,
        _ when !known.Classes.Any(c => c.Counts) => DayState.NoLessons,
        _ => begun ? DayState.Due : DayState.NotBegun,
    };

    private static SchoolClasses Classes(IRecords records, Scope scope, DateOnly date, Slot slot)
    {
        var calendar = Calendar.Load(records, scope);
        var year = calendar.Years.FirstOrDefault(y => y.From <= date && date <= y.To) ?? calendar.Years.MaxBy(y => y.From);
        var rows = year is null ? [] : records.Page<SchoolClass>(scope, year.Name, year.Name + "\0", rowsMax: ClassesMax).Rows;
        var moves = PupilMoves.Of(records, scope);
        List<Guid> PupilsOf(Guid id) =>
            [.. (records.View<ClassRoster>(scope, id)?.PupilsOn(date) ?? []).Where(p => moves?.HasLeft(scope.Owner, p, date) != true)];
        var classes = rows.Where(c => c.Value.Slots.Contains(slot)).OrderBy(c => c.Value, ClassOrder.Instance).Select(c => ClassOn(
            c, PupilsOf(c.Id), records.View<SessionSheet>(scope, SessionSheet.IdOf(scope, c.Id, date, slot)), moves, scope.Owner)).ToList();
        var any = classes.Any(c => c.Counts) || rows.Any(c => !c.Value.Slots.Contains(slot) && PupilsOf(c.Id).Count > 0);
        return new(classes, any, calendar.WhyClosed(date));
    }

    private static ClassDay ClassOn(Row<SchoolClass> row, List<Guid> pupils, SessionSheet? sheet, PupilMoves? moves, Guid school) => new(
        row.Id, row.Value.Name, pupils.Count, SessionSheet.Unknown(sheet, pupils), sheet?.TallyWithout(moves, school));

    private static DateTimeOffset? Instant(long? milliseconds) => milliseconds is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;
}
