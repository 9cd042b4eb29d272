using System.Globalization;
using System.Text;
using CsCheck;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;
using DocumentFormat.OpenXml.Validation;
using TdmEdu.Modules.Shell.Sheets;
using Table = TdmEdu.Modules.Shell.Sheets.Table;

namespace TdmEdu.Tests.Modules.Shell;

/// <summary>What a file of ours does in the program that opens it: nothing but show text.</summary>
public class TableTests
{
    private const long Samples = 20_000;

    private const string Marks = "=+-@＝＋－＠'\"\t\r\n\0;,| a1\u200B\uFEFF\u00A0đ";

    private static readonly string[] Corpus =
    [
        "=cmd|' /C calc'!A0", "+1", "-1+1", "@SUM(1+9)*cmd|' /C calc'!A0", "\t=1", "\r=1", "\n=1", "  =1", "\u00A0=1", "\u200B=1", "\uFEFF=1", "\0=1", "'=1", "''+1", "' -1",
        "＝1", "＋1", "－1", "＠SUM", "−1", "a;=1", "a\t@SUM", "a\n=HYPERLINK(\"http://x\")", "a\r\n+1", "\"=1\"", "\",=1", "a,=1", "a\"b", "a\nb", "😀", "😀=1", "Nguyễn Văn Ân",
        "D'Arc", "'", "-", "=", "0912345678", "+84912345678", "0074000001", "_x003D_1", "</t><f>1</f>", "<![CDATA[=1]]>", "a\uD800b", "\u0001=1", " a ", "",
    ];

    private static readonly Gen<string> AnyText = Gen.Frequency(
        (1, Gen.Int[0, Corpus.Length - 1].Select(i => Corpus[i])),
        (2, Gen.Int[0, Marks.Length - 1].Array[0, 8].Select(c => string.Concat(c.Select(i => Marks[i])))),
        (1, Gen.String[0, 12]));

    private static readonly Gen<Table> AnyTable = AnyText.Array[2].Array[1, 4].Select(rows =>
        new Table("Lớp 5/1", ["=A", "Họ tên"], [.. rows.Select(r => (IReadOnlyList<TableCell>)[.. r.Select(TableCell.Of)])], ["=ghi chú"]));

    [Fact]
    public void Threat_T16_no_cell_of_a_CSV_begins_a_formula_for_any_separator_and_reading_gives_back_what_was_written() =>
        AnyTable.Sample(
            table =>
            {
                var csv = Encoding.UTF8.GetString(Csv.Write(table));
                Assert.Equal('\uFEFF', csv[0]);
                var read = Csv.Parse(csv).Select(r => r.Cells.ToArray()).ToArray();
                Assert.Equal(table.Rows.Select(r => r.Select(c => Halves(c.Text!)).ToArray()).Prepend([.. table.Header]), read);
                Assert.All(CellsOf(csv[1..]), cell => Assert.False(IsFormula(cell), cell));
                // Who reads it with another separator sees no quotes, and other cells.
                Assert.All(csv[1..].Split(';', '\t', '\r', '\n'), cell => Assert.False(IsFormula(cell), cell));
            }, iter: Samples);

    [Theory]
    [InlineData("=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\"")]
    [InlineData("@SUM(1)", "\"'@SUM(1)\"")]
    [InlineData("  ＝1", "\"'  ＝1\"")]
    [InlineData("\tx", "\"'\tx\"")]
    [InlineData("a \"b\", c", "\"a \"\"b\"\", c\"")]
    [InlineData("Đỗ-Ân", "\"Đỗ-Ân\"")]
    public void Threat_T16_a_CSV_field_is_quoted_and_gets_an_apostrophe_where_it_would_begin_a_formula(string text, string field) =>
        Assert.Equal($"\uFEFF\"A\"\r\n{field}\r\n", Encoding.UTF8.GetString(Csv.Write(new("x", ["A"], [[TableCell.Of(text)]], []))));

    [Fact]
    public void Threat_T16_every_text_of_an_xlsx_is_a_string_and_no_cell_is_a_formula() =>
        AnyTable.Sample(
            table =>
            {
                using var stream = new MemoryStream(XlsxWriter.Write(table));
                using var document = SpreadsheetDocument.Open(stream, false);
                var sheet = document.WorkbookPart!.WorksheetParts.Single().Worksheet!;
                Assert.Empty(sheet.Descendants<CellFormula>());
                var written = sheet.Descendants<Cell>().Where(c => c.InlineString is not null).ToList();
                Assert.All(written, c => Assert.Equal(CellValues.InlineString, c.DataType!.Value));
                Assert.All(sheet.Descendants<Cell>(), c => Assert.Null(c.CellValue));
                Assert.Equal(
                    table.Rows.SelectMany(r => r).Select(c => Shown(c.Text!)).Where(t => t.Length > 0),
                    written.Select(c => c.InnerText).Where(t => t.Length > 0).Skip(2).SkipLast(1));
            }, iter: Samples / 20);

    [Fact]
    public void An_xlsx_is_valid_and_keeps_days_numbers_and_leading_zeros()
    {
        var table = new Table(
            "Lớp [5/1] có một cái tên dài hơn ba mươi mốt chữ", ["Mã", "Số", "Ngày"],
            [[TableCell.Of("0074000001"), TableCell.Of(7), TableCell.Of(new DateOnly(2015, 9, 1))], [TableCell.Of((string?)null), TableCell.Of(-1), default]], ["Ghi chú"]);
        using var stream = new MemoryStream(XlsxWriter.Write(table));
        using (var document = SpreadsheetDocument.Open(stream, false))
        {
            Assert.Empty(new OpenXmlValidator().Validate(document, TestContext.Current.CancellationToken).Select(e => $"{e.Path?.XPath}: {e.Description}"));
        }
        stream.Position = 0;
        var read = XlsxReader.Read(stream, row => row.Cells.Count == 3).Value;
        Assert.Equal([new("0074000001", false, false), new("7", true, false), new("42248", true, false)], read.Rows[0].Cells.Values);
        Assert.Equal("-1", read.Rows[1].Cells.Values.Single().Text);
        Assert.Equal((5, "Ghi chú"), (read.Rows[2].Number, read.Rows[2].Cells[0].Text));
        Assert.Equal("\"0074000001\",7,01/09/2015", Encoding.UTF8.GetString(Csv.Write(table)).Split("\r\n")[1]);
        Assert.Equal("lop--5-1--co-mot-cai-ten-dai-hon-ba-muoi-mot-chu", table.FileName);
    }

    /// <summary>As RFC 4180 has it, without what our own reader takes away.</summary>
    private static IEnumerable<string> CellsOf(string csv)
    {
        var (cell, quoted, before) = (new StringBuilder(), false, '\n');
        foreach (var c in csv)
        {
            if (c == '"')
            {
                cell.Append(!quoted && before == '"' ? "\"" : "");
                quoted = !quoted;
            }
            else if (!quoted && (c is ',' or '\n'))
            {
                yield return cell.ToString();
                cell.Clear();
            }
            else
            {
                cell.Append(c);
            }
            before = c;
        }
    }

    private static bool IsFormula(string cell) => "=+-@＝＋－＠﹦﹢﹣﹫−".Contains(
        cell.FirstOrDefault(c => !char.IsWhiteSpace(c) && !char.IsControl(c) && char.GetUnicodeCategory(c) != UnicodeCategory.Format, 'x'), StringComparison.Ordinal);

    /// <summary>Half an emoji is no text in UTF-8.</summary>
    private static string Halves(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    /// <summary>As XML holds it: its line breaks are one character, and it has no control characters.</summary>
    private static string Shown(string text) =>
        string.Concat(Halves(text).Where(c => c is '\t' or '\n' or '\r' or (>= ' ' and < '\uFFFE')))
            .Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
}
