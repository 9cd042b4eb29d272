using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>
/// The week's lessons from a day on, a row for each, as schools type them or as FET writes them. The classes of the file get a new week as a whole; the one
/// before stays what it was until that day.
/// </summary>
internal sealed class ImportTimetable(Catalogue catalogue) : ImportKind
{
    private const string ClassColumn = "Lớp";
    private const string DayColumn = "Thứ";
    private const string HalfColumn = "Buổi";
    private const string LessonColumn = "Tiết";
    private const string SubjectColumn = "Môn";
    private const string TeacherColumn = "Giáo viên";
    private const string RoomColumn = "Phòng";
    private const int TextCharsMax = 80;
    private static readonly string[] Titles = [.. new[] { "cô ", "thầy ", "c.", "t." }.Select(t => t.Length > 2 ? VietnameseText.Key(t) + " " : t)];

    public override string Key => "thoi-khoa-bieu";

    public override Text Title { get; } = new("Thời khóa biểu");

    public override Text NameWords { get; } = new("Môn");

    public override Text Hint { get; } = new(
        "Mỗi tiết một dòng: Lớp, Thứ, Tiết, Môn, Giáo viên; hoặc bảng cả trường, mỗi lớp một cột; hoặc tệp …_data_and_timetable.fet, …_timetable.csv của FET.");

    public override Roles Writers => PupilPages.Writers;

    public override bool AsksDay => true;

    public override Text DayWords { get; } = new("Áp dụng từ ngày");

    public override string Accepts => ".xlsx,.csv,.fet,.xml";

    public override IReadOnlyList<ImportColumn> Columns { get; } =
    [
        new(ClassColumn, ["Lớp", "Tên lớp", "Students Sets", "Students"], Required: true),
        new(DayColumn, ["Thứ", "Ngày", "Day"], Required: true),
        new(LessonColumn, ["Tiết", "Tiết học", "Hour", "Period"], Required: true),
        new(SubjectColumn, ["Môn", "Môn học", "Tên môn", "Subject"], Required: true),
        new(HalfColumn, ["Buổi", "Buổi học", "Ca"]),
        new(TeacherColumn, ["Giáo viên", "GV", "Tên giáo viên", "Teachers", "Teacher"]),
        new(RoomColumn, ["Phòng", "Phòng học", "Room"]),
    ];

    public override IReadOnlyList<ImportedEntity> Writes { get; } = [ImportedEntity.Of<Timetable>(catalogue)];

    public override Result<SheetTable> Read(Stream file)
    {
        var start = new byte[64];
        var length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        file.Position = 0;
        var text = start.AsSpan(0, length).TrimStart("\uFEFF \r\n\t"u8);
        if (text.StartsWith("<"u8))
        {
            return FetFile.Read(file);
        }
        var headers = ImportColumns.HeadersOf(this);
        return SheetFile.Read(file, [headers[0], row => TimetableGrid.IsHeader(row, Columns), .. headers[1..]])
            .Then(table => TimetableGrid.IsHeader(table.Header, Columns) ? TimetableGrid.Unroll(table, Columns) : table);
    }

    public override Result<ImportPlan> Plan(IRecords records, Actor actor, ImportFile file)
    {
        if (Calendar.Load(records, file.School).YearOf(file.Day) is not { } year)
        {
            return Error.Invalid("timetable_day", "Ngày {0:dd/MM/yyyy} không thuộc năm học nào. Hãy chọn ngày áp dụng trong năm học rồi tải tệp lên lại.", file.Day);
        }
        var state = new State(
            records, file, records.AllAt<SchoolClass>(file.School, year.Name).ToDictionary(c => VietnameseText.Key(c.Value.Name)),
            records.All<Staff>(file.School), records.All<Account>(file.School).ToDictionary(a => a.Id, a => a.Value.UserName),
            records.Get<Unit>(Scope.City, file.School.Owner)?.Value.Level);
        var filled = file.Table.Rows.Where(r => Columns.Any(c => file.Cell(r, c.Title).Text is { Length: > 0 })).ToList();
        var named = filled.Where(r => file.Cell(r, ClassColumn).Text is { Length: > 0 }).ToList();
        List<ImportRow> rows = [.. named.Select(r => PlanRow(state, r) with { Cell = r.Cell })];
        return new ImportPlan(rows, [.. filled.Except(named).Select(r => r.Number)])
        {
            Together = [.. state.Weeks.Select(w => Draft(state, w.Key, [.. w.Value.Values])).OfType<Draft>()],
        };
    }

    public override string NameOf(IRecords records, Scope school, Guid subject) => records.Get<Timetable>(school, subject)?.Value is { } week
        ? records.Get<SchoolClass>(school, week.Class)?.Value.Name ?? "–" : "–";

    public override IReadOnlyDictionary<Guid, Text> WhyKept(IRecords records, Scope school, ILookup<Guid, ImportedRecord> bySubject) => new Dictionary<Guid, Text>();

    private Draft? Draft(State state, Guid schoolClass, Lesson[] lessons)
    {
        var (school, week) = (state.File.School, new Timetable(schoolClass, state.File.Day, lessons));
        var id = Timetable.IdOf(school, schoolClass, week.From);
        return state.Records.Get<Timetable>(school, id) is { } before ? catalogue.Change(school, before, week) : catalogue.Revive(school, id, week);
    }

    private static ImportRow PlanRow(State state, SheetRow row)
    {
        string Cell(string column) => state.File.Cell(row, column).Text ?? "";
        var (issues, subject, teachers, room) = (new List<RowIssue>(), Cell(SubjectColumn), Cell(TeacherColumn), Cell(RoomColumn));
        if (row.Cell is not null && teachers.Length == 0 && !Subjects.IsKnown(subject))
        {
            (subject, teachers) = WithoutSign(subject);
        }
        if (LessonWords.Day(Cell(DayColumn)) is not { } day)
        {
            Wrong(DayColumn, new("Không hiểu thứ. Hãy ghi Thứ 2 đến Thứ 7, hoặc Chủ nhật."));
            day = 0;
        }
        if (LessonWords.Lesson(Cell(LessonColumn), LessonWords.IsAfternoon(Cell(HalfColumn), Cell(DayColumn), Cell(LessonColumn))) is not { } slot)
        {
            Wrong(LessonColumn, new("Không hiểu tiết. Hãy ghi tiết 1 đến 10, hoặc tiết 1 đến 5 cùng cột Buổi."));
            slot = default;
        }
        if (subject.Length is 0 or > TextCharsMax || room.Length > TextCharsMax)
        {
            Wrong(subject.Length is 0 or > TextCharsMax ? SubjectColumn : RoomColumn, new("Hãy ghi tên, nhiều nhất {0} ký tự.", TextCharsMax));
        }
        List<Guid> classes = [.. Names(Cell(ClassColumn)).Select(ClassOf).OfType<Guid>()];
        if (subject.Length > 0 && state.Level is not null && Subjects.At(state.Level).Any() && !Subjects.IsKnown(subject))
        {
            issues.Add(new(SubjectColumn, Subjects.Nearest(subject, state.Level) is { } near
                ? new("Môn “{0}” không có trong danh mục môn học; gần nhất là “{1}”. Nếu đúng ý thì để nguyên, phần mềm ghi như tệp.", subject, near)
                : new("Môn “{0}” không có trong danh mục môn học. Nếu đúng ý thì để nguyên, phần mềm ghi như tệp.", subject), IsWarning: true));
        }
        Guid[] staff = [.. Names(teachers).Select(TeacherOf).OfType<Guid>().Distinct()];
        var lesson = new Lesson(day, slot, subject, staff, room.Length == 0 ? null : room);
        if (!issues.Exists(i => !i.IsWarning) && classes.Find(c => state.WeekOf(c).ContainsKey((day, slot))) is var taken && taken != Guid.Empty)
        {
            Wrong(LessonColumn, new("Lớp đã có môn {0} ở tiết này. Hãy giữ lại một dòng.", state.WeekOf(taken)[(day, slot)].Subject));
        }
        if (issues.Exists(i => !i.IsWarning))
        {
            return new(row.Number, Cell(ClassColumn), subject, Verdict.Wrong, issues, []);
        }
        if (staff.Any(s => !state.Busy.Add((s, day, slot))))
        {
            issues.Add(new(TeacherColumn, new("Giáo viên có hai lớp trong cùng một tiết."), IsWarning: true));
        }
        classes.ForEach(c => state.WeekOf(c)[(day, slot)] = lesson);
        return new(row.Number, Cell(ClassColumn), subject, classes.Select(c => VerdictOf(state, c, lesson)).Min(), issues, []);

        void Wrong(string column, Text why) => issues.Add(new(column, why, IsWarning: false));

        Guid? ClassOf(string name)
        {
            if (state.Classes.TryGetValue(VietnameseText.Key(name), out var found))
            {
                return found.Id;
            }
            Wrong(ClassColumn, new("Không có lớp {0} trong năm học. Hãy sửa tên lớp, hoặc thêm lớp trước.", name));
            return null;
        }

        Guid? TeacherOf(string name)
        {
            var found = Called(name);
            if (found is [var one])
            {
                return one.Id;
            }
            Wrong(TeacherColumn, found.Count == 0 ? new("Không có giáo viên {0} ở trường. Hãy sửa tên, hoặc thêm người này ở trang Cán bộ trước.", name)
                : new("Trường có {0} giáo viên tên {1}. Hãy ghi tên đăng nhập thay cho họ tên.", found.Count, name));
            return null;
        }

        List<Row<Staff>> Called(string name)
        {
            bool IsCalled(Row<Staff> s) => VietnameseText.Key(s.Value.FullName) == VietnameseText.Key(name) || state.UserNames.GetValueOrDefault(s.Id) == VietnameseText.Fold(name);
            var found = state.Staff.Where(IsCalled).ToList();
            if (found.Count > 0 || row.Cell is null)
            {
                return found;
            }
            // There is little room in a grid: "Lan", "Cô Lan", "Thị Lan".
            var word = VietnameseText.Key(name);
            var ending = $" {Titles.FirstOrDefault(t => word.StartsWith(t, StringComparison.Ordinal)) switch { { } title => word[title.Length..].Trim(), null => word }}";
            return [.. state.Staff.Where(s => $" {VietnameseText.Key(s.Value.FullName)}".EndsWith(ending, StringComparison.Ordinal))];
        }

        // "Toán" and "Lan" on two lines of one cell come as "Toán Lan".
        (string Subject, string Teachers) WithoutSign(string text)
        {
            for (var at = text.LastIndexOf(' '); at > 0; at = text.LastIndexOf(' ', at - 1))
            {
                if (Subjects.IsKnown(text[..at]) && Called(text[(at + 1)..]).Count > 0)
                {
                    return (text[..at], text[(at + 1)..]);
                }
            }
            return (text, "");
        }
    }

    private static Verdict VerdictOf(State state, Guid schoolClass, Lesson lesson)
    {
        var id = Timetable.IdOf(state.File.School, schoolClass, state.File.Day);
        var known = state.Records.Get<Timetable>(state.File.School, id)?.Value.Lessons.FirstOrDefault(l => (l.Weekday, l.Slot) == (lesson.Weekday, lesson.Slot));
        return known is not { } before ? Verdict.Add
            : (before.Subject, before.Room) == (lesson.Subject, lesson.Room) && before.Staff.SequenceEqual(lesson.Staff) ? Verdict.Same : Verdict.Change;
    }

    private static string[] Names(string cell) => cell.Split(['+', ';'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private sealed record State(
        IRecords Records, ImportFile File, IReadOnlyDictionary<string, Row<SchoolClass>> Classes, IReadOnlyList<Row<Staff>> Staff, IReadOnlyDictionary<Guid, string> UserNames,
        string? Level)
    {
        public Dictionary<Guid, SortedDictionary<(int Day, Slot Slot), Lesson>> Weeks { get; } = [];

        public HashSet<(Guid Staff, int Day, Slot Slot)> Busy { get; } = [];

        public SortedDictionary<(int Day, Slot Slot), Lesson> WeekOf(Guid schoolClass) =>
            Weeks.TryGetValue(schoolClass, out var week) ? week : Weeks[schoolClass] = [];
    }
}
