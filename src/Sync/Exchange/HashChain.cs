using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Exchange;

/// <summary>
/// The tamper-evident chain of a lane: h_n = SHA-256(h_(n-1) ‖ header_n ‖ leaf_n), leaf_n = SHA-256(salt_n ‖ data_n). The
/// base h_0 binds node, epoch and lane. With the leaf kept, the data can be redacted and the chain still verifies.
/// </summary>
public static class HashChain
{
    public const int HashBytes = 32;
    public const int SaltBytes = 8;

    public static byte[] Base(Guid node, Guid epoch, Lane lane)
    {
        Span<byte> seed = stackalloc byte[33];
        node.TryWriteBytes(seed, bigEndian: true, out _);
        epoch.TryWriteBytes(seed[16..], bigEndian: true, out _);
        seed[32] = (byte)lane;
        return SHA256.HashData(seed);
    }

    public static byte[] Leaf(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(salt);
        hash.AppendData(data);
        return hash.GetHashAndReset();
    }

    public static byte[] Next(ReadOnlySpan<byte> previous, long seq, Op op, ReadOnlySpan<byte> salt)
    {
        var scope = Encoding.ASCII.GetBytes(op.Scope.Value);
        var entity = Encoding.UTF8.GetBytes(op.Entity);
        Span<byte> numbers = stackalloc byte[32];
        BinaryPrimitives.WriteInt64BigEndian(numbers, seq);
        BinaryPrimitives.WriteInt64BigEndian(numbers[8..], op.Hlc.Value);
        BinaryPrimitives.WriteInt32BigEndian(numbers[16..], op.Schema);
        BinaryPrimitives.WriteInt32BigEndian(numbers[20..], (int)op.Kind);
        BinaryPrimitives.WriteInt32BigEndian(numbers[24..], scope.Length);
        BinaryPrimitives.WriteInt32BigEndian(numbers[28..], entity.Length);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(previous);
        hash.AppendData(numbers);
        hash.AppendData(scope);
        hash.AppendData(entity);
        hash.AppendData(RecordId.ToBytes(op.Id));
        hash.AppendData(RecordId.ToBytes(op.Actor));
        hash.AppendData(Leaf(salt, op.Data.Span));
        return hash.GetHashAndReset();
    }
}
