using System.Text.Json;
using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Merge;

/// <summary>Something that happened once and is known by its id.</summary>
public interface IFact
{
    Guid Id { get; }

    FieldVersion Version { get; }
}

/// <summary>
/// Facts by id, growing only: the state beneath every append-only merge. Joining is commutative, associative and idempotent.
/// Of two facts with one id, forged or cloned, the earlier stands, as in <see cref="RecordState"/>.
/// </summary>
internal static class FactSet
{
    internal static SortedDictionary<Guid, T> Join<T>(SortedDictionary<Guid, T> facts, IEnumerable<T> more) where T : IFact
    {
        var all = new SortedDictionary<Guid, T>(facts);
        foreach (var fact in more)
        {
            all[fact.Id] = all.TryGetValue(fact.Id, out var held) && !IsBefore(fact, held) ? held : fact;
        }
        return all;
    }

    /// <summary>By clock and node; under one version the greater text, only so that everybody chooses the same.</summary>
    private static bool IsBefore<T>(T fact, T held) where T : IFact
    {
        var order = fact.Version.CompareTo(held.Version);
        return order < 0 || (order == 0 && string.CompareOrdinal(Text(fact), Text(held)) > 0);
    }

    private static string Text<T>(T fact) => JsonSerializer.Serialize(fact, Json.Options);
}
