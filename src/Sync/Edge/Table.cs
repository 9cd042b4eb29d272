using System.Buffers.Binary;
using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Edge;

/// <summary>
/// One kind of records or views: what is in the file, what is hot in memory, and on top what was changed and is not in the file yet.
/// </summary>
public sealed class Table(string name)
{
    private const int HotDocsMax = 8192;

    private readonly Dictionary<(Scope, Guid), Doc> dirty = [];
    /// <summary>
    /// A part of the id of every document in the file. Most of what is written is new, and asking LiteDB for what it does
    /// not have is the most expensive step of saving it; that another id may share the part costs only such a question.
    /// </summary>
    private readonly HashSet<ulong> known = [];
    private Dictionary<(Scope, Guid), Doc> hot = [];
    private Dictionary<(Scope, Guid), Doc> cooling = [];

    public string Name => name;

    public int DirtyCount => dirty.Count;

    public Doc? Get(IDocumentFile file, Scope scope, Guid id)
    {
        var key = (scope, id);
        if (dirty.TryGetValue(key, out var doc) || hot.TryGetValue(key, out doc))
        {
            return doc;
        }
        doc = cooling.TryGetValue(key, out var cool) ? cool : known.Contains(PartOf(id)) ? file.Find(name, scope, id) : null;
        if (doc is not null)
        {
            Warm(doc);
        }
        return doc;
    }

    /// <summary>At most <paramref name="docsMax"/> documents that are not deleted, in key order.</summary>
    public List<Doc> Range(IDocumentFile file, Scope scope, string low, string high, int docsMax)
    {
        var changed = dirty.Values.Where(d => d.Scope == scope).ToList();
        var stored = file.Range(name, low, high, docsMax + changed.Count).Where(d => !dirty.ContainsKey((d.Scope, d.Id))).Select(Hot);
        if (changed.Count == 0)
        {
            return [.. stored];
        }
        var fresh = changed.Where(d => !d.Deleted).Select(d => (Key: IndexKey.Of(d), Doc: d))
            .Where(d => string.CompareOrdinal(d.Key, low) >= 0 && string.CompareOrdinal(d.Key, high) < 0);
        return [.. stored.Select(d => (Key: IndexKey.Of(d), Doc: d)).Concat(fresh)
            .OrderBy(d => d.Key, StringComparer.Ordinal).Take(docsMax).Select(d => d.Doc)];
    }

    /// <summary>Every document of a scope, deleted ones included, in no order. A few thousand at most: for what happens rarely.</summary>
    public List<Doc> All(IDocumentFile file, Scope scope)
    {
        var stored = file.Range(name, "", "", int.MaxValue)
            .Concat(file.Range(name, IndexKey.From(scope, null), IndexKey.To(scope, null), int.MaxValue));
        return [.. stored.Where(d => !dirty.ContainsKey((d.Scope, d.Id))).Concat(dirty.Values).Where(d => d.Scope == scope)];
    }

    /// <summary>Returns what was dirty there before, for <see cref="Restore"/>.</summary>
    public Doc? Set(Doc doc)
    {
        dirty.Remove((doc.Scope, doc.Id), out var before);
        dirty[(doc.Scope, doc.Id)] = doc;
        return before;
    }

    public void Restore(Doc changed, Doc? before)
    {
        if (before is null)
        {
            dirty.Remove((changed.Scope, changed.Id));
        }
        else
        {
            dirty[(changed.Scope, changed.Id)] = before;
        }
    }

    public IEnumerable<Doc> Dirty => dirty.Values;

    public void Written(Doc doc)
    {
        dirty.Remove((doc.Scope, doc.Id));
        known.Add(PartOf(doc.Id));
        Warm(doc);
    }

    public void Load(IDocumentFile file)
    {
        foreach (var id in file.Ids(name))
        {
            known.Add(PartOf(id));
        }
    }

    public void Forget()
    {
        known.Clear();
        dirty.Clear();
        hot.Clear();
        cooling.Clear();
    }

    /// <summary>The random part of UUIDv7 and of ids made from natural keys.</summary>
    private static ulong PartOf(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
    }

    private Doc Hot(Doc stored)
    {
        var key = (stored.Scope, stored.Id);
        if (hot.TryGetValue(key, out var held))
        {
            return held;
        }
        Warm(stored);
        return stored;
    }

    private void Warm(Doc doc)
    {
        if (hot.Count >= HotDocsMax)
        {
            (cooling, hot) = (hot, []);
        }
        hot[(doc.Scope, doc.Id)] = doc;
        cooling.Remove((doc.Scope, doc.Id));
    }
}
