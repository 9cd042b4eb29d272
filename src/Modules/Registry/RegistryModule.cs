using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

public sealed class RegistryModule : Module
{
    private const Roles School = Roles.Teacher | Roles.HomeroomTeacher | Roles.Office | Roles.Head | Roles.SchoolIt;
    private const Roles SchoolOffice = Roles.Office | Roles.Head;
    private const Roles Department = Roles.DepartmentOfficer | Roles.DepartmentIt;

    public override void Define(ModuleBuilder m)
    {
        m.Entity<Unit>("registry.unit").Named("Đơn vị", "/don-vi")
            .In(ScopeKind.City).WrittenBy(Side.Central)
            .Allow(School, Verbs.Read).Allow(Department, Verbs.Read | Verbs.Write)
            .Index(u => u.Code).Members(Unit.FeedsOf)
            .OfNobody(u => u.Kind, u => u.Code, u => u.Name, u => u.Level, u => u.Ward, u => u.ValidFrom, u => u.ValidTo, u => u.SampleCode, u => u.Earlier);
        m.Entity<Succession>("registry.succession").Named("Thay đổi đơn vị", "/don-vi")
            .In(ScopeKind.City).WrittenBy(Side.Central)
            .OfNobody(s => s.From, s => s.To, s => s.On, s => s.Whole)
            .Allow(School, Verbs.Read).Allow(Department, Verbs.Read | Verbs.Write);
        m.Entity<Catchment>("registry.catchment").Named("Địa bàn tuyển sinh", CatchmentPages.Path)
            .In(ScopeKind.City).WrittenBy(Side.Central)
            .Allow(School, Verbs.Read).Allow(Department, Verbs.Read | Verbs.Write)
            .Index(c => c.School.ToString("n")).OfNobody(c => c.School, c => c.Ward, c => c.Part, c => c.From, c => c.To);
        m.Entity<SchoolYear>("registry.school_year").Named("Năm học", "/nam-hoc")
            .In(ScopeKind.City).WrittenBy(Side.Central)
            .Allow(School, Verbs.Read).Allow(Department, Verbs.Read | Verbs.Write)
            .Index(y => y.Name).OfNobody(y => y.Name, y => y.From, y => y.To, y => y.Weekdays);
        m.Entity<CalendarDay>("registry.calendar_day").Named("Ngày trong lịch năm học", "/lich")
            .In(ScopeKind.City | ScopeKind.School).WrittenBy(Side.Edge | Side.Central)
            .Allow(School, Verbs.Read).Allow(SchoolOffice, Verbs.Read | Verbs.Write).Allow(Department, Verbs.Read | Verbs.Write)
            .Index(d => d.Date.Iso()).OfNobody(d => d.Date, d => d.Kind, d => d.Note, d => d.Event);
        // 2: slots that are no half of a day.
        m.Entity<SchoolClass>("registry.class", schema: 2).Named("Lớp", "/hoc-sinh")
            .In(ScopeKind.School).WrittenBy(Side.Edge | Side.Central)
            .Allow(School, Verbs.Read).Allow(SchoolOffice, Verbs.Read | Verbs.Write).Allow(Department, Verbs.Read | Verbs.Write)
            .Index(c => c.Year).OfNobody(c => c.Name, c => c.Grade, c => c.Year, c => c.Slots);
        m.Entity<Pupil>("registry.pupil").Named("Học sinh", "/hoc-sinh")
            .In(ScopeKind.School).WrittenBy(Side.Edge | Side.Central)
            .Allow(School, Verbs.Read).Allow(SchoolOffice, Verbs.Read | Verbs.Write).Allow(Department, Verbs.Read | Verbs.Write)
            .Basic(Purposes.Schooling, p => p.MinistryId, p => p.FullName, p => p.BirthDate, p => p.Gender)
            .Sensitive(Purposes.Statistics, p => p.Ethnicity, p => p.PersonalId)
            .Basic(Purposes.Family, p => p.Phone, p => p.FatherName, p => p.MotherName, p => p.Address, p => p.Email, p => p.Guardians)
            .SealedFor((p, _, _) => p.Id)
            .Index(p => p.MinistryId ?? "");
        m.Entity<Enrolment>("registry.enrolment").Named("Học sinh vào lớp", "/hoc-sinh")
            .In(ScopeKind.School).WrittenBy(Side.Edge | Side.Central)
            .Allow(School, Verbs.Read).Allow(SchoolOffice, Verbs.Read | Verbs.Write).Allow(Department, Verbs.Read | Verbs.Write)
            .Index(e => e.Pupil.ToString("n")).OfGone(TransferPupil.OfGone)
            .Basic(Purposes.Schooling, e => e.Pupil, e => e.Class, e => e.From, e => e.To);
        m.Entity<Transfer>("registry.transfer").Named("Chuyển trường", "/chuyen-truong")
            .In(ScopeKind.School).WrittenBy(Side.Central)
            .Allow(SchoolOffice, Verbs.Read).Allow(Roles.DepartmentOfficer, Verbs.Read | Verbs.Write)
            .Index(t => t.Effective.Iso()).OfNobody(t => t.Fence, t => t.Done)
            .Basic(Purposes.Schooling, t => t.Pupil, t => t.From, t => t.To, t => t.Class, t => t.Effective, t => t.Excused, t => t.Unexcused, t => t.RecordedAfter);
        m.Entity<PupilMerge>("registry.merge").Named("Gộp hồ sơ trùng", "/hoc-sinh-trung")
            .In(ScopeKind.School).WrittenBy(Side.Central)
            .Allow(SchoolOffice, Verbs.Read).Allow(Roles.DepartmentOfficer, Verbs.Read | Verbs.Write)
            .Index(g => g.From.Iso()).OfNobody(g => g.Undone)
            .Basic(Purposes.Schooling, g => g.Kept, g => g.KeptSchool, g => g.Other, g => g.OtherSchool, g => g.From, g => g.Places, g => g.Filled, g => g.By);
        m.Entity<DistinctPupils>("registry.distinct").Named("Không phải một người", "/hoc-sinh-trung")
            .In(ScopeKind.Department).WrittenBy(Side.Central)
            .Allow(Roles.DepartmentOfficer, Verbs.Read | Verbs.Write)
            .OfNobody(d => d.Stands).Basic(Purposes.Schooling, d => d.First, d => d.Second, d => d.By);
        m.Entity<RollOver>("registry.roll_over").Named("Kết chuyển năm học", RollPages.Path)
            .In(ScopeKind.School).WrittenBy(Side.Edge | Side.Central).Facts()
            .Allow(SchoolOffice | Roles.DepartmentOfficer, Verbs.Read | Verbs.Write)
            .Index(r => r.Year).OfNobody(r => r.Step, r => r.Classes, r => r.Year, r => r.Class, r => r.First, r => r.Made)
            .Basic(Purposes.Schooling, r => r.Pupils, r => r.By);
        m.Entity<RollOverUndone>("registry.roll_over_undone").Named("Hoàn tác kết chuyển năm học", RollPages.Path)
            .In(ScopeKind.School).WrittenBy(Side.Edge | Side.Central).Facts()
            .Allow(SchoolOffice | Roles.DepartmentOfficer, Verbs.Read | Verbs.Write)
            .Index(u => u.Year).OfNobody(u => u.Year, u => u.Steps).Basic(Purposes.Schooling, u => u.By, u => u.Kept);
        m.Entity<ImportPart>("registry.import").Named("Nhập dữ liệu từ tệp", ImportPages.Path)
            .In(ScopeKind.School).WrittenBy(Side.Edge | Side.Central).Facts()
            .Allow(SchoolOffice | Department, Verbs.Read | Verbs.Write)
            .Index(p => p.Run.ToString("n")).OfNobody(p => p.Run, p => p.Kind, p => p.Rows).Basic(Purposes.Schooling, p => p.Records, p => p.By);
        m.Entity<ImportUndone>("registry.import_undone").Named("Hoàn tác nhập dữ liệu", ImportPages.Path)
            .In(ScopeKind.School).WrittenBy(Side.Edge | Side.Central).Facts()
            .Allow(SchoolOffice | Department, Verbs.Read | Verbs.Write)
            .Index(u => u.Run.ToString("n")).OfNobody(u => u.Run, u => u.Parts).Basic(Purposes.Schooling, u => u.Kept, u => u.By);
        m.Entity<Consent>("registry.consent").Named("Sự đồng ý của gia đình", "/hoc-sinh")
            .In(ScopeKind.School).WrittenBy(Side.Edge).Facts()
            .Allow(SchoolOffice, Verbs.Read | Verbs.Write).Allow(Department, Verbs.Read)
            .Index(c => c.Pupil.ToString("n"))
            .Basic(Purposes.Consent, c => c.Pupil, c => c.Purpose, c => c.Version, c => c.Given, c => c.Party, c => c.Name, c => c.On, c => c.By)
            .SealedFor((c, _, _) => c.Value.Pupil);
        m.Entity<Erasure>("registry.erasure").Named("Quyết định xóa dữ liệu hết hạn", "/xoa-du-lieu")
            .In(ScopeKind.School).WrittenBy(Side.Central).Facts()
            .Allow(SchoolOffice, Verbs.Read).Allow(Roles.DepartmentOfficer, Verbs.Read | Verbs.Write)
            .Basic(Purpose.Accountability, e => e.Pupils, e => e.On, e => e.By);
        m.Entity<Erased>("registry.erased").Named("Máy trường đã xóa", "/xoa-du-lieu")
            .In(ScopeKind.School).WrittenBy(Side.Edge).Facts()
            .Allow(SchoolOffice, Verbs.Read | Verbs.Write).Allow(Roles.DepartmentOfficer, Verbs.Read)
            .OfNobody(e => e.Erasure, e => e.Node);
        m.Entity<Staff>("registry.staff").Named("Cán bộ", "/can-bo")
            .In(ScopeKind.Department | ScopeKind.School).WrittenBy(Side.Edge | Side.Central)
            .Allow(School, Verbs.Read).Allow(Department | Roles.Head, Verbs.Read | Verbs.Write)
            .Basic(Purposes.Work, s => s.FullName, s => s.Title);
        m.Entity<StaffPosition>("registry.position").Named("Chức vụ", "/can-bo")
            .In(ScopeKind.Department | ScopeKind.School).WrittenBy(Side.Edge | Side.Central)
            .Allow(School, Verbs.Read).Allow(Department | Roles.Head, Verbs.Read | Verbs.Write)
            .Index(p => p.Staff.ToString("n")).Basic(Purposes.Work, p => p.Staff, p => p.Code, p => p.From, p => p.To);
        m.Entity<Account>("registry.account").Named("Tài khoản đăng nhập", "/can-bo")
            .In(ScopeKind.Department | ScopeKind.School).WrittenBy(Side.Edge | Side.Central)
            .Allow(Accounts.Writers, Verbs.Read | Verbs.Write).Allow(Roles.DepartmentOfficer, Verbs.Read)
            .Basic(Purposes.SignIn, a => a.UserName, a => a.Roles, a => a.Disabled, a => a.ExtendedTo, a => a.GivenAt)
            .Sensitive(Purposes.SignIn, a => a.PasswordHash, a => a.GivenHash, a => a.TotpSecret)
            .Index(a => a.UserName);
        m.Entity<PupilKey>("registry.pupil_key").Named("Thẻ học sinh", PupilCards.Path)
            .In(ScopeKind.School).WrittenBy(Side.Edge)
            .Allow(PupilKeys.Writers, Verbs.Read | Verbs.Write)
            .Basic(Purposes.SignIn, k => k.Class, k => k.LinkTo)
            .Sensitive(Purposes.SignIn, k => k.PinHash, k => k.CardHash, k => k.LinkHash)
            .Index(k => k.CardHash ?? "");
        m.Entity<Assignment>("registry.assignment").Named("Phân công", "/phan-cong")
            .In(ScopeKind.School).WrittenBy(Side.Edge | Side.Central)
            .Allow(School, Verbs.Read).Allow(SchoolOffice, Verbs.Read | Verbs.Write).Allow(Department, Verbs.Read | Verbs.Write)
            .Index(a => a.Class.ToString("n"))
            .Basic(Purposes.Work, a => a.Staff, a => a.Class, a => a.From, a => a.To, a => a.Homeroom, a => a.Subject);
        m.Entity<Timetable>("registry.timetable").Named("Thời khóa biểu", TimetablePages.Path)
            .In(ScopeKind.School).WrittenBy(Side.Edge | Side.Central)
            .Allow(School, Verbs.Read).Allow(SchoolOffice, Verbs.Read | Verbs.Write).Allow(Department, Verbs.Read | Verbs.Write)
            .Index(t => t.Class.ToString("n")).OfNobody(t => t.Class, t => t.From).Basic(Purposes.Work, t => t.Lessons);
        m.Entity<Substitution>("registry.substitution").Named("Dạy thay", SubstitutionPages.Path)
            .In(ScopeKind.School).WrittenBy(Side.Edge)
            .Allow(School, Verbs.Read).Allow(SchoolOffice, Verbs.Read | Verbs.Write).Allow(Department, Verbs.Read)
            .Index(s => s.Staff.ToString("n"))
            .Basic(Purposes.Work, s => s.Staff, s => s.For, s => s.Class, s => s.Slot, s => s.From, s => s.To, s => s.By);
        m.View<Enrolment, ClassRoster>("registry.roster", (_, e) => (e.Class, ""), (before, e, _, _) => ClassRoster.Fold(before, e), (held, id) => held.Without(id));
        m.View<Transfer, PupilMoves>("registry.moves", (scope, _) => (scope.Owner, ""), (before, t, _, _) => PupilMoves.Fold(before, t));
        m.View<Assignment, TeacherClasses>(
            "registry.teacher", (_, a) => (a.Staff, ""), (before, a, _, _) => TeacherClasses.Fold(before, a), (held, id) => held.Without(id));
    }

    public override IReadOnlyList<NavEntry> Nav => RegistryRoutes.Nav;

    public override void AddServices(IServiceCollection services)
    {
        services.AddSingleton<SignInDelay>();
        services.AddSingleton<SignIn>();
        services.AddSingleton<Sessions>();
        services.AddSingleton<SecondFactor>();
        services.AddSingleton<SecondFactorPages>();
        services.AddSingleton<Lease>();
        services.AddSingleton<LeasePages>();
        services.AddSingleton<UnitPages>();
        services.AddSingleton<CatchmentPages>();
        services.AddSingleton<UploadStore<UnitFile>>();
        services.AddSingleton<PupilPages>();
        services.AddSingleton<ImportPages>();
        services.AddSingleton<RunImport>();
        services.AddSingleton<ImportUndoing>();
        services.AddSingleton<UploadStore<ImportUpload>>();
        services.AddSingleton<ImportKind, ImportPupils>();
        services.AddSingleton<ImportKind, ImportClasses>();
        services.AddSingleton<ImportKind, ImportStaff>();
        services.AddSingleton<ImportKind, ImportTimetable>();
        services.AddSingleton<TimetablePages>();
        services.AddSingleton<SubstitutionPages>();
        services.AddSingleton<PupilWork, PapersOfPupils>();
        services.AddSingleton<CalendarPages>();
        services.AddSingleton<PupilPlaces>();
        services.AddSingleton<RollPages>();
        services.AddSingleton<ClassWork, TeachersOfClass>();
        services.AddSingleton<AssignmentPages>();
        services.AddSingleton<StaffPages>();
        services.AddSingleton<OwnAccount>();
        services.AddSingleton<OwnPasswordPages>();
        services.AddSingleton<YearPages>();
        services.AddSingleton<PupilSignIn>();
        services.AddSingleton<PupilCards>();
        services.AddSingleton<ClassExport>();
        services.AddSingleton<ClassTable, PupilTable>();
        // Looked for with the first session: a box that has not joined has no records to check one by.
        services.Configure<CookieAuthenticationOptions>(
            CookieAuthenticationDefaults.AuthenticationScheme,
            o => o.Events.OnValidatePrincipal = session => session.HttpContext.RequestServices.GetRequiredService<Sessions>().Check(session));
    }

    public override void Map(IEndpointRouteBuilder routes, Side side)
    {
        routes.MapSignIn();
        routes.MapParentSignIn();
        routes.MapOwnPassword();
        routes.MapStaff();
        routes.MapStepUp();
        routes.MapPupils();
        routes.MapImports();
        routes.MapPupilPlaces();
        routes.MapRollOver();
        routes.MapAssignments();
        routes.MapCalendar();
        if (side == Side.Edge)
        {
            routes.MapLease();
            routes.MapPupilSignIn();
            routes.MapPupilCards();
            routes.MapConsents();
            routes.MapClassExport();
            routes.MapTimetable();
            routes.MapSubstitutions();
        }
        if (side == Side.Central)
        {
            routes.MapUnits();
            routes.MapYears();
        }
    }
}
