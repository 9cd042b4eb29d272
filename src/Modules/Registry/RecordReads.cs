using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

public static class RecordReads
{
    private const int PagesMax = 200;

    /// <summary>Every row of a range, page after page; meant for lists of at most some thousands.</summary>
    public static IReadOnlyList<Row<T>> All<T>(this IRecords records, Scope scope, string? from = null, string? to = null)
    {
        var rows = new List<Row<T>>();
        string? cursor = null;
        for (var pages = 0; pages < PagesMax; pages++)
        {
            var page = records.Page<T>(scope, from, to, cursor);
            rows.AddRange(page.Rows);
            cursor = page.Cursor;
            if (cursor is null)
            {
                return rows;
            }
        }
        throw new InvalidOperationException($"More than {PagesMax} pages of {typeof(T).Name} in {scope}.");
    }

    /// <summary>The rows whose index text is exactly this.</summary>
    public static IReadOnlyList<Row<T>> AllAt<T>(this IRecords records, Scope scope, string index) =>
        records.All<T>(scope, index, index + '\0');
}
