using System.Buffers.Binary;
using System.Security.Cryptography;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Shell.Sealing;

/// <summary>
/// One secret that gives every person of a school a key of their own, and from which one person's key can be taken away for ever: a binary tree in
/// which a key gives its two children's (Goldreich, Goldwasser, Micali 1986). Who is taken away leaves, instead of the nodes above them, those beside
/// their way down; everybody else's key stays what it was. So no key has to travel when a pupil is added, on whichever side that is.
/// </summary>
internal sealed class KeyTree
{
    /// <summary>Bits of SHA-256 of a person's id. That two among 3,000 share a leaf, and would be erased together, happens once in 60 million schools.</summary>
    private const int Depth = 48;
    private const int PathBits = 64;
    private const int KeyBytes = 32;
    private const int NodeBytes = 1 + sizeof(ulong) + KeyBytes;

    private readonly Dictionary<(int Depth, ulong Path), byte[]> nodes;

    private KeyTree(Dictionary<(int, ulong), byte[]> nodes) => this.nodes = nodes;

    public static KeyTree New() => new(new() { [(0, 0)] = RandomNumberGenerator.GetBytes(KeyBytes) });

    /// <summary>Null for what is no tree.</summary>
    public static KeyTree? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || bytes.Length % NodeBytes != 0)
        {
            return null;
        }
        var nodes = new Dictionary<(int, ulong), byte[]>();
        for (; !bytes.IsEmpty; bytes = bytes[NodeBytes..])
        {
            nodes[(bytes[0], BinaryPrimitives.ReadUInt64BigEndian(bytes[1..]))] = bytes.Slice(1 + sizeof(ulong), KeyBytes).ToArray();
        }
        return new(nodes);
    }

    public byte[] Write()
    {
        var bytes = new byte[nodes.Count * NodeBytes];
        var at = bytes.AsSpan();
        foreach (var ((depth, path), key) in nodes.OrderBy(n => n.Key))
        {
            at[0] = (byte)depth;
            BinaryPrimitives.WriteUInt64BigEndian(at[1..], path);
            key.CopyTo(at[(1 + sizeof(ulong))..]);
            at = at[NodeBytes..];
        }
        return bytes;
    }

    /// <summary>Null for who was taken away.</summary>
    public byte[]? KeyOf(Guid person)
    {
        var leaf = LeafOf(person);
        if (NodeAbove(leaf) is not { } above)
        {
            return null;
        }
        var key = nodes[above];
        for (var depth = above.Depth; depth < Depth; depth++)
        {
            key = Child(key, BitAt(leaf, depth));
        }
        return key;
    }

    /// <summary>False when they were gone before.</summary>
    public bool Remove(Guid person)
    {
        var leaf = LeafOf(person);
        if (NodeAbove(leaf) is not { } above)
        {
            return false;
        }
        nodes.Remove(above, out var key);
        for (var depth = above.Depth; depth < Depth; depth++)
        {
            var bit = BitAt(leaf, depth);
            nodes[(depth + 1, Prefix(leaf ^ (1UL << (PathBits - 1 - depth)), depth + 1))] = Child(key!, 1 - bit);
            key = Child(key!, bit);
        }
        return true;
    }

    private (int Depth, ulong Path)? NodeAbove(ulong leaf)
    {
        for (var depth = 0; depth <= Depth; depth++)
        {
            if (nodes.ContainsKey((depth, Prefix(leaf, depth))))
            {
                return (depth, Prefix(leaf, depth));
            }
        }
        return null;
    }

    /// <summary>Of inputs that are all of one length, so that a plain hash is enough.</summary>
    private static byte[] Child(byte[] key, int bit)
    {
        Span<byte> block = stackalloc byte[KeyBytes + 1];
        key.CopyTo(block);
        block[KeyBytes] = (byte)bit;
        return SHA256.HashData(block);
    }

    private static ulong LeafOf(Guid person) => Prefix(BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(RecordId.ToBytes(person))), Depth);

    private static int BitAt(ulong leaf, int depth) => (int)(leaf >> (PathBits - 1 - depth)) & 1;

    private static ulong Prefix(ulong leaf, int depth) => depth == 0 ? 0 : leaf & (ulong.MaxValue << (PathBits - depth));
}
