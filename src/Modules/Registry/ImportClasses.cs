using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>
/// The classes of the year with their homeroom teachers. A class is found by its name; empty cells change nothing. Sessions of a class that has pupils are
/// history, and a homeroom teacher is followed by another with a day: neither is changed by a file.
/// </summary>
internal sealed class ImportClasses(Catalogue catalogue, TimeProvider clock) : ImportKind
{
    private const string NameColumn = "Tên lớp";
    private const string GradeColumn = "Khối";
    private const string SlotsColumn = "Buổi học";
    private const string TeacherColumn = "Giáo viên chủ nhiệm";

    private static readonly Dictionary<string, Slot[]> SlotWords = new(StringComparer.Ordinal)
    {
        ["sang"] = [Slot.Morning],
        ["chieu"] = [Slot.Afternoon],
        ["ca ngay"] = [Slot.Morning, Slot.Afternoon],
        ["2 buoi"] = [Slot.Morning, Slot.Afternoon],
        ["ban tru"] = [Slot.Meal],
    };

    public override string Key => "lop";

    public override Text Title { get; } = new("Lớp");

    public override Text Hint { get; } = new("Mỗi lớp một dòng, có cột Tên lớp; nên có Khối, Buổi học, Giáo viên chủ nhiệm.");

    public override Roles Writers => PupilPages.Writers;

    public override IReadOnlyList<ImportColumn> Columns { get; } =
    [
        new(NameColumn, ["Tên lớp", "Lớp", "Tên lớp học"], Required: true),
        new(GradeColumn, ["Khối", "Khối lớp", "Khối học"]),
        new(SlotsColumn, ["Buổi học", "Buổi", "Số buổi", "Ca học"]),
        new(TeacherColumn, ["Giáo viên chủ nhiệm", "GVCN", "Chủ nhiệm", "Họ tên GVCN", "GV chủ nhiệm"]),
    ];

    public override IReadOnlyList<ImportedEntity> Writes { get; } =
    [
        ImportedEntity.Of<SchoolClass>(catalogue),
        ImportedEntity.Of<Assignment>(catalogue, (work, school) => catalogue.Change(school, work, work.Value with { To = work.Value.From.AddDays(-1) })),
    ];

    public override Result<ImportPlan> Plan(IRecords records, Actor actor, ImportFile file)
    {
        if (Calendar.Load(records, file.School).YearFor(clock.Today()) is not { } year)
        {
            return EditClass.NoYear;
        }
        var state = new State(
            records, file.School, year, records.AllAt<SchoolClass>(file.School, year.Name).ToDictionary(c => VietnameseText.Key(c.Value.Name)),
            Teachers(records, file.School), new(StringComparer.Ordinal));
        var filled = file.Table.Rows.Where(r => Columns.Any(c => file.Cell(r, c.Title).Text is { Length: > 0 })).ToList();
        return new ImportPlan(
            [.. filled.Where(r => file.Cell(r, NameColumn).Text is { Length: > 0 }).Select(r => PlanRow(state, file, r))],
            [.. filled.Where(r => file.Cell(r, NameColumn).Text is not { Length: > 0 }).Select(r => r.Number)]);
    }

    public override bool Exports => true;

    public override Table? Export(IRecords records, Scope school)
    {
        if (Calendar.Load(records, school).YearFor(clock.Today()) is not { } year)
        {
            return null;
        }
        var (teachers, today) = (Teachers(records, school), clock.Today());
        return new(
            $"Lớp {year.Name}", [.. Columns.Select(c => c.Title)],
            [
                .. records.AllAt<SchoolClass>(school, year.Name).OrderBy(c => c.Value, ClassOrder.Instance).Select(c => (IReadOnlyList<TableCell>)
                [
                    TableCell.Of(c.Value.Name), c.Value.Grade is { } grade ? TableCell.Of(grade) : default,
                    TableCell.Of(string.Join(", ", c.Value.Slots.Order().Select(s => s.Facts().Name))), TableCell.Of(NameOf(teachers, HomeroomOf(records, school, c.Id, today))),
                ]),
            ], []);
    }

    public override Guid SubjectOf(IRecords records, Scope school, ImportedRecord record) => records.Get<Assignment>(school, record.Id)?.Value.Class ?? record.Id;

    public override string NameOf(IRecords records, Scope school, Guid subject) => records.Get<SchoolClass>(school, subject)?.Value.Name ?? "–";

    public override IReadOnlyDictionary<Guid, Text> WhyKept(IRecords records, Scope school, ILookup<Guid, ImportedRecord> bySubject)
    {
        var kept = new Dictionary<Guid, Text>();
        foreach (var subject in bySubject.Where(s => s.Any(r => r.Made && r.Id == s.Key)))
        {
            var own = subject.Select(r => r.Id).ToHashSet();
            if (EditClass.EverHadPupils(records, school, subject.Key))
            {
                kept[subject.Key] = new("Lớp đã có học sinh.");
            }
            else if (records.AllAt<Assignment>(school, subject.Key.ToString("n")).Any(a => !own.Contains(a.Id) && !Period.Of(a.Value).IsEmpty))
            {
                kept[subject.Key] = new("Lớp đã có phân công khác.");
            }
        }
        return kept;
    }

    private ImportRow PlanRow(State state, ImportFile file, SheetRow row)
    {
        string Cell(string column) => file.Cell(row, column).Text ?? "";
        var (name, issues, drafts) = (Cell(NameColumn), new List<RowIssue>(), new List<Draft>());
        if (!state.Named.TryAdd(VietnameseText.Key(name), row.Number))
        {
            Wrong(NameColumn, new("Trùng với dòng {0} của tệp. Hãy giữ lại một dòng.", state.Named[VietnameseText.Key(name)]));
        }
        var slots = Slots(Cell(SlotsColumn));
        if (slots is null)
        {
            Wrong(SlotsColumn, new("Không hiểu buổi học. Hãy ghi Buổi sáng, Buổi chiều, Cả ngày, Bữa ăn; nhiều buổi thì cách nhau bằng dấu phẩy."));
        }
        var known = state.ByName.GetValueOrDefault(VietnameseText.Key(name));
        var id = known?.Id ?? Guid.Empty;
        if (issues.Count == 0 && known is null)
        {
            if (slots is [])
            {
                issues.Add(new(SlotsColumn, new("Không ghi buổi học: lớp được ghi là học buổi sáng."), IsWarning: true));
            }
            var added = EditClass.Add(
                catalogue, state.Records, file.School, new(name, Cell(GradeColumn), slots is [] ? [Slot.Morning] : slots!), clock.Today(), clock);
            Take(added, added.Reply.Ok || added.Reply.Error.Reason == "class_name" ? NameColumn : added.Reply.Error.Reason == "class_slots" ? SlotsColumn : GradeColumn);
            id = added.Reply.Ok ? added.Reply.Value : id;
        }
        else if (issues.Count == 0)
        {
            var changed = known!.Value;
            if (Cell(GradeColumn) is { Length: > 0 } typed)
            {
                var grade = EditClass.GradeOf(typed, changed.Name, state.Records.Get<Unit>(Scope.City, file.School.Owner)?.Value.Level);
                changed = grade.Ok ? changed with { Grade = grade.Value } : changed;
                Take(grade.Ok ? Guid.Empty : grade.Error, GradeColumn);
            }
            if (slots is not [] && !slots!.SequenceEqual(changed.Slots.Order()))
            {
                if (EditClass.EverHadPupils(state.Records, file.School, id))
                {
                    Wrong(SlotsColumn, new("Lớp đã có học sinh nên buổi học không đổi bằng tệp được. Hãy để trống ô này."));
                }
                changed = changed with { Slots = slots! };
            }
            drafts.AddRange(new[] { catalogue.Change(file.School, known, changed) }.OfType<Draft>());
        }
        if (Cell(TeacherColumn) is { Length: > 0 } teacher && issues.All(i => i.IsWarning))
        {
            Take(Homeroom(state, file.School, id, known is null, teacher), TeacherColumn);
        }
        var verdict = issues.Exists(i => !i.IsWarning) ? Verdict.Wrong : drafts.Count == 0 ? Verdict.Same : known is null ? Verdict.Add : Verdict.Change;
        return new(row.Number, name, "", verdict, issues, verdict == Verdict.Wrong ? [] : drafts);

        void Wrong(string column, Text why) => issues.Add(new(column, why, IsWarning: false));

        void Take(Decision<Guid> decision, string column)
        {
            drafts.AddRange(decision.Drafts);
            if (!decision.Reply.Ok)
            {
                Wrong(column, decision.Reply.Error.Message);
            }
        }
    }

    private Decision<Guid> Homeroom(State state, Scope school, Guid schoolClass, bool isNew, string typed)
    {
        var found = state.Teachers.Where(t => VietnameseText.Key(t.FullName) == VietnameseText.Key(typed) || t.UserName == typed).ToList();
        if (found is not [var teacher])
        {
            return found.Count == 0
                ? Error.NotFound("import_teacher", "Không có giáo viên {0} ở trường. Hãy sửa tên, hoặc thêm người này ở trang Cán bộ trước.", typed)
                : Error.Conflict("import_teachers", "Trường có {0} giáo viên tên {1}. Hãy ghi tên đăng nhập thay cho họ tên.", found.Count, typed);
        }
        var today = clock.Today();
        var work = new Assignment(teacher.Id, schoolClass, today < state.Year.From ? state.Year.From : today, null, Homeroom: true);
        return HomeroomOf(state.Records, school, schoolClass, today) == teacher.Id ? teacher.Id
            : isNew ? new Decision<Guid>(teacher.Id, [Compose.Assignment(catalogue, school, work)])
            : Assign.Begin(catalogue, state.Records, school, work);
    }

    /// <summary>Empty for an empty cell; null where a word is not understood.</summary>
    private static Slot[]? Slots(string typed)
    {
        var slots = new SortedSet<Slot>();
        foreach (var word in typed.Split([',', ';', '+', '/'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(VietnameseText.Fold))
        {
            if (Enum.GetValues<Slot>().Where(s => VietnameseText.Fold(s.Facts().Name) == word).ToArray() is { Length: > 0 } named)
            {
                slots.UnionWith(named);
            }
            else if (SlotWords.TryGetValue(word, out var meant))
            {
                slots.UnionWith(meant);
            }
            else
            {
                return null;
            }
        }
        return [.. slots];
    }

    private static Guid? HomeroomOf(IRecords records, Scope school, Guid schoolClass, DateOnly today) =>
        records.AllAt<Assignment>(school, schoolClass.ToString("n")).FirstOrDefault(a => a.Value.Homeroom && !Period.Of(a.Value).IsEmpty && !(a.Value.To < today))?.Value.Staff;

    private static string? NameOf(IReadOnlyList<Teacher> teachers, Guid? id) =>
        teachers.FirstOrDefault(t => t.Id == id) is not { } teacher ? null
        : teachers.Count(t => VietnameseText.Key(t.FullName) == VietnameseText.Key(teacher.FullName)) > 1 ? teacher.UserName : teacher.FullName;

    private static List<Teacher> Teachers(IRecords records, Scope school)
    {
        var staff = records.All<Staff>(school).ToDictionary(s => s.Id, s => s.Value.FullName);
        return [.. records.All<Account>(school).Where(a => Assign.Teaches(a.Value) && staff.ContainsKey(a.Id)).Select(a => new Teacher(a.Id, staff[a.Id], a.Value.UserName))];
    }

    private sealed record Teacher(Guid Id, string FullName, string UserName);

    private sealed record State(
        IRecords Records, Scope School, SchoolYear Year, IReadOnlyDictionary<string, Row<SchoolClass>> ByName, IReadOnlyList<Teacher> Teachers, Dictionary<string, int> Named);
}
