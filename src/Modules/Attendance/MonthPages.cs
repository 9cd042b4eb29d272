using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

/// <summary>One class's month in the list of all.</summary>
public sealed record MonthLine(Guid Class, string Name, IReadOnlyDictionary<SessionState, int> States, bool IsLocked, int Late);

public sealed record MonthListModel(DateOnly Month, IReadOnlyList<DateOnly> Months, IReadOnlyList<MonthLine> Lines);

/// <param name="Check">Where the code of a locked month is checked; null while it is open.</param>
/// <param name="Asked">While it is open: the days of which a family asks for leave and nobody has answered, by pupil.</param>
public sealed record MonthBookModel(MonthPage Page, bool MayLock, ILookup<Guid, int> Asked, Uri? Check = null, Error? Refused = null, string Reason = "");

/// <param name="Typed">As typed; empty before.</param>
/// <param name="Page">The month that was printed, as it is now; null where no month was ever locked with that code.</param>
/// <param name="Equal">Nothing of it has changed since.</param>
/// <param name="ForReader">Who asks may open registers; to others nothing is said but whether it is equal.</param>
public sealed record BookCheckModel(string Typed, bool Asked, MonthPage? Page, bool Equal, bool ForReader, Error? Refused = null);

/// <summary>The classes' registers by month: for the office all, for the homeroom teacher the own; the office verifies, locks and opens.</summary>
internal sealed class MonthPages(IRecordStore store, Catalogue catalogue, TimeProvider clock, IAuditLog audit, Home home, SignInDelay delay)
{
    internal const string Path = "/so-diem-danh";
    internal const string CheckPath = "/kiem-tra";
    internal const Roles Readers = ClassExport.Takers;
    private const int CodeCharsMax = 40;

    public async Task<IResult> List(HttpContext http, string? thang, CancellationToken cancel)
    {
        var actor = http.Actor();
        return new RazorComponentResult<MonthListPage>(new { Model = await store.Read(records => LoadList(records, actor, MonthOf(thang)), cancel) });
    }

    public async Task<IResult> Book(HttpContext http, Guid lop, string? thang, CancellationToken cancel) =>
        Show(http, await store.Read(records => Load(records, http.Actor(), lop, MonthOf(thang)), cancel), m => m);

    public Task<IResult> Verify(HttpContext http, Guid lop, CancellationToken cancel) =>
        Act(http, lop, "verify", (records, month) => LockMonth.Verify(catalogue, records, http.Actor(), lop, month, clock), cancel);

    public Task<IResult> Lock(HttpContext http, Guid lop, CancellationToken cancel) =>
        Act(http, lop, "lock", (records, month) => LockMonth.Lock(catalogue, records, http.Actor(), lop, month, clock), cancel);

    public Task<IResult> Unlock(HttpContext http, Guid lop, CancellationToken cancel)
    {
        var reason = VietnameseText.Normalise(http.Request.Form["vi-sao"].ToString());
        return Act(http, lop, "unlock", (records, month) => LockMonth.Unlock(catalogue, records, http.Actor(), lop, month, reason, clock), cancel);
    }

    /// <summary>For whoever holds a printed month, signed in or not: whether the school's data are still those. The right code never waits.</summary>
    public async Task<IResult> Check(HttpContext http, string? ma, CancellationToken cancel)
    {
        var (school, code) = (home.Scope, BookCode.Read(ma));
        var page = code is null ? null : await store.Read(records => records.AllAt<MonthLock>(school, code) is [var found, ..]
            && records.Get<SchoolClass>(school, found.Value.Class) is { } lop ? MonthPage.Of(records, school, lop, found.Value.Month, clock) : null, cancel);
        var (actor, asked) = (http.User.TryActor(), !string.IsNullOrWhiteSpace(ma));
        var wait = actor is null && asked && page is null ? delay.Begin("book_check", SignIn.AddressOf(http)) : null;
        var typed = ma is { Length: <= CodeCharsMax } ? ma : "";
        var model = new BookCheckModel(
            typed, asked, page, page is not null && page.Code == code, actor?.Is(Readers) == true, wait is null ? null : SignInDelay.Refusal(wait.Value));
        return new RazorComponentResult<BookCheckPage>(new { Model = model })
        {
            StatusCode = model.Refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(model.Refused.Code),
        };
    }

    private async Task<IResult> Act(HttpContext http, Guid lop, string what, Func<IRecords, DateOnly, Decision<Guid>> decide, CancellationToken cancel)
    {
        var (actor, month) = (http.Actor(), MonthOf(http.Request.Form["thang"]));
        var done = await store.Decide(actor, records => decide(records, month), cancel);
        if (!done.Ok)
        {
            var reason = http.Request.Form["vi-sao"].ToString();
            return Show(http, await store.Read(records => Load(records, actor, lop, month), cancel), m => m with { Refused = done.Error, Reason = reason });
        }
        await audit.Write(new("month_book", actor.Id, $"{what}/{lop:n}/{Text(month)}", ""), cancel);
        return Results.LocalRedirect($"{Path}/{lop}?thang={Text(month)}");
    }

    private MonthListModel LoadList(IRecords records, Actor actor, DateOnly month)
    {
        var (school, calendar) = (actor.Scope, Registry.Calendar.Load(records, actor.Scope));
        var year = calendar.YearOf(month) ?? calendar.YearOf(month.AddMonths(1).AddDays(-1)) ?? calendar.YearFor(month);
        return new(month, year is null ? [] : ClassExport.MonthsOf(year, clock.Today()), [.. (year is null ? [] : records.AllAt<SchoolClass>(school, year.Name))
            .Where(c => ClassExport.WhyNot(records, actor, c.Id, clock.Today()) is null).OrderBy(c => c.Value, ClassOrder.Instance)
            .Select(c => MonthPage.Of(records, school, c, month, clock)).Select(p => new MonthLine(
                p.Class.Id, p.Class.Value.Name, p.Sessions.Where(s => s.HasPupils).CountBy(s => s.State).ToDictionary(), p.IsLocked, p.Late.Count))]);
    }

    private Result<MonthBookModel> Load(IRecords records, Actor actor, Guid lop, DateOnly month) =>
        records.Get<SchoolClass>(actor.Scope, lop) is not { } found ? Error.NotFound("no_class", "Không có lớp này trong năm học. Hãy chọn lại lớp.")
        : ClassExport.WhyNot(records, actor, lop, clock.Today()) is { } refused ? refused
        : OfPage(records, actor, MonthPage.Of(records, actor.Scope, found, month, clock));

    private static MonthBookModel OfPage(IRecords records, Actor actor, MonthPage page)
    {
        var days = page.Sessions.Select(s => s.Date).Distinct().ToList();
        var asked = page.IsLocked ? [] : NoticeCase.AskedOn(records, actor.Scope, page.Month, page.Month.AddMonths(1).AddDays(-1));
        return new(page, actor.Is(SubmitSession.Offices),
            asked.SelectMany(n => days.Where(d => n.From <= d && d <= n.To).Select(d => (n.Pupil, d.Day))).Distinct().ToLookup(a => a.Pupil, a => a.Day));
    }

    private static IResult Show(HttpContext http, Result<MonthBookModel> loaded, Func<MonthBookModel, MonthBookModel> more)
    {
        if (!loaded.Ok)
        {
            return loaded.Error.ToResult();
        }
        var model = more(loaded.Value);
        var check = model.Page is { IsLocked: true, Code: { } code } ? new Uri($"https://{http.Request.Host}{CheckPath}?ma={code}") : null;
        return new RazorComponentResult<MonthBookPage>(new { Model = model with { Check = check } })
        {
            StatusCode = model.Refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(model.Refused.Code),
        };
    }

    internal static string Text(DateOnly month) => month.ToString("yyyy-MM", CultureInfo.InvariantCulture);

    /// <summary>The month that is on while none, or none that can be read, is asked for.</summary>
    private DateOnly MonthOf(string? thang) => FormText.Day($"{thang}-01") ?? MonthBook.FirstOf(clock.Today());
}

internal static class MonthRoutes
{
    internal static void MapMonthPages(this IEndpointRouteBuilder routes)
    {
        const string one = MonthPages.Path + "/{lop:guid}";
        routes.MapGet(MonthPages.Path, (HttpContext http, string? thang, MonthPages pages, CancellationToken cancel) => pages.List(http, thang, cancel))
            .RequireRoles(MonthPages.Readers);
        routes.MapGet(one, (HttpContext http, Guid lop, string? thang, MonthPages pages, CancellationToken cancel) => pages.Book(http, lop, thang, cancel))
            .RequireRoles(MonthPages.Readers);
        routes.MapPost(one + "/xac-nhan", (HttpContext http, Guid lop, MonthPages pages, CancellationToken cancel) => pages.Verify(http, lop, cancel))
            .RequireRoles(SubmitSession.Offices);
        routes.MapPost(one + "/khoa", (HttpContext http, Guid lop, MonthPages pages, CancellationToken cancel) => pages.Lock(http, lop, cancel))
            .RequireRoles(SubmitSession.Offices).RequireStepUp(new Text("Khóa sổ điểm danh tháng của lớp"), StepUp.ClassOf);
        routes.MapPost(one + "/mo-khoa", (HttpContext http, Guid lop, MonthPages pages, CancellationToken cancel) => pages.Unlock(http, lop, cancel))
            .RequireRoles(SubmitSession.Offices).RequireStepUp(new Text("Mở khóa sổ điểm danh tháng của lớp"), StepUp.ClassOf);
        routes.MapGet(MonthPages.CheckPath, (HttpContext http, string? ma, MonthPages pages, CancellationToken cancel) => pages.Check(http, ma, cancel))
            .AllowAnonymous();
    }
}
