using System.Globalization;

namespace TdmEdu.Simulation.Worlds;

/// <summary>What happened, as one rolling hash, and as text when somebody will read it.</summary>
internal sealed class Trace(TextWriter? text)
{
    private ulong hash = 14695981039346656037UL;

    public ulong Hash => hash;

    public bool IsRead => text is not null;

    public void Add(long atMs, string what, int who, long a = 0, long b = 0)
    {
        Mix((ulong)atMs);
        Mix((ulong)(what.Length + (what[0] * 131) + (what[^1] * 31)));
        Mix((ulong)who);
        Mix((ulong)a);
        Mix((ulong)b);
        text?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{atMs,8} {Name(who),-5} {what} {a} {b}"));
    }

    public void Note(long atMs, string line) => text?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{atMs,8}       {line}"));

    private static string Name(int who) => who < 0 ? "centr" : $"box{who}";

    private void Mix(ulong value)
    {
        hash = (hash ^ value) * 1099511628211UL;
        hash ^= hash >> 29;
    }
}
