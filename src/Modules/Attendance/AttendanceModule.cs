using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

public sealed class AttendanceModule : Module
{
    internal const Roles School = Roles.Teacher | Roles.HomeroomTeacher | Roles.Office | Roles.Head;

    public override void Define(ModuleBuilder m)
    {
        m.Entity<RosterSeen>("attendance.roster").Named("Danh sách lớp lúc điểm danh", "/diem-danh")
            .In(ScopeKind.School).WrittenBy(Side.Edge).Facts().On(Lane.Attendance)
            .Allow(School, Verbs.Read | Verbs.Write).Allow(Roles.DepartmentOfficer, Verbs.Read)
            .Index(r => r.Class.ToString("n")).OfNobody(r => r.Class).Basic(Purposes.Attendance, r => r.Pupils);
        m.Entity<Submission>("attendance.submission").Named("Điểm danh", "/diem-danh")
            .In(ScopeKind.School).WrittenBy(Side.Edge).Facts().On(Lane.Attendance)
            .Allow(School, Verbs.Read | Verbs.Write).Allow(Roles.DepartmentOfficer, Verbs.Read)
            .Index(s => s.Date.Iso()).OfGone(SessionSheet.OfGone)
            .OfNobody(s => s.Class, s => s.Date, s => s.Slot, s => s.Roster, s => s.Seen, s => s.Source, s => s.TakenAtMs)
            .Basic(Purposes.Attendance, s => s.Marks, s => s.By);
        m.View<Submission, SessionSheet>(
            "attendance.session",
            (scope, s) => (SessionSheet.IdOf(scope, s.Class, s.Date, s.Slot), s.Date.Iso()),
            (before, s, scope, records) => SessionSheet.Fold(before, s, id => records.Get<RosterSeen>(scope, id)?.Value));
    }

    public override IReadOnlyList<NavEntry> Nav =>
    [
        new("/diem-danh", "Điểm danh", School, Side.Edge),
        new("/bang-lop", "Bảng lớp", SubmitSession.Offices, Side.Edge),
        .. PupilDays.Nav,
    ];

    public override void AddServices(IServiceCollection services) => services.AddSingleton<ClassTable, MonthTable>();

    public override void Map(IEndpointRouteBuilder routes, Side side)
    {
        if (side == Side.Edge)
        {
            routes.MapInstallableApp();
            routes.MapAttendance();
        }
        routes.MapPupilDays(side);
    }
}
