using Microsoft.AspNetCore.Http.HttpResults;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Reporting.Dashboards;

internal static class TodayEndpoints
{
    public static readonly NavEntry Nav = new("/hom-nay", "Hôm nay", Access.EveryDepartmentRole, Side.Central);

    public static void AddToday(this IServiceCollection services) => services.AddSingleton<TodayReader>()
        .AddSingleton(s => new SchoolLine(s.GetRequiredService<TodayReader>().CompleteAt));

    public static void MapToday(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/hom-nay", async (TodayReader reader, TimeProvider clock, CancellationToken cancel, DateOnly? ngay, Slot? buoi, Borders? diagioi) =>
            new RazorComponentResult<TodayPage>(new { Report = await reader.Read(ngay ?? clock.Today(), buoi ?? clock.SlotNow(), diagioi ?? Borders.Then, cancel) }))
            .RequireRoles(Access.EveryDepartmentRole);

        routes.MapPost("/hom-nay/tai", async (HttpContext http, TodayReader reader, TimeProvider clock, Words words, CancellationToken cancel) =>
        {
            var form = http.Request.Form;
            var report = await reader.Read(
                DateOnly.TryParseExact(form["ngay"], "yyyy-MM-dd", out var day) ? day : clock.Today(),
                Enum.TryParse<Slot>(form["buoi"], out var slot) && Enum.IsDefined(slot) ? slot : clock.SlotNow(),
                form["diagioi"] == nameof(Borders.Now) ? Borders.Now : Borders.Then, cancel);
            var table = TodayTable.Of(report, words);
            return form["dang"] == "csv"
                ? Results.Bytes(Csv.Write(table), Csv.ContentType, table.FileName + ".csv")
                : Results.Bytes(XlsxWriter.Write(table), XlsxWriter.ContentType, table.FileName + ".xlsx");
        }).RequireRoles(Access.EveryDepartmentRole);

        routes.MapGet("/hom-nay/{school:guid}", async (
            Guid school, TodayReader reader, TimeProvider clock, CancellationToken cancel, DateOnly? ngay, Slot? buoi, Borders? diagioi) =>
        {
            var report = await reader.Read(ngay ?? clock.Today(), buoi ?? clock.SlotNow(), diagioi ?? Borders.Then, cancel);
            return report.City.Schools.FirstOrDefault(s => s.School == school) is { } day
                ? new RazorComponentResult<SchoolDayPage>(new { Report = report, School = day })
                : Error.NotFound("unknown_school", "Không có đơn vị này vào ngày đã chọn. Hãy quay lại trang Hôm nay.").ToResult();
        }).RequireRoles(Access.EveryDepartmentRole);
    }
}
