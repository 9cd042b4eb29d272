using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;

namespace TdmEdu.Sync;

/// <summary>The one way records become JSON: camelCase names, enums as words, Vietnamese letters as they are, no nulls.</summary>
public static class Json
{
    private const int DepthMax = 32;

    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        // The merge and the owners of fields know names exactly; a reader that did not would take "PHONE" for a phone.
        PropertyNameCaseInsensitive = false,
        MaxDepth = DepthMax,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };
}
