using System.Buffers.Binary;

namespace TdmEdu.Simulation.Plans;

/// <summary>SplitMix64: the only source of chance. Each concern draws from its own stream, so that leaving one fault out does not
/// change the others.</summary>
internal sealed class Rng(ulong seed)
{
    private ulong state = seed;

    public static Rng Of(long seed, int stream) => new(Mix((ulong)seed * 0x9E3779B97F4A7C15UL) ^ Mix((ulong)stream + 0xD1B54A32D192ED03UL));

    public ulong Next()
    {
        state += 0x9E3779B97F4A7C15UL;
        return Mix(state);
    }

    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>In [0, max).</summary>
    public int Below(int max) => (int)((Next() >> 32) * (ulong)max >> 32);

    /// <summary>Both ends inside.</summary>
    public long Between(long min, long max) => min + (long)(Unit() * (max - min + 1));

    public bool Chance(double p) => p > 0 && Unit() < p;

    public T Of<T>(IReadOnlyList<T> list) => list[Below(list.Count)];

    public Guid Id()
    {
        Span<byte> bytes = stackalloc byte[16];
        Fill(bytes);
        return new Guid(bytes);
    }

    public byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        Fill(bytes);
        return bytes;
    }

    private void Fill(Span<byte> bytes)
    {
        while (bytes.Length >= 8)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, Next());
            bytes = bytes[8..];
        }
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)Next();
        }
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
