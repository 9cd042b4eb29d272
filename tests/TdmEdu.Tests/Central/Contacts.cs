using TdmEdu.Modules;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Central;

/// <summary>An entity as one release had it.</summary>
internal sealed record OldContact(string Name, string? Phone = null);

/// <summary>As the next release has it: the telephone has another name and another form, and a field has been added.</summary>
internal sealed record NewContact(string Name, string? Mobile = null, string? Email = null);

/// <summary>Three releases after the old one: the field has a third name, and its value a second form.</summary>
internal sealed record FarContact(string Name, string? Tel = null, string? Email = null);

/// <summary>What only the next release knows.</summary>
internal sealed record Meal(string Dish);

internal static class Contacts
{
    public static Catalogue Old { get; } = Make(b => Rights(b.Entity<OldContact>("test.contact")).Index(c => c.Phone ?? ""));

    public static Catalogue Now { get; } = Next(() => { });

    /// <param name="converted">Called with each telephone that gets its new form.</param>
    public static Catalogue Next(Action converted) => Make(b =>
    {
        Rights(b.Entity<NewContact>("test.contact", schema: 2)).Index(c => c.Mobile ?? "").Renamed(2, "phone", "mobile", v =>
        {
            converted();
            return v is null ? null : $"+84{v.GetValue<string>()[1..]}";
        });
        Rights(b.Entity<Meal>("test.meal"));
    });

    public static Catalogue Far { get; } = Make(b => Rights(b.Entity<FarContact>("test.contact", schema: 4)).Index(c => c.Tel ?? "")
        .Renamed(2, "phone", "mobile", v => v is null ? null : $"+84{v.GetValue<string>()[1..]}")
        .Renamed(3, "mobile", "tel")
        .Renamed(4, "tel", "tel", v => v is null ? null : $"tel:{v.GetValue<string>()}"));

    /// <summary>As the release after the old one would be, had it only added a field.</summary>
    public static Catalogue Wider { get; } = Make(b => Rights(b.Entity<NewContact>("test.contact")));

    private static Catalogue Make(Action<ModuleBuilder> more)
    {
        var builder = new ModuleBuilder();
        foreach (var module in AllModules.List)
        {
            module.Define(builder);
        }
        more(builder);
        return builder.Build();
    }

    private static EntityBuilder<T> Rights<T>(EntityBuilder<T> entity) => entity.In(ScopeKind.School).WrittenBy(Side.Edge | Side.Central)
        .Allow(Roles.Office, Verbs.Read | Verbs.Write).Allow(Roles.DepartmentOfficer, Verbs.Read | Verbs.Write);
}
