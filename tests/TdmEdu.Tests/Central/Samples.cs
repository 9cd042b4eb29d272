using TdmEdu.Modules;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Central;

internal sealed record Note(string Text, int Number = 0);

/// <summary>Its quota belongs to the department.</summary>
internal sealed record Profile(string Name, int Quota);

/// <summary>A record that is listed with the others of its tag.</summary>
internal sealed record Tagged(string Tag, string Text)
{
    public static Guid ViewOf(string tag) => RecordId.From(Scope.City, "test.tags", tag);
}

internal sealed record TagTexts(SortedDictionary<Guid, string> Texts);

/// <summary>A fact whose fold fails as its text says.</summary>
internal sealed record Fragile(string Text);

internal sealed record FragileSum(int Count);

/// <summary>The product's own modules, and two entities that misbehave on request.</summary>
internal static class Samples
{
    /// <param name="isMended">Another release, in which nothing throws any more.</param>
    public static Catalogue Catalogue(bool isMended = false)
    {
        var builder = new ModuleBuilder();
        foreach (var module in AllModules.List)
        {
            module.Define(builder);
        }
        builder.Entity<Note>("test.note").In(ScopeKind.School | ScopeKind.City | ScopeKind.Ward).WrittenBy(Side.Edge | Side.Central)
            .Allow(Roles.DepartmentOfficer, Verbs.Read | Verbs.Write).Index(n => n.Text)
            .Check(n => n.Number < 0 ? TdmEdu.Sync.Error.Invalid("number_negative", "Số phải từ 0 trở lên.") : null);
        builder.Entity<Fragile>("test.fragile").In(ScopeKind.School).WrittenBy(Side.Edge).Facts();
        builder.Entity<Profile>("test.profile").In(ScopeKind.School).WrittenBy(Side.Edge | Side.Central)
            .Allow(Roles.DepartmentOfficer, Verbs.Read | Verbs.Write);
        builder.Entity<Tagged>("test.tagged").In(ScopeKind.School).WrittenBy(Side.Edge | Side.Central)
            .Allow(Roles.DepartmentOfficer, Verbs.Read | Verbs.Write).Allow(Roles.Office, Verbs.Read | Verbs.Write);
        builder.View<Tagged, TagTexts>(
            "test.tags", (_, t) => (Tagged.ViewOf(t.Tag), t.Tag),
            (before, t, _, _) => new(new(before?.Texts ?? []) { [t.Id] = t.Value.Text }));
        builder.View<Fragile, FragileSum>("test.sum", (_, _) => (Guid.Empty, ""), isMended ? Count : Fold);
        var built = builder.Build();
        var owned = new Dictionary<string, Side> { ["quota"] = Side.Central };
        return new(built.Entities.Select(e => e.Key == "test.profile" ? e with { FieldsOwnedBy = owned } : e), built.Views);
    }

    private static FragileSum Count(FragileSum? before, Row<Fragile> row, Scope scope, IRecords records) => new((before?.Count ?? 0) + 1);

    private static FragileSum Fold(FragileSum? before, Row<Fragile> row, Scope scope, IRecords records)
    {
        // A page is read from the database itself, so what the batch did before this is already written when the power goes.
        records.Page<Fragile>(scope);
        return row.Value.Text switch
        {
            "bad" => throw new InvalidOperationException("A module's fault."),
            "power cut" => throw new OperationCanceledException("The machine is gone."),
            _ => Count(before, row, scope, records),
        };
    }
}
