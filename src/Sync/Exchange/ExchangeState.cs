using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Exchange;

/// <summary>
/// One hash over the ends of all lanes, up to where each is in a backup, and the cursors of all feeds. When both sides have the same, neither
/// has anything for the other, and a heartbeat costs one small call.
/// </summary>
public static class ExchangeState
{
    public const int HashBytes = 16;

    public static byte[] Hash(JournalState state) =>
        Hash(state.Heads, state.Heads.ToDictionary(h => h.Lane, h => state.BackedUp[(int)h.Lane]), state.FeedEpoch, state.Cursors);

    public static byte[] Hash(
        IEnumerable<LaneHead> heads, IReadOnlyDictionary<Lane, long> backedUp, string feedEpoch, IEnumerable<KeyValuePair<Scope, Cursor>> cursors)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[8];
        foreach (var head in heads.Where(h => h.Seq > 0).OrderBy(h => h.Lane))
        {
            BinaryPrimitives.WriteInt64BigEndian(number, head.Seq);
            hash.AppendData([(byte)head.Lane]);
            hash.AppendData(number);
            hash.AppendData(head.Hash);
            BinaryPrimitives.WriteInt64BigEndian(number, backedUp.GetValueOrDefault(head.Lane));
            hash.AppendData(number);
        }
        hash.AppendData(Encoding.UTF8.GetBytes(feedEpoch));
        foreach (var (scope, cursor) in cursors.Where(c => c.Value.Seq > 0).OrderBy(c => c.Key.Value, StringComparer.Ordinal))
        {
            BinaryPrimitives.WriteInt64BigEndian(number, cursor.Seq);
            hash.AppendData(Encoding.UTF8.GetBytes(scope.Value));
            hash.AppendData(number);
            hash.AppendData(cursor.Mark);
        }
        return hash.GetHashAndReset()[..HashBytes];
    }
}
