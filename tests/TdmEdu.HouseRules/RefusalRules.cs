using System.Text.RegularExpressions;

namespace TdmEdu.HouseRules;

/// <summary>A refusal without a sentence leaves a school that does not know what to do.</summary>
public partial class RefusalRules
{
    private static readonly string[] Deciders = ["src/Sync/Exchange/Intake.cs", "src/Sync/Central/BatchIntake.cs", "src/Sync/Central/Changes.cs"];

    [Fact]
    public void The_kernel_takes_the_reason_of_an_outcome_from_the_table_of_reasons() => Rule.Holds(
        f => Deciders.Contains(f.Path), f => Literal().IsMatch(f.Text),
        new TextFile("src/Sync/Exchange/Intake.cs", """return (Outcome.Rejected, "brand_new");"""),
        new TextFile("src/Sync/Central/Changes.cs", """new(Outcome.Rejected, Error.Conflict("brand_new", "…"))"""));

    /// <summary>A code beside an outcome; or the refusal of one, other than that of a whole batch.</summary>
    [GeneratedRegex("""[Oo]utcome(?:\.\w+)?,\s*(?:Error\.\w+\(\s*)?"[a-z_]+"|Error Bad\w+ => Error\.\w+\(\s*"[a-z_]+""")]
    private static partial Regex Literal();
}
