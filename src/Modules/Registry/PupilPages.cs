using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <param name="Schools">Central only: the schools to choose from.</param>
/// <param name="Pupils">Null before a class is chosen.</param>
public sealed record PupilListModel(
    IReadOnlyList<Row<Unit>> Schools, Guid? School, string? Year, IReadOnlyList<Row<SchoolClass>> Classes, Guid? Class,
    IReadOnlyList<Row<Pupil>>? Pupils, bool MayWrite, DateOnly Today = default, int? Written = null, Error? Refused = null);

/// <param name="Token">Names the kept upload; null before there is one.</param>
public sealed record PupilImportModel(
    IReadOnlyList<Row<Unit>> Schools, Guid? School, DateOnly From, PupilPlan? Plan = null, string? Token = null, Error? Refused = null);

/// <summary>The pupils of a school's classes, new classes, and the import of pupils; at Central for the school that was chosen.</summary>
internal sealed class PupilPages(
    IRecordStore store, Catalogue catalogue, TimeProvider clock, UploadStore<PupilFile> uploads, IAuditLog audit)
{
    internal const Roles Readers = Roles.Teacher | Roles.HomeroomTeacher | Roles.Office | Roles.Head | Roles.DepartmentOfficer;
    internal const Roles Writers = Roles.Office | Roles.Head | Roles.DepartmentOfficer;
    private const Roles WholeSchool = Writers;

    public async Task<IResult> List(HttpContext http, Guid? truong, Guid? lop, int? ghi, CancellationToken cancel)
    {
        var actor = http.Actor();
        var model = await store.Read(records => Find(records, actor, truong, lop), cancel);
        if (!model.Ok)
        {
            return model.Error.ToResult();
        }
        if (actor.Scope == Scope.City && lop is not null)
        {
            await audit.Write(new("read_pupils", actor.Id, lop.Value.ToString("n"), ""), cancel);
        }
        return Show(model.Value with { Written = ghi });
    }

    public async Task<IResult> AddClass(HttpContext http, CancellationToken cancel)
    {
        var (actor, form) = (http.Actor(), http.Request.Form);
        var truong = FormText.Id(form["truong"]);
        var added = await store.Decide(actor, records =>
        {
            var school = SchoolScope.Existing(records, actor, truong);
            return school.Ok ? DecideClass(records, school.Value, form) : school.Error;
        }, cancel);
        if (added.Ok)
        {
            return Results.LocalRedirect($"/hoc-sinh?lop={added.Value}&truong={truong}");
        }
        var model = await store.Read(records => Find(records, actor, truong, null), cancel);
        return model.Match(m => Show(m with { Refused = added.Error }), Refusal.ToResult);
    }

    public async Task<IResult> ImportForm(HttpContext http, Guid? truong, CancellationToken cancel) =>
        Show(await Import(http.Actor(), truong, cancel));

    public async Task<IResult> DryRun(HttpContext http, CancellationToken cancel)
    {
        var (actor, form) = (http.Actor(), http.Request.Form);
        var model = await Import(actor, Guid.TryParse(form["truong"], out var id) ? id : null, cancel);
        model = model with { From = DateOnly.TryParse(form["ngay"], CultureInfo.InvariantCulture, out var day) ? day : model.From };
        if (SchoolScope.Chosen(actor, model.School) is not { } school || form.Files["tep"] is not { Length: > 0 } upload)
        {
            return Show(model with { Refused = Error.Invalid("import_incomplete", "Hãy chọn trường và tệp Excel (.xlsx) rồi gửi lại.") });
        }
        using var stream = upload.OpenReadStream();
        var sheet = PupilSheet.Read(stream, clock.Today());
        if (!sheet.Ok)
        {
            return Show(model with { Refused = sheet.Error });
        }
        var file = new PupilFile(school, sheet.Value, model.From);
        var plan = await store.Read(records => ImportPupils.Plan(catalogue, records, file, clock), cancel);
        return plan.Ok
            ? Show(model with { Plan = plan.Value, Token = uploads.Keep(actor.Id, file) })
            : Show(model with { Refused = plan.Error });
    }

    public async Task<IResult> Apply(HttpContext http, CancellationToken cancel)
    {
        var actor = http.Actor();
        var token = http.Request.Form["phieu"].ToString();
        if (uploads.Find(actor.Id, token) is not { } file)
        {
            return Show(await Import(actor, null, cancel) with { Refused = Uploads.Expired });
        }
        var written = await ImportPupils.Apply(store, catalogue, actor, file, clock, cancel);
        if (!written.Ok)
        {
            return Show(await Import(actor, file.School.Owner, cancel) with { Refused = written.Error });
        }
        uploads.Drop(token);
        return Results.LocalRedirect($"/hoc-sinh?truong={file.School.Owner}&ghi={written.Value}");
    }

    /// <summary>A teacher sees the classes that they teach; a class of somebody else's is refused, not hidden.</summary>
    private Result<PupilListModel> Find(IRecords records, Actor actor, Guid? chosen, Guid? lop)
    {
        var schools = SchoolScope.Choices(records, actor, clock.Today());
        if (SchoolScope.Chosen(actor, chosen) is not { } school)
        {
            return new PupilListModel(schools, null, null, [], null, null, false);
        }
        var today = clock.Today();
        var year = YearFor(records, school, today);
        var teaches = actor.Is(WholeSchool) ? null : records.View<TeacherClasses>(school, actor.Id) ?? new TeacherClasses(actor.Id, []);
        var classes = year is null ? [] : records.AllAt<SchoolClass>(school, year.Name)
            .Where(c => teaches is null || teaches.Teaches(c.Id, today)).OrderBy(c => c.Value.Name, VietnameseText.ByText).ToList();
        if (lop is { } id && classes.All(c => c.Id != id))
        {
            return teaches is null || records.Get<SchoolClass>(school, id) is null
                ? Error.NotFound("no_class", "Không có lớp này trong năm học. Hãy chọn lại lớp.")
                : Error.Denied(
                    "not_your_class", "Bạn không được phân công dạy lớp này. Nếu phân công đã đổi, hãy nhờ văn phòng nhà trường cập nhật.");
        }
        var pupils = lop is { } of ? PupilsOn(records, school, of, today) : null;
        return new PupilListModel(schools, school.Owner, year?.Name, classes, lop, pupils, actor.Is(Writers), today);
    }

    private static List<Row<Pupil>> PupilsOn(IRecords records, Scope school, Guid schoolClass, DateOnly date) =>
    [
        .. (records.View<ClassRoster>(school, schoolClass)?.PupilsOn(date) ?? [])
            .Select(p => records.Get<Pupil>(school, p)).OfType<Row<Pupil>>().OrderBy(p => p.Value.FullName, VietnameseText.ByGivenName),
    ];

    private Decision<Guid> DecideClass(IRecords records, Scope school, IFormCollection form)
    {
        var name = VietnameseText.Normalise(form["ten"].ToString());
        var grade = int.TryParse(form["khoi"], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : (int?)null;
        Slot[] slots = [.. form["buoi"].Select(b => b == "chieu" ? Slot.Afternoon : Slot.Morning).Distinct().Order()];
        if (name.Length is 0 or > 30 || grade is < 1 or > 12 || slots is [])
        {
            return Error.Invalid(
                "class_incomplete", "Hãy ghi tên lớp (nhiều nhất 30 ký tự), khối từ 1 đến 12 hoặc để trống, và ít nhất một buổi học.");
        }
        if (YearFor(records, school, clock.Today()) is not { } year)
        {
            return Error.Conflict("no_year", "Chưa có năm học nào. Hãy nhờ Phòng Giáo dục khai báo năm học.");
        }
        if (records.AllAt<SchoolClass>(school, year.Name).Any(c => VietnameseText.Key(c.Value.Name) == VietnameseText.Key(name)))
        {
            return Error.Conflict("class_exists", "Đã có lớp {0} trong năm học {1}. Hãy chọn tên khác.", name, year.Name);
        }
        var (id, draft) = Compose.Class(catalogue, school, new(name, grade, year.Name, slots));
        return new(id, [draft]);
    }

    internal static SchoolYear? YearFor(IRecords records, Scope school, DateOnly today)
    {
        var calendar = Calendar.Load(records, school);
        return calendar.YearOf(today) ?? calendar.Years.Where(y => y.From > today).MinBy(y => y.From) ?? calendar.Years.MaxBy(y => y.To);
    }

    private async Task<PupilImportModel> Import(Actor actor, Guid? chosen, CancellationToken cancel)
    {
        var school = SchoolScope.Chosen(actor, chosen)?.Owner;
        return await store.Read(records => new PupilImportModel(SchoolScope.Choices(records, actor, clock.Today()), school, clock.Today()), cancel);
    }

    private static IResult Show(PupilListModel model) => new RazorComponentResult<PupilListPage>(new { Model = model })
    {
        StatusCode = model.Refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(model.Refused.Code),
    };

    private static IResult Show(PupilImportModel model) => new RazorComponentResult<PupilImportPage>(new { Model = model })
    {
        StatusCode = model.Refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(model.Refused.Code),
    };
}
