using System.Globalization;
using System.Text.Json;
using TdmEdu.Simulation.Centres;
using TdmEdu.Simulation.Worlds;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Records;

namespace TdmEdu.Simulation.Judging;

/// <summary>What Central's log must have made of records and views, worked out without the kernel's rules.</summary>
internal sealed class Oracle(CentralData data)
{
    private readonly Dictionary<(RecordKey Record, string Field), (long Hlc, Guid Node, string Value)> fields = [];

    public void Check()
    {
        var evicted = data.Ops.Values.SelectMany(o => o).Where(o => o.Kind == OpKind.Evict).Select(o => o.Id).ToHashSet();
        foreach (var op in data.Ops.Values.SelectMany(o => o).Where(o => o.Kind is OpKind.Put or OpKind.Delete && !evicted.Contains(o.Id)))
        {
            Put(op);
        }
        foreach (var ((key, field), (_, _, value)) in fields)
        {
            using var held = JsonDocument.Parse(data.Records.All[key].State.Data);
            if (!held.RootElement.TryGetProperty(field, out var there) || there.GetRawText() != value)
            {
                throw new ViolationException("F1", $"{field} of {key} is {there} where the newest of its operations says {value}");
            }
        }
        Days();
    }

    /// <summary>
    /// S9: an operation that lost a field to a newer one is in the log, and the log says so. A machine and its copy can write
    /// at one reading of the clock under one name, so of two equal versions the value whose text is greater stands.
    /// </summary>
    private void Put(StoredOp op)
    {
        var (key, lost) = (new RecordKey(op.Scope, op.Entity, op.Id), false);
        foreach (var (field, value) in Said(op))
        {
            if (fields.TryGetValue((key, field), out var held) && IsAtLeast(held, (op.AppliedHlc, op.Node, value)))
            {
                lost = true;
                continue;
            }
            fields[(key, field)] = (op.AppliedHlc, op.Node, value);
        }
        if (lost == (op.Outcome == Outcome.Applied))
        {
            throw new ViolationException("S9", $"{op.FeedSeq} of {op.Scope} counts as {op.Outcome} and {(lost ? "lost a field" : "lost nothing")}");
        }
    }

    private static IEnumerable<(string Field, string Value)> Said(StoredOp op)
    {
        if (op.Kind == OpKind.Delete)
        {
            return [("$deleted", "true")];
        }
        using var said = JsonDocument.Parse(op.Data);
        return [.. said.RootElement.EnumerateObject().Select(f => (f.Name == "no" ? "number" : f.Name, f.Value.GetRawText()))];
    }

    private static bool IsAtLeast((long Hlc, Guid Node, string Value) held, (long Hlc, Guid Node, string Value) other)
    {
        var order = (held.Hlc, held.Node).CompareTo((other.Hlc, other.Node));
        return order != 0 ? order > 0 : string.CompareOrdinal(held.Value, other.Value) >= 0;
    }

    private void Days()
    {
        var expected = data.Records.All.Values.Select(r => r.State).Where(s => s.Entity == Entities.Note && !s.Deleted)
            .GroupBy(s => (s.Scope, Id: Entities.DayOf(s).Id))
            .ToDictionary(g => g.Key, g => string.Join(' ', g.Select(s => s.Id.ToString("n", CultureInfo.InvariantCulture)).Order(StringComparer.Ordinal)));
        foreach (var (key, view) in data.Views.All.Where(v => v.Key.View == Entities.DayView && v.Value is not null))
        {
            var notes = string.Join(' ', JsonSerializer.Deserialize<Day>(view!.Data.Span, Sync.Json.Options)!.Notes);
            if (!expected.Remove((key.Scope, key.Id), out var all) || all != notes)
            {
                throw new ViolationException("F1", $"{key} holds {notes} and its records {all}");
            }
        }
        if (expected.Count > 0)
        {
            throw new ViolationException("F1", $"{expected.Count} days have records and no view");
        }
    }
}
