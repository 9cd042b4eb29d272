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
            .In(ScopeKind.School).WrittenBy(Side.Edge | Side.Central).Facts().On(Lane.Attendance)
            .Allow(School, Verbs.Read | Verbs.Write).Allow(Roles.DepartmentOfficer, Verbs.Read)
            .Index(r => r.Class.ToString("n")).OfNobody(r => r.Class).Basic(Purposes.Attendance, r => r.Pupils);
        // 2: words of notices, which a reader that knows teacher and office only must leave alone. 3: codes and slots that came with the data files.
        // 4: words out of files. 5: words of the gate and off paper. At Central only people of units without a box have a role that writes it.
        m.Entity<Submission>("attendance.submission", schema: 5).Named("Điểm danh", "/diem-danh")
            .In(ScopeKind.School).WrittenBy(Side.Edge | Side.Central).Facts().On(Lane.Attendance)
            .Allow(School, Verbs.Read | Verbs.Write).Allow(Roles.DepartmentOfficer, Verbs.Read)
            .Index(s => s.Date.Iso()).OfGone(SessionSheet.OfGone)
            .OfNobody(s => s.Class, s => s.Date, s => s.Slot, s => s.Roster, s => s.Seen, s => s.Source, s => s.TakenAtMs)
            .Basic(Purposes.Attendance, s => s.Marks, s => s.By);
        m.Entity<AbsenceNotice>("attendance.notice").Named("Đơn xin nghỉ học", NoticeDesk.Path)
            .In(ScopeKind.School).WrittenBy(Side.Edge | Side.Central).Facts().On(Lane.Attendance)
            .Allow(DecideNotice.Deciders | Roles.Parent, Verbs.Read | Verbs.Write)
            .Index(n => n.To.Iso()).OfGone((scope, n, records) => OfGone(scope, n.Pupil, n.From, records))
            .Basic(Purposes.Attendance, n => n.Pupil, n => n.From, n => n.To, n => n.Slots, n => n.By, n => n.Sender, n => n.AtMs)
            .Sensitive(Purposes.Absence, n => n.Reason).SealedFor((n, _, _) => n.Value.Pupil);
        // Central writes only that a family withdraws.
        m.Entity<NoticeDecision>("attendance.notice_decision").Named("Trả lời đơn xin nghỉ học", NoticeDesk.Path)
            .In(ScopeKind.School).WrittenBy(Side.Edge | Side.Central).Facts().On(Lane.Attendance)
            .Allow(DecideNotice.Deciders | Roles.Parent, Verbs.Read | Verbs.Write)
            .Index(d => d.To.Iso())
            .Basic(Purposes.Attendance, d => d.Notice, d => d.To, d => d.State, d => d.By).Sensitive(Purposes.Absence, d => d.Why)
            .SealedFor((d, school, records) => records.Get<AbsenceNotice>(school, d.Value.Notice)?.Value.Pupil);
        m.Entity<Bell>("attendance.bell").Named("Giờ vào lớp", GatePages.Path)
            .In(ScopeKind.School).WrittenBy(Side.Edge)
            .Allow(School, Verbs.Read).Allow(SubmitSession.Offices, Verbs.Read | Verbs.Write).Allow(Roles.DepartmentOfficer, Verbs.Read)
            .OfNobody(b => b.Slot, b => b.At);
        m.Entity<LessonEntry>("attendance.lesson").Named("Sổ đầu bài", LessonLog.Path)
            .In(ScopeKind.School).WrittenBy(Side.Edge).Facts().On(Lane.Attendance)
            .Allow(School, Verbs.Read | Verbs.Write).Allow(Roles.DepartmentOfficer, Verbs.Read)
            .Index(e => LessonEntry.IndexOf(e.Class, e.Date)).OfNobody(e => e.Class, e => e.Date, e => e.Slot, e => e.Subject, e => e.Number, e => e.Content)
            .Basic(Purposes.Attendance, e => e.Remark, e => e.Rating, e => e.By);
        m.Entity<Collector>("attendance.collector").Named("Người được đón trẻ", PickUpPages.Path)
            .In(ScopeKind.School).WrittenBy(Side.Edge).On(Lane.Attendance)
            .Allow(School, Verbs.Read | Verbs.Write)
            .Index(c => c.Pupil.ToString("n")).Basic(Purposes.Attendance, c => c.Pupil, c => c.Ended)
            .Basic(Purposes.Family, c => c.Name, c => c.Relation, c => c.Phone).SealedFor((c, _, _) => c.Value.Pupil, Collectors.FieldOf);
        m.Entity<PickUp>("attendance.pick_up", schema: 2).Named("Trả trẻ", PickUpPages.Path)
            .In(ScopeKind.School).WrittenBy(Side.Edge).Facts().On(Lane.Attendance)
            .Allow(School, Verbs.Read | Verbs.Write)
            .Index(p => p.Date.Iso()).OfGone((scope, p, records) => OfGone(scope, p.Pupil, p.Date, records))
            .Basic(Purposes.Attendance, p => p.Pupil, p => p.Date, p => p.Collector, p => p.AtMs, p => p.By, p => p.TakenBack);
        m.Entity<MonthLock>("attendance.month_lock").Named("Khóa sổ điểm danh", MonthPages.Path)
            .In(ScopeKind.School).WrittenBy(Side.Edge).Facts().On(Lane.Attendance)
            .Allow(SubmitSession.Offices, Verbs.Read | Verbs.Write).Allow(Roles.HomeroomTeacher | Roles.DepartmentOfficer, Verbs.Read)
            .Index(l => l.Code).OfNobody(l => l.Class, l => l.Month, l => l.Act, l => l.Code, l => l.Words)
            .Basic(Purposes.Attendance, l => l.Reason, l => l.By);
        m.Entity<MonthVerified>("attendance.month_verified").Named("Xác nhận sổ điểm danh", MonthPages.Path)
            .In(ScopeKind.School).WrittenBy(Side.Edge).Facts().On(Lane.Attendance)
            .Allow(SubmitSession.Offices, Verbs.Read | Verbs.Write).Allow(Roles.HomeroomTeacher | Roles.DepartmentOfficer, Verbs.Read)
            .OfNobody(v => v.Class, v => v.Month, v => v.Words).Basic(Purposes.Attendance, v => v.By);
        // 2: what waits for the morning.
        m.Entity<ParentMessage>("attendance.parent_message", schema: 2).Named("Tin báo gia đình", ParentMessagePages.Path)
            .In(ScopeKind.School).WrittenBy(Side.Central).On(Lane.Attendance)
            .Allow(MonthPages.Readers, Verbs.Read).Allow(Roles.DepartmentOfficer, Verbs.Read | Verbs.Write)
            .Index(p => p.Date.Iso()).OfNobody(p => p.Why)
            .Basic(Purposes.Attendance, p => p.Pupil, p => p.Date, p => p.Slot, p => p.Number, p => p.State, p => p.AtMs);
        m.View<AbsenceNotice, PupilNotices>("attendance.pupil_notices", (_, n) => (n.Pupil, ""), (before, n, _, _) => PupilNotices.Fold(before, n));
        m.View<Submission, SessionSheet>(
            "attendance.session",
            (scope, s) => (SessionSheet.IdOf(scope, s.Class, s.Date, s.Slot), s.Date.Iso()),
            (before, s, scope, records) => SessionSheet.Fold(before, s, id => records.Get<RosterSeen>(scope, id)?.Value));
        m.View<Submission, MonthBook>(
            "attendance.month", (scope, s) => (MonthBook.IdOf(scope, s.Class, s.Date), MonthBook.FirstOf(s.Date).Iso()),
            (before, s, scope, records) => MonthBook.Fold(before, s, scope, records));
        m.View<MonthLock, MonthLocks>(
            "attendance.month_locks", (scope, l) => (MonthBook.IdOf(scope, l.Class, l.Month), l.Month.Iso()), (before, l, _, _) => MonthLocks.Fold(before, l));
        m.View<MonthVerified, VerifiedWords>(
            "attendance.verified_words", (scope, v) => (MonthBook.IdOf(scope, v.Class, v.Month), v.Month.Iso()), (before, v, _, _) => VerifiedWords.Fold(before, v));
    }

    public override IReadOnlyList<NavEntry> Nav =>
    [
        new("/diem-danh", "Điểm danh", School, Side.Edge | Side.Central, ForGroups: true),
        new("/bang-lop", "Bảng lớp", SubmitSession.Offices, Side.Edge),
        LessonRoutes.Nav,
        GateRoutes.Nav,
        PaperRoutes.Nav,
        PickUpRoutes.Nav,
        new(NoticeDesk.Path, "Đơn xin nghỉ", DecideNotice.Deciders, Side.Edge),
        new(MonthPages.Path, "Sổ điểm danh", MonthPages.Readers, Side.Edge),
        new(ConsequencePages.DayPath, "Tổng hợp lớp", MonthPages.Readers, Side.Edge),
        new(ParentMessagePages.Path, "Tin báo gia đình", MonthPages.Readers, Side.Edge),
        new(ParentMessagePages.Path, "Tin báo gia đình", Roles.DepartmentOfficer, Side.Central),
        ConsequenceRoutes.RunsNav,
        new(ConsequencePages.MealPath, "Báo ăn", SubmitSession.Offices, Side.Edge),
        .. PupilDays.Nav,
        new(ParentNotices.Path, "Xin nghỉ học", Roles.Parent, Side.Edge | Side.Central),
    ];

    public override void AddServices(IServiceCollection services)
    {
        services.AddSingleton<ClassTable, MonthTable>();
        services.AddSingleton<ClassWork, SheetsOfClass>();
        services.AddSingleton<PupilWork, SheetsOfPupils>();
        services.AddSingleton<ImportKind, ImportMonth>();
        services.AddSingleton<NoticeDesk>();
        services.AddSingleton<LessonLog>();
        services.AddSingleton<GatePages>();
        services.AddSingleton<PaperSheets>();
        services.AddSingleton<PickUpPages>();
        services.AddSingleton<MonthPages>();
        services.AddSingleton<ConsequencePages>();
        services.AddSingleton<ParentNotices>();
        services.AddSingleton<ParentMessagePages>();
    }

    public override void Map(IEndpointRouteBuilder routes, Side side)
    {
        routes.MapInstallableApp();
        routes.MapAttendance();
        if (side == Side.Edge)
        {
            routes.MapWall();
            routes.MapNoticeDesk();
            routes.MapLessonLog();
            routes.MapGate();
            routes.MapPaperSheets();
            routes.MapPickUps();
            routes.MapMonthPages();
            routes.MapConsequences();
        }
        else
        {
            routes.MapRuns();
        }
        routes.MapParentMessages(side);
        routes.MapPupilDays(side);
        routes.MapParentNotices();
    }

    private static Share OfGone(Scope school, Guid pupil, DateOnly day, IRecords records) =>
        PupilMoves.Of(records, school)?.HasLeft(school.Owner, pupil, day) == true ? Share.Whole : Share.None;
}
