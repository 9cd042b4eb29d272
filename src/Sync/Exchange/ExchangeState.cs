using System.Buffers;
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

    private const int InputBytesUsual = 512;

    public static byte[] Hash(JournalState state) =>
        Hash(state.Heads, state.Heads.ToDictionary(h => h.Lane, h => state.BackedUp[(int)h.Lane]), state.FeedEpoch, state.Cursors);

    public static byte[] Hash(
        IEnumerable<LaneHead> heads, IReadOnlyDictionary<Lane, long> backedUp, string feedEpoch, IEnumerable<KeyValuePair<Scope, Cursor>> cursors)
    {
        var input = new ArrayBufferWriter<byte>(InputBytesUsual);
        foreach (var head in heads.Where(h => h.Seq > 0).OrderBy(h => h.Lane))
        {
            input.Write([(byte)head.Lane]);
            Write(input, head.Seq);
            input.Write(head.Hash);
            Write(input, backedUp.GetValueOrDefault(head.Lane));
        }
        Encoding.UTF8.GetBytes(feedEpoch, input);
        foreach (var (scope, cursor) in cursors.Where(c => c.Value.Seq > 0).OrderBy(c => c.Key.Value, StringComparer.Ordinal))
        {
            Encoding.UTF8.GetBytes(scope.Value, input);
            Write(input, cursor.Seq);
            input.Write(cursor.Mark);
        }
        return SHA256.HashData(input.WrittenSpan)[..HashBytes];
    }

    private static void Write(ArrayBufferWriter<byte> input, long number)
    {
        BinaryPrimitives.WriteInt64BigEndian(input.GetSpan(sizeof(long)), number);
        input.Advance(sizeof(long));
    }
}
