using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <param name="Beside">In a class's week who teaches, in a teacher's week which class.</param>
public sealed record LessonCell(string Subject, string Beside, string? Room);

/// <param name="Of">Whose week it is; null where the school has no classes yet.</param>
/// <param name="Cells">By weekday and slot; a teacher may have several classes at once.</param>
public sealed record TimetableModel(
    IReadOnlyList<Row<SchoolClass>> Classes, IReadOnlyList<Row<Staff>> Staff, Guid? Class, Guid? Teacher, string? Of, DateOnly Day,
    IReadOnlyList<int> Weekdays, IReadOnlyList<Slot> Slots, ILookup<(int Weekday, Slot Slot), LessonCell> Cells);

/// <summary>The week of a class or of a teacher, as it is in force on a day.</summary>
internal sealed class TimetablePages(IRecordStore store, TimeProvider clock)
{
    internal const string Path = "/thoi-khoa-bieu";

    public async Task<IResult> Page(HttpContext http, Guid? lop, Guid? gv, DateOnly? ngay, CancellationToken cancel)
    {
        var actor = http.Actor();
        var model = await store.Read(records => Load(records, actor, lop, gv, ngay ?? clock.Today()), cancel);
        return new RazorComponentResult<TimetablePage>(new { Model = model });
    }

    /// <summary>Where nothing is chosen: a teacher's own week, the first class's for others.</summary>
    private static TimetableModel Load(IRecords records, Actor actor, Guid? lop, Guid? gv, DateOnly day)
    {
        var (school, calendar) = (actor.Scope, Calendar.Load(records, actor.Scope));
        var year = calendar.YearFor(day);
        List<Row<SchoolClass>> classes = [.. (year is null ? [] : records.AllAt<SchoolClass>(school, year.Name)).OrderBy(c => c.Value, ClassOrder.Instance)];
        var weeks = classes.Select(c => (Class: c, Week: Timetable.Of(records, school, c.Id, day))).Where(w => w.Week is not null).ToList();
        var teaching = weeks.SelectMany(w => w.Week!.Lessons).SelectMany(l => l.Staff).ToHashSet();
        List<Row<Staff>> staff = [.. records.All<Staff>(school).Where(s => teaching.Contains(s.Id)).OrderBy(s => s.Value.FullName, VietnameseText.ByGivenName)];
        var teacher = staff.Find(s => lop is null && s.Id == (gv ?? actor.Id));
        var chosen = teacher is not null ? null : classes.Find(c => c.Id == lop) ?? classes.FirstOrDefault();
        var cells = (
            from w in weeks
            where teacher is not null || w.Class.Id == chosen?.Id
            from l in w.Week!.Lessons
            where teacher is null || l.Staff.Contains(teacher.Id)
            select (At: (l.Weekday, l.Slot), Cell: new LessonCell(
                l.Subject, teacher is not null ? w.Class.Value.Name : string.Join(", ", l.Staff.Select(s => records.NameOf(school, s)).OfType<string>()), l.Room)))
            .ToLookup(c => c.At, c => c.Cell);
        return new(
            classes, staff, chosen?.Id, teacher?.Id, teacher?.Value.FullName ?? chosen?.Value.Name, day,
            [.. (year?.Weekdays ?? []).Union(cells.Select(c => c.Key.Weekday)).Order()], [.. cells.Select(c => c.Key.Slot).Distinct().Order()], cells);
    }
}
