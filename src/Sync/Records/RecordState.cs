using System.Text;
using System.Text.Json;

namespace TdmEdu.Sync.Records;

/// <summary>
/// A record as the operations so far make it. <paramref name="Versions"/> holds the version of each field as JSON:
/// one version as a string when all fields share it, else an object from version, ascending, to field names.
/// Applying is commutative, associative and idempotent: any order of the same operations gives the same fields and versions.
/// <list type="bullet">
/// <item>Of a field the newest version stands. Two values under one version were forged or cloned; the one whose bytes are greater
/// stands: no better reason is left, but every replica must choose the same.</item>
/// <item>A DELETE sets the hidden field $deleted to true. A PUT, older or newer, still sets its own fields beneath the tombstone and does
/// not revive the record, unless it says $deleted: false with a newer version. Under one version the tombstone stands ("true" &gt; "false").</item>
/// <item>Of a FACT the earliest version stands, whole. A later one with another content is refused. An entity has facts or PUTs, never both
/// (<see cref="EntityType.Takes"/>).</item>
/// <item>An EVICT sets the hidden field $evicted, and what is older than the newest value of that field is not there, in whatever order
/// it comes. $evicted: false with a newer version, and the fields beside it, make the record anew: a pupil who comes back. A fact is
/// gone for good, whatever its version.</item>
/// <item>An operation whose data is no JSON object is refused and changes nothing.</item>
/// </list>
/// </summary>
public sealed record RecordState(Scope Scope, string Entity, Guid Id, ReadOnlyMemory<byte> Data, string Versions, bool Deleted)
{
    /// <summary>The hidden field that a DELETE sets.</summary>
    internal const string DeletedField = "$deleted";

    /// <summary>The hidden field that an EVICT sets.</summary>
    internal const string EvictedField = "$evicted";

    private static readonly byte[] Tombstone = Encoding.UTF8.GetBytes($$"""{"{{DeletedField}}":true}""");

    /// <summary>Null state means that the record does not exist yet. A refused operation returns the state unchanged.</summary>
    /// <param name="kind">Of the entity.</param>
    public static (RecordState? State, Outcome Outcome) Apply(RecordState? current, Op op, Guid node, OpKind kind = OpKind.Put)
    {
        if (Mutant.M9DropTombstone && current is { Deleted: true } && op.Kind == OpKind.Put)
        {
            current = null;
        }
        if (op.Stamped != Hlc.Zero && current is not null)
        {
            current = Restamp(current, new(op.Stamped, node), new(op.Hlc, node));
        }
        var data = op.Kind == OpKind.Delete ? Tombstone : op.Data;
        var version = new FieldVersion(op.Hlc, node);
        Span<Fields.Place> places = stackalloc Fields.Place[Fields.PlainMax];
        var shape = Fields.Scan(data.Span, places, out var count, out var hidden);
        if (shape == Fields.Shape.Broken)
        {
            return (current, Outcome.Rejected);
        }
        if (op.Kind == OpKind.Fact)
        {
            return current is { Evicted: true } ? (current, Outcome.Superseded) : ApplyFact(current, op, version);
        }
        var whole = shape == Fields.Shape.Plain && (current is null || Replaces(current, version, data.Span, places[..count]));
        return whole ? (new(op.Scope, op.Entity, op.Id, data, version.ToString(), hidden), Outcome.Applied) : Merge(current, op, data, version, kind);
    }

    /// <summary>The newest version of any field.</summary>
    public FieldVersion Version
    {
        get
        {
            // Versions ascend, and a quote in a field's name is escaped: the last key is the newest.
            var end = Versions.LastIndexOf("\":[", StringComparison.Ordinal);
            var text = end < 0 ? Versions.AsSpan() : Versions.AsSpan(0, end);
            return FieldVersion.Parse(text[(text.LastIndexOf('"') + 1)..]);
        }
    }

    /// <summary>Whether a field stands under this version; a field's own name may look like one.</summary>
    public bool Holds(FieldVersion version) => Versions is ['{', ..] ? FieldVersions().ContainsValue(version) : FieldVersion.Parse(Versions) == version;

    /// <summary>No longer this scope's; then <see cref="Deleted"/> is set as well.</summary>
    public bool Evicted => Deleted && Fields.Read(Data).TryGetValue(EvictedField, out var mark) && mark.Span is [(byte)'{', ..];

    /// <summary>The version of the newest eviction, or of the newest return from one; null when there was none.</summary>
    public FieldVersion? EvictionVersion => FieldVersions().TryGetValue(EvictedField, out var version) ? version : null;

    public Dictionary<string, FieldVersion> FieldVersions() => FieldVersions(Fields.Read(Data).Keys);

    private Dictionary<string, FieldVersion> FieldVersions(IReadOnlyCollection<string> names)
    {
        var versions = new Dictionary<string, FieldVersion>(names.Count);
        if (Versions is not ['{', ..])
        {
            var shared = FieldVersion.Parse(Versions);
            foreach (var name in names)
            {
                versions[name] = shared;
            }
            return versions;
        }
        foreach (var (version, fields) in JsonSerializer.Deserialize<Dictionary<string, string[]>>(Versions)!)
        {
            var parsed = FieldVersion.Parse(version);
            foreach (var field in fields)
            {
                versions[field] = parsed;
            }
        }
        return versions;
    }

    private static RecordState Restamp(RecordState current, FieldVersion from, FieldVersion to)
    {
        if (!current.Holds(from))
        {
            return current;
        }
        var versions = current.FieldVersions();
        foreach (var name in versions.Where(v => v.Value == from).Select(v => v.Key).ToList())
        {
            versions[name] = to;
        }
        if (versions.TryGetValue(EvictedField, out var floor) && to.CompareTo(floor) < 0)
        {
            // By its own stamp it was newer than the eviction; by the one that stands it is not there.
            var fields = Fields.Read(current.Data).Where(f => versions[f.Key].CompareTo(floor) >= 0).ToDictionary();
            return Of(current.Scope, current.Entity, current.Id, fields, versions.Where(v => fields.ContainsKey(v.Key)).ToDictionary());
        }
        return current with { Versions = versions.Count == 0 ? to.ToString() : Pack(versions) };
    }

    /// <summary>A fact has one author and one content. What breaks this is forged, so the earliest stands, as if it had come first.</summary>
    private static (RecordState?, Outcome) ApplyFact(RecordState? current, Op op, FieldVersion version)
    {
        var arrived = new RecordState(op.Scope, op.Entity, op.Id, op.Data, version.ToString(), Deleted: false);
        if (current is null)
        {
            return (arrived, Outcome.Applied);
        }
        var same = current.Data.Span.SequenceEqual(op.Data.Span);
        var order = version.CompareTo(current.Version);
        var earlier = order < 0 || (order == 0 && op.Data.Span.SequenceCompareTo(current.Data.Span) > 0);
        return earlier ? (arrived, same ? Outcome.Applied : Outcome.Merged) : (current, same ? Outcome.Superseded : Outcome.Rejected);
    }

    /// <summary>Whether a newer operation names every field that is there, so that nothing of the record stays.</summary>
    private static bool Replaces(RecordState current, FieldVersion version, ReadOnlySpan<byte> data, ReadOnlySpan<Fields.Place> places)
    {
        if (version.CompareTo(current.Version) <= 0)
        {
            return false;
        }
        Span<Fields.Place> held = stackalloc Fields.Place[Fields.PlainMax];
        return Fields.Scan(current.Data.Span, held, out var count, out _) == Fields.Shape.Plain
            && Fields.Covers(current.Data.Span, held[..count], data, places);
    }

    private static (RecordState, Outcome) Merge(RecordState? current, Op op, ReadOnlyMemory<byte> data, FieldVersion version, OpKind kind)
    {
        var fields = current is null ? [] : Fields.Read(current.Data);
        var versions = current is null ? [] : current.FieldVersions(fields.Keys);
        var incoming = Fields.Read(data);
        if (versions.TryGetValue(EvictedField, out var floor) && version.CompareTo(floor) < 0)
        {
            return (current!, Outcome.Superseded);
        }
        var taken = 0;
        foreach (var (name, value) in incoming)
        {
            var order = versions.TryGetValue(name, out var held) ? version.CompareTo(held) : 1;
            if (order > 0 || (order == 0 && value.Span.SequenceCompareTo(fields[name].Span) > 0))
            {
                (fields[name], versions[name]) = (value, version);
                taken++;
            }
        }
        if (incoming.ContainsKey(EvictedField))
        {
            var gone = versions.Where(v => kind == OpKind.Fact ? v.Key != EvictedField : v.Value.CompareTo(version) < 0);
            foreach (var name in gone.Select(v => v.Key).ToList())
            {
                fields.Remove(name);
                versions.Remove(name);
            }
        }
        // A record without a single field still has a version, the newest that named it.
        var isOlder = taken == 0 && current is not null && (fields.Count > 0 || version.CompareTo(current.Version) <= 0);
        if (isOlder)
        {
            return (current!, Outcome.Superseded);
        }
        var state = Of(op.Scope, op.Entity, op.Id, fields, versions);
        return (versions.Count == 0 ? state with { Versions = version.ToString() } : state, taken == incoming.Count ? Outcome.Applied : Outcome.Merged);
    }

    /// <summary>Made of its fields and their versions, of which there must be one for each.</summary>
    internal static RecordState Of(
        Scope scope, string entity, Guid id, Dictionary<string, ReadOnlyMemory<byte>> fields, Dictionary<string, FieldVersion> versions)
    {
        var hidden = (fields.TryGetValue(DeletedField, out var mark) && mark.Span.SequenceEqual("true"u8))
            || (fields.TryGetValue(EvictedField, out var eviction) && eviction.Span is [(byte)'{', ..]);
        return new(scope, entity, id, Fields.Write(fields), versions.Count == 0 ? "" : Pack(versions), hidden);
    }

    private static string Pack(Dictionary<string, FieldVersion> versions)
    {
        var groups = versions.GroupBy(v => v.Value, v => v.Key).OrderBy(g => g.Key).ToList();
        return groups.Count == 1
            ? groups[0].Key.ToString()
            : JsonSerializer.Serialize(groups.ToDictionary(g => g.Key.ToString(), g => g.Order(StringComparer.Ordinal).ToArray()));
    }
}
