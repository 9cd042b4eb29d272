using System.Globalization;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>A class as typed.</summary>
/// <param name="Grade">Empty: none in kindergarten, elsewhere the number that the name starts with.</param>
public sealed record ClassForm(string Name, string Grade, IReadOnlyList<Slot> Slots);

/// <summary>A class is added, gets another name, or, as long as no pupil ever was in it, is taken away again.</summary>
internal static class EditClass
{
    internal const int NameCharsMax = 30;

    /// <summary>Khối by level of school; a level that is not listed has none.</summary>
    private static readonly Dictionary<string, (int First, int Last)> GradesByLevel = new(StringComparer.Ordinal)
    {
        ["TH"] = (1, 5),
        ["THCS"] = (6, 9),
        ["TH-THCS"] = (1, 9),
    };

    public static Decision<Guid> Add(Catalogue catalogue, IRecords records, Scope school, ClassForm typed, DateOnly today, TimeProvider clock)
    {
        if (!typed.Slots.Any(s => s.IsSession()))
        {
            return Error.Invalid("class_slots", "Hãy chọn ít nhất một buổi học của lớp.");
        }
        if (Calendar.Load(records, school).YearFor(today) is not { } year)
        {
            return NoYear;
        }
        var read = Read(records, school, typed, new(typed.Name, null, year.Name, [.. typed.Slots]), except: null);
        if (!read.Ok)
        {
            return read.Error;
        }
        var (id, draft) = Compose.Class(catalogue, school, read.Value);
        // A class that has another name by now keeps the id of its first one.
        if (records.Get<SchoolClass>(school, id) is not null)
        {
            id = RecordId.New(clock);
            draft = catalogue.Create(school, id, read.Value);
        }
        return new(id, [draft]);
    }

    public static Decision<Guid> Rename(Catalogue catalogue, IRecords records, Scope school, Guid id, ClassForm typed)
    {
        if (records.Get<SchoolClass>(school, id) is not { } before)
        {
            return Assign.NoClass;
        }
        var read = Read(records, school, typed, before.Value, except: id);
        return !read.Ok ? read.Error : new Decision<Guid>(id, catalogue.Change(school, before, read.Value) is { } draft ? [draft] : []);
    }

    public static Decision<Guid> Remove(Catalogue catalogue, IRecords records, Scope school, Guid id)
    {
        if (records.Get<SchoolClass>(school, id)?.Value is not { } schoolClass)
        {
            return Assign.NoClass;
        }
        if (EverHadPupils(records, school, id))
        {
            return Error.Conflict(
                "class_has_pupils",
                "Lớp {0} đã có học sinh, hồ sơ các em cần tên lớp này nên không bỏ được. Nếu tên sai, hãy sửa tên lớp.", schoolClass.Name);
        }
        var type = catalogue.Of<SchoolClass>();
        return new(id, [new(school, type.Key, type.Schema, id, OpKind.Delete, ReadOnlyMemory<byte>.Empty)]);
    }

    internal static bool EverHadPupils(IRecords records, Scope school, Guid id) =>
        records.View<ClassRoster>(school, id)?.Enrolments.Values.Any(e => !Period.Of(e).IsEmpty) == true;

    /// <summary>The class with the typed name and khối, when both can be.</summary>
    private static Result<SchoolClass> Read(IRecords records, Scope school, ClassForm typed, SchoolClass before, Guid? except)
    {
        var name = VietnameseText.Normalise(typed.Name);
        if (!IsName(name))
        {
            return Error.Invalid(
                "class_name", "Tên lớp gồm chữ, số và các dấu / . - ( ), nhiều nhất {0} ký tự, ví dụ 1/9 hoặc 6A2. Hãy sửa tên lớp.", NameCharsMax);
        }
        var grade = GradeOf(typed.Grade, name, records.Get<Unit>(Scope.City, school.Owner)?.Value.Level);
        if (!grade.Ok)
        {
            return grade.Error;
        }
        return records.AllAt<SchoolClass>(school, before.Year)
            .Any(c => c.Id != except && VietnameseText.Key(c.Value.Name) == VietnameseText.Key(name))
            ? Error.Conflict("class_exists", "Đã có lớp {0} trong năm học {1}. Hãy chọn tên khác.", name, before.Year)
            : before with { Name = name, Grade = grade.Value };
    }

    internal static Error NoYear { get; } = Error.Conflict("no_year", "Chưa có năm học nào. Hãy nhờ Phòng Giáo dục khai báo năm học.");

    internal static int? LastGrade(string? level) => GradesByLevel.TryGetValue(level ?? "", out var grades) ? grades.Last : null;

    internal static bool IsName(string name) => name.Length is > 0 and <= NameCharsMax && char.IsLetterOrDigit(name[0])
        && name.All(c => char.IsLetterOrDigit(c) || char.IsBetween(c, '\u0300', '\u036f') || c is ' ' or '/' or '.' or '-' or '(' or ')');

    internal static Result<int?> GradeOf(string typed, string name, string? level)
    {
        var text = VietnameseText.Normalise(typed);
        if (!GradesByLevel.TryGetValue(level ?? "", out var grades))
        {
            return text is [] ? (int?)null : Error.Invalid("class_no_grade", "Trường mầm non không chia khối. Hãy để trống ô Khối.");
        }
        int? grade = text is [] ? ClassOrder.LeadingNumber(name)
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        return grade >= grades.First && grade <= grades.Last
            ? grade
            : Error.Invalid("class_grade", "Hãy ghi khối của lớp, từ {0} đến {1}.", grades.First, grades.Last);
    }
}
