using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Edge;

/// <summary>
/// A record or a view as the cache holds it; never changed once made. <see cref="OwnSeq"/> is the number of the last operation
/// of this school on it, 0 when all came from Central. <see cref="Typed"/> keeps what readers made of it, so that
/// a roster of 38 is not parsed again for each page.
/// </summary>
public sealed class Doc(
    Scope scope, Guid id, string range, ReadOnlyMemory<byte> data, string versions = "", bool deleted = false, long ownSeq = 0)
{
    /// <summary>Index keys of LiteDB end at 1023 bytes; what is longer still sorts right by its beginning.</summary>
    private const int RangeCharsMax = 256;

    public Scope Scope => scope;

    public Guid Id => id;

    public string Range { get; } = range.Length <= RangeCharsMax ? range : range[..RangeCharsMax];

    public ReadOnlyMemory<byte> Data => data;

    public string Versions => versions;

    public bool Deleted => deleted;

    public long OwnSeq => ownSeq;

    public object? Typed { get; set; }

    public RecordState ToRecord(string entity) => new(scope, entity, id, data, versions, deleted);
}
