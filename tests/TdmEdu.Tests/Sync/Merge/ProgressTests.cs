using System.Text.Json;
using CsCheck;
using TdmEdu.Sync;
using TdmEdu.Sync.Merge;
using static TdmEdu.Tests.Sync.Written;

namespace TdmEdu.Tests.Sync.Merge;

public class ProgressTests
{
    private static readonly Gen<Func<Progress, Progress>> AnyStep = Gen.OneOf(
        Gen.Select(Gen.Int[1, 5], Gen.Long[1, 3], Gen.Int[-1, 4]).Select((id, at, score) => Step(p => p.Try(Tried(id, at, score < 0 ? null : score)))),
        Gen.Select(Gen.Int[11, 14], Gen.Long[1, 3], AnyOf("A", "B")).Select((id, at, given) =>
            Step(p => p.Give(new Answer(Number(id), new(new(at), Number(1)), Number(1), Number(21), given)))),
        Gen.Long[0, 9].Select(position => Step(p => p.Reach(position))));

    [Fact]
    public void Case_52_Any_order_repetition_and_partition_of_what_a_pupil_did_gives_the_same_progress() =>
        Gen.Select(AnyStep.Array[1, 10], Gen.Int).Sample((all, seed) =>
            Travels.Of(all, seed).All(way => Show(Fold(way)) == Show(Fold(all))));

    [Fact]
    public void The_best_and_the_last_score_are_both_kept()
    {
        var progress = Progress.Empty.Try(Tried(1, 1, 6.5m), Tried(2, 2, 9m), Tried(3, 3, 9m), Tried(4, 4, 5m), Tried(5, 5, null));
        Assert.Equal((Number(2), Number(4)), (progress.Best()!.Id, progress.Last()!.Id));
        Assert.Equal(5, progress.Attempts.Count);
    }

    [Fact]
    public void Nothing_scored_is_no_score() => Assert.Null(Progress.Empty.Try(Tried(1, 1, null)).Best());

    [Fact]
    public void Going_back_does_not_take_progress_back() => Assert.Equal(40, Progress.Empty.Reach(40).Reach(3).Position);

    [Fact]
    public void An_answer_that_was_given_is_not_changed_by_a_later_one_of_its_id()
    {
        var first = new Answer(Number(1), new(new(1), Number(1)), Number(2), Number(3), "A");
        var progress = Progress.Empty.Give(first).Give(first with { Version = new(new(2), Number(1)), Given = "B" });
        Assert.Equal("A", Assert.Single(progress.Answers.Values).Given);
    }

    private static Progress Fold(IEnumerable<Func<Progress, Progress>> steps) => steps.Aggregate(Progress.Empty, (p, step) => Stored(step(p)));

    private static Func<Progress, Progress> Step(Func<Progress, Progress> step) => step;

    private static Attempt Tried(int id, long at, decimal? score) => new(Number(id), new(new(at), Number(1)), score);

    private static string Show(Progress p) => JsonSerializer.Serialize(new { p, best = p.Best(), last = p.Last() }, Json.Options);

    private static Progress Stored(Progress p) => JsonSerializer.Deserialize<Progress>(JsonSerializer.Serialize(p, Json.Options), Json.Options)!;
}
