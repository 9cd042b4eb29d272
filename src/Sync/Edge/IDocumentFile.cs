using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Edge;

/// <summary>Where documents wait that are not in memory. Nothing in it is the only copy: the journal makes it anew.</summary>
/// <remarks>Every call may throw <see cref="CacheBrokenException"/>; the file is then thrown away.</remarks>
public interface IDocumentFile
{
    Doc? Find(string table, Scope scope, Guid id);

    IReadOnlyList<Guid> Ids(string table);

    /// <summary>In key order, both ends inside.</summary>
    IReadOnlyList<Doc> Range(string table, string from, string to, int docsMax);

    void Write(IEnumerable<(string Table, Doc Doc)> docs);
}
