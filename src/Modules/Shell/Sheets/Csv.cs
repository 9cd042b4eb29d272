using System.Text;

namespace TdmEdu.Modules.Shell.Sheets;

/// <summary>One row of a file, with its number as a person sees it: the first line is 1.</summary>
public sealed record CsvRow(int Number, IReadOnlyList<string> Cells);

/// <summary>RFC 4180: commas, quotes doubled inside quotes, line breaks allowed inside quotes.</summary>
public static class Csv
{
    public static IEnumerable<CsvRow> Parse(string text)
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
                case ',':
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
        return text;
    }
}
