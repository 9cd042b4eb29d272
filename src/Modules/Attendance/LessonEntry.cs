using TdmEdu.Modules.Registry;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

/// <summary>Xếp loại tiết học.</summary>
public enum LessonRating
{
    Good = 1,
    Fair,
    Pass,
    Poor,
}

/// <summary>
/// What a class's log (sổ đầu bài) says of one lesson. Never changed: what is written later about the same lesson stands, and what stood before is shown
/// beside it. Who was absent is the lesson's own sheet.
/// </summary>
/// <param name="Number">Of the lesson in its subject's programme (tiết theo PPCT).</param>
public sealed record LessonEntry(
    Guid Class, DateOnly Date, Slot Slot, string Subject, int? Number, string Content, string? Remark, LessonRating Rating, Guid By)
{
    public static string IndexOf(Guid schoolClass, DateOnly day) => $"{schoolClass:n}|{day.Iso()}";

    /// <summary>The newest first; the first stands.</summary>
    public static IReadOnlyList<Row<LessonEntry>> Of(IRecords records, Scope school, SessionKey lesson) =>
    [
        .. records.AllAt<LessonEntry>(school, IndexOf(lesson.Class, lesson.Date)).Where(e => e.Value.Slot == lesson.Slot)
            .OrderByDescending(e => e.Version).ThenByDescending(e => e.Id),
    ];
}

/// <summary>A lesson as it is written into the log.</summary>
internal sealed record WriteLesson(SessionKey Key, int? Number, string Content, string Remark, LessonRating? Rating)
{
    internal const int TextCharsMax = 500;
    internal const int NumberMax = 400;

    public Decision<Guid> Decide(Catalogue catalogue, IRecords records, Actor actor, TimeProvider clock)
    {
        var found = Find(records, actor, Key, clock.Today());
        if (!found.Ok || WhyNot(records, actor, clock.Today()) is not null)
        {
            return found.Ok ? WhyNot(records, actor, clock.Today())! : found.Error;
        }
        var entry = new LessonEntry(
            Key.Class, Key.Date, Key.Slot, found.Value.Subject, Number, Content, Remark.Length == 0 ? null : Remark, Rating!.Value, actor.Id);
        return LessonEntry.Of(records, actor.Scope, Key) is [var standing, ..] && standing.Value with { By = actor.Id } == entry
            ? standing.Id
            : new Decision<Guid>(Key.Class, [catalogue.Create(actor.Scope, RecordId.New(clock), entry)]);
    }

    /// <summary>The lesson that the timetable has there, for whoever teaches it and for the office.</summary>
    public static Result<Lesson> Find(IRecords records, Actor actor, SessionKey key, DateOnly today) =>
        records.Get<SchoolClass>(actor.Scope, key.Class) is null || Timetable.Find(records, actor.Scope, key.Class, key.Date, key.Slot) is not { } lesson
            ? Error.NotFound("no_lesson", "Thời khóa biểu không có tiết này. Hãy về trang Sổ đầu bài rồi chọn lại tiết.")
        : actor.Is(SubmitSession.Offices) || new TeachersWork(records, actor, key.Date, today).Has(key.Class, key.Slot) ? lesson
        : Error.Denied("not_your_class", "Tiết này của giáo viên khác. Hãy chọn tiết của bạn, hoặc nhờ văn phòng trường.");

    private Error? WhyNot(IRecords records, Actor actor, DateOnly today) =>
        SubmitSession.WhyTooEarly(Key.Date, today)
        ?? (!actor.Is(SubmitSession.Offices) && Key.Date < today.AddDays(-SubmitSession.TeacherDaysBackMax)
            ? Error.Invalid("date_too_old", "Ngày {0:dd/MM/yyyy} đã quá {1} ngày. Hãy nhờ văn phòng trường sửa giúp.", Key.Date, SubmitSession.TeacherDaysBackMax)
            : Calendar.Load(records, actor.Scope).WhyClosed(Key.Date))
        ?? (Content.Length is 0 or > TextCharsMax || Remark.Length > TextCharsMax
            ? Error.Invalid("lesson_text", "Hãy ghi nội dung bài học; nội dung và nhận xét mỗi mục nhiều nhất {0} chữ.", TextCharsMax)
        : Rating is null || Number is < 1 or > NumberMax
            ? Error.Invalid("lesson_rating", "Hãy chọn xếp loại tiết học; tiết theo chương trình là số từ 1 đến {0}.", NumberMax)
        : null);
}
