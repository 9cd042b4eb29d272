using System.IO.Compression;
using TdmEdu.Sync;

namespace TdmEdu.Modules.Shell.Sheets;

/// <summary>
/// Unpacks a workbook once into nothing, counting, before anything of it is kept: what a file says of its own sizes is only what it says.
/// Afterwards each part is at most so large, and each text in it so long, that reading it needs little memory.
/// </summary>
internal static class ZipCheck
{
    private const int EntriesMax = 500;
    private const long UnpackedBytesMax = 100L * 1024 * 1024;

    /// <summary>Lists of pupils unpack to 5 – 20 times their size. Small files may do as they like.</summary>
    private const int RatioMax = 100;
    private const int RatioFreeBytes = 1024 * 1024;

    /// <summary>Of a list of the parts, which is kept whole.</summary>
    private const int ListBytesMax = 1024 * 1024;

    /// <summary>Between two tags. Excel's cells hold at most 32,767 characters, of up to 6 bytes (&amp;quot;).</summary>
    private const int TextBytesMax = 256 * 1024;

    private const int FileTypeBits = 0xF000;
    private const int SymbolicLink = 0xA000;

    /// <exception cref="InvalidDataException">It is no zip file.</exception>
    public static Error? WhyUnsafe(Stream file)
    {
        file.Position = 0;
        using var zip = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
        if (zip.Entries.Count > EntriesMax)
        {
            return TooLarge();
        }
        var left = Math.Min(UnpackedBytesMax, Math.Max(RatioFreeBytes, RatioMax * file.Length));
        var buffer = new byte[64 * 1024];
        foreach (var entry in zip.Entries)
        {
            if (((entry.ExternalAttributes >> 16) & FileTypeBits) == SymbolicLink)
            {
                return Nested();
            }
            using var unpacked = entry.Open();
            var before = left;
            var refused = WhyUnsafe(unpacked, buffer, ref left);
            if (refused is not null || (IsList(entry.FullName) && before - left > ListBytesMax))
            {
                return refused ?? TooLarge();
            }
        }
        return null;
    }

    public static Error TooLarge() => Error.Invalid(
        "xlsx_unpacks_too_large",
        "Tệp bung ra quá lớn nên không được mở. Hãy chép riêng bảng danh sách sang một tệp Excel mới rồi nhập lại.");

    public static Error NotXlsx() => Error.Invalid(
        "not_xlsx", "Tệp này không phải tệp Excel .xlsx hoặc đã hỏng. Hãy mở bằng Excel, chọn Lưu thành (Save As) loại .xlsx rồi nhập lại.");

    private static Error Nested() => Error.Invalid(
        "xlsx_nested",
        "Trong tệp có tệp nén hoặc liên kết khác nên không được mở. Hãy chép riêng bảng danh sách sang một tệp Excel mới rồi nhập lại.");

    private static bool IsList(string name) =>
        name.EndsWith(".rels", StringComparison.OrdinalIgnoreCase) || name.EndsWith("[Content_Types].xml", StringComparison.OrdinalIgnoreCase);

    private static Error? WhyUnsafe(Stream unpacked, byte[] buffer, ref long left)
    {
        var (first, text) = (true, new TextRun());
        while (unpacked.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) is > 0 and var count)
        {
            var read = buffer.AsSpan(0, count);
            if ((left -= count) < 0)
            {
                return TooLarge();
            }
            if (first && read.StartsWith("PK\u0003\u0004"u8))
            {
                return Nested();
            }
            text.IsOn = first ? IsText(read) : text.IsOn;
            first = false;
            if (text.Add(read) is { } refused)
            {
                return refused;
            }
        }
        return null;
    }

    /// <summary>Whether a reader of XML would take it for XML, whatever its name says: in any encoding it begins with one of these.</summary>
    private static bool IsText(ReadOnlySpan<byte> start) => start[0] is (byte)'<' or (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or 0 or 0xEF
        || start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || start.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]);

    /// <summary>
    /// Watches XML go by. What begins with &lt;! (DTD, CDATA, comment) and any other encoding than UTF-8 is refused: no program that makes
    /// workbooks writes them, and without them no text can be longer than from one &lt; to the next.
    /// </summary>
    private struct TextRun
    {
        private int length;
        private bool opened;

        public bool IsOn { get; set; }

        public Error? Add(ReadOnlySpan<byte> read)
        {
            if (!IsOn)
            {
                return null;
            }
            if (read.Contains((byte)0))
            {
                return NotXlsx();
            }
            while (read.Length > 0)
            {
                if (opened && read[0] == (byte)'!')
                {
                    return NotXlsx();
                }
                var at = read.IndexOf((byte)'<');
                opened = at >= 0;
                length += opened ? at : read.Length;
                if (length > TextBytesMax)
                {
                    return TooLarge();
                }
                length = opened ? 0 : length;
                read = opened ? read[(at + 1)..] : [];
            }
            return null;
        }
    }
}
