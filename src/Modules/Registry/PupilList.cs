using Microsoft.AspNetCore.Http;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>A pupil as typed.</summary>
public sealed record PupilForm(string Name = "", string BirthDate = "", string Gender = "", string MinistryId = "", string From = "")
{
    internal const string ShownPrefix = "cu-";

    internal static PupilForm Of(Pupil pupil) => new(
        pupil.FullName, pupil.BirthDate is { } birth ? FormText.Birth(birth) : "",
        pupil.Gender switch { Registry.Gender.Male => "nam", Registry.Gender.Female => "nu", _ => "" }, pupil.MinistryId ?? "");

    /// <param name="prefix">Of the hidden fields that say what the form held when it was opened.</param>
    internal static PupilForm Read(IFormCollection form, string prefix = "") => new(
        form[prefix + "hoten"].ToString(), form[prefix + "ngaysinh"].ToString(), form[prefix + "gioitinh"].ToString(),
        form[prefix + "mabo"].ToString(), form["ngay"].ToString());
}

/// <summary>The forms of the page as they were sent, and why one was refused.</summary>
public sealed record RefusedForms(Error Error, PupilForm? Pupil = null, ClassForm? NewClass = null, ClassForm? Rename = null);

/// <param name="Schools">Central only: the schools to choose from.</param>
/// <param name="Pupils">Null before a class is chosen.</param>
/// <param name="Removable">No pupil ever was in the chosen class.</param>
public sealed record PupilListModel(
    IReadOnlyList<Row<Unit>> Schools, Guid? School, string? Year, IReadOnlyList<Row<SchoolClass>> Classes, Row<SchoolClass>? Class,
    IReadOnlyList<Row<Pupil>>? Pupils, bool MayWrite, bool Removable, DateOnly Today, int? Written = null, RefusedForms? Refused = null)
{
    /// <summary>What the department has decided of late about pupils here; for who writes about the whole school.</summary>
    public IReadOnlyList<MergeNotice> Merges { get; init; } = [];

    /// <summary>Null where nothing can be taken away.</summary>
    public ClassExportForm? Export { get; init; }

    private const Roles WholeSchool = PupilPages.Writers;

    /// <summary>A teacher sees the classes that they teach; a class of somebody else's is refused, not hidden.</summary>
    internal static Result<PupilListModel> Load(IRecords records, Actor actor, Guid? chosen, Guid? lop, DateOnly today)
    {
        var schools = SchoolScope.Choices(records, actor, today);
        if (SchoolScope.Chosen(actor, chosen) is not { } school)
        {
            return new PupilListModel(schools, null, null, [], null, null, false, false, today);
        }
        var year = Calendar.Load(records, school).YearFor(today);
        var teaches = actor.Is(WholeSchool) ? null : records.View<TeacherClasses>(school, actor.Id) ?? new TeacherClasses(actor.Id, []);
        var classes = year is null ? [] : records.AllAt<SchoolClass>(school, year.Name)
            .Where(c => teaches is null || teaches.Teaches(c.Id, today)).OrderBy(c => c.Value, ClassOrder.Instance).ToList();
        var found = lop is { } id ? classes.Find(c => c.Id == id) : null;
        if (lop is { } wanted && found is null)
        {
            return teaches is null || records.Get<SchoolClass>(school, wanted) is null
                ? Error.NotFound("no_class", "Không có lớp này trong năm học. Hãy chọn lại lớp.")
                : Error.Denied(
                    "not_your_class", "Bạn không được phân công dạy lớp này. Nếu phân công đã đổi, hãy nhờ văn phòng nhà trường cập nhật.");
        }
        return new PupilListModel(
            schools, school.Owner, year?.Name, classes, found, found is null ? null : PupilsOn(records, school, found.Id, today),
            actor.Is(PupilPages.Writers), found is not null && !EditClass.EverHadPupils(records, school, found.Id), today)
        {
            Merges = actor.Is(WholeSchool) ? MergeNotice.Recent(records, school, today) : [],
            Export = found is null ? null : ClassExport.FormFor(records, actor, found, today),
        };
    }

    internal static List<Row<Pupil>> PupilsOn(IRecords records, Scope school, Guid schoolClass, DateOnly date) =>
    [
        .. (records.View<ClassRoster>(school, schoolClass)?.PupilsOn(date) ?? [])
            .Select(p => records.Get<Pupil>(school, p)).OfType<Row<Pupil>>().OrderBy(p => p.Value.FullName, VietnameseText.ByGivenName),
    ];
}
