using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace TdmEdu.Sync.Records;

/// <summary>
/// What two replicas compare to know that they hold the same records: how many, and the sum of their hashes modulo 2^128. Order does
/// not matter, and a record goes in and out alone. It finds faults, not forgers: who chooses records freely can make sums meet.
/// A replica counts every record it holds, deleted ones as well: a forgotten tombstone is a difference.
/// </summary>
public readonly record struct StateDigest(long Count, UInt128 Sum)
{
    private const int HashBytes = 32;

    public StateDigest Add(RecordState record) => new(Count + 1, unchecked(Sum + HashOf(record)));

    /// <param name="record">Exactly as it was added.</param>
    public StateDigest Remove(RecordState record) => new(Count - 1, unchecked(Sum - HashOf(record)));

    public override string ToString() => $"{Count}:{Sum:x32}";

    /// <summary>
    /// Over scope, entity, id, deletion, and name, version and value of each field in ordinal order of the names. Every part of free
    /// length is preceded by its length, so that no two records write the same bytes.
    /// </summary>
    private static UInt128 HashOf(RecordState record)
    {
        var bytes = new ArrayBufferWriter<byte>(256 + (2 * record.Data.Length));
        Put(bytes, record.Scope.Value);
        Put(bytes, record.Entity);
        Put(bytes, record.Id);
        bytes.Write([record.Deleted ? (byte)1 : (byte)0]);
        var fields = Fields.Read(record.Data);
        var versions = record.FieldVersions();
        var names = fields.Keys.ToArray();
        Array.Sort(names, StringComparer.Ordinal);
        foreach (var name in names)
        {
            Put(bytes, name);
            BinaryPrimitives.WriteInt64BigEndian(bytes.GetSpan(sizeof(long)), versions[name].Hlc.Value);
            bytes.Advance(sizeof(long));
            Put(bytes, versions[name].Node);
            Put(bytes, fields[name].Span);
        }
        Span<byte> hash = stackalloc byte[HashBytes];
        SHA256.HashData(bytes.WrittenSpan, hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    private static void Put(ArrayBufferWriter<byte> bytes, Guid id)
    {
        id.TryWriteBytes(bytes.GetSpan(16), bigEndian: true, out var written);
        bytes.Advance(written);
    }

    private static void Put(ArrayBufferWriter<byte> bytes, string text) => Put(bytes, Encoding.UTF8.GetBytes(text));

    private static void Put(ArrayBufferWriter<byte> bytes, ReadOnlySpan<byte> value)
    {
        BinaryPrimitives.WriteInt32BigEndian(bytes.GetSpan(sizeof(int)), value.Length);
        bytes.Advance(sizeof(int));
        bytes.Write(value);
    }
}
