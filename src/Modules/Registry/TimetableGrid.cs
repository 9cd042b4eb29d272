using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync;

namespace TdmEdu.Modules.Registry;

/// <summary>
/// The whole school's week on one sheet, as it hangs in the teachers' room: a column for each class, a row for each lesson of a day, "Toán - Lan" in a cell. It becomes
/// the list that the import reads, a row for each filled cell, which knows where it was.
/// </summary>
internal static class TimetableGrid
{
    private const int ClassCharsMax = 20;
    private const int DayAt = 1;
    private const int HalfAt = 2;
    private const int LessonAt = 3;
    private static readonly string[] Headings = ["Lớp", "Thứ", "Buổi", "Tiết", "Môn", "Giáo viên"];
    private static readonly string[] NoLesson = ["-", "–", "x", "X", "0"];

    /// <summary>Says which lesson a row is, and names classes where a list names subjects.</summary>
    public static bool IsHeader(SheetRow row, IReadOnlyList<ImportColumn> columns)
    {
        var map = ImportColumns.Guess(columns, row);
        return map.ContainsKey(Headings[LessonAt]) && !map.ContainsKey(Headings[4]) && ClassesOf(row, map).Any();
    }

    public static Result<SheetTable> Unroll(SheetTable grid, IReadOnlyList<ImportColumn> columns)
    {
        var map = ImportColumns.Guess(columns, grid.Header);
        var classes = ClassesOf(grid.Header, map).ToList();
        // Merged cells hold their word once: a day and a half of it go on until the next.
        var (day, half, rows) = ("", "", new List<SheetRow>());
        foreach (var row in grid.Rows)
        {
            var (toldDay, toldHalf, lesson) = (Text(row, Headings[DayAt]), Text(row, Headings[HalfAt]), Text(row, Headings[LessonAt]));
            half = toldHalf.Length > 0 ? toldHalf : toldDay.Length > 0 && toldDay != day && LessonWords.IsAfternoon(toldDay) is not null ? "" : half;
            day = toldDay.Length > 0 ? toldDay : day;
            var filled = classes.Where(c => row.Cells.GetValueOrDefault(c.Key).Text is { Length: > 0 } text && !NoLesson.Contains(text)).ToList();
            if (lesson.Length == 0 && filled.Count < 2)
            {
                // "BUỔI CHIỀU" over the lessons that follow; a title names no day.
                half = row.Cells.Values.Select(c => c.Text).FirstOrDefault(t => LessonWords.IsAfternoon(t) is not null && LessonWords.Day(t) is null) ?? half;
                day = LessonWords.Day(day) is null ? "" : day;
                continue;
            }
            // What is wrong with the row is said once, and where it stands.
            var wrong = LessonWords.Day(day) is null ? Headings[DayAt] : LessonWords.Number(lesson) is null ? Headings[LessonAt] : null;
            foreach (var (place, schoolClass) in wrong is null ? filled : filled.Take(1))
            {
                string[] cells = [schoolClass, day, half, lesson, .. Parts(row.Cells[place].Text)];
                rows.Add(Row(row.Number, cells) with { Cell = $"{ImportWords.Letters(wrong is null ? place : map.GetValueOrDefault(wrong, place))}{row.Number}" });
            }
        }
        return rows.Count > XlsxReader.RowsMax ? XlsxReader.TooManyRows() : new SheetTable(Row(grid.Header.Number, Headings), rows, grid.From1904);

        string Text(SheetRow row, string column) => map.TryGetValue(column, out var place) ? row.Cells.GetValueOrDefault(place).Text ?? "" : "";
    }

    /// <summary>The subject and who teaches it: "Toán - Lan", "Toán (Lan)"; a subject's own hyphen or brackets stay.</summary>
    internal static string[] Parts(string text)
    {
        if (Subjects.IsKnown(text))
        {
            return [text];
        }
        var at = text.LastIndexOfAny(['-', '–', '(']);
        var (subject, teacher) = at <= 0 ? (text, "") : (text[..at].TrimEnd(), text[(at + 1)..].Trim(' ', ')'));
        return subject.Length > 0 && teacher.Length > 0 ? [subject, teacher] : [text];
    }

    private static IEnumerable<KeyValuePair<int, string>> ClassesOf(SheetRow header, Dictionary<string, int> map) => header.Cells.OrderBy(c => c.Key)
        .Where(c => !map.ContainsValue(c.Key) && c.Value.Text is { Length: <= ClassCharsMax } text
            && text.Any(char.IsAsciiDigit) && text.Any(ch => char.IsLetter(ch) || ch is '/' or '.'))
        .Select(c => KeyValuePair.Create(c.Key, c.Value.Text.StartsWith("Lớp ", StringComparison.OrdinalIgnoreCase) ? c.Value.Text[4..] : c.Value.Text));

    private static SheetRow Row(int number, IEnumerable<string> cells) => new(number, cells.Index().Where(c => c.Item.Length > 0)
        .ToDictionary(c => c.Index, c => new SheetCell(c.Item, IsNumber: false, HasFormula: false)));
}
