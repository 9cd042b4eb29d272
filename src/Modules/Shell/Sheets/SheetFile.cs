using System.Text;
using TdmEdu.Sync;

namespace TdmEdu.Modules.Shell.Sheets;

/// <summary>A table from what a person uploads, xlsx or CSV, whatever the file's name says.</summary>
public static class SheetFile
{
    private const int HeaderRowsMax = 12;

    /// <summary>Empty ones and lines inside cells too.</summary>
    private const int LinesMax = 20 * XlsxReader.RowsMax;
    private const int ColumnsMax = 256;
    private const int CellCharsMax = 1_000;
    private const int StartBytes = 64;

    /// <summary>As Excel writes them, by the language that it speaks.</summary>
    private static readonly char[] Separators = [',', ';', '\t'];

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="file">Seekable.</param>
    /// <param name="headers">Says whether one of the first rows names the columns; the next is asked where none does by the one before.</param>
    public static Result<SheetTable> Read(Stream file, params IReadOnlyList<Func<SheetRow, bool>> headers)
    {
        if (file.Length > XlsxReader.FileBytesMax)
        {
            return XlsxReader.TooLarge();
        }
        Func<Func<SheetRow, bool>, Result<SheetTable>> read;
        var start = Start(file);
        if (IsForeign(start))
        {
            return Error.Invalid(
                "not_sheet",
                "Tệp này không phải bảng tính mà là trang web, PDF, ảnh hay loại khác, dù tên là gì. Hãy mở nó, lưu danh sách thành .xlsx hoặc CSV UTF-8 rồi chọn lại.");
        }
        if (IsPacked(start))
        {
            read = isHeader => XlsxReader.Read(file, isHeader);
        }
        else if (Text(file) is { } text)
        {
            read = isHeader => ReadCsv(text, isHeader);
        }
        else
        {
            return Error.Invalid("csv_encoding", "Tệp CSV không phải mã UTF-8. Hãy mở bằng Excel, lưu loại “CSV UTF-8” hoặc .xlsx rồi chọn lại.");
        }
        var table = read(headers[0]);
        for (var i = 1; i < headers.Count && !table.Ok && table.Error.Reason == "no_header"; i++)
        {
            table = read(headers[i]);
        }
        return table;
    }

    private static Result<SheetTable> ReadCsv(string text, Func<SheetRow, bool> isHeader)
    {
        if (text.AsSpan().Count('\n') > LinesMax)
        {
            return XlsxReader.TooManyRows();
        }
        foreach (var separator in Separators)
        {
            if (text.AsSpan().Count(separator) > XlsxReader.RowsMax * ColumnsMax)
            {
                return XlsxReader.TooLarge();
            }
            var all = Csv.Parse(text, separator).Select(RowOf).Where(r => r.Cells.Count > 0);
            if (all.Take(HeaderRowsMax).FirstOrDefault(isHeader) is { } header)
            {
                var rows = all.SkipWhile(r => r.Number <= header.Number).Take(XlsxReader.RowsMax + 1).ToList();
                return rows.Count > XlsxReader.RowsMax ? XlsxReader.TooManyRows() : new SheetTable(header, rows, From1904: false);
            }
        }
        return XlsxReader.NoHeader();
    }

    private static SheetRow RowOf(CsvRow row) => new(row.Number, row.Cells.Take(ColumnsMax).Select(VietnameseText.Normalise).Index()
        .Where(c => c.Item.Length > 0)
        .ToDictionary(c => c.Index, c => new SheetCell(c.Item.Length > CellCharsMax ? c.Item[..CellCharsMax] : c.Item, IsNumber: false, HasFormula: false)));

    /// <summary>A file that can only be CSV; null for anything else, whatever its name says.</summary>
    public static string? CsvText(Stream file) => Start(file) is var start && (IsForeign(start) || IsPacked(start)) ? null : Text(file);

    private static byte[] Start(Stream file)
    {
        var start = new byte[StartBytes];
        var length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        file.Position = 0;
        return start[..length];
    }

    private static bool IsPacked(ReadOnlySpan<byte> start) => start.StartsWith("PK"u8) || start[..Math.Min(start.Length, 8)].Contains((byte)0);

    /// <summary>By its first bytes: markup (web pages, SVG), PDF, programs, scripts, pictures, other archives, RTF.</summary>
    private static bool IsForeign(ReadOnlySpan<byte> start)
    {
        var text = start.TrimStart("\uFEFF \r\n\t"u8);
        return text.StartsWith("<"u8) || text.StartsWith("%PDF"u8) || text.StartsWith("MZ"u8) || text.StartsWith("#!"u8) || text.StartsWith("{\\rtf"u8)
            || start.StartsWith("\u007FELF"u8) || start.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G']) || start.StartsWith("GIF8"u8)
            || start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) || start.StartsWith("Rar!"u8) || start.StartsWith("7z"u8)
            || start.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]);
    }

    private static string? Text(Stream file)
    {
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
