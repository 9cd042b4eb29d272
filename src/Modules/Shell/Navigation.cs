using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Shell;

/// <summary>A place in the header's menu: shown to these roles on these sides, named by its Vietnamese words.</summary>
/// <param name="HomeOf">For whom it comes first: people without any other role than these.</param>
/// <param name="ForGroups">At Central it is the place of people of units without a box.</param>
public sealed record NavEntry(string Path, string Words, Roles Roles, Side Sides, Roles HomeOf = Roles.None, bool ForGroups = false);

/// <summary>The menu in the order of the modules; a person's first entry is their home page.</summary>
public sealed class Navigation(Home home, IEnumerable<NavEntry> entries)
{
    private readonly List<NavEntry> here = [.. entries.Where(e => e.Sides.HasFlag(home.Side))];

    public IEnumerable<NavEntry> For(Actor actor) => here
        .Where(e => actor.Is(e.Roles) && (e.ForGroups || !home.IsOfGroup(actor))).OrderByDescending(e => (actor.Roles & ~e.HomeOf) == 0);
}
