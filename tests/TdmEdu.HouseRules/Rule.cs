namespace TdmEdu.HouseRules;

/// <summary>The shape of every rule: what it is about, and what it finds wrong with one such thing.</summary>
internal static class Rule
{
    /// <summary>Fails when the rule is about nothing real, when a deliberate offence slips through, or when something real offends.</summary>
    public static void Holds<T>(IEnumerable<T> real, Func<T, bool> about, Func<T, IEnumerable<string>> offences, params T[] deliberate)
    {
        var subjects = real.Where(about).ToList();
        Assert.NotEmpty(subjects);
        Assert.NotEmpty(deliberate);
        Assert.All(deliberate, d => Assert.True(about(d) && offences(d).Any(), $"Slips through: {d}"));
        var found = subjects.SelectMany(offences).Distinct().ToList();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    public static void Holds(Func<TextFile, bool> about, Func<TextFile, bool> offends, params TextFile[] deliberate) =>
        Holds(Tree.Files, about, f => offends(f) ? [f.Path] : [], deliberate);
}
