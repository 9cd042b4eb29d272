using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace TdmEdu.Sync.Records;

/// <summary>
/// A hybrid logical clock value (Kulkarni and others, 2014): milliseconds since 1970 UTC in the upper 48 bits, a counter in
/// the lower 16. Numerical order is happened-before order within a node. A full counter carries into the next millisecond.
/// </summary>
public readonly record struct Hlc(long Value) : IComparable<Hlc>
{
    public static readonly Hlc Zero;

    public long Milliseconds => Value >> 16;

    public static Hlc At(long milliseconds) => new(Math.Max(0, milliseconds) << 16);

    /// <summary>The next stamp after this one. Never fails: when the wall clock is behind, only the counter moves.</summary>
    public Hlc Next(long nowMilliseconds) => new(Math.Max(Value + 1, At(nowMilliseconds).Value));

    public int CompareTo(Hlc other) => Value.CompareTo(other.Value);

    public static bool operator <(Hlc a, Hlc b) => a.Value < b.Value;

    public static bool operator >(Hlc a, Hlc b) => a.Value > b.Value;

    public static bool operator <=(Hlc a, Hlc b) => a.Value <= b.Value;

    public static bool operator >=(Hlc a, Hlc b) => a.Value >= b.Value;
}

/// <summary>The version of a field: its clock, and the node that wrote it to break ties the same way everywhere.</summary>
[JsonConverter(typeof(FieldVersionJson))]
public readonly record struct FieldVersion(Hlc Hlc, Guid Node) : IComparable<FieldVersion>
{
    public int CompareTo(FieldVersion other)
    {
        var byClock = Hlc.CompareTo(other.Hlc);
        return byClock != 0 ? byClock : Node.CompareTo(other.Node);
    }

    public override string ToString() => $"{Hlc.Value:x}-{Node:n}";

    public static FieldVersion Parse(ReadOnlySpan<char> text)
    {
        var dash = text.IndexOf('-');
        var hlc = long.Parse(text[..dash], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return new(new(hlc), Guid.ParseExact(text[(dash + 1)..], "n"));
    }
}

internal sealed class FieldVersionJson : JsonConverter<FieldVersion>
{
    public override FieldVersion Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => FieldVersion.Parse(reader.GetString());

    public override void Write(Utf8JsonWriter writer, FieldVersion value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
