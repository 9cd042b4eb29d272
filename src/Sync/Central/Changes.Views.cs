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

    private void FoldWithout(RecordState gone, RecordState now)
    {
        foreach (var view in catalogue.ViewsOf(gone.Entity).Where(v => v.IsLeft(gone, now)))
        {
            Flush();
            var (id, range) = view.Key(gone);
            var key = new ViewKey(gone.Scope, view.Name, id);
            byte[]? data = null;
            foreach (var state in transaction.RecordsOf(gone.Scope, gone.Entity).Where(s => !s.Deleted && view.Key(s).Id == id))
            {
                data = view.Fold(data, state, this);
            }
            Remember(views, key, data);
            if (data is null)
            {
                transaction.DeleteView(key);
            }
            else
            {
                dirtyViews[key] = new(key, range, data);
            }
        }
    }
}
