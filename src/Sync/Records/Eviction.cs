using System.Text;
using System.Text.Json;

namespace TdmEdu.Sync.Records;

/// <summary>Why a record leaves a scope; so that a school which loses records can tell it from a loss.</summary>
public enum EvictReason
{
    /// <summary>It belongs to another school now.</summary>
    Moved = 1,

    /// <summary>A person's data was erased by order.</summary>
    Erased,

    /// <summary>Its time of keeping is over.</summary>
    Retention,
}

/// <summary>What an EVICT says. <paramref name="List"/> is the <see cref="HeldEvictions"/> that a person confirmed; null without one.</summary>
public sealed record Eviction(EvictReason Reason, Guid? List = null)
{
    public static Error HasLeft => Error.Conflict(
        Exchange.RefusalReason.Evicted, "Hồ sơ này đã chuyển khỏi trường nên trường không ghi được nữa. Hãy liên hệ Phòng Giáo dục.");

    public static Draft Draft(EntityType type, Scope scope, Guid id, Eviction eviction) => new(
        scope, type.Key, type.Schema, id, OpKind.Evict,
        Encoding.UTF8.GetBytes($$"""{"{{RecordState.EvictedField}}":{{JsonSerializer.Serialize(eviction, Json.Options)}}}"""));

    /// <summary>Null when the operation says nothing that can be read.</summary>
    public static Eviction? Of(ReadOnlyMemory<byte> data)
    {
        try
        {
            using var content = JsonDocument.Parse(data);
            return content.RootElement.TryGetProperty(RecordState.EvictedField, out var eviction)
                ? eviction.Deserialize<Eviction>(Json.Options)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>
/// Evictions that were not carried out because they were too many at once: a list for a person of the department, who confirms it or
/// not. Made where it was noticed, at Central or on a box, under an id that the list itself gives.
/// </summary>
/// <param name="Confirmed">Null until somebody has decided.</param>
public sealed record HeldEvictions(string Entity, EvictReason Reason, Guid[] Ids, bool? Confirmed = null)
{
    public const string Key = "sync.held_evictions";

    /// <summary>Of more there are several lists.</summary>
    public const int IdsMax = 1000;

    internal static readonly EntityType Type = new(Key, typeof(HeldEvictions), 1)
    {
        Name = "Hồ sơ chờ rút khỏi trường",
        Scopes = ScopeKind.School,
        WrittenBy = Side.Edge | Side.Central,
        Allow = new Dictionary<Roles, Verbs> { [Roles.DepartmentOfficer] = Verbs.Read | Verbs.Write },
        FieldsOwnedBy = new Dictionary<string, Side> { ["confirmed"] = Side.Central },
        Marks = new Dictionary<string, FieldMark>(FieldMark.Of(FieldMark.Nothing, nameof(Entity), nameof(Reason), nameof(Confirmed)))
        {
            [nameof(Ids)] = new(Says.Basic, Purpose.Accountability),
        },
    };

    /// <summary>The lists of these operations, all of one scope, ids in ascending order.</summary>
    internal static IEnumerable<Draft> Of(Scope scope, IEnumerable<(string Entity, Guid Id, ReadOnlyMemory<byte> Data)> held) =>
        from op in held
        group op.Id by (op.Entity, Reason: Eviction.Of(op.Data)?.Reason ?? default) into list
        from ids in list.Distinct().Order().Chunk(IdsMax)
        let content = new HeldEvictions(list.Key.Entity, list.Key.Reason, ids)
        let name = $"{content.Entity}|{content.Reason}|{string.Join(',', ids.Select(id => id.ToString("n")))}"
        select new Draft(scope, Key, Type.Schema, RecordId.From(scope, Key, name), OpKind.Put, JsonSerializer.SerializeToUtf8Bytes(content, Json.Options));

    /// <summary>Whether a person has confirmed the eviction of exactly this record.</summary>
    internal static bool Confirms(Row<HeldEvictions>? list, string entity, Guid id) =>
        list is { Value: { Confirmed: true } held } && held.Entity == entity && held.Ids.Contains(id);
}

/// <summary>Tells a few pupils who leave from a mistake that would empty a school: the same rule at Central and on every box.</summary>
public static class EvictionGuard
{
    /// <summary>A day's evictions of one entity in one scope that are never held, however small the school.</summary>
    public const int FreeADayMax = 5;

    public const int PercentADayMax = 20;

    private const long DayMs = 24 * 60 * 60 * 1000;

    /// <param name="records">All of the entity in the scope, evicted ones included.</param>
    /// <param name="wanted">The records that are to be evicted now, and when.</param>
    public static bool Holds(IEnumerable<RecordState> records, IEnumerable<(Guid Id, Hlc At)> wanted)
    {
        var (there, times) = (new HashSet<Guid>(), new List<long>());
        foreach (var record in records)
        {
            if (!record.Deleted)
            {
                there.Add(record.Id);
            }
            else if (record.Evicted)
            {
                times.Add(record.EvictionVersion!.Value.Hlc.Milliseconds);
            }
        }
        var fresh = wanted.Where(w => there.Contains(w.Id)).DistinctBy(w => w.Id).Select(w => w.At.Milliseconds).ToList();
        times.AddRange(fresh);
        return fresh.Exists(end =>
        {
            var inADay = times.Count(at => end - DayMs < at && at <= end);
            return inADay > Math.Max(FreeADayMax, (there.Count - fresh.Count + inADay) * PercentADayMax / 100);
        });
    }
}
