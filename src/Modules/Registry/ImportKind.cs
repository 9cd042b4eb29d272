using System.Text.RegularExpressions;
using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>What is wrong, or only strange, in one cell: the column as the person knows it, and what to do.</summary>
public sealed record RowIssue(string Column, Text Reason, bool IsWarning);

/// <summary>What an import would do with one row of the file.</summary>
/// <param name="Page">The pupil on whose page a person goes on; null where the file alone says enough.</param>
public sealed record ImportRow(
    int Number, string ClassName, string Name, Verdict Verdict, IReadOnlyList<RowIssue> Issues, IReadOnlyList<Draft> Drafts, Guid? Page = null)
{
    /// <summary><see cref="SheetRow.Cell"/>.</summary>
    public string? Cell { get; init; }

    /// <summary>What would be done beside what the verdict says.</summary>
    public IReadOnlyList<Text> Notes { get; init; } = [];
}

/// <param name="Skipped">The numbers of rows that name nothing: totals, signatures and notes below the list.</param>
public sealed record ImportPlan(IReadOnlyList<ImportRow> Rows, IReadOnlyList<int> Skipped)
{
    /// <summary>What comes of all rows together, before what comes of each.</summary>
    public IReadOnlyList<Draft> Together { get; init; } = [];

    /// <summary>The sums of the rows' notes.</summary>
    public IReadOnlyList<Text> Notes { get; init; } = [];

    public int Count(Verdict verdict) => Rows.Count(r => r.Verdict == verdict);
}

/// <summary>A column that an import reads. Which of the file's it is, is told by its heading, never by its place: versions differ.</summary>
/// <param name="Headings">Words that mean it, the best first; tones, case, spaces and signs do not matter.</param>
/// <param name="Instead">The column that may be there in place of this one.</param>
public sealed record ImportColumn(string Title, IReadOnlyList<string> Headings, bool Required = false, string? Instead = null);

/// <param name="Columns">By title of <see cref="ImportColumn"/>: the place in the file.</param>
/// <param name="Day">The first day in class of who is added, or the month, where the kind asks for one.</param>
public sealed record ImportFile(Scope School, SheetTable Table, IReadOnlyDictionary<string, int> Columns, DateOnly Day, Guid Class = default)
{
    internal SheetCell Cell(SheetRow row, string column) => Columns.TryGetValue(column, out var place) ? row.Cells.GetValueOrDefault(place) : default;
}

/// <summary>
/// Something that comes from a file. A module says which columns it has, what each row would do and how that is taken back, and registers it; the upload,
/// the columns, the dry run, writing and the way back are <see cref="ImportPages"/>' for all of them.
/// </summary>
public abstract class ImportKind
{
    /// <summary>In forms and in records.</summary>
    public abstract string Key { get; }

    public abstract Text Title { get; }

    public abstract Text Hint { get; }

    public abstract Roles Writers { get; }

    public abstract IReadOnlyList<ImportColumn> Columns { get; }

    /// <summary>What such an import writes and is taken back of.</summary>
    public abstract IReadOnlyList<ImportedEntity> Writes { get; }

    public virtual bool AsksDay => false;

    /// <summary>Heads what <see cref="ImportRow.Name"/> holds.</summary>
    public virtual Text NameWords { get; } = new("Họ tên");

    /// <summary>What the day is that is asked for.</summary>
    public virtual Text DayWords { get; } = new("Ngày vào học của học sinh mới");

    /// <summary>Ends of names of files, for the browser's own choice.</summary>
    public virtual string Accepts => ".xlsx,.csv";

    public virtual Result<SheetTable> Read(Stream file) => SheetFile.Read(file, ImportColumns.HeadersOf(this));

    public virtual bool AsksMonth => false;

    internal bool IsFor(Actor actor, Home home) => actor.Is(Writers) && On.HasFlag(home.Side);

    public virtual Side On => Side.Edge | Side.Central;

    /// <summary>The table with headings that stand in one row.</summary>
    public virtual SheetTable Join(SheetTable table) => table;

    /// <summary>Of the state as it is: each batch is planned anew on what it changes.</summary>
    public abstract Result<ImportPlan> Plan(IRecords records, Actor actor, ImportFile file);

    /// <summary>Whether the wizard gives the same away; else another page does, class by class.</summary>
    public virtual bool Exports => false;

    /// <summary>As it is now, in a form that comes in again unchanged.</summary>
    public virtual Table? Export(IRecords records, Scope school) => null;

    /// <summary>Whom or what a record belongs to: it is taken back as a whole or stays as a whole.</summary>
    public virtual Guid SubjectOf(IRecords records, Scope school, ImportedRecord record) => record.Id;

    public abstract string NameOf(IRecords records, Scope school, Guid subject);

    /// <summary>What keeps subjects of an import, beside a change of their records.</summary>
    public abstract IReadOnlyDictionary<Guid, Text> WhyKept(IRecords records, Scope school, ILookup<Guid, ImportedRecord> bySubject);
}

internal static partial class ImportColumns
{
    /// <summary>Without tones, case, spaces and signs.</summary>
    internal static string Heading(string text) => DayOfMonth().Match(text) is { Success: true } day ? day.Groups[1].Value
        : string.Concat(VietnameseText.Fold(text).Where(char.IsLetterOrDigit));

    /// <summary>"1/9" and "01/09/2026" head the first, not the nineteenth.</summary>
    [GeneratedRegex(@"^\s*0?(\d{1,2})\s*[/.-]\s*\d{1,2}(?:\D|$)")]
    private static partial Regex DayOfMonth();

    /// <summary>Each column of the file means one thing at most; of two that mean the same the one whose heading is better, then the first.</summary>
    internal static Dictionary<string, int> Guess(IReadOnlyList<ImportColumn> columns, SheetRow header)
    {
        var headings = header.Cells.OrderBy(c => c.Key).Select(c => (Place: c.Key, Text: Heading(c.Value.Text))).ToList();
        var map = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var column in columns)
        {
            var found = column.Headings.Select(Heading).SelectMany(h => headings.Where(c => c.Text == h && !map.ContainsValue(c.Place))).Take(1).ToList();
            if (found is [var one])
            {
                map[column.Title] = one.Place;
            }
        }
        return map;
    }

    /// <summary>The required columns that are nowhere.</summary>
    internal static IEnumerable<ImportColumn> Missing(IReadOnlyList<ImportColumn> columns, IReadOnlyDictionary<string, int> map) =>
        columns.Where(c => c.Required && !map.ContainsKey(c.Title) && (c.Instead is null || !map.ContainsKey(c.Instead)));

    /// <summary>The row that has all that is required; else one that has something of it; else the first that looks like headings.</summary>
    internal static Func<SheetRow, bool>[] HeadersOf(ImportKind kind) =>
    [
        row => !Missing(kind.Columns, Guess(kind.Columns, row)).Any(),
        row => Guess(kind.Columns, row).Count > 0,
        row => row.Cells.Values.Count(c => c.Text.Any(char.IsLetter)) > 1,
    ];
}
