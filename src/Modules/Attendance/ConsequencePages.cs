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
internal sealed class ConsequencePages(IRecordStore store, TimeProvider clock)
{
    internal const string ChecksPath = "/doi-chieu";
    internal const string MeterPath = "/chuyen-can";
    internal const string MealPath = "/bao-an";

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

    private Task<MeterModel> Load(Actor actor, CancellationToken cancel) => store.Read(
        records => AbsenceMeter.Load(records, actor.Scope, clock, lop => ClassExport.WhyNot(records, actor, lop, clock.Today()) is null), cancel);
}

internal static class ConsequenceRoutes
{
    internal static void MapConsequences(this IEndpointRouteBuilder routes)
    {
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
