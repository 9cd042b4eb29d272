using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;
using Calendar = TdmEdu.Modules.Registry.Calendar;

namespace TdmEdu.Modules.Attendance;

/// <param name="Absent">Null while nobody has taken attendance of the lesson.</param>
/// <param name="Entry">What stands in the log; null while nothing is written.</param>
public sealed record LessonLine(Guid Class, string ClassName, DateOnly Date, Lesson Lesson, IReadOnlyList<string>? Absent, LessonEntry? Entry, string By)
{
    public string Path => $"{LessonLog.Path}/{Class}/{Date.Iso()}/{Lesson.Slot}";
}

/// <param name="Classes">For the office, to choose one from.</param>
public sealed record LessonDayModel(
    DateOnly Date, Error? Closed, IReadOnlyList<Row<SchoolClass>> Classes, Guid? Class, IReadOnlyList<LessonLine> Lines, IReadOnlyList<Row<SchoolClass>> Books);

public sealed record LessonWeekModel(Row<SchoolClass> Class, DateOnly Monday, IReadOnlyList<LessonLine> Lines);

/// <param name="Before">What stood before, the newest first, with who wrote it and when.</param>
public sealed record LessonModel(
    LessonLine Line, string Number, string Content, string Remark, LessonRating? Rating, IReadOnlyList<(LessonEntry Entry, string By, DateTimeOffset At)> Before,
    Error? Refused = null);

/// <summary>The class's log: today's lessons of a teacher, one lesson as it is written, and a class's week for print.</summary>
internal sealed class LessonLog(IRecordStore store, Catalogue catalogue, TimeProvider clock)
{
    internal const string Path = "/so-dau-bai";

    public async Task<IResult> Day(HttpContext http, DateOnly? ngay, Guid? lop, CancellationToken cancel)
    {
        var actor = http.Actor();
        var model = await store.Read(records => LoadDay(records, actor, ngay ?? clock.Today(), lop), cancel);
        return new RazorComponentResult<LessonDayPage>(new { Model = model });
    }

    public async Task<IResult> Week(HttpContext http, Guid lop, DateOnly? ngay, CancellationToken cancel)
    {
        var actor = http.Actor();
        return (await store.Read(records => LoadWeek(records, actor, lop, ngay ?? clock.Today()), cancel)).Match(
            model => new RazorComponentResult<LessonWeekPage>(new { Model = model }), error => error.ToResult());
    }

    public async Task<IResult> Open(HttpContext http, Guid lop, string date, string slot, CancellationToken cancel)
    {
        var actor = http.Actor();
        return KeyOf(lop, date, slot) is not { } key ? NoLesson.ToResult() : Show(await store.Read(records => Load(records, actor, key), cancel));
    }

    public async Task<IResult> Write(HttpContext http, Guid lop, string date, string slot, CancellationToken cancel)
    {
        var (actor, form) = (http.Actor(), http.Request.Form);
        if (KeyOf(lop, date, slot) is not { } key)
        {
            return NoLesson.ToResult();
        }
        var number = form["so-tiet"].ToString().Trim();
        var typed = new WriteLesson(
            key, number.Length == 0 ? null : int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0,
            VietnameseText.Normalise(form["bai-hoc"].ToString()), VietnameseText.Normalise(form["nhan-xet"].ToString()),
            Enum.TryParse<LessonRating>(form["xep-loai"], out var rating) && Enum.IsDefined(rating) ? rating : null);
        var written = await store.Decide(actor, records => typed.Decide(catalogue, records, actor, clock), cancel);
        return written.Ok ? Results.LocalRedirect($"{Path}?ngay={key.Date.Iso()}&lop={lop}")
            : written.Error.Code is ErrorCode.Denied or ErrorCode.NotFound ? written.Error.ToResult()
            : Show((await store.Read(records => Load(records, actor, key), cancel)).Match(
                m => (Result<LessonModel>)(m with { Number = number, Content = typed.Content, Remark = typed.Remark, Rating = typed.Rating, Refused = written.Error }),
                error => error));
    }

    private LessonDayModel LoadDay(IRecords records, Actor actor, DateOnly day, Guid? lop)
    {
        var (school, calendar, offices) = (actor.Scope, Calendar.Load(records, actor.Scope), actor.Is(SubmitSession.Offices));
        List<Row<SchoolClass>> classes =
            [.. (calendar.YearOf(day) is { } year ? records.AllAt<SchoolClass>(school, year.Name) : []).OrderBy(c => c.Value, ClassOrder.Instance)];
        var chosen = offices ? classes.Find(c => c.Id == lop) ?? classes.FirstOrDefault() : null;
        var mine = new TeachersWork(records, actor, day, clock.Today());
        var closed = calendar.WhyClosed(day);
        return new(day, closed, offices ? classes : [], chosen?.Id,
            closed is not null ? [] : [.. (offices ? classes.Where(c => c.Id == chosen?.Id) : classes).SelectMany(c => LinesOf(records, school, c, day))
                .Where(l => offices || mine.Has(l.Class, l.Lesson.Slot)).OrderBy(l => l.Lesson.Slot)],
            [.. classes.Where(c => offices ? c == chosen : Reads(records, actor, c.Id, clock.Today()))]);
    }

    private Result<LessonWeekModel> LoadWeek(IRecords records, Actor actor, Guid lop, DateOnly day)
    {
        if (records.Get<SchoolClass>(actor.Scope, lop) is not { } found)
        {
            return Assign.NoClass;
        }
        if (!Reads(records, actor, lop, clock.Today()))
        {
            return Error.Denied("not_your_class", "Sổ đầu bài của lớp dành cho giáo viên của lớp và văn phòng trường. Hãy chọn lớp của bạn.");
        }
        var (monday, calendar) = (day.AddDays(1 - Calendar.IsoDay(day)), Calendar.Load(records, actor.Scope));
        var days = Enumerable.Range(0, 7).Select(monday.AddDays).Where(d => calendar.WhyClosed(d) is null);
        return new LessonWeekModel(found, monday, [.. days.SelectMany(d => LinesOf(records, actor.Scope, found, d))]);
    }

    /// <summary>Who has the class, or a lesson of its week.</summary>
    private static bool Reads(IRecords records, Actor actor, Guid lop, DateOnly today) => actor.Is(SubmitSession.Offices)
        || records.View<TeacherClasses>(actor.Scope, actor.Id)?.Teaches(lop, today) == true
        || Timetable.Of(records, actor.Scope, lop, today)?.Lessons.Any(l => l.Staff.Contains(actor.Id)) == true;

    private static IEnumerable<LessonLine> LinesOf(IRecords records, Scope school, Row<SchoolClass> lop, DateOnly day) =>
        (Timetable.Of(records, school, lop.Id, day)?.On(day) ?? []).Select(lesson => LineOf(records, school, lop, day, lesson));

    private static LessonLine LineOf(IRecords records, Scope school, Row<SchoolClass> lop, DateOnly day, Lesson lesson)
    {
        var sheet = records.View<SessionSheet>(school, SessionSheet.IdOf(school, lop.Id, day, lesson.Slot));
        var absent = sheet?.Tally is null ? null : sheet.Pupils.Where(p => p.Value.Code.Facts(day).IsAbsence)
            .Select(p => records.Get<Pupil>(school, p.Key)?.Value.FullName ?? SheetReply.Gone).Order(VietnameseText.ByGivenName).ToList();
        var entry = LessonEntry.Of(records, school, new(lop.Id, day, lesson.Slot)) is [var newest, ..] ? newest.Value : null;
        return new(lop.Id, lop.Value.Name, day, lesson, absent, entry, entry is null ? "" : records.NameOf(school, entry.By) ?? "–");
    }

    private Result<LessonModel> Load(IRecords records, Actor actor, SessionKey key)
    {
        var found = WriteLesson.Find(records, actor, key, clock.Today());
        if (!found.Ok)
        {
            return found.Error;
        }
        var line = LineOf(records, actor.Scope, records.Get<SchoolClass>(actor.Scope, key.Class)!, key.Date, found.Value);
        var before = LessonEntry.Of(records, actor.Scope, key).Select(e => (
            e.Value, records.NameOf(actor.Scope, e.Value.By) ?? "–", DateTimeOffset.FromUnixTimeMilliseconds(e.Version.Hlc.Milliseconds).ToOffset(SchoolTime.Offset)));
        return new LessonModel(
            line, line.Entry?.Number?.ToString(CultureInfo.InvariantCulture) ?? "", line.Entry?.Content ?? "", line.Entry?.Remark ?? "", line.Entry?.Rating, [.. before]);
    }

    private static IResult Show(Result<LessonModel> loaded) => loaded.Match(
        model => new RazorComponentResult<LessonPage>(new { Model = model })
        {
            StatusCode = model.Refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(model.Refused.Code),
        },
        error => (IResult)error.ToResult());

    private static SessionKey? KeyOf(Guid lop, string date, string slot) =>
        FormText.Day(date) is { } day && Enum.TryParse<Slot>(slot, ignoreCase: true, out var lesson) && Enum.IsDefined(lesson) ? new(lop, day, lesson) : null;

    private static Error NoLesson { get; } = Error.NotFound("no_lesson", "Thời khóa biểu không có tiết này. Hãy về trang Sổ đầu bài rồi chọn lại tiết.");
}

internal static class LessonRoutes
{
    internal static readonly NavEntry Nav = new(LessonLog.Path, "Sổ đầu bài", AttendanceModule.School, Side.Edge);

    internal static void MapLessonLog(this IEndpointRouteBuilder routes)
    {
        const string one = LessonLog.Path + "/{lop:guid}/{date}/{slot}";
        routes.MapGet(LessonLog.Path, (HttpContext http, string? ngay, string? lop, LessonLog log, CancellationToken cancel) =>
            log.Day(http, FormText.Day(ngay), FormText.Id(lop), cancel)).RequireRoles(Nav.Roles);
        routes.MapGet(LessonLog.Path + "/{lop:guid}", (HttpContext http, Guid lop, string? ngay, LessonLog log, CancellationToken cancel) =>
            log.Week(http, lop, FormText.Day(ngay), cancel)).RequireRoles(Nav.Roles);
        routes.MapGet(one, (HttpContext http, Guid lop, string date, string slot, LessonLog log, CancellationToken cancel) => log.Open(http, lop, date, slot, cancel))
            .RequireRoles(Nav.Roles);
        routes.MapPost(one, (HttpContext http, Guid lop, string date, string slot, LessonLog log, CancellationToken cancel) => log.Write(http, lop, date, slot, cancel))
            .RequireRoles(Nav.Roles);
    }
}
