using System.Runtime.InteropServices;

namespace TdmEdu.Sync.Records;

public static class Bytes
{
    /// <summary>The bytes without a copy, when they are all of their array.</summary>
    public static byte[] Whole(ReadOnlyMemory<byte> memory) =>
        MemoryMarshal.TryGetArray(memory, out var part) && part.Offset == 0 && part.Count == part.Array!.Length
            ? part.Array
            : memory.ToArray();
}
