using System.Globalization;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>What attendance is taken of, by its key in records; names, kinds and times: <see cref="Slots"/>.</summary>
public enum Slot
{
    Morning = 1,
    Afternoon,
    Meal,
    DropOff,
    PickUp,
    Event,
    Lesson1,
    Lesson2,
    Lesson3,
    Lesson4,
    Lesson5,
    Lesson6,
    Lesson7,
    Lesson8,
    Lesson9,
    Lesson10,
}

/// <param name="Weekdays">ISO days with lessons, 1 = Monday … 7 = Sunday.</param>
public sealed record SchoolYear(string Name, DateOnly From, DateOnly To, int[] Weekdays);

public enum DayKind
{
    Open = 1,
    Closed,

    /// <summary>Học bù: lessons on a day that would be free.</summary>
    MakeUp,
}

/// <summary>A day that differs from the week's rule. A school's own day stands before the city's.</summary>
/// <param name="Event">The note names something that the school does on that day, of which attendance is taken as well.</param>
public sealed record CalendarDay(DateOnly Date, DayKind Kind, string Note, bool Event = false);

/// <summary>What decides whether a school works on a day.</summary>
public sealed record Calendar(IReadOnlyList<SchoolYear> Years, IReadOnlyList<CalendarDay> City, IReadOnlyList<CalendarDay> School)
{
    public static Calendar Load(IRecords records, Scope school) => new(
        [.. records.All<SchoolYear>(Scope.City).Select(y => y.Value)],
        [.. records.All<CalendarDay>(Scope.City).Select(d => d.Value)],
        school == Scope.City ? [] : [.. records.All<CalendarDay>(school).Select(d => d.Value)]);

    public SchoolYear? YearOf(DateOnly date) => Years.FirstOrDefault(y => y.From <= date && date <= y.To);

    /// <summary>The year of a day in one; between two the next, after all the last.</summary>
    public SchoolYear? YearFor(DateOnly date) =>
        YearOf(date) ?? Years.Where(y => y.From > date).MinBy(y => y.From) ?? Years.MaxBy(y => y.To);

    /// <summary>Null when the school works on that day; otherwise why not and what to do.</summary>
    public Error? WhyClosed(DateOnly date)
    {
        var day = DayOf(date);
        if (day is { Kind: DayKind.Closed })
        {
            return Error.Invalid(
                "day_closed", "Ngày {0:dd/MM/yyyy} trường nghỉ ({1}), không điểm danh. Hãy chọn ngày khác.", date, day.Note);
        }
        if (day is { Kind: DayKind.Open or DayKind.MakeUp })
        {
            return null;
        }
        if (YearOf(date) is not { } year)
        {
            return Error.Invalid(
                "outside_year", "Ngày {0:dd/MM/yyyy} không thuộc năm học nào. Hãy chọn ngày khác; nếu có dạy học, Phòng Giáo dục sửa ngày của năm học.", date);
        }
        return year.Weekdays.Contains(IsoDay(date))
            ? null
            : Error.Invalid(
                "day_off", "Ngày {0:dd/MM/yyyy} là ngày nghỉ trong tuần. Nếu có dạy học, văn phòng trường khai báo ngày học bù ở trang Lịch năm học.", date);
    }

    public CalendarDay? EventOn(DateOnly date) => DayOf(date) is { Event: true } day ? day : null;

    private CalendarDay? DayOf(DateOnly date) => School.FirstOrDefault(d => d.Date == date) ?? City.FirstOrDefault(d => d.Date == date);

    internal static int IsoDay(DateOnly date) => date.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)date.DayOfWeek;
}

/// <summary>School time is Vietnam's, UTC+7 all year; a school day is a date in it.</summary>
public static class SchoolTime
{
    public static readonly TimeSpan Offset = TimeSpan.FromHours(7);

    public static DateTimeOffset SchoolNow(this TimeProvider clock) => clock.GetUtcNow().ToOffset(Offset);

    /// <summary>The form of dates in indexes and ranges: byte order is date order.</summary>
    public static string Iso(this DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static DateOnly DayOf(Hlc at) => DateOnly.FromDateTime(DateTimeOffset.FromUnixTimeMilliseconds(at.Milliseconds).ToOffset(Offset).DateTime);

    /// <summary>In milliseconds since 1970.</summary>
    public static long StartOf(DateOnly day) => new DateTimeOffset(day.ToDateTime(default), Offset).ToUnixTimeMilliseconds();

    public static DateOnly Today(this TimeProvider clock) => DateOnly.FromDateTime(clock.SchoolNow().DateTime);
}
