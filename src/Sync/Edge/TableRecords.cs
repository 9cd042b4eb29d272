using System.Text.Json;
using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Edge;

/// <summary>The modules' view of the tables; alive only while the owner runs their command.</summary>
public sealed class TableRecords(Catalogue catalogue, Tables tables) : IRecords
{
    private const int ViewsMax = 10_000;

    public Row<T>? Get<T>(Scope scope, Guid id) =>
        tables.Get(catalogue.Of<T>().Key, scope, id) is { Deleted: false } doc ? RowOf<T>(doc) : null;

    public Page<T> Page<T>(Scope scope, string? from, string? to, string? cursor, int rowsMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rowsMax, 1);
        var low = IndexKey.From(scope, from);
        var afterCursor = cursor is null ? low : IndexKey.After(scope, cursor);
        var begin = string.CompareOrdinal(low, afterCursor) > 0 ? low : afterCursor;
        var docs = tables.Range(catalogue.Of<T>().Key, scope, begin, IndexKey.To(scope, to), rowsMax + 1);
        return new([.. docs.Take(rowsMax).Select(RowOf<T>)], docs.Count > rowsMax ? IndexKey.Position(docs[rowsMax - 1]) : null);
    }

    public TView? View<TView>(Scope scope, Guid id) where TView : class =>
        tables.Get(catalogue.View<TView>(), scope, id) is { Deleted: false } doc ? ViewOf<TView>(doc) : null;

    public IReadOnlyList<TView> Views<TView>(Scope scope, string? from, string? to) where TView : class =>
        [.. tables.Range(catalogue.View<TView>(), scope, IndexKey.From(scope, from), IndexKey.To(scope, to), ViewsMax)
            .Select(ViewOf<TView>)];

    private static Row<T> RowOf<T>(Doc doc)
    {
        if (doc.Typed is not Row<T> row)
        {
            var version = doc.ToRecord("").Version;
            row = new(doc.Id, JsonSerializer.Deserialize<T>(doc.Data.Span, Json.Options)!, version);
            doc.Typed = row;
        }
        return row;
    }

    private static TView ViewOf<TView>(Doc doc) where TView : class
    {
        if (doc.Typed is not TView view)
        {
            view = JsonSerializer.Deserialize<TView>(doc.Data.Span, Json.Options)!;
            doc.Typed = view;
        }
        return view;
    }
}
