using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>
/// Who teaches which class, and which subject of it, from when to when. A record never changes its person, class or subject, views are kept under both: work is
/// ended and begun anew. What was entered by mistake is ended before it began.
/// </summary>
internal static class Assign
{
    public static Decision<Guid> Begin(Catalogue catalogue, IRecords records, Scope school, Assignment wanted)
    {
        if (records.Get<SchoolClass>(school, wanted.Class)?.Value is not { } schoolClass)
        {
            return NoClass;
        }
        if (records.Get<Staff>(school, wanted.Staff) is null || records.Get<Account>(school, wanted.Staff) is not { } account || !Teaches(account.Value))
        {
            return Error.NotFound("assign_whom", "Hãy chọn giáo viên trong danh sách của trường.");
        }
        if (wanted.Subject is { } subject && !Subjects.At(records.Get<Unit>(Scope.City, school.Owner)?.Value.Level).Any(s => s.Code == subject))
        {
            return Error.Invalid("assign_subject", "Trường không dạy môn này. Hãy chọn môn trong danh sách, hoặc để trống.");
        }
        var year = records.All<SchoolYear>(Scope.City).FirstOrDefault(y => y.Value.Name == schoolClass.Year)?.Value;
        if (year is null || wanted.From < year.From || wanted.From > year.To || wanted.To < wanted.From)
        {
            return Error.Invalid(
                "assign_days", "Ngày bắt đầu phải trong năm học {0} của lớp và không sau ngày kết thúc. Hãy sửa lại ngày.", schoolClass.Year);
        }
        var inClass = records.AllAt<Assignment>(school, wanted.Class.ToString("n"));
        if (WhyNot(wanted, [.. inClass.Select(a => a.Value)], id => records.Get<Staff>(school, id)?.Value.FullName) is { } refusal)
        {
            return refusal;
        }
        var draft = Compose.Assignment(catalogue, school, wanted);
        // The same person on the same class and subject from the same day is the same record: taken up again, its end is taken back.
        var again = inClass.FirstOrDefault(a => a.Id == draft.Id) is { } before ? catalogue.Change(school, before, wanted) : draft;
        return new(draft.Id, again is null ? [] : [again]);
    }

    public static bool Teaches(Account account) => !account.Disabled && (account.Roles & (Roles.Teacher | Roles.HomeroomTeacher)) != 0;

    /// <param name="last">The last day; before the first, the work never was.</param>
    public static Decision<Guid> End(Catalogue catalogue, IRecords records, Scope school, Guid id, DateOnly last)
    {
        if (records.Get<Assignment>(school, id) is not { } before)
        {
            return Error.NotFound("no_assignment", "Không có phân công này. Hãy tải lại trang.");
        }
        var days = Period.Of(before.Value);
        // Only ever shortened: a longer time might meet somebody else's and is begun as new work.
        var ended = days.To <= last ? before.Value : before.Value with { To = days.EndBefore(last.AddDays(1)) };
        return new(before.Value.Class, catalogue.Change(school, before, ended) is { } draft ? [draft] : []);
    }

    internal static Error? WhyNot(Assignment wanted, IReadOnlyList<Assignment> inClass, Func<Guid, string?> nameOf)
    {
        var beside = inClass.Where(a => Period.Of(a).Overlaps(Period.Of(wanted))).ToList();
        if (beside.FirstOrDefault(a => a.Staff == wanted.Staff && a.Subject == wanted.Subject) is { } same)
        {
            return Error.Conflict(
                "assigned_already", "{0} đã được phân công lớp này từ {1:dd/MM/yyyy}. Hãy kết thúc phân công đó trước.",
                nameOf(same.Staff) ?? "", same.From);
        }
        return wanted.Homeroom && beside.FirstOrDefault(a => a.Homeroom) is { } homeroom
            ? Error.Conflict(
                "homeroom_taken", "Lớp đã có giáo viên chủ nhiệm {0} từ {1:dd/MM/yyyy}. Hãy kết thúc phân công đó trước.",
                nameOf(homeroom.Staff) ?? "", homeroom.From)
            : null;
    }

    public static Error NoClass { get; } = Error.NotFound("no_class", "Không có lớp này trong năm học. Hãy chọn lại lớp.");
}
