using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

internal static class RegistryRoutes
{
    internal static readonly IReadOnlyList<NavEntry> Nav =
    [
        new("/hoc-sinh", "Học sinh", PupilPages.Readers, Side.Edge | Side.Central),
        new(PupilCards.Path, "Thẻ học sinh", PupilKeys.Writers, Side.Edge),
        new(ImportPages.Path, "Nhập dữ liệu", ImportPages.Readers, Side.Edge | Side.Central),
        new(RollPages.Path, "Lên lớp", PupilPages.Writers, Side.Edge | Side.Central),
        new("/phan-cong", "Phân công", AssignmentPages.Writers, Side.Edge | Side.Central),
        SubstitutionRoutes.Nav,
        new("/can-bo", "Cán bộ", StaffPages.Readers, Side.Edge | Side.Central),
        new("/don-vi", "Đơn vị", Access.EveryDepartmentRole, Side.Central),
        new("/lich", "Lịch năm học", CalendarPages.Readers, Side.Edge | Side.Central),
        new(TimetablePages.Path, "Thời khóa biểu", Access.EverySchoolRole, Side.Edge),
        new("/nam-hoc", "Năm học", Access.EveryDepartmentRole, Side.Central),
    ];

    internal static void MapSignIn(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(ShellSetup.SignInPath, (HttpContext http, SignIn signIn) => signIn.Page(http)).AllowAnonymous();
        routes.MapPost(ShellSetup.SignInPath, (HttpContext http, SignIn signIn) => signIn.Post(http)).AllowAnonymous();
        routes.MapPost("/dang-xuat", (Delegate)SignIn.SignOut).AllowAnonymous();
    }

    internal static void MapPupilSignIn(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(ShellSetup.PupilPath, PupilSignIn.PupilPage).AllowAnonymous();
        routes.MapPost(ShellSetup.PupilPath, (HttpContext http, PupilSignIn signIn) => signIn.PupilPost(http)).AllowAnonymous();
    }

    internal static void MapParentSignIn(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(ShellSetup.ParentPath, PupilSignIn.ParentPage).AllowAnonymous();
        routes.MapPost(ShellSetup.ParentPath, (HttpContext http, PupilSignIn signIn) => signIn.ParentPost(http)).AllowAnonymous();
    }

    internal static void MapPupilCards(this IEndpointRouteBuilder routes)
    {
        const string path = PupilCards.Path;
        routes.MapGet(path, (HttpContext http, string? lop, PupilCards cards, CancellationToken cancel) =>
            cards.Page(http, FormText.Id(lop), cancel)).RequireRoles(PupilKeys.Writers);
        routes.MapPost(path + "/the", (HttpContext http, PupilCards cards, CancellationToken cancel) => cards.MakeCards(http, cancel))
            .RequireRoles(PupilKeys.Writers).RequireStepUp(new Text("Tạo thẻ học sinh của lớp"), StepUp.ClassOf);
        routes.MapPost(path + "/lien-ket", (HttpContext http, PupilCards cards, CancellationToken cancel) => cards.MakeLinks(http, cancel))
            .RequireRoles(PupilKeys.Writers).RequireStepUp(new Text("Tạo liên kết phụ huynh của lớp"), StepUp.ClassOf);
        routes.MapPost(path + "/the/huy", (HttpContext http, PupilCards cards, CancellationToken cancel) => cards.RevokeCard(http, cancel))
            .RequireRoles(PupilKeys.Writers);
        routes.MapPost(path + "/lien-ket/huy", (HttpContext http, PupilCards cards, CancellationToken cancel) => cards.RevokeLink(http, cancel))
            .RequireRoles(PupilKeys.Writers);
    }

    internal static void MapUnits(this IEndpointRouteBuilder routes)
    {
        const string import = "/don-vi/nhap";
        routes.MapGet("/don-vi", (string? ngay, Borders? diagioi, string? phuong, string? tim, int? ghi, UnitPages pages, CancellationToken cancel) =>
            pages.List(FormText.Day(ngay), diagioi, phuong, tim, ghi, cancel)).RequireRoles(Access.EveryDepartmentRole);
        routes.MapGet("/don-vi/{id:guid}", (Guid id, string? ghi, UnitPages pages, CancellationToken cancel) => pages.One(id, cancel, ghi == "1"))
            .RequireRoles(Access.EveryDepartmentRole);
        routes.MapPost("/don-vi/{id:guid}/phuong", (HttpContext http, Guid id, UnitPages pages, CancellationToken cancel) => pages.Place(http, id, cancel))
            .RequireRoles(Access.EveryDepartmentRole);
        routes.MapGet(CatchmentPages.Path, (string? ngay, Borders? diagioi, string? cap, CatchmentPages pages, CancellationToken cancel) =>
            pages.Map(FormText.Day(ngay), diagioi, cap, cancel)).RequireRoles(Access.EveryDepartmentRole);
        routes.MapPost("/don-vi/{id:guid}/dia-ban", (HttpContext http, Guid id, CatchmentPages pages, CancellationToken cancel) => pages.Begin(http, id, cancel))
            .RequireRoles(Access.EveryDepartmentRole);
        routes.MapPost("/don-vi/{id:guid}/dia-ban/thoi", (HttpContext http, Guid id, CatchmentPages pages, CancellationToken cancel) => pages.End(http, id, cancel))
            .RequireRoles(Access.EveryDepartmentRole);
        routes.MapGet(import, (HttpContext http, string? phieu, UnitPages pages, CancellationToken cancel) =>
            pages.ImportPage(http, phieu, cancel)).RequireRoles(Access.EveryDepartmentRole);
        routes.MapPost(import, (HttpContext http, UnitPages pages, CancellationToken cancel) => pages.DryRun(http, cancel))
            .RequireRoles(Access.EveryDepartmentRole).TakesBytes(UnitPages.UploadBytesMax);
        routes.MapPost(import + "/ghi", (HttpContext http, UnitPages pages, CancellationToken cancel) => pages.Apply(http, cancel))
            .RequireRoles(Access.EveryDepartmentRole).RequireStepUp(new Text("Ghi danh sách đơn vị từ tệp"));
    }

    internal static void MapPupils(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/hoc-sinh", (HttpContext http, string? truong, string? lop, int? ghi, PupilPages pages, CancellationToken cancel) =>
            pages.List(http, FormText.Id(truong), FormText.Id(lop), ghi, cancel)).RequireRoles(PupilPages.Readers);
        routes.MapPost("/hoc-sinh", (HttpContext http, PupilPages pages, CancellationToken cancel) => pages.AddPupil(http, cancel))
            .RequireRoles(PupilPages.Writers);
        routes.MapPost("/hoc-sinh/lop", (HttpContext http, PupilPages pages, CancellationToken cancel) => pages.AddClass(http, cancel))
            .RequireRoles(PupilPages.Writers);
        routes.MapPost("/hoc-sinh/lop/{id:guid}", (HttpContext http, Guid id, PupilPages pages, CancellationToken cancel) =>
            pages.RenameClass(http, id, cancel)).RequireRoles(PupilPages.Writers);
        routes.MapPost("/hoc-sinh/lop/{id:guid}/bo", (HttpContext http, Guid id, PupilPages pages, CancellationToken cancel) =>
            pages.RemoveClass(http, id, cancel)).RequireRoles(PupilPages.Writers);
    }

    internal static void MapPupilPlaces(this IEndpointRouteBuilder routes)
    {
        const string one = "/hoc-sinh/{id:guid}";
        routes.MapGet(one, (HttpContext http, Guid id, string? truong, string? ghi, PupilPlaces pages, CancellationToken cancel) =>
            pages.Page(http, FormText.Id(truong), id, ghi == "1", cancel)).RequireRoles(PupilPages.Writers);
        routes.MapPost(one, (HttpContext http, Guid id, PupilPlaces pages, CancellationToken cancel) => pages.Edit(http, id, cancel))
            .RequireRoles(PupilPages.Writers);
        routes.MapPost(one + "/rieng-tu", (HttpContext http, Guid id, PupilPlaces pages, CancellationToken cancel) =>
            pages.Reveal(http, id, cancel)).RequireRoles(PupilPages.Writers);
        routes.MapPost(one + "/gia-dinh", (HttpContext http, Guid id, PupilPlaces pages, CancellationToken cancel) =>
            pages.Family(http, id, cancel)).RequireRoles(PupilPages.Writers);
        routes.MapPost(one + "/chuyen", (HttpContext http, Guid id, PupilPlaces pages, CancellationToken cancel) => pages.Move(http, id, cancel))
            .RequireRoles(PupilPages.Writers);
        routes.MapPost(one + "/thoi-hoc", (HttpContext http, Guid id, PupilPlaces pages, CancellationToken cancel) =>
            pages.Leave(http, id, cancel)).RequireRoles(PupilPages.Writers);
    }

    internal static void MapConsents(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/hoc-sinh/{id:guid}/dong-y", (HttpContext http, Guid id, PupilPlaces pages, CancellationToken cancel) =>
            pages.Consent(http, id, cancel)).RequireRoles(Roles.Office | Roles.Head);

    internal static void MapClassExport(this IEndpointRouteBuilder routes) =>
        routes.MapPost(ClassExport.Path, (HttpContext http, ClassExport export, CancellationToken cancel) => export.Download(http, cancel))
            .RequireRoles(ClassExport.Takers).RequireStepUp(new Text("Tải danh sách, bảng của lớp"), StepUp.ClassOf, downloads: true);

    internal static void MapTimetable(this IEndpointRouteBuilder routes) =>
        routes.MapGet(TimetablePages.Path, (HttpContext http, string? lop, string? gv, string? ngay, TimetablePages pages, CancellationToken cancel) =>
            pages.Page(http, FormText.Id(lop), FormText.Id(gv), FormText.Day(ngay), cancel)).RequireRoles(Access.EverySchoolRole);

    internal static void MapAssignments(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/phan-cong", (HttpContext http, string? truong, string? lop, AssignmentPages pages, CancellationToken cancel) =>
            pages.Page(http, FormText.Id(truong), FormText.Id(lop), cancel)).RequireRoles(AssignmentPages.Writers);
        routes.MapPost("/phan-cong", (HttpContext http, AssignmentPages pages, CancellationToken cancel) => pages.Begin(http, cancel))
            .RequireRoles(AssignmentPages.Writers);
        routes.MapPost("/phan-cong/ket-thuc", (HttpContext http, AssignmentPages pages, CancellationToken cancel) => pages.End(http, cancel))
            .RequireRoles(AssignmentPages.Writers);
    }

    internal static void MapStaff(this IEndpointRouteBuilder routes)
    {
        const string one = "/can-bo/{id:guid}";
        routes.MapGet("/can-bo", (HttpContext http, string? truong, StaffPages pages, CancellationToken cancel) =>
            pages.List(http, truong, cancel)).RequireRoles(StaffPages.Readers);
        routes.MapPost("/can-bo", (HttpContext http, StaffPages pages, CancellationToken cancel) => pages.Add(http, cancel))
            .RequireRoles(StaffPages.Writers).RequireStepUp(new Text("Thêm cán bộ và tạo mật khẩu"), (_, http) => http.Request.Form["hoten"]);
        routes.MapGet(one, (HttpContext http, Guid id, string? truong, StaffPages pages, CancellationToken cancel) =>
            pages.Person(http, truong, id, cancel)).RequireRoles(StaffPages.Readers);
        routes.MapPost(one, (HttpContext http, Guid id, StaffPages pages, CancellationToken cancel) => pages.Edit(http, id, cancel))
            .RequireRoles(StaffPages.Writers).RequireStepUp(new Text("Sửa thông tin, việc của cán bộ"), StepUp.PersonOf);
        routes.MapPost(one + "/chuc-vu", (HttpContext http, Guid id, StaffPages pages, CancellationToken cancel) => pages.BeginPosition(http, id, cancel))
            .RequireRoles(StaffPages.Writers);
        routes.MapPost(one + "/chuc-vu/thoi", (HttpContext http, Guid id, StaffPages pages, CancellationToken cancel) => pages.EndPosition(http, id, cancel))
            .RequireRoles(StaffPages.Writers);
        routes.MapPost(one + "/mat-khau", (HttpContext http, Guid id, StaffPages pages, CancellationToken cancel) =>
            pages.ResetPassword(http, id, cancel)).RequireRoles(StaffPages.Writers).RequireStepUp(new Text("Đặt lại mật khẩu"), StepUp.PersonOf);
        routes.MapPost(one + "/khoa", (HttpContext http, Guid id, StaffPages pages, CancellationToken cancel) => pages.Switch(http, id, cancel))
            .RequireRoles(StaffPages.Writers).RequireStepUp(new Text("Khóa hoặc mở tài khoản"), StepUp.PersonOf);
    }

    internal static void MapOwnPassword(this IEndpointRouteBuilder routes)
    {
        const string code = SecondFactorPages.Path;
        const Roles everybody = Access.EverySchoolRole | Access.EveryDepartmentRole;
        routes.MapGet(ShellSetup.OwnPasswordPath, (HttpContext http, string? doi, OwnPasswordPages pages, CancellationToken cancel) =>
            pages.Page(http, doi == "1", cancel)).RequireRoles(everybody).OpensWhilePasswordDue().OpensToGroups();
        routes.MapPost(ShellSetup.OwnPasswordPath, (HttpContext http, OwnPasswordPages pages, CancellationToken cancel) =>
            pages.Change(http, cancel)).RequireRoles(everybody).OpensWhilePasswordDue().OpensToGroups();
        routes.MapGet(code, (HttpContext http, SecondFactorPages pages, CancellationToken cancel) => pages.Page(http, cancel))
            .RequireRoles(everybody).OpensWhilePasswordDue().OpensToGroups();
        routes.MapPost(code, (HttpContext http, SecondFactorPages pages, CancellationToken cancel) => pages.TurnOn(http, cancel))
            .RequireRoles(everybody).OpensWhilePasswordDue().OpensToGroups();
    }

    internal static void MapLease(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(LeasePages.Path, (LeasePages pages, CancellationToken cancel) => pages.Page(cancel)).RequireRoles(Lease.Extenders);
        routes.MapPost(LeasePages.Path, (HttpContext http, LeasePages pages, CancellationToken cancel) => pages.Extend(http, cancel))
            .RequireRoles(Lease.Extenders).RequireStepUp(new Text("Gia hạn tài khoản khi mất liên lạc lâu ngày"));
    }

    internal static void MapYears(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/nam-hoc", (string? ghi, string? bo, YearPages pages, CancellationToken cancel) =>
            pages.List(FormText.Id(ghi), bo == "1", cancel)).RequireRoles(Access.EveryDepartmentRole);
        routes.MapPost("/nam-hoc", (HttpContext http, YearPages pages, CancellationToken cancel) => pages.Add(http, cancel))
            .RequireRoles(Access.EveryDepartmentRole);
        routes.MapPost("/nam-hoc/{id:guid}", (HttpContext http, Guid id, YearPages pages, CancellationToken cancel) =>
            pages.Change(http, id, cancel)).RequireRoles(Access.EveryDepartmentRole);
        routes.MapPost("/nam-hoc/{id:guid}/bo", (HttpContext http, Guid id, YearPages pages, CancellationToken cancel) =>
            pages.Remove(http, id, cancel)).RequireRoles(Access.EveryDepartmentRole);
    }

    internal static void MapCalendar(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/lich", (HttpContext http, string? ghi, string? bo, CalendarPages pages, CancellationToken cancel) =>
            pages.Page(http, FormText.Day(ghi), FormText.Day(bo), cancel)).RequireRoles(CalendarPages.Readers);
        routes.MapPost("/lich", (HttpContext http, CalendarPages pages, CancellationToken cancel) => pages.Add(http, cancel))
            .RequireRoles(CalendarPages.Writers);
        routes.MapPost("/lich/bo", (HttpContext http, CalendarPages pages, CancellationToken cancel) => pages.Remove(http, cancel))
            .RequireRoles(CalendarPages.Writers);
    }
}
