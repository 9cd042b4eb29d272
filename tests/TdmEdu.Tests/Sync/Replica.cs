using System.Text;
using System.Text.Json;
using CsCheck;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Sync;

/// <summary>What a host does with operations, without a disk: the records they make, with a digest kept up on every change.</summary>
internal sealed class Replica
{
    private readonly SortedDictionary<Guid, RecordState> records = [];
    private StateDigest digest;

    public RecordState? Find(Guid id) => records.GetValueOrDefault(id);

    public Outcome Apply(Written written)
    {
        var before = Find(written.Op.Id);
        var kind = Written.Facts.Contains(written.Op.Id) ? OpKind.Fact : OpKind.Put;
        var (state, outcome) = RecordState.Apply(before, written.Op, written.Node, kind);
        if (state is not null)
        {
            digest = (before is null ? digest : digest.Remove(before)).Add(state);
            records[state.Id] = state;
        }
        return outcome;
    }

    public Replica Apply(IEnumerable<Written> all)
    {
        foreach (var written in all)
        {
            Apply(written);
        }
        return this;
    }

    /// <summary>Every field with its version and bytes, and the digest, which must also be that of the records counted afresh.</summary>
    public string Show()
    {
        Assert.Equal(records.Values.Reverse().Aggregate(default(StateDigest), (sum, r) => sum.Add(r)), digest);
        return $"{digest}\n{string.Join("\n", records.Values.Select(Show))}";
    }

    private static string Show(RecordState state)
    {
        using var json = JsonDocument.Parse(state.Data);
        var versions = state.FieldVersions();
        var fields = json.RootElement.EnumerateObject().GroupBy(f => f.Name, f => f.Value.GetRawText()).OrderBy(f => f.Key, StringComparer.Ordinal)
            .Select(f => $"{f.Key}={f.Last()}@{versions[f.Key]}");
        return $"{state.Id} {state.Version} {state.Versions} {(state.Deleted ? "deleted" : "there")} {string.Join(", ", fields)}";
    }
}

/// <summary>An operation and the node that stamped it.</summary>
internal sealed record Written(Op Op, Guid Node)
{
    /// <summary>The record that operations are about when they do not say which.</summary>
    public static readonly Guid Only = Number(1);

    /// <summary>Records of an entity that has facts.</summary>
    public static readonly IReadOnlyList<Guid> Facts = [Number(3), Number(4), Number(5)];

    public static Written Put(long hlc, string json, int node = 1, int id = 1) => Of(OpKind.Put, hlc, json, node, id);

    public static Written Fact(long hlc, string json, int node = 1, int id = 1) => Of(OpKind.Fact, hlc, json, node, id);

    public static Written Delete(long hlc, int node = 1, int id = 1) => Of(OpKind.Delete, hlc, "", node, id);

    public static Written Evict(long hlc, string reason, int node = 1, int id = 1) =>
        Of(OpKind.Evict, hlc, $$$"""{"$evicted":{"reason":"{{{reason}}}"}}""", node, id);

    public static Guid Number(int n) => new(n, 0, 0, new byte[8]);

    public static Gen<T> AnyOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static Written Of(OpKind kind, long hlc, string json, int node, int id) =>
        new(new(Scope.City, Facts.Contains(Number(id)) ? "fact" : "profile", Number(id), 1, kind, new(hlc), default, Encoding.UTF8.GetBytes(json)), Number(node));
}

/// <summary>
/// How a set of operations travels in a property: in some order, in parts to several replicas, some of them more than once, and then
/// to everybody. The test's seed decides.
/// </summary>
internal static class Travels
{
    private const int Replicas = 3;

    /// <summary>For each replica everything at least once: first its own part, then the whole again, each time in another order.</summary>
    public static IEnumerable<T[]> Of<T>(IReadOnlyList<T> all, int seed)
    {
        var random = new Random(seed);
        for (var replica = 0; replica < Replicas; replica++)
        {
            T[] part = [.. all.Where(_ => random.Next(Replicas) == 0)];
            T[] rest = [.. all, .. all.Where(_ => random.Next(2) == 0)];
            random.Shuffle(part);
            random.Shuffle(rest);
            yield return [.. part, .. rest];
        }
    }
}
