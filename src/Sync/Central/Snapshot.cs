using System.Text.Json;
using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Central;

/// <summary>A view's document with the scope it belongs to.</summary>
public sealed record ScopedView<T>(Scope Scope, Guid Id, T View);

/// <summary>The records as one transaction sees them, and what only Central can ask: questions across all schools.</summary>
public sealed class Snapshot(ICentralTransaction transaction, Catalogue catalogue) : IRecords
{
    private const int PageRowsMax = 10_000;
    private const int IdChars = 32;

    public Row<T>? Get<T>(Scope scope, Guid id)
    {
        var found = transaction.FindRecords(scope, [new(scope, catalogue.Of<T>().Key, id)]);
        return found is [{ Deleted: false } state] ? ToRow<T>(state) : null;
    }

    public Page<T> Page<T>(Scope scope, string? from = null, string? to = null, string? cursor = null, int rowsMax = 1000)
    {
        var max = Math.Clamp(rowsMax, 1, PageRowsMax);
        (string, Guid)? after = cursor is null ? null : (cursor[IdChars..], Guid.ParseExact(cursor.AsSpan(0, IdChars), "n"));
        var found = transaction.PageRecords(scope, catalogue.Of<T>().Key, from, to, after, max + 1);
        var next = found.Count > max ? $"{found[max - 1].State.Id:n}{found[max - 1].IndexKey}" : null;
        return new([.. found.Take(max).Select(r => ToRow<T>(r.State))], next);
    }

    public TView? View<TView>(Scope scope, Guid id) where TView : class =>
        transaction.FindViews(scope, [new(scope, catalogue.View<TView>().Name, id)]) is [var found] ? Read<TView>(found.Data) : null;

    public IReadOnlyList<TView> Views<TView>(Scope scope, string? from = null, string? to = null) where TView : class =>
        [.. transaction.RangeViews(scope, catalogue.View<TView>().Name, from, to).Select(v => Read<TView>(v.Data))];

    /// <summary>The views of every scope in this range.</summary>
    public IReadOnlyList<ScopedView<TView>> AllViews<TView>(string? from = null, string? to = null) where TView : class =>
    [
        .. transaction.RangeViews(scope: null, catalogue.View<TView>().Name, from, to)
            .Select(v => new ScopedView<TView>(v.Key.Scope, v.Key.Id, Read<TView>(v.Data))),
    ];

    /// <summary>The number of the last operation of each scope: while it stands, nothing in the scope has changed.</summary>
    public IReadOnlyDictionary<Scope, long> Counters() => transaction.Counters();

    public static Row<T> ToRow<T>(RecordState state) => new(state.Id, Read<T>(state.Data), state.Version);

    private static T Read<T>(ReadOnlyMemory<byte> json) => JsonSerializer.Deserialize<T>(json.Span, Json.Options)!;
}
