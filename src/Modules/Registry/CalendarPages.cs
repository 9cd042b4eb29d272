using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <param name="Own">Recorded in the person's own scope, so theirs to take away.</param>
public sealed record CalendarLine(CalendarDay Day, bool Own);

/// <param name="MayWrite">The person may change the calendar of their scope.</param>
/// <param name="Added">The day that was just recorded.</param>
/// <param name="Removed">The day that was just taken away.</param>
public sealed record CalendarModel(
    SchoolYear? Year, IReadOnlyList<CalendarLine> Lines, bool MayWrite, DateOnly? Added = null, DateOnly? Removed = null, string Date = "",
    string Note = "", DayKind Kind = DayKind.Closed, Error? Refused = null);

/// <summary>The days that differ from the week's rule: the city's from the department, a school's own from its office.</summary>
internal sealed class CalendarPages(IRecordStore store, Catalogue catalogue, TimeProvider clock)
{
    internal const Roles Readers = Access.EverySchoolRole | Access.EveryDepartmentRole;
    internal const Roles Writers = Roles.Office | Roles.Head | Access.EveryDepartmentRole;

    public async Task<IResult> Page(HttpContext http, DateOnly? ghi, DateOnly? bo, CancellationToken cancel) =>
        Show(await Load(http.Actor(), cancel) with { Added = ghi, Removed = bo });

    public async Task<IResult> Add(HttpContext http, CancellationToken cancel)
    {
        var (form, actor) = (http.Request.Form, http.Actor());
        var note = VietnameseText.Normalise(form["ghichu"].ToString());
        var kind = form["loai"].ToString() switch { "bu" => DayKind.MakeUp, "su-kien" => DayKind.Open, _ => DayKind.Closed };
        var result = await store.Decide(actor, records => FormText.Day(form["ngay"]) is { } date
            ? EditDay.Add(catalogue, records, actor.Scope, new(date, kind, note, Event: kind == DayKind.Open), clock.Today())
            : FormText.NoDay, cancel);
        if (result.Ok)
        {
            return Results.LocalRedirect($"/lich?ghi={result.Value.Iso()}");
        }
        var model = await Load(actor, cancel);
        return Show(model with { Date = form["ngay"].ToString(), Note = note, Kind = kind, Refused = result.Error });
    }

    public async Task<IResult> Remove(HttpContext http, CancellationToken cancel)
    {
        var actor = http.Actor();
        var result = await store.Decide(
            actor, records => EditDay.Remove(catalogue, records, actor.Scope, FormText.Day(http.Request.Form["ngay"]) ?? default), cancel);
        return result.Ok
            ? Results.LocalRedirect($"/lich?bo={result.Value.Iso()}")
            : Show(await Load(actor, cancel) with { Refused = result.Error });
    }

    /// <summary>This year's days and later ones, and whatever lies in no year: only there can it be seen and taken away.</summary>
    private async Task<CalendarModel> Load(Actor actor, CancellationToken cancel)
    {
        var calendar = await store.Read(records => Calendar.Load(records, actor.Scope), cancel);
        var year = calendar.YearFor(clock.Today());
        var inCity = actor.Scope == Scope.City;
        var lines = calendar.City.Select(d => new CalendarLine(d, inCity))
            .Concat(calendar.School.Select(d => new CalendarLine(d, Own: true)));
        return new(
            year,
            [.. lines.Where(l => year is null || l.Day.Date >= year.From || calendar.YearOf(l.Day.Date) is null).OrderBy(l => l.Day.Date)],
            actor.Is(Writers));
    }

    private static RazorComponentResult<CalendarPage> Show(CalendarModel model) => new(new { Model = model })
    {
        StatusCode = model.Refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(model.Refused.Code),
    };
}
