using System.Globalization;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;
using Text = DocumentFormat.OpenXml.Spreadsheet.Text;

namespace TdmEdu.Modules.Shell.Sheets;

/// <summary>
/// Writes a table as xlsx. A text is a string in a cell of the format "Text": it is never a formula, keeps its leading zeros, and stays what it is when
/// somebody edits the cell and leaves it.
/// </summary>
public static class XlsxWriter
{
    public const string ContentType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    private const int SheetNameCharsMax = 31;
    private const int ColumnCharsMin = 5;
    private const int ColumnCharsMax = 40;

    /// <summary>Of the format itself.</summary>
    private const uint TextFormat = 49;
    private const uint DayFormat = 164;

    private enum Style : uint
    {
        None,
        Text,
        Day,
        Header,
    }

    public static byte[] Write(Table table)
    {
        using var stream = new MemoryStream();
        using (var document = SpreadsheetDocument.Create(stream, SpreadsheetDocumentType.Workbook))
        {
            var book = document.AddWorkbookPart();
            book.AddNewPart<WorkbookStylesPart>().Stylesheet = Styles();
            var sheet = book.AddNewPart<WorksheetPart>();
            sheet.Worksheet = new(Frozen(), Widths(table), new SheetData(Rows(table)));
            book.Workbook = new(new DocumentFormat.OpenXml.Spreadsheet.Sheets(new Sheet { Name = SheetName(table.Name), SheetId = 1, Id = book.GetIdOfPart(sheet) }));
        }
        return stream.ToArray();
    }

    private static IEnumerable<Row> Rows(Table table) =>
    [
        new Row(table.Header.Select(h => CellOf(h, Style.Header))),
        .. table.Rows.Select(cells => new Row(cells.Select(CellOf))),
        .. table.Notes.Select((note, i) => new Row(CellOf(note, Style.Text)) { RowIndex = (uint)(table.Rows.Count + 3 + i) }),
    ];

    private static Cell CellOf(TableCell cell) => cell switch
    {
        { Text: { Length: > 0 } text } => CellOf(text, Style.Text),
        { Number: { } number } => new() { CellValue = new(number) },
        // Excel counts days from 30 December 1899: its 1900 has a 29 February.
        { Day: { } day } => new() { CellValue = new(day.DayNumber - new DateOnly(1899, 12, 30).DayNumber), StyleIndex = (uint)Style.Day },
        _ => new() { StyleIndex = (uint)Style.Text },
    };

    private static Cell CellOf(string text, Style style) => new()
    {
        DataType = CellValues.InlineString,
        InlineString = new(new Text(Writable(text)) { Space = SpaceProcessingModeValues.Preserve }),
        StyleIndex = (uint)style,
    };

    /// <summary>Without what XML cannot hold: control characters, and halves of an emoji.</summary>
    private static string Writable(string text) =>
        string.Concat(text.EnumerateRunes().Where(r => r.Value is '\t' or '\n' or '\r' or (>= ' ' and not (0xFFFE or 0xFFFF))));

    private static string SheetName(string name)
    {
        var allowed = Writable(string.Concat(name.Select(c => "[]:*?/\\'".Contains(c, StringComparison.Ordinal) ? '-' : c)));
        return allowed.Length > SheetNameCharsMax ? allowed[..SheetNameCharsMax] : allowed;
    }

    private static SheetViews Frozen() => new(new SheetView(
        new Pane { VerticalSplit = 1, TopLeftCell = "A2", ActivePane = PaneValues.BottomLeft, State = PaneStateValues.Frozen }) { WorkbookViewId = 0 });

    private static Columns Widths(Table table) => new(table.Header.Select((heading, i) =>
    {
        var chars = table.Rows.Max(r => (int?)LengthOf(r[i])) is { } longest && longest > heading.Length ? longest : heading.Length;
        return new Column { Min = (uint)i + 1, Max = (uint)i + 1, Width = Math.Clamp(chars + 2, ColumnCharsMin, ColumnCharsMax), CustomWidth = true };
    }));

    private static int LengthOf(TableCell cell) =>
        cell.Day is not null ? "31/12/2026".Length : cell.Text?.Length ?? cell.Number?.ToString(CultureInfo.InvariantCulture).Length ?? 0;

    private static Stylesheet Styles() => new(
        new NumberingFormats(new NumberingFormat { NumberFormatId = DayFormat, FormatCode = "dd/mm/yyyy" }),
        new Fonts(new Font(), new Font(new Bold())),
        new Fills(new Fill(new PatternFill { PatternType = PatternValues.None }), new Fill(new PatternFill { PatternType = PatternValues.Gray125 })),
        new Borders(new Border()),
        new CellStyleFormats(new CellFormat()),
        // In the order of Style.
        new CellFormats(
            new CellFormat(),
            new CellFormat { NumberFormatId = TextFormat, ApplyNumberFormat = true },
            new CellFormat { NumberFormatId = DayFormat, ApplyNumberFormat = true },
            new CellFormat { NumberFormatId = TextFormat, ApplyNumberFormat = true, FontId = 1, ApplyFont = true }));
}
