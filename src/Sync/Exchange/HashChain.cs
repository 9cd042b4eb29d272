using System.Buffers;
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

    /// <summary>Holds the header of any operation: two hashes, four numbers, two ids, a scope and an entity's name.</summary>
    private const int StackBytesMax = 1024;
    private const int NumbersBytes = 32;

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
        var length = salt.Length + data.Length;
        byte[]? rented = null;
        // One call over one buffer: making an incremental hash costs more than hashing a record.
        var input = length <= StackBytesMax ? stackalloc byte[StackBytesMax] : rented = ArrayPool<byte>.Shared.Rent(length);
        salt.CopyTo(input);
        data.CopyTo(input[salt.Length..]);
        var leaf = SHA256.HashData(input[..length]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
        return leaf;
    }

    public static byte[] Next(ReadOnlySpan<byte> previous, long seq, Op op, ReadOnlySpan<byte> salt)
    {
        ArgumentNullException.ThrowIfNull(op.Entity);
        var (scope, entity) = (op.Scope.Value, op.Entity);
        Span<byte> input = stackalloc byte[StackBytesMax];
        previous.CopyTo(input);
        var numbers = input[previous.Length..];
        BinaryPrimitives.WriteInt64BigEndian(numbers, seq);
        BinaryPrimitives.WriteInt64BigEndian(numbers[8..], op.Hlc.Value);
        BinaryPrimitives.WriteInt32BigEndian(numbers[16..], op.Schema);
        BinaryPrimitives.WriteInt32BigEndian(numbers[20..], ((int)op.Kind << 8) | op.GroupLeft);
        var end = numbers[NumbersBytes..];
        var scopeBytes = Encoding.UTF8.GetBytes(scope, end);
        var entityBytes = Encoding.UTF8.GetBytes(entity, end[scopeBytes..]);
        BinaryPrimitives.WriteInt32BigEndian(numbers[24..], scopeBytes);
        BinaryPrimitives.WriteInt32BigEndian(numbers[28..], entityBytes);
        end = end[(scopeBytes + entityBytes)..];
        op.Id.TryWriteBytes(end, bigEndian: true, out _);
        op.Actor.TryWriteBytes(end[16..], bigEndian: true, out _);
        Leaf(salt, op.Data.Span).CopyTo(end[32..]);
        return SHA256.HashData(input[..(input.Length - end.Length + 32 + HashBytes)]);
    }
}
