using System.Globalization;
using System.IO.Compression;
using System.Xml;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;
using TdmEdu.Sync;

namespace TdmEdu.Modules.Shell.Sheets;

/// <summary>A cell as it stands in the file. <see cref="IsNumber"/>: typed as a number, so Excel has dropped leading zeros.</summary>
public readonly record struct SheetCell(string Text, bool IsNumber, bool HasFormula);

/// <summary>A row that is not empty: its number as Excel shows it, its cells by column, A = 0.</summary>
public sealed record SheetRow(int Number, IReadOnlyDictionary<int, SheetCell> Cells);

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
    private const int PartsMax = 500;
    private const long UnpackedBytesMax = 100L * 1024 * 1024;
    private const int SharedStringsMax = 200_000;

    /// <param name="file">Seekable.</param>
    /// <param name="isHeader">Says whether one of a sheet's first rows names the columns that are wanted.</param>
    public static Result<SheetTable> Read(Stream file, Func<SheetRow, bool> isHeader)
    {
        if (file.Length > FileBytesMax)
        {
            return Error.Invalid(
                "xlsx_too_large",
                "Tệp lớn hơn {0} MB. Hãy chia theo khối lớp thành nhiều tệp rồi nhập lần lượt.", FileBytesMax / 1024 / 1024);
        }
        try
        {
            if (WhyUnsafe(file) is { } refused)
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
            return NotXlsx();
        }
    }

    /// <summary>The declared sizes can be trusted: .NET does not unpack an entry beyond the length that it declares.</summary>
    private static Error? WhyUnsafe(Stream file)
    {
        file.Position = 0;
        using var zip = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
        if (zip.Entries.Count > PartsMax || zip.Entries.Sum(e => e.Length) > UnpackedBytesMax)
        {
            return Error.Invalid(
                "xlsx_unpacks_too_large",
                "Tệp bung ra quá lớn nên không được mở. Hãy chép riêng bảng danh sách sang một tệp Excel mới rồi nhập lại.");
        }
        return zip.GetEntry("[Content_Types].xml") is null ? NotXlsx() : null;
    }

    private static Error NotXlsx() => Error.Invalid(
        "not_xlsx", "Tệp này không phải tệp Excel .xlsx hoặc đã hỏng. Hãy mở bằng Excel, chọn Lưu thành (Save As) loại .xlsx rồi nhập lại.");

    private static Result<SheetTable> ReadDocument(SpreadsheetDocument document, Func<SheetRow, bool> isHeader)
    {
        if (document.WorkbookPart is not { } book)
        {
            return NotXlsx();
        }
        var shared = SharedStrings(book);
        if (shared is null)
        {
            return Error.Invalid(
                "xlsx_unpacks_too_large",
                "Tệp bung ra quá lớn nên không được mở. Hãy chép riêng bảng danh sách sang một tệp Excel mới rồi nhập lại.");
        }
        foreach (var sheet in (book.Workbook?.Descendants<Sheet>() ?? []).Take(SheetsMax))
        {
            if (sheet.Id?.Value is not { } id || book.GetPartById(id) is not WorksheetPart part)
            {
                continue;
            }
            if (ReadSheet(part, shared, isHeader, book.Workbook?.WorkbookProperties?.Date1904?.Value == true) is { } table)
            {
                return table;
            }
        }
        return Error.Invalid(
            "no_header",
            "Không thấy dòng tiêu đề trong {0} dòng đầu của tệp. Dòng tiêu đề phải có cột Họ tên và cột Lớp hoặc Mã lớp.", HeaderRowsMax);
    }

    private static Result<SheetTable>? ReadSheet(WorksheetPart part, List<string> shared, Func<SheetRow, bool> isHeader, bool from1904)
    {
        using var reader = OpenXmlReader.Create(part);
        SheetRow? header = null;
        var rows = new List<SheetRow>();
        var number = 0;
        while (reader.Read())
        {
            if (reader.ElementType != typeof(Row) || !reader.IsStartElement)
            {
                continue;
            }
            number = RowNumber(reader) ?? number + 1;
            if (header is null && number > HeaderRowsMax)
            {
                return null;
            }
            var row = new SheetRow(number, ReadCells(reader, shared));
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
                return Error.Invalid(
                    "xlsx_rows", "Danh sách có hơn {0} dòng. Hãy chia theo khối lớp thành nhiều tệp rồi nhập lần lượt.", RowsMax);
            }
        }
        if (header is null)
        {
            return null;
        }
        return new SheetTable(header, rows, from1904);
    }

    private static int? RowNumber(OpenXmlReader reader)
    {
        var text = reader.Attributes.FirstOrDefault(a => a.LocalName == "r").Value;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    private static Dictionary<int, SheetCell> ReadCells(OpenXmlReader reader, List<string> shared)
    {
        var cells = new Dictionary<int, SheetCell>();
        if (!reader.ReadFirstChild())
        {
            return cells;
        }
        var column = -1;
        do
        {
            if (reader.ElementType != typeof(Cell))
            {
                continue;
            }
            var cell = (Cell)reader.LoadCurrentElement()!;
            column = ColumnOf(cell.CellReference?.Value) ?? column + 1;
            var text = VietnameseText.Normalise(TextOf(cell, shared));
            if (column < ColumnsMax && (text.Length > 0 || cell.CellFormula is not null))
            {
                var isNumber = cell.DataType is null || cell.DataType.Value == CellValues.Number;
                cells[column] = new(text.Length > CellCharsMax ? text[..CellCharsMax] : text, isNumber, cell.CellFormula is not null);
            }
        }
        while (reader.ReadNextSibling());
        return cells;
    }

    private static string TextOf(Cell cell, List<string> shared)
    {
        if (cell.DataType?.Value == CellValues.InlineString)
        {
            return cell.InlineString?.InnerText ?? "";
        }
        var raw = cell.CellValue?.Text ?? "";
        return cell.DataType?.Value == CellValues.SharedString
            && int.TryParse(raw, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < shared.Count
            ? shared[index]
            : raw;
    }

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

    private static List<string>? SharedStrings(WorkbookPart book)
    {
        var strings = new List<string>();
        if (book.SharedStringTablePart is not { } part)
        {
            return strings;
        }
        using var reader = OpenXmlReader.Create(part);
        while (reader.Read())
        {
            if (reader.ElementType == typeof(SharedStringItem) && reader.IsStartElement)
            {
                if (strings.Count == SharedStringsMax)
                {
                    return null;
                }
                strings.Add(reader.LoadCurrentElement()!.InnerText);
            }
        }
        return strings;
    }
}
