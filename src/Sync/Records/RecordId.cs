using System.Security.Cryptography;
using System.Text;

namespace TdmEdu.Sync.Records;

public static class RecordId
{
    /// <summary>UUIDv7 (RFC 9562) for a record that is born here and now.</summary>
    public static Guid New(TimeProvider clock) => Guid.CreateVersion7(clock.GetUtcNow());

    /// <summary>
    /// The id of a record with a natural key: the first 16 bytes of SHA-256 over (scope, entity, key), marked as UUIDv8.
    /// Two offline devices that make the same record make the same id.
    /// </summary>
    public static Guid From(Scope scope, string entity, string key)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{scope.Value}\n{entity}\n{key}"), hash);
        hash[6] = (byte)((hash[6] & 0x0f) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3f) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }

    public static byte[] ToBytes(Guid id) => id.ToByteArray(bigEndian: true);

    public static Guid FromBytes(ReadOnlySpan<byte> bytes) => new(bytes, bigEndian: true);
}
