using TdmEdu.Modules.Registry;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

/// <summary>What the office does with a class's month: says that it was checked, locks it, opens it again.</summary>
internal static class LockMonth
{
    internal const int ReasonCharsMax = 200;

    /// <summary>A class of two sessions a day and several words about each is far below; more would be no operation that a line carries.</summary>
    internal const int WordsMax = 2000;

    public static Decision<Guid> Verify(Catalogue catalogue, IRecords records, Actor actor, Guid schoolClass, DateOnly month, TimeProvider clock) =>
        Read(records, actor, schoolClass, month) is { Ok: false, Error: var refused } ? refused
        : WordsOf(records, actor.Scope, schoolClass, month) is not { Length: > 0 } words
            ? Error.Conflict("month_empty", "Tháng này chưa có buổi nào được nộp. Hãy chờ lớp nộp rồi xác nhận.")
        : words.Length > WordsMax ? TooMany
        : New(catalogue, actor, new MonthVerified(schoolClass, month, words, actor.Id), clock);

    public static Decision<Guid> Lock(Catalogue catalogue, IRecords records, Actor actor, Guid schoolClass, DateOnly month, TimeProvider clock)
    {
        var known = Read(records, actor, schoolClass, month);
        if (!known.Ok)
        {
            return known.Error;
        }
        if (MonthLocks.Of(records, actor.Scope, schoolClass, month)?.Standing is not null)
        {
            return schoolClass;
        }
        if (month.AddMonths(1) > clock.Today())
        {
            return Error.Invalid("month_not_over", "Tháng {0:MM/yyyy} chưa hết nên chưa khóa được. Hãy khóa sau ngày cuối tháng.", month);
        }
        var open = MonthPage.Of(records, actor.Scope, known.Value, month, clock).Unsent;
        if (open.Count > 0)
        {
            return Error.Conflict(
                "month_unsent", "Còn {0} buổi của tháng chưa nộp, buổi đầu là ngày {1:dd/MM/yyyy}. Hãy nộp bù, hoặc ghi ngày nghỉ ở trang Lịch năm học.",
                open.Count, open[0].Date);
        }
        var words = WordsOf(records, actor.Scope, schoolClass, month);
        return words.Length > WordsMax ? TooMany : New(catalogue, actor, new MonthLock(
            schoolClass, month, LockAct.Locked, null, MonthBook.Of(records, actor.Scope, schoolClass, month)?.Code() ?? "", words, actor.Id), clock);
    }

    public static Decision<Guid> Unlock(Catalogue catalogue, IRecords records, Actor actor, Guid schoolClass, DateOnly month, string reason, TimeProvider clock) =>
        Read(records, actor, schoolClass, month) is { Ok: false, Error: var refused } ? refused
        : reason.Length is 0 or > ReasonCharsMax
            ? Error.Invalid("unlock_reason", "Hãy ghi vì sao mở khóa (nhiều nhất {0} chữ); lý do nằm trong sổ.", ReasonCharsMax)
        : MonthLocks.Of(records, actor.Scope, schoolClass, month)?.Standing is not { } standing
            ? Error.Conflict("month_open", "Tháng này đang mở. Hãy tải lại trang.")
        : New(catalogue, actor, new MonthLock(schoolClass, month, LockAct.Unlocked, reason, standing.Lock.Code, [], actor.Id), clock);

    private static Decision<Guid> New<T>(Catalogue catalogue, Actor actor, T fact, TimeProvider clock)
    {
        var id = RecordId.New(clock);
        return new(id, [catalogue.Create(actor.Scope, id, fact)]);
    }

    private static Guid[] WordsOf(IRecords records, Scope school, Guid schoolClass, DateOnly month) =>
        [.. (MonthBook.Of(records, school, schoolClass, month)?.Sessions.Values ?? Enumerable.Empty<BookSession>()).SelectMany(s => s.Words)];

    private static Result<Row<SchoolClass>> Read(IRecords records, Actor actor, Guid schoolClass, DateOnly month) =>
        month.Day != 1 ? BadMonth
        : records.Get<SchoolClass>(actor.Scope, schoolClass) is { } found ? found
        : Error.NotFound("no_class", "Không có lớp này trong năm học. Hãy chọn lại lớp.");

    internal static Error BadMonth { get; } = Error.Invalid("export_month", "Hãy chọn một tháng đã qua hoặc đang diễn ra của năm học.");

    private static Error TooMany { get; } = Error.Conflict(
        "month_too_many", "Tháng này có quá nhiều lần sửa nên chưa xác nhận được. Hãy báo bộ phận kỹ thuật của Phòng Giáo dục.");
}
