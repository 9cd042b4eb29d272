using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;
using CultureInfo = System.Globalization.CultureInfo;
using FileRow = TdmEdu.Modules.Shell.Sheets.SheetRow;

namespace TdmEdu.Modules.Attendance;

/// <summary>What the cells of one class's month would say, compared with what stands.</summary>
internal sealed class MonthGrid(Catalogue catalogue, IRecords records, Actor actor, Row<SchoolClass> lop, ImportFile file, TimeProvider clock)
{
    private readonly Scope school = file.School;
    private readonly Calendar calendar = Calendar.Load(records, file.School);
    private readonly HashSet<Guid> rosters = [];
    private readonly Slot[] slots = [.. lop.Value.Slots.Where(s => s.IsSession()).Order()];
    private readonly Dictionary<(DateOnly, Slot), Session> sessions = [];
    private readonly List<Row<Pupil>> pupils =
    [
        .. (records.View<ClassRoster>(file.School, lop.Id)?.Enrolments.Values ?? Enumerable.Empty<Enrolment>())
            .Where(e => Period.Of(e).Overlaps(new(file.Day, file.Day.AddMonths(1).AddDays(-1)))).Select(e => e.Pupil).Distinct()
            .Select(p => records.Get<Pupil>(file.School, p)).OfType<Row<Pupil>>(),
    ];

    private sealed record Session(IReadOnlyCollection<Guid> Roster, SessionSheet? Sheet)
    {
        public Dictionary<Guid, MarkCode> Marks { get; } = [];
    }

    public ImportPlan Plan(IReadOnlyList<(FileRow Row, string Name)> filled, IReadOnlyList<int> skipped, string nameColumn, string idColumn, string birthColumn)
    {
        var days = file.Columns.Keys.Where(ImportMonth.IsDay).ToList();
        var paper = PaperDays(filled, days);
        var named = new Dictionary<Guid, int>();
        var rows = new List<ImportRow>();
        foreach (var (row, name) in filled)
        {
            var (issues, marks) = (new List<RowIssue>(), new List<(Session Session, MarkCode Code)>());
            var (pupil, why) = Find(name, file.Cell(row, idColumn).Text, Birth(row, birthColumn));
            if (pupil is not null && !named.TryAdd(pupil.Id, row.Number))
            {
                why = new("Trùng với dòng {0} của tệp. Hãy giữ lại một dòng.", named[pupil.Id]);
            }
            if (pupil is null || why is not null)
            {
                rows.Add(new(row.Number, lop.Value.Name, name, Verdict.Wrong, [new(nameColumn, why!, IsWarning: false)], []));
                continue;
            }
            foreach (var column in days)
            {
                if (Read(pupil.Id, column, file.Cell(row, column), paper.Contains(column), marks) is { } wrong)
                {
                    issues.Add(new(column, wrong, IsWarning: false));
                }
            }
            var isWrong = issues.Count > 0;
            foreach (var (session, code) in isWrong ? [] : marks)
            {
                session.Marks[pupil.Id] = code;
            }
            rows.Add(new(row.Number, lop.Value.Name, name, isWrong ? Verdict.Wrong : marks.Count > 0 ? Verdict.Add : Verdict.Same, issues, []));
        }
        return new(rows, skipped) { Together = [.. sessions.OrderBy(s => s.Key).Where(s => s.Value.Marks.Count > 0).SelectMany(s => DraftsOf(s.Key.Item1, s.Key.Item2, s.Value))] };
    }

    /// <summary>Days of a register that has no sign for presence, and a sign for somebody.</summary>
    private HashSet<string> PaperDays(IReadOnlyList<(FileRow Row, string Name)> filled, List<string> days)
    {
        bool Any(string column, Func<string, bool> is_) => filled.Any(r => ImportMonth.LettersOf(file.Cell(r.Row, column).Text).Any(is_));
        return days.Any(d => Any(d, l => ImportMonth.CodeOf(l, file.Day) == MarkCode.Present)) ? [] : [.. days.Where(d => Any(d, l => l.Length > 0))];
    }

    /// <summary>Adds what the cell says that is new; why it cannot be taken, or null.</summary>
    private Text? Read(Guid pupil, string column, SheetCell cell, bool emptyIsPresent, List<(Session Session, MarkCode Code)> marks)
    {
        var letters = ImportMonth.LettersOf(cell.Text);
        if (letters.All(l => l.Length == 0) && !emptyIsPresent)
        {
            return null;
        }
        if (cell.HasFormula)
        {
            return new("Ô này chứa công thức. Hãy gõ nội dung thay cho công thức.");
        }
        var number = int.Parse(column, CultureInfo.InvariantCulture);
        if (number > DateTime.DaysInMonth(file.Day.Year, file.Day.Month))
        {
            return new("Tháng này không có ngày {0}. Hãy xóa ô này.", number);
        }
        var day = file.Day.AddDays(number - 1);
        if (SubmitSession.WhyTooEarly(day, clock.Today()) is { } early)
        {
            return early.Message;
        }
        var mine = slots.Where(s => s.HasBegun(day, clock) && SessionOf(day, s).Roster.Contains(pupil)).ToList();
        if (letters.All(l => l.Length == 0))
        {
            letters = calendar.WhyClosed(day) is null ? ["x"] : [""];
        }
        if (letters.All(l => l.Length == 0) || mine.Count == 0 && emptyIsPresent && cell.Text is null or [])
        {
            return null;
        }
        if (mine.Count == 0)
        {
            return new("Em không ở lớp {0} vào ngày {1:dd/MM/yyyy}. Hãy xóa ô này, hoặc sửa ngày vào lớp ở trang của em.", lop.Value.Name, day);
        }
        if (letters.Length > 1 && letters.Length != mine.Count)
        {
            return new("Ô ghi {0} buổi nhưng ngày này em học {1} buổi. Hãy sửa ô.", letters.Length, mine.Count);
        }
        foreach (var (i, slot) in mine.Index())
        {
            if (letters[letters.Length == 1 ? 0 : i] is { Length: > 0 } letter && Take(pupil, day, slot, letter, marks) is { } wrong)
            {
                return wrong;
            }
        }
        return null;
    }

    private Text? Take(Guid pupil, DateOnly day, Slot slot, string letter, List<(Session Session, MarkCode Code)> marks)
    {
        if (ImportMonth.CodeOf(letter, day) is not { } code)
        {
            return new("Không hiểu dấu “{0}”. Hãy dùng {1}.", letter.Length > 10 ? letter[..10] + "…" : letter, string.Join(", ", MarkCodes.On(day).Select(c => c.Letter)));
        }
        var session = SessionOf(day, slot);
        if (session.Sheet is { Tally: not null } sheet && sheet.Pupils.TryGetValue(pupil, out var standing))
        {
            return standing.Code == code ? null : new(
                "{0} ngày {1:dd/MM/yyyy} đã ghi “{2}”. Tệp không sửa điểm danh đã có: nếu tệp đúng, hãy sửa ở trang Điểm danh rồi đọc lại.",
                slot.Facts().Name, day, standing.Code.Facts(day).Letter);
        }
        if (session.Sheet?.Tally is null && calendar.WhyClosed(day) is { } closed)
        {
            return closed.Message;
        }
        marks.Add((session, code));
        return null;
    }

    private Session SessionOf(DateOnly day, Slot slot)
    {
        if (!sessions.TryGetValue((day, slot), out var session))
        {
            session = new(
                SlotRoster.Of(records, school, new(lop.Id, day, slot)), records.View<SessionSheet>(school, SessionSheet.IdOf(school, lop.Id, day, slot)));
            sessions[(day, slot)] = session;
        }
        return session;
    }

    /// <summary>A first word speaks of all that the file names in the session; a later one says what of whom, and has seen the others.</summary>
    private IEnumerable<Draft> DraftsOf(DateOnly day, Slot slot, Session session)
    {
        var isFirst = session.Sheet?.Tally is null;
        var roster = new RosterSeen(lop.Id, [.. session.Marks.Keys.Order()]);
        var rosterId = roster.IdIn(school);
        if (records.Get<RosterSeen>(school, rosterId) is null && rosters.Add(rosterId))
        {
            yield return catalogue.Create(school, rosterId, roster);
        }
        yield return catalogue.Create(school, RecordId.New(clock), new Submission(
            lop.Id, day, slot, rosterId,
            [.. session.Marks.Where(m => !isFirst || m.Value != MarkCode.Present).OrderBy(m => m.Key).Select(m => new Mark(m.Key, m.Value))],
            isFirst ? [] : [.. session.Sheet!.Submissions.Keys], actor.Id, Source.Import, clock.GetUtcNow().ToUnixTimeMilliseconds()));
    }

    private (Row<Pupil>? Pupil, Text? Why) Find(string name, string? ministryId, string? birth)
    {
        var found = ministryId is { Length: > 0 } ? pupils.Where(p => p.Value.MinistryId == ministryId).ToList() : [];
        found = found.Count > 0 ? found
            : [.. pupils.Where(p => VietnameseText.Key(p.Value.FullName) == VietnameseText.Key(name) && (birth is null || p.Value.BirthDate == birth))];
        return found is [var one] ? (one, null) : (null, found.Count == 0
            ? new("Không có em này trong lớp {0} ở tháng {1:MM/yyyy}. Hãy sửa họ tên như danh sách lớp.", lop.Value.Name, file.Day)
            : new("Lớp có {0} em tên này. Hãy ghi thêm cột Mã định danh Bộ hoặc Ngày sinh.", found.Count));
    }

    private string? Birth(FileRow row, string column) =>
        new PupilCells(file.Table.From1904, clock.Today()).BirthDate(file.Cell(row, column), []) is { Length: > 0 } birth ? birth : null;
}
