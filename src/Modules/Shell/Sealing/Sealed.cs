using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace TdmEdu.Modules.Shell.Sealing;

/// <summary>
/// A private value as everything but its page sees it: the kernel, both databases, the line and the logs. A field of this type cannot be
/// written by mistake; <see cref="Seals"/> makes it and opens it. Sealed again, the same value of the same person is the same text, so that what has
/// not changed is no change.
/// </summary>
[JsonConverter(typeof(AsText))]
public sealed partial record Sealed(string Text)
{
    internal const string Prefix = "s1.";

    /// <summary>Whether a writer who knows nothing of seals has put the value itself here.</summary>
    public bool IsOpen => !Text.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>A seal somewhere in a piece of JSON, with its quotes.</summary>
    [GeneratedRegex(@"""s1\.[^""]*""")]
    public static partial Regex InJson();

    private sealed class AsText : JsonConverter<Sealed>
    {
        public override Sealed? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String ? new(reader.GetString()!) : throw new JsonException();

        public override void Write(Utf8JsonWriter writer, Sealed value, JsonSerializerOptions options) => writer.WriteStringValue(value.Text);
    }
}
