using System.Text.Json;
using System.Text.Json.Nodes;

namespace TdmEdu.Sync.Records;

/// <summary>Turns typed records into drafts.</summary>
public static class Drafting
{
    public static Draft Create<T>(this Catalogue catalogue, Scope scope, Guid id, T value)
    {
        var type = catalogue.Of<T>();
        return new(scope, type.Key, type.Schema, id, type.Kind, JsonSerializer.SerializeToUtf8Bytes(value, Json.Options));
    }

    /// <summary>As <see cref="Create"/>, and takes back an earlier deletion: for records whose id is their natural key.</summary>
    public static Draft Revive<T>(this Catalogue catalogue, Scope scope, Guid id, T value)
    {
        var fields = JsonSerializer.SerializeToNode(value, Json.Options)!.AsObject();
        fields[RecordState.DeletedField] = false;
        return catalogue.Create(scope, id, value) with { Data = JsonSerializer.SerializeToUtf8Bytes(fields, Json.Options) };
    }

    /// <summary>Only the fields that differ; null when nothing does. Fields this build does not know stay as they are.</summary>
    public static Draft? Change<T>(this Catalogue catalogue, Scope scope, Row<T> before, T after)
    {
        var old = JsonSerializer.SerializeToNode(before.Value, Json.Options)!.AsObject();
        var now = JsonSerializer.SerializeToNode(after, Json.Options)!.AsObject();
        var changed = new JsonObject();
        foreach (var name in old.Select(f => f.Key).Union(now.Select(f => f.Key)))
        {
            if (!JsonNode.DeepEquals(old[name], now[name]))
            {
                changed[name] = now[name]?.DeepClone();
            }
        }
        var type = catalogue.Of<T>();
        return changed.Count == 0 ? null : new(scope, type.Key, type.Schema, before.Id, OpKind.Put, JsonSerializer.SerializeToUtf8Bytes(changed, Json.Options));
    }

    /// <summary>The whole record, also fields that this build does not know, for another scope; evicted there before, it is back.</summary>
    public static Draft Copy(this Catalogue catalogue, RecordState record, Scope to)
    {
        var fields = Fields.Read(record.Data);
        fields[RecordState.DeletedField] = fields[RecordState.EvictedField] = "false"u8.ToArray();
        return new(to, record.Entity, catalogue.Find(record.Entity)!.Schema, record.Id, OpKind.Put, Fields.Write(fields));
    }

    /// <summary>
    /// What has changed in a record since it was copied, and was left alone in the copy: of what both have changed the copy's stands.
    /// Null when that is nothing.
    /// </summary>
    public static Draft? CopyChanges(this Catalogue catalogue, RecordState record, RecordState copy)
    {
        var (own, had, versions) = (Fields.Read(record.Data), Fields.Read(copy.Data), copy.FieldVersions());
        if (copy.EvictionVersion is not { } copied)
        {
            return null;
        }
        var changed = own.Where(f => f.Key is not (RecordState.DeletedField or RecordState.EvictedField))
            .Where(f => !had.TryGetValue(f.Key, out var value) || (versions[f.Key] == copied && !value.Span.SequenceEqual(f.Value.Span))).ToDictionary();
        return changed.Count == 0
            ? null
            : new(copy.Scope, copy.Entity, catalogue.Find(copy.Entity)!.Schema, copy.Id, OpKind.Put, Fields.Write(changed));
    }

    /// <summary>Why this actor on this side may not write this draft; null when it may.</summary>
    public static Error? Refusal(this Catalogue catalogue, Draft draft, Actor actor, Side side)
    {
        var type = catalogue.Find(draft.Entity);
        if (type is null || !type.WrittenBy.HasFlag(side) || !type.Scopes.HasFlag(draft.Scope.Kind))
        {
            return Error.Denied("not_written_here", "Dữ liệu này không được ghi ở đây. Hãy liên hệ Phòng Giáo dục.");
        }
        var ownScope = actor.Scope == Scope.City || actor.Scope == draft.Scope;
        return ownScope && type.Allows(actor.Roles, Verbs.Write)
            ? null
            : Error.Denied("role_denied", "Bạn không có quyền ghi dữ liệu này. Hãy nhờ người phụ trách của trường.");
    }
}
