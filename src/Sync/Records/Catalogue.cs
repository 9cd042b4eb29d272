using System.Collections.Frozen;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace TdmEdu.Sync.Records;

/// <summary>All entities and views of the modules that are built in, and the kernel's own.</summary>
public sealed class Catalogue
{
    private static readonly EntityType[] Own = [AuditEntry.Type, HeldEvictions.Type];

    private readonly FrozenDictionary<string, EntityType> byKey;
    private readonly FrozenDictionary<Type, EntityType> byClr;
    private readonly FrozenDictionary<Type, ViewType> viewByClr;
    private readonly ILookup<string, ViewType> viewsBySource;

    public Catalogue(IEnumerable<EntityType> entities, IEnumerable<ViewType> views)
    {
        Entities = [.. entities.ExceptBy(Own.Select(o => o.Key), e => e.Key).Concat(Own).OrderBy(e => e.Key, StringComparer.Ordinal)];
        Views = [.. views.OrderBy(v => v.Name, StringComparer.Ordinal)];
        byKey = Entities.ToFrozenDictionary(e => e.Key);
        byClr = Entities.ToFrozenDictionary(e => e.Clr);
        viewByClr = Views.ToFrozenDictionary(v => v.State);
        viewsBySource = Views.ToLookup(v => v.Source);
        Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Describe())))[..16];
    }

    public IReadOnlyList<EntityType> Entities { get; }

    public IReadOnlyList<ViewType> Views { get; }

    /// <summary>Changes when any key, field, scope or right changes.</summary>
    public string Hash { get; }

    public EntityType? Find(string key) => byKey.GetValueOrDefault(key);

    public EntityType Of<T>() => byClr[typeof(T)];

    public ViewType View<T>() => viewByClr[typeof(T)];

    public IEnumerable<ViewType> ViewsOf(string entity) => viewsBySource[entity];

    /// <summary>One line for each entity, field, right and view: the reviewed snapshot of the data model.</summary>
    public string Describe()
    {
        var text = new StringBuilder();
        foreach (var e in Entities)
        {
            text.Append(CultureInfo.InvariantCulture, $"{e.Key} v{e.Schema} {e.Kind} lane={e.Lane} scopes={e.Scopes} written-by={e.WrittenBy}\n");
            foreach (var p in e.Clr.GetProperties().OrderBy(p => p.Name, StringComparer.Ordinal))
            {
                text.Append(CultureInfo.InvariantCulture, $"  {p.Name}: {Name(p.PropertyType)}\n");
            }
            foreach (var owned in e.FieldsOwnedBy.OrderBy(f => f.Key, StringComparer.Ordinal))
            {
                text.Append(CultureInfo.InvariantCulture, $"  {owned.Key} owned-by={owned.Value}\n");
            }
            foreach (var change in e.Changed)
            {
                text.Append(CultureInfo.InvariantCulture, $"  {change.To} was {change.From} before v{change.Since}\n");
            }
            foreach (var (role, verbs) in e.Allow.OrderBy(a => a.Key))
            {
                text.Append(CultureInfo.InvariantCulture, $"  allow {role}: {verbs}\n");
            }
        }
        foreach (var v in Views)
        {
            text.Append(CultureInfo.InvariantCulture, $"view {v.Name} of {v.Source}\n");
        }
        return text.ToString();
    }

    /// <summary>What is known of people: one line for each field, and for each purpose that a field is kept for. The reviewed data map.</summary>
    public string DescribePersonal()
    {
        var fields = Entities.SelectMany(e => e.Marks.OrderBy(m => m.Key, StringComparer.Ordinal)
            .Select(m => $"{e.Key}.{m.Key} {m.Value.Says}{(m.Value.For is { } purpose ? $" for {purpose.Key}" : "")}\n"));
        return string.Concat(fields.Concat(Purposes.Select(p => $"purpose {p.Key}: {p.Why} | {p.Basis} | {p.Kept}\n")));
    }

    public IEnumerable<Purpose> Purposes =>
        Entities.SelectMany(e => e.Marks.Values).Select(m => m.For).OfType<Purpose>().Distinct().OrderBy(p => p.Key, StringComparer.Ordinal);

    private static string Name(Type type) =>
        type.IsGenericType ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : type.Name;
}
