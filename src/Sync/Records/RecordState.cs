using System.Text.Json;
using System.Text.Json.Nodes;

namespace TdmEdu.Sync.Records;

/// <summary>
/// A record as the operations so far make it. <paramref name="Versions"/> holds the version of each field as JSON:
/// one version as a string when all fields share it, else an object from version to field names.
/// Applying is commutative, associative and idempotent: any order of the same operations gives the same fields and versions.
/// </summary>
public sealed record RecordState(Scope Scope, string Entity, Guid Id, ReadOnlyMemory<byte> Data, string Versions, bool Deleted)
{
    /// <summary>The hidden field that a DELETE sets.</summary>
    internal const string DeletedField = "$deleted";

    /// <summary>Null state means that the record does not exist yet. A refused operation returns the state unchanged.</summary>
    public static (RecordState? State, Outcome Outcome) Apply(RecordState? current, Op op, Guid node) => op.Kind switch
    {
        OpKind.Fact => ApplyFact(current, op, node),
        _ when current is null && op.Kind == OpKind.Put => (First(op, node), Outcome.Applied),
        _ => Merge(current, op, node),
    };

    /// <summary>The newest version of any field.</summary>
    public FieldVersion Version => Versions is ['{', ..] ? FieldVersions().Values.Max() : FieldVersion.Parse(Versions);

    public Dictionary<string, FieldVersion> FieldVersions()
    {
        if (Versions is [] || Versions[0] != '{')
        {
            var shared = FieldVersion.Parse(Versions);
            return Object(Data).ToDictionary(f => f.Key, _ => shared);
        }
        var byVersion = JsonSerializer.Deserialize<Dictionary<string, string[]>>(Versions)!;
        return byVersion.SelectMany(v => v.Value.Select(field => (field, version: FieldVersion.Parse(v.Key))))
            .ToDictionary(v => v.field, v => v.version);
    }

    private static RecordState First(Op op, Guid node) =>
        new(op.Scope, op.Entity, op.Id, op.Data, new FieldVersion(op.Hlc, node).ToString(), Deleted: false);

    private static (RecordState?, Outcome) ApplyFact(RecordState? current, Op op, Guid node)
    {
        if (current is null)
        {
            return (First(op, node), Outcome.Applied);
        }
        // The same id with another content is a forged or broken id; the first one stands.
        return (current, current.Data.Span.SequenceEqual(op.Data.Span) ? Outcome.Superseded : Outcome.Rejected);
    }

    private static (RecordState, Outcome) Merge(RecordState? current, Op op, Guid node)
    {
        var fields = current is null ? [] : Object(current.Data);
        var versions = current is null ? [] : current.FieldVersions();
        var incoming = op.Kind == OpKind.Delete ? new JsonObject { [DeletedField] = true } : Object(op.Data);
        var version = new FieldVersion(op.Hlc, node);
        var taken = 0;
        foreach (var (name, value) in incoming)
        {
            if (!versions.TryGetValue(name, out var held) || held.CompareTo(version) < 0)
            {
                fields[name] = value?.DeepClone();
                versions[name] = version;
                taken++;
            }
        }
        if (taken == 0 && current is not null)
        {
            return (current, Outcome.Superseded);
        }
        var deleted = fields[DeletedField] is JsonValue flag && flag.GetValue<bool>();
        var state = new RecordState(op.Scope, op.Entity, op.Id, JsonSerializer.SerializeToUtf8Bytes(fields, Json.Options), Pack(versions), deleted);
        return (state, taken == incoming.Count ? Outcome.Applied : Outcome.Merged);
    }

    private static string Pack(Dictionary<string, FieldVersion> versions)
    {
        var groups = versions.GroupBy(v => v.Value, v => v.Key).OrderBy(g => g.Key).ToList();
        return groups.Count == 1
            ? groups[0].Key.ToString()
            : JsonSerializer.Serialize(groups.ToDictionary(g => g.Key.ToString(), g => g.Order(StringComparer.Ordinal).ToArray()));
    }

    private static JsonObject Object(ReadOnlyMemory<byte> json) => JsonNode.Parse(json.Span)!.AsObject();
}
