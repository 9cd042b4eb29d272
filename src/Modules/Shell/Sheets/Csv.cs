using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace TdmEdu.Modules.Shell.Sheets;

/// <summary>One row of a file, with its number as a person sees it: the first line is 1.</summary>
public sealed record CsvRow(int Number, IReadOnlyList<string> Cells);

/// <summary>
/// RFC 4180: commas, quotes doubled inside quotes, line breaks allowed inside quotes. What a spreadsheet would take for a formula is written with an
/// apostrophe before it, which reading takes away again (threat T16).
/// </summary>
public static partial class Csv
{
    public const string ContentType = "text/csv; charset=utf-8";

    /// <summary>
    /// What begins a formula, in full width too, after spaces and what cannot be seen; or any control character. A semicolon, tab or line break ends a
    /// cell for who reads the file with another separator.
    /// </summary>
    private const string Beginning = @"(?<=^|[;\t\r\n])";
    private const string Dangerous = @"(?='*[\p{Zs}\p{Cf}]*[\p{Cc}=+\-@＝＋－＠﹦﹢﹣﹫−])";

    /// <summary>UTF-8 with the mark by which Excel knows it.</summary>
    public static byte[] Write(Table table)
    {
        var text = new StringBuilder("\uFEFF");
        foreach (var row in table.Rows.Prepend([.. table.Header.Select(TableCell.Of)]))
        {
            text.Append(Line(row));
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>One row, with its line's end.</summary>
    public static string Line(IEnumerable<TableCell> cells) => $"{string.Join(',', cells.Select(Field))}\r\n";

    private static string Field(TableCell cell) => cell.Number?.ToString(CultureInfo.InvariantCulture)
        ?? cell.Day?.ToString("dd/MM/yyyy", CultureInfo.InvariantCulture)
        ?? (cell.Text is { Length: > 0 } text ? $"\"{Guarded().Replace(text, "'").Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : "");

    public static IEnumerable<CsvRow> Parse(string text, char separator = ',')
    {
        var cells = new List<string>();
        var cell = new StringBuilder();
        var (line, first, quoted) = (1, 1, false);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\n')
            {
                line++;
            }
            if (quoted)
            {
                if (c != '"')
                {
                    cell.Append(c);
                }
                else if (i + 1 < text.Length && text[i + 1] == '"')
                {
                    cell.Append(text[++i]);
                }
                else
                {
                    quoted = false;
                }
                continue;
            }
            switch (c)
            {
                case '"' when cell.Length == 0:
                    quoted = true;
                    break;
                case var _ when c == separator:
                    cells.Add(Take(cell));
                    break;
                case '\n':
                    cells.Add(Take(cell));
                    yield return new(first, cells);
                    (cells, first) = ([], line);
                    break;
                case '\r' or '\uFEFF':
                    break;
                default:
                    cell.Append(c);
                    break;
            }
        }
        if (cells.Count > 0 || cell.Length > 0)
        {
            cells.Add(Take(cell));
            yield return new(first, cells);
        }
    }

    private static string Take(StringBuilder cell)
    {
        var text = cell.ToString();
        cell.Clear();
        return Guard().Replace(text, "");
    }

    [GeneratedRegex(Beginning + Dangerous)]
    private static partial Regex Guarded();

    [GeneratedRegex(Beginning + "'" + Dangerous)]
    private static partial Regex Guard();
}
