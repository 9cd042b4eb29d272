using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;

namespace TdmEdu.Sync.Records;

/// <summary>
/// The fields of a record's JSON object. Values are kept byte for byte as their author wrote them: every replica holds the same
/// bytes, so that values can be compared and digested without agreeing on one spelling of JSON.
/// </summary>
internal static class Fields
{
    /// <summary>More fields than this are read correctly, but not on the fast path.</summary>
    internal const int PlainMax = 64;

    internal enum Shape
    {
        /// <summary>Not one JSON object in UTF-8 of depth ≤ 64, or with a hidden mark that is none.</summary>
        Broken,

        /// <summary>An object with escaped or repeated names, or with more than <see cref="PlainMax"/> fields.</summary>
        Irregular,

        Plain,
    }

    /// <summary>Where a field's name, without its quotes, and its value stand in the JSON.</summary>
    internal readonly record struct Place(int Name, int NameLength, int Value, int ValueLength);

    /// <summary>Checks the whole object and, when it is plain, finds its fields without an allocation.</summary>
    /// <param name="hidden">It says of itself that it is deleted or evicted.</param>
    internal static Shape Scan(ReadOnlySpan<byte> json, Span<Place> places, out int count, out bool hidden)
    {
        (count, hidden) = (0, false);
        var (deleted, evicted) = (false, false);
        if (!Utf8.IsValid(json))
        {
            return Shape.Broken;
        }
        var shape = Shape.Plain;
        var reader = new Utf8JsonReader(json);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return Shape.Broken;
            }
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = (int)reader.TokenStartIndex + 1;
                var nameLength = reader.ValueSpan.Length;
                var isMark = reader.ValueTextEquals("$deleted"u8);
                var isEviction = reader.ValueTextEquals("$evicted"u8);
                if (reader.ValueIsEscaped)
                {
                    _ = reader.GetString();
                    shape = Shape.Irregular;
                }
                reader.Read();
                var value = (int)reader.TokenStartIndex;
                if ((isMark && reader.TokenType is not (JsonTokenType.True or JsonTokenType.False))
                    || (isEviction && reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.False)))
                {
                    return Shape.Broken;
                }
                deleted = isMark ? reader.TokenType == JsonTokenType.True : deleted;
                evicted = isEviction ? reader.TokenType == JsonTokenType.StartObject : evicted;
                hidden = deleted || evicted;
                reader.Skip();
                if (count == places.Length || IsThere(json, places[..count], json.Slice(name, nameLength)))
                {
                    shape = Shape.Irregular;
                }
                else
                {
                    places[count++] = new(name, nameLength, value, (int)reader.BytesConsumed - value);
                }
            }
            return reader.TokenType == JsonTokenType.EndObject && !reader.Read() ? shape : Shape.Broken;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: half of a surrogate pair in an escaped name.
            return Shape.Broken;
        }
    }

    /// <summary>The fields by name; of a repeated name the last stands, as for every reader of JSON here. The JSON must not be broken.</summary>
    internal static Dictionary<string, ReadOnlyMemory<byte>> Read(ReadOnlyMemory<byte> json)
    {
        var fields = new Dictionary<string, ReadOnlyMemory<byte>>();
        var reader = new Utf8JsonReader(json.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            fields[name] = json[start..(int)reader.BytesConsumed];
        }
        return fields;
    }

    /// <summary>In ordinal order of the names.</summary>
    internal static byte[] Write(Dictionary<string, ReadOnlyMemory<byte>> fields)
    {
        var names = fields.Keys.ToArray();
        Array.Sort(names, StringComparer.Ordinal);
        var buffer = new ArrayBufferWriter<byte>(fields.Sum(f => f.Key.Length + f.Value.Length + 4) + 2);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = Json.Options.Encoder, SkipValidation = true }))
        {
            writer.WriteStartObject();
            foreach (var name in names)
            {
                writer.WritePropertyName(name);
                writer.WriteRawValue(fields[name].Span, skipInputValidation: true);
            }
            writer.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Whether every name of the first plain object is in the second.</summary>
    internal static bool Covers(
        ReadOnlySpan<byte> json, ReadOnlySpan<Place> places, ReadOnlySpan<byte> otherJson, ReadOnlySpan<Place> others)
    {
        for (var i = 0; i < places.Length; i++)
        {
            var name = NameOf(json, places[i]);
            var sameSpot = i < others.Length && name.SequenceEqual(NameOf(otherJson, others[i]));
            if (!sameSpot && !IsThere(otherJson, others, name))
            {
                return false;
            }
        }
        return true;
    }

    private static bool IsThere(ReadOnlySpan<byte> json, ReadOnlySpan<Place> places, ReadOnlySpan<byte> name)
    {
        foreach (var place in places)
        {
            if (name.SequenceEqual(NameOf(json, place)))
            {
                return true;
            }
        }
        return false;
    }

    private static ReadOnlySpan<byte> NameOf(ReadOnlySpan<byte> json, Place place) => json.Slice(place.Name, place.NameLength);
}
