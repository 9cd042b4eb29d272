using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Tests.Modules.Registry;

namespace TdmEdu.Tests.Modules.Shell;

/// <summary>Workbooks made to harm: each is refused by a sentence with a code before much of it is in memory.</summary>
public class HostileSheetTests
{
    /// <summary>All that was ever allocated; alive at once is less.</summary>
    private const long AllocatedBytesMax = 150L * 1024 * 1024;
    private const string Main = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";
    private static readonly DateOnly Today = new(2026, 9, 7);

    [Theory]
    [InlineData(",", 8_000_000, "xlsx_too_large")]
    [InlineData("\"", 8_000_000, "no_header")]
    [InlineData("5A,An\n", XlsxReader.RowsMax + 1, "xlsx_rows")]
    [InlineData("\0", 100, "not_xlsx")]
    [InlineData("\n", 8_000_000, "xlsx_rows")]
    public void Threat_T12_text_that_is_too_much_of_a_table_is_refused(string piece, int times, string reason)
    {
        var text = string.Concat(Enumerable.Repeat(piece, times));
        using var file = new MemoryStream(Encoding.UTF8.GetBytes(reason == "xlsx_rows" ? "Lớp,Họ tên\n" + text : text));
        Assert.Equal(reason, PupilFiles.Read(file, Today).Error.Reason);
    }

    [Theory]
    [InlineData("zeros", "xlsx_unpacks_too_large")]
    [InlineData("ratio", "xlsx_unpacks_too_large")]
    [InlineData("entries", "xlsx_unpacks_too_large")]
    [InlineData("one_endless_cell", "xlsx_unpacks_too_large")]
    [InlineData("one_endless_attribute", "xlsx_unpacks_too_large")]
    [InlineData("endless_cdata", "not_xlsx")]
    [InlineData("endless_comment", "not_xlsx")]
    [InlineData("other_encoding", "not_xlsx")]
    [InlineData("depth", "not_xlsx")]
    [InlineData("many_pieces_in_one_cell", "")]
    [InlineData("shared_strings", "xlsx_unpacks_too_large")]
    [InlineData("cells", "xlsx_unpacks_too_large")]
    [InlineData("relationships", "xlsx_unpacks_too_large")]
    [InlineData("nested_zip", "xlsx_nested")]
    [InlineData("symbolic_link", "xlsx_nested")]
    [InlineData("lies_about_its_size", "not_xlsx")]
    public void Threat_T12_workbook_that_unpacks_to_too_much_is_refused_before_memory_grows(string threat, string reason)
    {
        using var file = Hostile(threat);
        Assert.InRange(file.Length, 1, XlsxReader.FileBytesMax);
        PupilFiles.Read(PupilWorkbook.Of(PupilWorkbook.Row("5A", null, "An")), Today);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var read = PupilFiles.Read(file, Today);
        Assert.Equal(reason, read.Ok ? "" : read.Error.Reason);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, AllocatedBytesMax);
    }

    [Theory]
    [InlineData("[Content_Types].xml")]
    [InlineData("_rels/.rels")]
    [InlineData("xl/workbook.xml")]
    [InlineData("xl/worksheets/sheet2.xml")]
    [InlineData("xl/sharedStrings.xml")]
    public async Task Threat_T28_no_part_reads_a_file_or_calls_out_through_an_entity(string part)
    {
        using var trap = new TcpListener(IPAddress.Loopback, 0);
        trap.Start();
        var secret = Path.GetTempFileName();
        await File.WriteAllTextAsync(secret, "bí mật", TestContext.Current.CancellationToken);
        foreach (var target in (string[])[$"file://{secret}", $"http://{trap.LocalEndpoint}/x"])
        {
            using var file = Changed(part, text => Declaration(text, $"<!DOCTYPE x [<!ENTITY a SYSTEM \"{target}\">]>").Replace("An", "&a;", StringComparison.Ordinal));
            Assert.Equal("not_xlsx", PupilFiles.Read(file, Today).Error.Reason);
        }
        using var laughs = Changed(part, text => Declaration(text, "<!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\">]>"));
        Assert.Equal("not_xlsx", PupilFiles.Read(laughs, Today).Error.Reason);
        Assert.False(trap.Pending());
        File.Delete(secret);
    }

    [Fact]
    public void Threat_T28_link_to_another_workbook_is_not_followed()
    {
        using var trap = new TcpListener(IPAddress.Loopback, 0);
        trap.Start();
        using var file = Changed("xl/_rels/workbook.xml.rels", text => text.Replace(
            "</Relationships>",
            "<Relationship Id=\"x9\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLink\" "
                + $"Target=\"http://{trap.LocalEndpoint}/x\" TargetMode=\"External\"/></Relationships>",
            StringComparison.Ordinal));
        Assert.Equal("An", PupilFiles.Read(file, Today).Value.Lines.Single().Pupil.FullName);
        Assert.False(trap.Pending());
    }

    private static MemoryStream Hostile(string threat) => threat switch
    {
        "zeros" => With("xl/media/zeros.bin", 101L * 1024 * 1024, _ => 0x42),
        "ratio" => With("xl/media/zeros.bin", 20L * 1024 * 1024, _ => 0x42),
        "entries" => Sheet(zip => Enumerable.Range(0, 100_000).ToList().ForEach(i => zip.CreateEntry($"{i}"))),
        "one_endless_cell" => Row("<c t=\"inlineStr\"><is><t>", "Nguyễn Văn ", 1_000_000, "</t></is></c>"),
        "one_endless_attribute" => Row("<c t=\"", "Nguyễn Văn ", 1_000_000, "\"/>"),
        "endless_cdata" => Row("<c t=\"inlineStr\"><is><t><![CDATA[", "<b>chữ", 1_000_000, "]]></t></is></c>"),
        "endless_comment" => Row("<!--", "<b>chữ", 1_000_000, "-->"),
        "other_encoding" => Changed("xl/worksheets/sheet2.xml", text => text, Encoding.Unicode),
        "depth" => Row("", Noise(40, 4, s => $"<c r=\"A{s}\">") + Noise(40, 0, _ => "</c>"), 1, ""),
        "many_pieces_in_one_cell" => Row("<c t=\"inlineStr\"><is>", "<r><t>a</t></r>", 50_000, "</is></c>"),
        "shared_strings" => Changed("xl/sharedStrings.xml", text => text.Replace(
            "</x:sst>", Noise(25_000, 200, s => $"<x:si><x:t>{s}{s}{s}{s}{s}</x:t></x:si>") + "</x:sst>", StringComparison.Ordinal)),
        "cells" => Rows(Noise(700, 1_000, s => $"<row {Main}>{string.Concat(Enumerable.Repeat($"<c t=\"str\"><v>{s}</v></c>", 40))}</row>")),
        "relationships" => Changed("xl/_rels/workbook.xml.rels", text => text.Replace(
            "</Relationships>", Noise(12_000, 40, s => $"<Relationship Id=\"x{s}\" Type=\"x\" Target=\"http://x\" TargetMode=\"External\"/>") + "</Relationships>",
            StringComparison.Ordinal)),
        "nested_zip" => Sheet(zip =>
        {
            using var inner = zip.CreateEntry("xl/embeddings/inner.bin").Open();
            PupilWorkbook.Of().CopyTo(inner);
        }),
        "symbolic_link" => Sheet(zip => zip.CreateEntry("xl/link.xml").ExternalAttributes = 0xA1FF << 16),
        "lies_about_its_size" => Lying(),
        _ => throw new ArgumentOutOfRangeException(nameof(threat), threat, "No such threat."),
    };

    private static MemoryStream Row(string before, string piece, int times, string after) =>
        Rows($"<row {Main}>{before}{Noise(times, piece)}{after}</row>");

    private static MemoryStream Rows(string rows) => Changed(
        "xl/worksheets/sheet2.xml", text => text.Replace("</x:sheetData>", rows + "</x:sheetData>", StringComparison.Ordinal));

    /// <summary>Repeats what compresses badly enough for the ratio not to be what refuses it.</summary>
    private static string Noise(int times, string piece)
    {
        var text = new StringBuilder();
        var random = new Random(1);
        for (var i = 0; i < times; i++)
        {
            text.Append(piece);
            _ = piece.EndsWith('>') ? text : text.Append(random.Next(1_000_000));
        }
        return text.ToString();
    }

    private static string Noise(int times, int chars, Func<string, string> element)
    {
        var random = new Random(1);
        return string.Concat(Enumerable.Range(0, times).Select(_ => element(random.GetHexString(chars))));
    }

    private static string Declaration(string text, string doctype) =>
        text.IndexOf("?>", StringComparison.Ordinal) is >= 0 and var at ? text.Insert(at + 2, doctype) : doctype + text;

    private static MemoryStream With(string name, long bytes, Func<long, byte> content) => Sheet(zip =>
    {
        using var entry = zip.CreateEntry(name, CompressionLevel.Fastest).Open();
        var block = Enumerable.Range(0, 1 << 20).Select(i => content(i)).ToArray();
        for (var left = bytes; left > 0; left -= block.Length)
        {
            entry.Write(block);
        }
    });

    private static MemoryStream Sheet(Action<ZipArchive> change)
    {
        var file = new MemoryStream();
        PupilWorkbook.Of(PupilWorkbook.Row("5A", null, "An")).CopyTo(file);
        using (var zip = new ZipArchive(file, ZipArchiveMode.Update, leaveOpen: true))
        {
            change(zip);
        }
        file.Position = 0;
        return file;
    }

    private static MemoryStream Changed(string part, Func<string, string> change, Encoding? encoding = null) => Sheet(zip =>
    {
        var entry = zip.GetEntry(part)!;
        string text;
        using (var reader = new StreamReader(entry.Open()))
        {
            text = reader.ReadToEnd();
        }
        entry.Delete();
        using var writer = new StreamWriter(zip.CreateEntry(part).Open(), encoding ?? new UTF8Encoding(false));
        writer.Write(change(text));
    });

    /// <summary>Every size that the file tells of its parts is made ten bytes.</summary>
    private static MemoryStream Lying()
    {
        var bytes = With("xl/media/zeros.bin", 50L * 1024 * 1024, _ => 0x42).ToArray();
        for (var at = 0; at < bytes.Length - 46; at++)
        {
            if (bytes.AsSpan(at).StartsWith("PK\u0001\u0002"u8))
            {
                BitConverter.TryWriteBytes(bytes.AsSpan(at + 24), 10);
            }
        }
        return new(bytes);
    }
}
