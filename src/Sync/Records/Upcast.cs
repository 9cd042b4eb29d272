using System.Text;
using System.Text.Json.Nodes;

namespace TdmEdu.Sync.Records;

/// <summary>
/// In version <paramref name="Since"/> of an entity the field <paramref name="From"/> became <paramref name="To"/>. Field by field, so that
/// changing operations and then merging them gives what merging and then changing gives.
/// </summary>
/// <param name="Convert">Pure; null when only the name has changed.</param>
public sealed record FieldChange(int Since, string From, string To, Func<JsonNode?, JsonNode?>? Convert = null);

/// <summary>What was written by an earlier version, in the words of this one. Stored operations stay as they came.</summary>
internal static class Upcast
{
    public static Op ToNow(this EntityType type, Op op)
    {
        if (op.Schema >= type.Schema || op.Kind is OpKind.Delete or OpKind.Evict || Since(type, op.Schema) is not { Count: > 0 } changes
            || Fields.Scan(op.Data.Span, [], out _, out _) == Fields.Shape.Broken)
        {
            return op;
        }
        var fields = Fields.Read(op.Data);
        foreach (var change in changes)
        {
            if (fields.Remove(change.From, out var value))
            {
                fields.TryAdd(change.To, Converted(change, value));
            }
        }
        return op with { Schema = type.Schema, Data = Fields.Write(fields) };
    }

    /// <param name="schema">Of the build that kept the record.</param>
    public static RecordState ToNow(this EntityType type, RecordState state, int schema)
    {
        var (fields, versions, changed) = (Fields.Read(state.Data), state.FieldVersions(), false);
        foreach (var change in Since(type, schema))
        {
            if (!fields.Remove(change.From, out var value) || !versions.Remove(change.From, out var version))
            {
                continue;
            }
            changed = true;
            if (!versions.TryGetValue(change.To, out var held) || version.CompareTo(held) > 0)
            {
                (fields[change.To], versions[change.To]) = (Converted(change, value), version);
            }
        }
        return changed ? RecordState.Of(state.Scope, state.Entity, state.Id, fields, versions) : state;
    }

    private static List<FieldChange> Since(EntityType type, int schema) => [.. type.Changed.Where(c => c.Since > schema).OrderBy(c => c.Since)];

    private static ReadOnlyMemory<byte> Converted(FieldChange change, ReadOnlyMemory<byte> value) => change.Convert is { } convert
        ? Encoding.UTF8.GetBytes(convert(JsonNode.Parse(value.Span))?.ToJsonString(Json.Options) ?? "null")
        : value;
}
