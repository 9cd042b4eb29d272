using Microsoft.AspNetCore.Http.HttpResults;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
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
        routes.MapGet("/hom-nay", async (TodayReader reader, TimeProvider clock, CancellationToken cancel, DateOnly? ngay, Slot? buoi) =>
            new RazorComponentResult<TodayPage>(new { Report = await reader.Read(ngay ?? clock.Today(), buoi ?? clock.SlotNow(), cancel) }))
            .RequireRoles(Access.EveryDepartmentRole);

        routes.MapGet("/hom-nay/{school:guid}", async (Guid school, TodayReader reader, TimeProvider clock, CancellationToken cancel, DateOnly? ngay, Slot? buoi) =>
        {
            var report = await reader.Read(ngay ?? clock.Today(), buoi ?? clock.SlotNow(), cancel);
            return report.City.Schools.FirstOrDefault(s => s.School == school) is { } day
                ? new RazorComponentResult<SchoolDayPage>(new { Report = report, School = day })
                : Error.NotFound("unknown_school", "Không có đơn vị này vào ngày đã chọn. Hãy quay lại trang Hôm nay.").ToResult();
        }).RequireRoles(Access.EveryDepartmentRole);
    }
}
