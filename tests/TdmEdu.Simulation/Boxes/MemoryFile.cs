using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Records;

namespace TdmEdu.Simulation.Boxes;

/// <summary>The cache file, lost at every restart.</summary>
internal sealed class MemoryFile : IDocumentFile
{
    private readonly Dictionary<(string Table, Scope Scope, Guid Id), Doc> docs = [];

    public IReadOnlyDictionary<(string Table, Scope Scope, Guid Id), Doc> Docs => docs;

    public Doc? Find(string table, Scope scope, Guid id) => docs.GetValueOrDefault((table, scope, id));

    public IReadOnlyList<Guid> Ids(string table) => [.. docs.Keys.Where(k => k.Table == table).Select(k => k.Id)];

    public IReadOnlyList<Doc> Range(string table, string from, string to, int docsMax) =>
    [
        .. docs.Where(d => d.Key.Table == table && !d.Value.Deleted).Select(d => (Key: IndexKey.Of(d.Value), Doc: d.Value))
            .Where(d => string.CompareOrdinal(d.Key, from) >= 0 && string.CompareOrdinal(d.Key, to) <= 0)
            .OrderBy(d => d.Key, StringComparer.Ordinal).Take(docsMax).Select(d => d.Doc),
    ];

    public void Write(IEnumerable<(string Table, Doc Doc)> changed)
    {
        foreach (var (table, doc) in changed)
        {
            docs[(table, doc.Scope, doc.Id)] = doc;
        }
    }
}
