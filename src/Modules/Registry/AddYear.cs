using System.Text.RegularExpressions;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>A school year as the department declares it, or declares its days anew.</summary>
internal static partial class AddYear
{
    /// <summary>From the first of August to the end of the next July, the longest that a plan of the year has been.</summary>
    private const int DaysMax = 366;

    public static Decision<Guid> Decide(Catalogue catalogue, IRecords records, SchoolYear typed)
    {
        var year = typed with { Name = NameOf(typed.Name) ?? "" };
        var others = records.All<SchoolYear>(Scope.City);
        if (WhyNot(year, [.. others.Select(y => y.Value)]) is { } refusal)
        {
            return refusal;
        }
        var draft = Compose.Year(catalogue, year);
        return new(draft.Id, [draft]);
    }

    /// <summary>New days for a year that is there; its name, which classes go by, stays.</summary>
    public static Decision<Guid> Change(Catalogue catalogue, IRecords records, Guid id, SchoolYear typed)
    {
        if (records.Get<SchoolYear>(Scope.City, id) is not { } before)
        {
            return Error.NotFound("no_such_year", "Không có năm học này. Hãy tải lại trang.");
        }
        var year = typed with { Name = before.Value.Name };
        var others = records.All<SchoolYear>(Scope.City).Where(y => y.Id != id).Select(y => y.Value);
        return WhyNot(year, [.. others]) is { } refusal
            ? refusal
            : new Decision<Guid>(id, catalogue.Change(Scope.City, before, year) is { } draft ? [draft] : []);
    }

    /// <summary>Takes away a year made by mistake: one that no class and no day of the city's calendar belongs to.</summary>
    public static Decision<Guid> Remove(Catalogue catalogue, IRecords records, Guid id)
    {
        if (records.Get<SchoolYear>(Scope.City, id)?.Value is not { } year)
        {
            return Error.NotFound("no_such_year", "Không có năm học này. Hãy tải lại trang.");
        }
        if (records.All<Unit>(Scope.City).FirstOrDefault(u => HasClasses(records, Scope.School(u.Id), year)) is { } school)
        {
            return Error.Conflict(
                "year_has_classes", "Năm học {0} đã có lớp ở {1} nên không bỏ được. Nếu ngày sai, hãy sửa ngày của năm học.",
                year.Name, school.Value.Name);
        }
        if (records.All<CalendarDay>(Scope.City).FirstOrDefault(d => year.From <= d.Value.Date && d.Value.Date <= year.To) is { } day)
        {
            return Error.Conflict(
                "year_has_days", "Ngày {1:dd/MM/yyyy} trong lịch thuộc năm học {0}. Hãy bỏ ngày đó ở trang Lịch năm học trước.",
                year.Name, day.Value.Date);
        }
        var type = catalogue.Of<SchoolYear>();
        return new(id, [new(Scope.City, type.Key, type.Schema, id, OpKind.Delete, ReadOnlyMemory<byte>.Empty)]);
    }

    private static bool HasClasses(IRecords records, Scope school, SchoolYear year) =>
        records.Page<SchoolClass>(school, year.Name, year.Name + '\0', rowsMax: 1).Rows.Count > 0;

    /// <summary>Any dash between two years that follow each other becomes the en dash that the ministry prints.</summary>
    internal static string? NameOf(string typed) =>
        Years().Match(typed) is { Success: true } years && Number(years.Groups[1]) + 1 == Number(years.Groups[2])
            ? $"{years.Groups[1].Value}–{years.Groups[2].Value}"
            : null;

    internal static Error? WhyNot(SchoolYear year, IReadOnlyList<SchoolYear> others)
    {
        if (NameOf(year.Name) is null)
        {
            return Error.Invalid("year_name", "Hãy ghi tên năm học dạng hai năm liền nhau, ví dụ 2026–2027.");
        }
        if (year.To <= year.From || year.To.DayNumber - year.From.DayNumber > DaysMax)
        {
            return Error.Invalid("year_days", "Ngày kết thúc phải sau ngày bắt đầu và năm học dài nhất một năm. Hãy sửa lại ngày.");
        }
        if (year.Weekdays is [])
        {
            return Error.Invalid("year_weekdays", "Hãy chọn ít nhất một ngày học trong tuần.");
        }
        if (others.FirstOrDefault(y => NameOf(y.Name) == NameOf(year.Name)) is { } same)
        {
            return Error.Conflict("year_exists", "Đã có năm học {0}. Hãy sửa ngày của năm học đó.", same.Name);
        }
        return others.FirstOrDefault(y => y.From <= year.To && year.From <= y.To) is { } other
            ? Error.Conflict(
                "year_overlaps", "Năm học {0} đã có những ngày này ({1:dd/MM/yyyy} đến {2:dd/MM/yyyy}). Hãy sửa lại ngày.",
                other.Name, other.From, other.To)
            : null;
    }

    private static int Number(Group year) => int.Parse(year.ValueSpan, System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\s*(20[0-9]{2})\s*[-–—]\s*(20[0-9]{2})\s*$")]
    private static partial Regex Years();
}
