using System.Globalization;
using System.Text;
using System.Xml;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;
using TdmEdu.Sync;
using Text = DocumentFormat.OpenXml.Spreadsheet.Text;

namespace TdmEdu.Modules.Shell.Sheets;

/// <summary>A cell as it stands in the file. <see cref="IsNumber"/>: typed as a number, so Excel has dropped leading zeros.</summary>
public readonly record struct SheetCell(string Text, bool IsNumber, bool HasFormula);

/// <summary>A row that is not empty: its number as Excel shows it, its cells by column, A = 0.</summary>
public sealed record SheetRow(int Number, IReadOnlyDictionary<int, SheetCell> Cells)
{
    /// <summary>As Excel names it, where the row was made of one cell of the file; null for a row of its own.</summary>
    public string? Cell { get; init; }
}

/// <summary>The table below a header row.</summary>
/// <param name="From1904">The file counts days from 1904, as old Macintosh files do.</param>
public sealed record SheetTable(SheetRow Header, IReadOnlyList<SheetRow> Rows, bool From1904);

/// <summary>Reads one table from an xlsx file row by row, refusing what is too large before it is in memory.</summary>
public static class XlsxReader
{
    public const int FileBytesMax = 10 * 1024 * 1024;
    public const int RowsMax = 5_000;
    private const int HeaderRowsMax = 12;
    private const int SheetsMax = 40;
    private const int ColumnsMax = 256;
    private const int CellCharsMax = 1_000;
    private const int SharedStringsMax = 200_000;

    /// <summary>Kept of one file: its texts' characters, and as much as 32 more for each cell. 5,000 rows of 60 columns are 18 million.</summary>
    private const int KeptCharsMax = 20_000_000;
    private const int CellChars = 32;
    private const int DepthMax = 32;

    /// <param name="file">Seekable.</param>
    /// <param name="isHeader">Says whether one of a sheet's first rows names the columns that are wanted.</param>
    public static Result<SheetTable> Read(Stream file, Func<SheetRow, bool> isHeader)
    {
        if (file.Length > FileBytesMax)
        {
            return TooLarge();
        }
        try
        {
            if (ZipCheck.WhyUnsafe(file) is { } refused)
            {
                return refused;
            }
            file.Position = 0;
            using var document = SpreadsheetDocument.Open(file, isEditable: false);
            return ReadDocument(document, isHeader);
        }
        catch (Exception e) when (e is InvalidDataException or OpenXmlPackageException or FileFormatException or XmlException or FormatException
            or ArgumentException or InvalidOperationException or IOException)
        {
            return ZipCheck.NotXlsx();
        }
    }

    private static Result<SheetTable> ReadDocument(SpreadsheetDocument document, Func<SheetRow, bool> isHeader)
    {
        if (document.WorkbookPart is not { } book)
        {
            return ZipCheck.NotXlsx();
        }
        var (sheets, from1904) = Sheets(book);
        var kept = new Kept();
        if (SharedStrings(book, kept) is not { } shared)
        {
            return ZipCheck.TooLarge();
        }
        foreach (var id in sheets)
        {
            if (book.TryGetPartById(id, out var part) && part is WorksheetPart sheet && ReadSheet(sheet, shared, isHeader, from1904, kept) is { } table)
            {
                return table;
            }
        }
        return NoHeader();
    }

    internal static Error TooLarge() => Error.Invalid(
        "xlsx_too_large", "Tệp lớn hơn {0} MB. Hãy chia theo khối lớp thành nhiều tệp rồi nhập lần lượt.", FileBytesMax / 1024 / 1024);

    internal static Error TooManyRows() => Error.Invalid(
        "xlsx_rows", "Danh sách có hơn {0} dòng. Hãy chia theo khối lớp thành nhiều tệp rồi nhập lần lượt.", RowsMax);

    internal static Error NoHeader() => Error.Invalid(
        "no_header", "Không thấy dòng tiêu đề trong {0} dòng đầu của tệp. Hãy ghi tên các cột ở một dòng, ví dụ Họ tên, Lớp, rồi chọn lại tệp.", HeaderRowsMax);

    private static Result<SheetTable>? ReadSheet(
        WorksheetPart part, List<string> shared, Func<SheetRow, bool> isHeader, bool from1904, Kept kept)
    {
        using var reader = new Walk(part);
        SheetRow? header = null;
        var rows = new List<SheetRow>();
        var number = 0;
        while (reader.Next())
        {
            if (!reader.Begins(typeof(Row)))
            {
                continue;
            }
            number = RowNumber(reader) ?? number + 1;
            if (header is null && number > HeaderRowsMax)
            {
                return null;
            }
            var row = new SheetRow(number, ReadCells(reader, shared, kept));
            if (header is null)
            {
                header = isHeader(row) ? row : null;
            }
            else if (row.Cells.Count > 0)
            {
                rows.Add(row);
            }
            if (rows.Count > RowsMax)
            {
                return TooManyRows();
            }
            if (kept.Chars > KeptCharsMax)
            {
                return ZipCheck.TooLarge();
            }
        }
        if (header is null)
        {
            return null;
        }
        return new SheetTable(header, rows, from1904);
    }

    private static int? RowNumber(Walk row) =>
        int.TryParse(row.Attribute("r"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static Dictionary<int, SheetCell> ReadCells(Walk reader, List<string> shared, Kept kept)
    {
        var cells = new Dictionary<int, SheetCell>();
        var column = -1;
        while (reader.Next() && !reader.Ends(typeof(Row)))
        {
            if (!reader.Begins(typeof(Cell)))
            {
                continue;
            }
            column = ColumnOf(reader.Attribute("r")) ?? column + 1;
            var type = reader.Attribute("t");
            var (raw, hasFormula) = ReadCell(reader);
            var text = VietnameseText.Normalise(type == "s" ? SharedAt(raw, shared) : raw);
            if (column < ColumnsMax && (text.Length > 0 || hasFormula))
            {
                text = text.Length > CellCharsMax ? text[..CellCharsMax] : text;
                cells[column] = new(text, IsNumber: type is null or "n", hasFormula);
                kept.Chars += text.Length + CellChars;
            }
        }
        return cells;
    }

    /// <summary>Of an inline text all its pieces, else the value; a formula's own text is never shown.</summary>
    private static (string Text, bool HasFormula) ReadCell(Walk reader)
    {
        var text = new StringBuilder();
        var hasFormula = false;
        while (reader.Next() && !reader.Ends(typeof(Cell)))
        {
            if (reader.Begins(typeof(CellValue)) || reader.Begins(typeof(Text)))
            {
                Append(text, reader);
            }
            hasFormula |= reader.Begins(typeof(CellFormula));
        }
        return (text.ToString(), hasFormula);
    }

    private static string SharedAt(string raw, List<string> shared) =>
        int.TryParse(raw, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < shared.Count ? shared[index] : raw;

    /// <summary>"C12" is column 2.</summary>
    private static int? ColumnOf(string? reference)
    {
        var column = 0;
        foreach (var c in (reference ?? "").TakeWhile(char.IsAsciiLetterUpper).Take(4))
        {
            column = column * 26 + (c - 'A' + 1);
        }
        return column == 0 ? null : column - 1;
    }

    private static (List<string> Ids, bool From1904) Sheets(WorkbookPart book)
    {
        using var reader = new Walk(book);
        var (ids, from1904) = (new List<string>(), false);
        while (reader.Next() && ids.Count < SheetsMax)
        {
            if (reader.Begins(typeof(Sheet)) && reader.Attribute("id") is { } id)
            {
                ids.Add(id);
            }
            from1904 |= reader.Begins(typeof(WorkbookProperties)) && reader.Attribute("date1904") is "1" or "true";
        }
        return (ids, from1904);
    }

    private static List<string>? SharedStrings(WorkbookPart book, Kept kept)
    {
        var strings = new List<string>();
        if (book.SharedStringTablePart is not { } part)
        {
            return strings;
        }
        using var reader = new Walk(part);
        var text = new StringBuilder();
        while (reader.Next())
        {
            if (reader.Begins(typeof(Text)))
            {
                Append(text, reader);
            }
            if (!reader.Ends(typeof(SharedStringItem)))
            {
                continue;
            }
            strings.Add(text.ToString());
            kept.Chars += text.Length + CellChars;
            text.Clear();
            if (strings.Count > SharedStringsMax || kept.Chars > KeptCharsMax)
            {
                return null;
            }
        }
        return strings;
    }

    private static void Append(StringBuilder text, Walk reader)
    {
        var piece = reader.Text;
        text.Append(piece, 0, Math.Min(piece.Length, CellCharsMax + 1 - Math.Min(text.Length, CellCharsMax + 1)));
    }

    private sealed class Kept
    {
        public int Chars { get; set; }
    }

    /// <summary>Element by element: what loads an element with all that is in it would hold whatever a file puts there.</summary>
    private sealed class Walk(OpenXmlPart part) : IDisposable
    {
        private readonly OpenXmlReader reader = OpenXmlReader.Create(part);
        private int depth;

        public string Text => reader.GetText();

        public bool Next()
        {
            var there = reader.Read();
            depth += !there ? 0 : reader.IsStartElement ? 1 : reader.IsEndElement ? -1 : 0;
            return depth <= DepthMax ? there : throw new InvalidDataException("Too deep.");
        }

        public bool Begins(Type type) => reader.IsStartElement && reader.ElementType == type;

        public bool Ends(Type type) => reader.IsEndElement && reader.ElementType == type;

        public string? Attribute(string name) => reader.Attributes.FirstOrDefault(a => a.LocalName == name).Value;

        public void Dispose() => reader.Dispose();
    }
}
