using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>Dạy thay: somebody has another's classes and lessons for some days; the other keeps them.</summary>
/// <param name="Staff">Who stands in.</param>
/// <param name="Class">Of the other's work in this class only; null for all.</param>
/// <param name="Slot">This lesson only; null for all.</param>
/// <param name="To">Before the first day: it never was.</param>
public sealed record Substitution(Guid Staff, Guid For, Guid? Class, Slot? Slot, DateOnly From, DateOnly To, Guid By)
{
    public bool IsOn(DateOnly day) => From <= day && day <= To;
}

internal static class Substitute
{
    internal const int DaysMax = 60;

    public static Decision<Guid> Begin(Catalogue catalogue, IRecords records, Substitution wanted, Scope school, TimeProvider clock)
    {
        var today = clock.Today();
        bool Teaches(Guid id) => records.Get<Staff>(school, id) is not null && records.Get<Account>(school, id) is { } account && Assign.Teaches(account.Value);
        if (wanted.Staff == wanted.For || records.Get<Staff>(school, wanted.For) is null || !Teaches(wanted.Staff))
        {
            return Error.Invalid("substitute_whom", "Hãy chọn hai giáo viên khác nhau của trường: người nghỉ và người dạy thay.");
        }
        if (wanted.To < wanted.From || wanted.To < today || wanted.To > wanted.From.AddDays(DaysMax))
        {
            return Error.Invalid("substitute_days", "Ngày cuối phải từ hôm nay trở đi, không trước ngày đầu, và nhiều nhất {0} ngày. Dài hơn thì dùng trang Phân công.", DaysMax);
        }
        if (wanted.Class is { } lop && !HasClass(records, school, wanted, lop))
        {
            return Error.Invalid("substitute_class", "Trong những ngày này người nghỉ không dạy lớp đã chọn. Hãy chọn lớp khác, hoặc để trống để thay mọi lớp.");
        }
        return records.AllAt<Substitution>(school, wanted.Staff.ToString("n")).Any(s => s.Value with { By = wanted.By } == wanted)
            ? Error.Conflict("substitute_already", "Đã ghi đúng như vậy rồi. Hãy xem danh sách bên dưới.")
            : Made(RecordId.New(clock));

        Decision<Guid> Made(Guid id) => new(id, [catalogue.Create(school, id, wanted)]);
    }

    /// <summary>From now on: who stands in has nothing any more.</summary>
    public static Decision<Guid> End(Catalogue catalogue, IRecords records, Scope school, Guid id, DateOnly today)
    {
        if (records.Get<Substitution>(school, id) is not { } before)
        {
            return Error.NotFound("no_substitution", "Không có lần dạy thay này. Hãy tải lại trang.");
        }
        var last = (today < before.Value.From ? before.Value.From : today).AddDays(-1);
        return before.Value.To <= last || catalogue.Change(school, before, before.Value with { To = last }) is not { } draft ? id : new Decision<Guid>(id, [draft]);
    }

    /// <summary>Whether it held for a session of that day, taken then. The day in whose course it was ended counts until that hour.</summary>
    public static bool StoodIn(Row<Substitution> row, DateOnly date, long takenAtMs)
    {
        var (from, last, changed) = (row.Value.From, row.Value.To, row.Version.Hlc.Milliseconds);
        var end = SchoolTime.StartOf(last.AddDays(1));
        end = end <= changed && changed < SchoolTime.StartOf(last.AddDays(2)) ? changed : end;
        return from <= date && SchoolTime.StartOf(date) < end && SchoolTime.StartOf(from) <= takenAtMs && takenAtMs < end;
    }

    private static bool HasClass(IRecords records, Scope school, Substitution wanted, Guid lop) =>
        records.Get<SchoolClass>(school, lop) is not null && Enumerable.Range(0, wanted.To.DayNumber - wanted.From.DayNumber + 1).Select(wanted.From.AddDays).Any(day =>
            records.View<TeacherClasses>(school, wanted.For)?.Teaches(lop, day) == true
            || Timetable.Of(records, school, lop, day)?.On(day).Any(l => l.Staff.Contains(wanted.For)) == true);
}
