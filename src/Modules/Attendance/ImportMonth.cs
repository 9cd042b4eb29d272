using System.Globalization;
using System.Text.RegularExpressions;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

/// <summary>
/// A class's month out of a grid, <see cref="MonthTable"/>'s or one typed off paper: words of sessions that nobody has sent, or of pupils of whom nobody has
/// said anything. What is there already is never changed by a file, nor is a locked month, and a session without a single mark stays unsent.
/// </summary>
internal sealed partial class ImportMonth(Catalogue catalogue, TimeProvider clock) : ImportKind
{
    private const string NameColumn = "Họ tên";
    private const string IdColumn = "Mã định danh Bộ";
    private const string BirthColumn = "Ngày sinh";

    /// <summary>What registers of schools have beside the letters of mark-codes.csv.</summary>
    private static readonly Dictionary<string, MarkCode> OtherLetters = new(StringComparer.OrdinalIgnoreCase)
    {
        ["KP"] = MarkCode.Unexcused, ["CP"] = MarkCode.Excused, ["+"] = MarkCode.Present, ["✓"] = MarkCode.Present, ["X"] = MarkCode.Present,
    };

    public override string Key => "chuyen-can";

    public override Text Title { get; } = new("Sổ điểm danh");

    public override Text Hint { get; } = new("Một lớp, một tháng: cột Họ tên và các cột ngày 1 đến 31. Sổ giấy không ghi dấu có mặt: ngày có em vắng thì ô trống là có mặt.");

    public override Roles Writers => SubmitSession.Offices;

    public override Side On => Side.Edge;

    public override bool AsksMonth => true;

    public override IReadOnlyList<ImportColumn> Columns { get; } =
    [
        new(NameColumn, ["Họ tên", "Họ và tên", "Họ tên học sinh", "Họ và tên học sinh", "Tên học sinh"], Required: true),
        new(IdColumn, ["Mã định danh Bộ GD&ĐT", "Mã định danh Bộ", "Mã học sinh"]),
        new(BirthColumn, ["Ngày sinh"]),
        .. Enumerable.Range(1, MonthPage.Columns).Select(Number).Select(d => new ImportColumn(d, [d, "0" + d, "Ngày " + d])),
    ];

    /// <summary>A fact cannot be unsaid: another one takes it back.</summary>
    public override IReadOnlyList<ImportedEntity> Writes { get; } =
    [
        ImportedEntity.Of<Submission>(catalogue, (word, school) => catalogue.Create(
            school, RecordId.From(school, "attendance.submission", $"{word.Id:n}|taken back"),
            word.Value with { Roster = Guid.Empty, Marks = [], Seen = [word.Id], TakenAtMs = clock.GetUtcNow().ToUnixTimeMilliseconds() })),
    ];

    /// <summary>Paper has the days in a second row that names nobody, below the words "Ngày trong tháng".</summary>
    public override SheetTable Join(SheetTable table)
    {
        var found = ImportColumns.Guess(Columns, table.Header);
        if (found.Keys.Any(IsDay) || !found.TryGetValue(NameColumn, out var name) || table.Rows is not [var below, ..] || below.Cells.ContainsKey(name)
            || !ImportColumns.Guess(Columns, below).Keys.Any(IsDay))
        {
            return table;
        }
        var cells = new Dictionary<int, SheetCell>(table.Header.Cells);
        foreach (var (place, cell) in below.Cells.Where(c => c.Value.Text.Length > 0))
        {
            cells[place] = cell;
        }
        return table with { Header = table.Header with { Cells = cells }, Rows = [.. table.Rows.Skip(1)] };
    }

    public override Result<ImportPlan> Plan(IRecords records, Actor actor, ImportFile file)
    {
        if (records.Get<SchoolClass>(file.School, file.Class) is not { } lop)
        {
            return Assign.NoClass;
        }
        if (file.Columns.Keys.All(c => !IsDay(c)))
        {
            return Error.Invalid("import_days", "Chưa có cột ngày nào. Hãy chọn cột của tệp cho các ngày 1 đến 31.");
        }
        if (MonthLocks.WhyLocked(records, file.School, file.Class, file.Day) is { } locked)
        {
            return locked;
        }
        var grid = new MonthGrid(catalogue, records, actor, lop, file, clock);
        var named = file.Table.Rows.Select(r => (Row: r, Name: file.Cell(r, NameColumn).Text ?? "")).ToList();
        // Below the list people sign.
        var filled = named.Where(r => r.Name.Length > 0 && file.Columns.Any(c => (IsDay(c.Key) || c.Key == IdColumn) && file.Cell(r.Row, c.Key).Text is { Length: > 0 })).ToList();
        return grid.Plan(filled, [.. named.Except(filled).Where(r => r.Row.Cells.Count > 0).Select(r => r.Row.Number)], NameColumn, IdColumn, BirthColumn);
    }

    public override Guid SubjectOf(IRecords records, Scope school, ImportedRecord record) => record.Id;

    public override string NameOf(IRecords records, Scope school, Guid subject) => records.Get<Submission>(school, subject)?.Value is { } word
        ? string.Create(CultureInfo.InvariantCulture, $"{word.Slot.Facts().Name} {word.Date:dd/MM/yyyy}") : "–";

    public override IReadOnlyDictionary<Guid, Text> WhyKept(IRecords records, Scope school, ILookup<Guid, ImportedRecord> bySubject)
    {
        var kept = new Dictionary<Guid, Text>();
        foreach (var word in bySubject.Select(s => records.Get<Submission>(school, s.Key)).OfType<Row<Submission>>())
        {
            if (MonthLocks.WhyLocked(records, school, word.Value.Class, word.Value.Date) is { } locked)
            {
                kept[word.Id] = locked.Message;
            }
        }
        return kept;
    }

    internal static bool IsDay(string column) => char.IsAsciiDigit(column[0]);

    internal static string Number(int day) => day.ToString(CultureInfo.InvariantCulture);

    /// <summary>The code of a letter on that day; null for one that nobody knows.</summary>
    internal static MarkCode? CodeOf(string letter, DateOnly day) => MarkCodes.On(day).FirstOrDefault(c => c.Letter == letter)?.Code
        ?? MarkCodes.On(day).FirstOrDefault(c => string.Equals(c.Letter, letter, StringComparison.OrdinalIgnoreCase))?.Code
        ?? (OtherLetters.TryGetValue(letter, out var code) ? MarkCodes.Find(code, day)?.Code : null);

    /// <summary>Of a cell as it stands in the file: a letter for each session, without the sign of two opinions; nothing where it says nothing.</summary>
    internal static string[] LettersOf(string? cell) => Parted().Split(cell ?? "").Select(l => l.Trim().TrimEnd('*')).Select(l => l is "?" or "–" or "-" ? "" : l).ToArray();

    [GeneratedRegex("[/,;]")]
    private static partial Regex Parted();
}
