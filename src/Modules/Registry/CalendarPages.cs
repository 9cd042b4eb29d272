using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <param name="Own">Recorded in the person's own scope, so theirs to take away.</param>
public sealed record CalendarLine(CalendarDay Day, bool Own);

/// <param name="MayWrite">The person may change the calendar of their scope.</param>
public sealed record CalendarModel(
    SchoolYear? Year, IReadOnlyList<CalendarLine> Lines, bool MayWrite, string Date = "", string Note = "",
        DayKind Kind = DayKind.Closed, Error? Refused = null);

/// <summary>The days that differ from the week's rule: the city's from the department, a school's own from its office.</summary>
internal sealed class CalendarPages(IRecordStore store, Catalogue catalogue, TimeProvider clock)
{
    internal const Roles Readers = Access.EverySchoolRole | Access.EveryDepartmentRole;
    internal const Roles Writers = Roles.Office | Roles.Head | Access.EveryDepartmentRole;
    private const int NoteCharsMax = 200;

    public async Task<IResult> Page(HttpContext http, CancellationToken cancel) => Show(await Load(http.Actor(), cancel));

    public async Task<IResult> Add(HttpContext http, CancellationToken cancel)
    {
        var (form, actor) = (http.Request.Form, http.Actor());
        var note = VietnameseText.Normalise(form["ghichu"].ToString());
        var kind = form["loai"] == "bu" ? DayKind.MakeUp : DayKind.Closed;
        var result = await store.Decide(actor, records => Decide(records, actor.Scope, form["ngay"], kind, note), cancel);
        if (result.Ok)
        {
            return Results.LocalRedirect("/lich");
        }
        var model = await Load(actor, cancel);
        return Show(model with { Date = form["ngay"].ToString(), Note = note, Kind = kind, Refused = result.Error });
    }

    public async Task<IResult> Remove(HttpContext http, CancellationToken cancel)
    {
        var actor = http.Actor();
        var result = await store.Decide(actor, records => DecideRemoval(records, actor.Scope, http.Request.Form["ngay"]), cancel);
        return result.Ok ? Results.LocalRedirect("/lich") : result.Error.ToResult();
    }

    internal Decision<DateOnly> Decide(IRecords records, Scope scope, string? text, DayKind kind, string note)
    {
        if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            return Error.Invalid("calendar_date", "Hãy chọn ngày.");
        }
        if (note is [] || note.Length > NoteCharsMax)
        {
            return Error.Invalid("calendar_note", "Hãy ghi lý do, nhiều nhất {0} ký tự. Giáo viên sẽ đọc thấy lý do này.", NoteCharsMax);
        }
        var day = new CalendarDay(date, kind, note);
        var draft = records.Get<CalendarDay>(scope, Compose.DayId(scope, date)) is { } before
            ? catalogue.Change(scope, before, day)
            : Compose.Day(catalogue, scope, day);
        return new(date, draft is null ? [] : [draft]);
    }

    private Decision<bool> DecideRemoval(IRecords records, Scope scope, string? text)
    {
        var id = DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? Compose.DayId(scope, date) : default;
        if (records.Get<CalendarDay>(scope, id) is null)
        {
            return Error.NotFound("calendar_day_gone", "Ngày này không còn trong lịch. Hãy tải lại trang.");
        }
        var type = catalogue.Of<CalendarDay>();
        return new(true, [new(scope, type.Key, type.Schema, id, OpKind.Delete, ReadOnlyMemory<byte>.Empty)]);
    }

    private async Task<CalendarModel> Load(Actor actor, CancellationToken cancel)
    {
        var calendar = await store.Read(records => Calendar.Load(records, actor.Scope), cancel);
        var today = clock.Today();
        var year = calendar.YearOf(today) ?? calendar.Years.Where(y => y.From > today).MinBy(y => y.From);
        var inCity = actor.Scope == Scope.City;
        var lines = calendar.City.Select(d => new CalendarLine(d, inCity))
            .Concat(calendar.School.Select(d => new CalendarLine(d, Own: true)));
        return new(
            year,
            [.. lines.Where(l => year is null || (year.From <= l.Day.Date && l.Day.Date <= year.To)).OrderBy(l => l.Day.Date)],
            actor.Is(Writers));
    }

    private static RazorComponentResult<CalendarPage> Show(CalendarModel model) => new(new { Model = model })
    {
        StatusCode = model.Refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(model.Refused.Code),
    };
}
