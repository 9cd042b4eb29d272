using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

/// <summary>What follows from attendance: sheets that do not fit together, the year's absences with the letter home, and how many the kitchen cooks for.</summary>
internal sealed class ConsequencePages(IRecordStore store, TimeProvider clock, ReadVolume reads)
{
    internal const string ChecksPath = "/doi-chieu";
    internal const string MeterPath = "/chuyen-can";
    internal const string MealPath = "/bao-an";
    internal const string DayPath = "/tong-hop";
    internal const string RunsPath = "/vang-lien-tuc";

    public async Task<IResult> Checks(HttpContext http, string? ngay, CancellationToken cancel)
    {
        var (school, to) = (http.Actor().Scope, FormText.Day(ngay) ?? clock.Today());
        return new RazorComponentResult<DayChecksPage>(new { Model = await store.Read(records => DayChecks.Load(records, school, to), cancel) });
    }

    public async Task<IResult> Meter(HttpContext http, CancellationToken cancel) =>
        new RazorComponentResult<AbsenceMeterPage>(new { Model = await Load(http.Actor(), cancel) });

    public async Task<IResult> Letter(HttpContext http, Guid pupil, CancellationToken cancel) =>
        (await Load(http.Actor(), cancel)) is { Year: { } year } model && model.Lines.FirstOrDefault(l => l.Pupil == pupil) is { } line
            ? new RazorComponentResult<AbsenceLetterPage>(new { Line = line, Year = year, On = clock.Today() })
            : Error.NotFound("no_letter", "Em này không có trong danh sách nghỉ nhiều. Hãy về trang Nghỉ nhiều rồi chọn lại.").ToResult();

    public async Task<IResult> Meals(HttpContext http, string? ngay, CancellationToken cancel)
    {
        var (school, day) = (http.Actor().Scope, FormText.Day(ngay) ?? clock.Today());
        return new RazorComponentResult<MealCountPage>(new { Model = await store.Read(records => MealCount.Of(records, school, day, clock), cancel) });
    }

    public async Task<IResult> Day(HttpContext http, Guid? lop, CancellationToken cancel)
    {
        var actor = http.Actor();
        return (await store.Read(records => ClassDay.Load(records, actor, lop, clock), cancel)).Match(
            model => new RazorComponentResult<ClassDayPage>(new { Model = model }), error => error.ToResult());
    }

    /// <summary>The department's list: of each school that has somebody on it, and how old its data is.</summary>
    public async Task<IResult> Runs(HttpContext http, CancellationToken cancel)
    {
        var today = clock.Today();
        var found = await store.Read(records => Units.Load(records).ValidOn(today).Where(u => u.Value.Kind is UnitKind.School or UnitKind.IndependentGroup)
            .OrderBy(u => u.Value.Name, VietnameseText.ByText)
            .Select(u => new SchoolRuns(u.Id, u.Value.Name, AbsenceRuns.Of(records, Scope.School(u.Id), clock, AbsenceRuns.DepartmentFrom, _ => true), null)).ToList(), cancel);
        await reads.Write(new("read_pupils", http.Actor().Id, "absence_runs", ""), found.Sum(s => s.Lines.Count), sensitive: false, cancel);
        for (var i = 0; i < found.Count && http.RequestServices.GetService(typeof(SchoolLine)) is SchoolLine line; i++)
        {
            found[i] = found[i] with { CompleteAt = await line.CompleteAt(Scope.School(found[i].School), cancel) };
        }
        return new RazorComponentResult<SchoolRunsPage>(new { Schools = found, clock.SchoolNow().Date });
    }

    private Task<MeterModel> Load(Actor actor, CancellationToken cancel) => store.Read(
        records =>
        {
            bool Wanted(Guid lop) => ClassExport.WhyNot(records, actor, lop, clock.Today()) is null;
            var from = actor.Is(SubmitSession.Offices) ? AbsenceRuns.SchoolFrom : AbsenceRuns.HomeroomFrom;
            return AbsenceMeter.Load(records, actor.Scope, clock, Wanted) with { Runs = AbsenceRuns.Of(records, actor.Scope, clock, from, Wanted) };
        }, cancel);
}

/// <param name="CompleteAt">Up to when Central holds all that the school recorded; null when it never had anything.</param>
public sealed record SchoolRuns(Guid School, string Name, IReadOnlyList<RunLine> Lines, DateTimeOffset? CompleteAt);

internal static class ConsequenceRoutes
{
    internal static readonly NavEntry RunsNav = new(ConsequencePages.RunsPath, "Vắng liên tục", Roles.DepartmentOfficer, Side.Central);

    internal static void MapRuns(this IEndpointRouteBuilder routes) => routes.MapGet(
        ConsequencePages.RunsPath, (HttpContext http, ConsequencePages pages, CancellationToken cancel) => pages.Runs(http, cancel)).RequireRoles(RunsNav.Roles);

    internal static void MapConsequences(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(ConsequencePages.DayPath, (HttpContext http, string? lop, ConsequencePages pages, CancellationToken cancel) => pages.Day(http, FormText.Id(lop), cancel))
            .RequireRoles(MonthPages.Readers);
        routes.MapGet(ConsequencePages.ChecksPath, (HttpContext http, string? ngay, ConsequencePages pages, CancellationToken cancel) => pages.Checks(http, ngay, cancel))
            .RequireRoles(SubmitSession.Offices);
        routes.MapGet(ConsequencePages.MeterPath, (HttpContext http, ConsequencePages pages, CancellationToken cancel) => pages.Meter(http, cancel))
            .RequireRoles(MonthPages.Readers);
        routes.MapGet(ConsequencePages.MeterPath + "/{hs:guid}", (HttpContext http, Guid hs, ConsequencePages pages, CancellationToken cancel) => pages.Letter(http, hs, cancel))
            .RequireRoles(MonthPages.Readers);
        routes.MapGet(ConsequencePages.MealPath, (HttpContext http, string? ngay, ConsequencePages pages, CancellationToken cancel) => pages.Meals(http, ngay, cancel))
            .RequireRoles(SubmitSession.Offices);
    }
}
