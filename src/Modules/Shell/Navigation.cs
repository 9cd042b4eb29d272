using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Shell;

/// <summary>A place in the header's menu: shown to these roles on these sides, named by its Vietnamese words.</summary>
public sealed record NavEntry(string Path, string Words, Roles Roles, Side Sides);

/// <summary>The menu in the order of the modules; a person's first entry is their home page.</summary>
public sealed class Navigation(Side side, IEnumerable<NavEntry> entries)
{
    private readonly List<NavEntry> here = [.. entries.Where(e => e.Sides.HasFlag(side))];

    public IEnumerable<NavEntry> For(Actor actor) => here.Where(e => actor.Is(e.Roles));
}
