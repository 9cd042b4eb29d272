using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>A day that differs from the week's rule is recorded once and taken away before it is recorded otherwise.</summary>
internal static class EditDay
{
    private const int NoteCharsMax = 200;

    public static Decision<DateOnly> Add(Catalogue catalogue, IRecords records, Scope scope, CalendarDay day, DateOnly today)
    {
        if (day.Note is [] || day.Note.Length > NoteCharsMax)
        {
            return Error.Invalid("calendar_note", "Hãy ghi lý do, nhiều nhất {0} ký tự. Giáo viên sẽ đọc thấy lý do này.", NoteCharsMax);
        }
        if (WhyOutside(Calendar.Load(records, scope), day.Date, today) is { } outside)
        {
            return outside;
        }
        if (records.Get<CalendarDay>(scope, Compose.DayId(scope, day.Date))?.Value is { } before)
        {
            return before == day ? new Decision<DateOnly>(day.Date, []) : Error.Conflict(
                "calendar_day_taken", "Ngày {0:dd/MM/yyyy} đã có trong lịch với lý do “{1}”. Hãy bỏ ngày đó trong bảng dưới đây rồi ghi lại.",
                day.Date, before.Note);
        }
        return new(day.Date, [Compose.Day(catalogue, scope, day)]);
    }

    public static Decision<DateOnly> Remove(Catalogue catalogue, IRecords records, Scope scope, DateOnly date)
    {
        var id = Compose.DayId(scope, date);
        if (records.Get<CalendarDay>(scope, id) is null)
        {
            return Error.NotFound("calendar_day_gone", "Ngày này không còn trong lịch. Hãy tải lại trang.");
        }
        var type = catalogue.Of<CalendarDay>();
        return new(date, [new(scope, type.Key, type.Schema, id, OpKind.Delete, ReadOnlyMemory<byte>.Empty)]);
    }

    /// <summary>A day of no year has no classes, and one of a past year is over: recording it would change nothing.</summary>
    private static Error? WhyOutside(Calendar calendar, DateOnly date, DateOnly today)
    {
        if (calendar.YearFor(today) is not { } year)
        {
            return Error.Conflict("no_year", "Chưa có năm học nào. Phòng Giáo dục khai báo ở trang Năm học rồi mới ghi được ngày.");
        }
        return calendar.YearOf(date) is { } found && found.From >= year.From
            ? null
            : Error.Invalid(
                "calendar_outside",
                "Ngày {0:dd/MM/yyyy} không thuộc năm học {1} ({2:dd/MM/yyyy} đến {3:dd/MM/yyyy}). Hãy chọn ngày trong năm học.",
                date, year.Name, year.From, year.To);
    }
}
