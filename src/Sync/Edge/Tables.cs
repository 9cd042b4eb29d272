using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Edge;

/// <summary>
/// All tables over the cache file, with the changes that a failing command or a failing journal takes back.
/// LiteDB is written only after the journal, in one transaction for many batches, so it never has to roll back.
/// </summary>
public sealed class Tables
{
    private readonly Dictionary<string, Table> byName;
    private readonly List<(Table Table, Doc Doc, Doc? Before)> changes = [];
    private IDocumentFile? file;

    public Tables(Catalogue catalogue)
    {
        var names = catalogue.Entities.Select(e => e.Key).Concat(catalogue.Views.Select(v => NameOf(v)));
        byName = names.ToDictionary(n => n, n => new Table(n));
    }

    public IReadOnlyCollection<string> Names => byName.Keys;

    public int DirtyCount => byName.Values.Sum(t => t.DirtyCount);

    public int Mark() => changes.Count;

    public Doc? Get(string table, Scope scope, Guid id) => byName[table].Get(Opened, scope, id);

    public Doc? Get(ViewType view, Scope scope, Guid id) => Get(NameOf(view), scope, id);

    public List<Doc> Range(string table, Scope scope, string low, string high, int docsMax) =>
        byName[table].Range(Opened, scope, low, high, docsMax);

    public List<Doc> Range(ViewType view, Scope scope, string low, string high, int docsMax) =>
        Range(NameOf(view), scope, low, high, docsMax);

    /// <summary>Every record of a scope, deleted ones included, in no order.</summary>
    public IEnumerable<RecordState> All(string entity, Scope scope) => byName[entity].All(Opened, scope).Select(d => d.ToRecord(entity));

    public void Set(string table, Doc doc) => changes.Add((byName[table], doc, byName[table].Set(doc)));

    public void Set(ViewType view, Doc doc) => Set(NameOf(view), doc);

    public void Undo(int mark)
    {
        for (var i = changes.Count - 1; i >= mark; i--)
        {
            changes[i].Table.Restore(changes[i].Doc, changes[i].Before);
        }
        changes.RemoveRange(mark, changes.Count - mark);
    }

    /// <summary>The journal has what was changed.</summary>
    public void Keep() => changes.Clear();

    public void Attach(IDocumentFile opened)
    {
        Forget();
        file = opened;
        foreach (var table in byName.Values)
        {
            table.Load(opened);
        }
    }

    /// <summary>Writes some of what waits; only between batches, when all of it is in the journal.</summary>
    public void Flush(int docsMax)
    {
        var some = byName.Values.SelectMany(t => t.Dirty.Select(d => (Table: t, Doc: d))).Take(docsMax).ToList();
        Opened.Write(some.Select(d => (d.Table.Name, d.Doc)));
        some.ForEach(d => d.Table.Written(d.Doc));
    }

    public void Forget()
    {
        file = null;
        changes.Clear();
        foreach (var table in byName.Values)
        {
            table.Forget();
        }
    }

    private IDocumentFile Opened => file ?? throw new CacheBrokenException(new InvalidOperationException("The cache is not open."));

    private static string NameOf(ViewType view) => $"view.{view.Name}";
}
