using System.Text.Json;
using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Central;

public sealed partial class Changes
{
    /// <summary>The views that records of this operation would fold into, read in one go; a guess that only saves time.</summary>
    public void LoadViews(Scope scope, IReadOnlyCollection<ViewKey> keys)
    {
        foreach (var key in keys)
        {
            views[key] = null;
        }
        foreach (var view in transaction.FindViews(scope, keys))
        {
            views[view.Key] = Bytes.Whole(view.Data);
        }
    }

    public TView? View<TView>(Scope scope, Guid id) where TView : class =>
        Document(new(scope, catalogue.View<TView>().Name, id)) is { } data ? JsonSerializer.Deserialize<TView>(data, Json.Options) : null;

    public IReadOnlyList<TView> Views<TView>(Scope scope, string? from = null, string? to = null) where TView : class
    {
        Flush();
        return saved.Views<TView>(scope, from, to);
    }

    private ViewDocument Fold(ViewType view, RecordState state)
    {
        var (id, range) = view.Key(state);
        var key = new ViewKey(state.Scope, view.Name, id);
        return new(key, range, view.Fold(Document(key), state, this));
    }

    private byte[]? Document(ViewKey key)
    {
        if (!views.TryGetValue(key, out var data))
        {
            data = views[key] = transaction.FindViews(key.Scope, [key]) is [var found] ? Bytes.Whole(found.Data) : null;
        }
        return data;
    }

    /// <summary>The documents that a record leaves, as they are without it.</summary>
    private List<(ViewKey Key, string Range, byte[]? Data)> Left(RecordState gone, RecordState now) =>
    [
        .. from view in catalogue.ViewsOf(gone.Entity)
           where view.IsLeft(gone, now)
           let place = view.Key(gone)
           let key = new ViewKey(gone.Scope, view.Name, place.Id)
           select (key, place.Range, Without(view, key, gone)),
    ];

    private byte[]? Without(ViewType view, ViewKey key, RecordState gone)
    {
        if (view.Without is { } without)
        {
            return Document(key) is { } held ? without(held, gone) : null;
        }
        Flush();
        return transaction.RecordsOf(gone.Scope, gone.Entity).Where(s => !s.Deleted && s.Id != gone.Id && view.Key(s).Id == key.Id)
            .Aggregate((byte[]?)null, (data, state) => view.Fold(data, state, this));
    }

    private void Write(ViewKey key, string range, byte[]? data)
    {
        Remember(views, key, data);
        if (data is null)
        {
            dirtyViews.Remove(key);
            transaction.DeleteView(key);
        }
        else
        {
            dirtyViews[key] = new(key, range, data);
        }
    }
}
