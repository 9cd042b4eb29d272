using System.Text.Json;
using TdmEdu.Sync;

namespace TdmEdu.Modules.Registry;

public enum Kinship
{
    Mother = 1,
    Father,
    Grandparent,
    Sibling,
    Relative,
    Other,
}

/// <summary>Somebody who answers for a pupil.</summary>
/// <param name="Order">Who is called first in an emergency; null where nobody said.</param>
public sealed record Guardian(string Name, Kinship Kinship, string? Phone = null, string? Email = null, bool LivesWith = false, int? Order = null);

/// <summary>
/// A pupil's guardians as one private field beside the family's others: they are sealed, go to another school and are erased with it.
/// </summary>
public static class Guardians
{
    public const int Max = 6;
    internal const int OrderMax = 9;

    /// <summary>In the order in which they are called; nobody for what is no list of guardians.</summary>
    public static IReadOnlyList<Guardian> Of(PupilSecrets secrets)
    {
        try
        {
            return secrets.Guardians is { } text && JsonSerializer.Deserialize<List<Guardian>>(text, Json.Options) is { } all ? InOrder(all) : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    internal static string? ToText(IReadOnlyCollection<Guardian> guardians) => guardians.Count == 0 ? null : JsonSerializer.Serialize(InOrder(guardians), Json.Options);

    /// <summary>Where messages go: the family's address, else that of the first guardian who has one.</summary>
    public static string? EmailOf(PupilSecrets family) => family.Email ?? Of(family).Select(g => g.Email).FirstOrDefault(e => e is not null);

    private static List<Guardian> InOrder(IEnumerable<Guardian> guardians) => [.. guardians.OrderBy(g => g.Order ?? OrderMax + 1)];
}
