using Microsoft.AspNetCore.Http;
using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>What one may take away of a class.</summary>
/// <param name="Months">Of the class's year, the newest first.</param>
public sealed record ClassExportForm(Guid Class, IReadOnlyList<DateOnly> Months, bool MayOpenPhones);

/// <summary>A class's tables as files, for its homeroom teacher and the school's office, on the school's box alone.</summary>
internal sealed class ClassExport(IRecordStore store, ReadVolume reads, TimeProvider clock, IEnumerable<ClassTable> tables)
{
    internal const string Path = "/hoc-sinh/tai";
    internal const Roles Takers = Roles.HomeroomTeacher | WholeSchool;
    private const Roles WholeSchool = Roles.Office | Roles.Head;

    public async Task<IResult> Download(HttpContext http, CancellationToken cancel)
    {
        var (actor, form) = (http.Actor(), http.Request.Form);
        var (lop, opensPhones) = (FormText.Id(form["lop"]) ?? Guid.Empty, form["sdt"] == "1");
        if (tables.FirstOrDefault(t => t.Key == form["bang"]) is not { } wanted)
        {
            return Error.Invalid("no_table", "Không có bảng này. Hãy về trang Học sinh rồi chọn lại.").ToResult();
        }
        var month = wanted.OfMonth ? FormText.Day($"{form["thang"]}-01") : null;
        var made = await store.Read(records => Make(records, actor, wanted, lop, month, opensPhones), cancel);
        if (!made.Ok)
        {
            return made.Error.ToResult();
        }
        var table = made.Value;
        if (wanted.HasPhones && opensPhones)
        {
            await reads.Write(new("read_sensitive", actor.Id, $"{wanted.Key}/{lop:n}", ""), table.Rows.Count, sensitive: true, cancel);
        }
        var asked = month is { } of ? $"{wanted.Key}/{lop:n}/{of:yyyy-MM}" : $"{wanted.Key}/{lop:n}";
        await reads.Write(new("export", actor.Id, $"{asked}/{table.Rows.Count}", ""), table.Rows.Count, sensitive: false, cancel);
        return FileOf(table, form["dang"]);
    }

    internal static IResult FileOf(Table table, string? form) => form == "csv"
        ? Results.Bytes(Csv.Write(table), Csv.ContentType, table.FileName + ".csv")
        : Results.Bytes(XlsxWriter.Write(table), XlsxWriter.ContentType, table.FileName + ".xlsx");

    /// <summary>Null for who may take nothing of this class.</summary>
    internal static ClassExportForm? FormFor(IRecords records, Actor actor, Row<SchoolClass> schoolClass, DateOnly today) =>
        actor.Scope.Kind == ScopeKind.School && actor.Is(Takers) && WhyNot(records, actor, schoolClass.Id, today) is null
            ? new(schoolClass.Id, Months(records, actor.Scope, schoolClass.Value, today), actor.Is(WholeSchool))
            : null;

    private Result<Table> Make(IRecords records, Actor actor, ClassTable wanted, Guid lop, DateOnly? month, bool opensPhones)
    {
        var today = clock.Today();
        if (records.Get<SchoolClass>(actor.Scope, lop) is not { } schoolClass)
        {
            return Error.NotFound("no_class", "Không có lớp này trong năm học. Hãy chọn lại lớp.");
        }
        if (WhyNot(records, actor, lop, today) is { } refused)
        {
            return refused;
        }
        if (opensPhones && !actor.Is(WholeSchool))
        {
            return Error.Denied("not_your_phones", "Số điện thoại của gia đình do văn phòng trường giữ. Hãy tải danh sách không có số, hoặc nhờ văn phòng.");
        }
        return wanted.OfMonth && !Months(records, actor.Scope, schoolClass.Value, today).Contains(month ?? default)
            ? Error.Invalid("export_month", "Hãy chọn một tháng đã qua hoặc đang diễn ra của năm học.")
            : wanted.Make(records, new(actor.Scope, schoolClass, month ?? today, opensPhones));
    }

    internal static Error? WhyNot(IRecords records, Actor actor, Guid lop, DateOnly today) =>
        actor.Is(WholeSchool) || records.View<TeacherClasses>(actor.Scope, actor.Id)?.IsHomeroomOf(lop, today) == true
            ? null
            : Error.Denied("not_your_class", "Danh sách và bảng của lớp do giáo viên chủ nhiệm hoặc văn phòng trường tải. Hãy nhờ giáo viên chủ nhiệm của lớp.");

    private static List<DateOnly> Months(IRecords records, Scope school, SchoolClass schoolClass, DateOnly today) =>
        Calendar.Load(records, school).Years.FirstOrDefault(y => y.Name == schoolClass.Year) is { } year ? MonthsOf(year, today) : [];

    /// <summary>Of a year, the newest first.</summary>
    internal static List<DateOnly> MonthsOf(SchoolYear year, DateOnly today)
    {
        var months = new List<DateOnly>();
        for (var month = new DateOnly(year.From.Year, year.From.Month, 1); month <= year.To && month <= today; month = month.AddMonths(1))
        {
            months.Insert(0, month);
        }
        return months;
    }
}
