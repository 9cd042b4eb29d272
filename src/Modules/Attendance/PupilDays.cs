using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

/// <summary>Up to when the school's attendance is complete here; only a host that is not the school's own box has one.</summary>
public sealed record SchoolLine(Func<Scope, CancellationToken, Task<DateTimeOffset?>> CompleteAt);

/// <summary>One session of a pupil. <see cref="Standing"/> is null where nobody has said anything of the pupil, which is not presence.</summary>
public sealed record PupilSession(DateOnly Date, Slot Slot, Standing? Standing);

/// <param name="Month">The first day of the month that is shown; null for today alone.</param>
/// <param name="CompleteAt">How old the figures are where they came from the school's box; null when they never came.</param>
public sealed record PupilDaysModel(
    string FullName, string ClassName, DateOnly Today, DateOnly? Month, IReadOnlyList<PupilSession> Sessions, bool IsElsewhere = false, DateTimeOffset? CompleteAt = null)
{
    public DateOnly? Next => Month?.AddMonths(1) is { } next && next <= Today ? next : null;
}

/// <summary>What a pupil sees of today, and the pupil's parents of a month: of this pupil alone, as the school has entered it.</summary>
internal static class PupilDays
{
    private const string PupilPath = ShellSetup.PupilPath + "/diem-danh";
    internal const string ParentPath = ShellSetup.ParentPath + "/diem-danh";

    internal static readonly IReadOnlyList<NavEntry> Nav =
    [
        new(PupilPath, "Điểm danh của em", Roles.Pupil, Side.Edge),
        new(ParentPath, "Điểm danh của con", Roles.Parent, Side.Edge | Side.Central),
    ];

    public static void MapPupilDays(this IEndpointRouteBuilder routes, Side side)
    {
        if (side == Side.Edge)
        {
            routes.MapGet(PupilPath, async (HttpContext http, IRecordStore store, TimeProvider clock, CancellationToken cancel) =>
            {
                var (actor, today) = (http.Actor(), clock.Today());
                return Show(await store.Read(records => Of(records, actor, today, today, clock), cancel));
            }).RequireRoles(Roles.Pupil);
        }
        routes.MapGet(ParentPath, ParentPage).RequireRoles(Roles.Parent);
    }

    private static async Task<IResult> ParentPage(HttpContext http, string? thang, IRecordStore store, TimeProvider clock, CancellationToken cancel)
    {
        var (actor, today) = (http.Actor(), clock.Today());
        var month = DateOnly.TryParseExact(thang, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day <= today
            ? day : new DateOnly(today.Year, today.Month, 1);
        var last = month.AddMonths(1).AddDays(-1);
        var model = await store.Read(records => Of(records, actor, month, last < today ? last : today, clock), cancel) with { Month = month };
        return http.RequestServices.GetService(typeof(SchoolLine)) is SchoolLine line
            ? Show(model with { IsElsewhere = true, CompleteAt = await line.CompleteAt(actor.Scope, cancel) })
            : Show(model);
    }

    /// <summary>The sessions that the pupil's classes had from the first day to the last, the newest first.</summary>
    internal static PupilDaysModel Of(IRecords records, Actor actor, DateOnly first, DateOnly last, TimeProvider clock)
    {
        var school = actor.Scope;
        var calendar = Registry.Calendar.Load(records, school);
        var places = Enrol.PlacesOf(records, school, actor.Id).Select(p => p.Value).ToList();
        var classes = places.Select(p => p.Class).Distinct().ToDictionary(c => c, c => records.Get<SchoolClass>(school, c)?.Value);
        var sessions =
            from back in Enumerable.Range(0, Math.Max(0, last.DayNumber - first.DayNumber + 1))
            let date = last.AddDays(-back)
            from place in places.Where(p => p.IsActiveOn(date)).DistinctBy(p => p.Class)
            from slot in (classes[place.Class]?.Slots ?? []).Where(s => s.IsSession()).OrderDescending()
            where slot.HasBegun(date, clock)
            let sheet = records.View<SessionSheet>(school, SessionSheet.IdOf(school, place.Class, date, slot))
            let sent = sheet?.Tally is null ? null : sheet
            where sent is not null || calendar.WhyClosed(date) is null
            select new PupilSession(date, slot, sent?.Pupils.GetValueOrDefault(actor.Id));
        var today = clock.Today();
        return new(
            records.Get<Pupil>(school, actor.Id)?.Value.FullName ?? "", places.Where(p => p.IsActiveOn(today)).Select(p => classes[p.Class]?.Name).FirstOrDefault() ?? "",
            today, null, [.. sessions]);
    }

    private static RazorComponentResult<PupilDaysPage> Show(PupilDaysModel model) => new(new { Model = model });
}
