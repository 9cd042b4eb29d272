using CsCheck;
using TdmEdu.Modules.Attendance;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Modules.Attendance;

public partial class SessionSheetTests
{
    [Fact]
    public void No_approved_notice_is_passed_over_without_a_sign() =>
        AnySubmissions.Sample(all =>
        {
            var sheet = Fold(all);
            return sheet.ExpectedAbsences().Where(x => sheet.Pupils.ContainsKey(x.Pupil) && !all.Any(o => o.Value.Seen.Contains(x.Word)))
                .All(x => sheet.Pupils[x.Pupil].Code == MarkCode.Excused || sheet.Pupils[x.Pupil].TwoOpinions);
        });

    [Fact]
    public void A_notice_alone_expects_one_pupil_away_and_the_class_has_not_submitted()
    {
        var sheet = Fold(Noticed(A, 1, An));
        Assert.Null(sheet.Tally);
        Assert.Null(sheet.TallyWithout(null, default));
        Assert.Equal(new Standing(MarkCode.Excused, TwoOpinions: false), Assert.Single(sheet.Pupils).Value);
        Assert.Equal(3, SessionSheet.Unknown(sheet, Three.Pupils));
    }

    [Fact]
    public void What_a_notice_expects_stands_above_presence_that_was_only_implied()
    {
        var sheet = Fold(Noticed(A, 1, An), Said(B, 2, Source.Teacher, Three, [], []));
        Assert.Equal(new Standing(MarkCode.Excused, TwoOpinions: false), sheet.Pupils[An]);
        Assert.Equal(new Tally(3, 2, 1, 0, 0, 0, 0), sheet.Tally);
    }

    [Theory]
    [InlineData(Source.Teacher)]
    [InlineData(Source.Office)]
    public void Who_was_seen_there_was_there_and_the_notice_that_says_otherwise_is_shown_until_somebody_knew_it(Source source)
    {
        var (notice, there) = (Noticed(A, 1, An), Said(B, 2, source, Three, [], [new(An, MarkCode.Late)]));
        Assert.Equal(new Standing(MarkCode.Late, TwoOpinions: true), Fold(notice, there).Pupils[An]);
        var settled = Said(C, 3, Source.Teacher, Three, [A, B], [new(An, MarkCode.Late)]);
        Assert.Equal(new Standing(MarkCode.Late, TwoOpinions: false), Fold(notice, there, settled).Pupils[An]);
    }

    [Theory]
    [InlineData(Source.Teacher)]
    [InlineData(Source.Paper)]
    [InlineData(Source.Import)]
    public void A_later_notice_excuses_what_a_teacher_marked_and_the_mark_stays_in_history(Source marked)
    {
        var absent = Said(A, 1, marked, Three, [], [new(An, MarkCode.Unexcused)]);
        var sheet = Fold(absent, Noticed(B, 9, An));
        Assert.Equal(new Standing(MarkCode.Excused, TwoOpinions: false), sheet.Pupils[An]);
        Assert.Equal(MarkCode.Unexcused, sheet.Submissions[absent.Id].Marks.Single().Code);
        // A teacher's later word on the reason does not stand above the notice either.
        var again = Fold(absent, Noticed(B, 9, An), Said(C, 10, Source.Teacher, Three, [A], [new(An, MarkCode.Unexcused)]));
        Assert.Equal(new Standing(MarkCode.Excused, TwoOpinions: false), again.Pupils[An]);
    }

    [Fact]
    public void The_office_stands_above_a_notice_and_one_that_it_did_not_know_is_shown()
    {
        var notice = Noticed(A, 1, An);
        Assert.Equal(new Standing(MarkCode.Unexcused, TwoOpinions: true), Fold(notice, Said(B, 2, Source.Office, Three, [], [new(An, MarkCode.Unexcused)])).Pupils[An]);
        Assert.Equal(new Standing(MarkCode.Unexcused, TwoOpinions: false), Fold(notice, Said(B, 2, Source.Office, Three, [A], [new(An, MarkCode.Unexcused)])).Pupils[An]);
    }

    [Fact]
    public void A_notice_that_was_taken_back_counts_for_nothing_and_only_a_notice_takes_one_back()
    {
        var (absent, notice) = (Said(A, 1, Source.Teacher, Three, [], [new(An, MarkCode.Unexcused)]), Noticed(B, 2, An));
        var takenBack = new Row<Submission>(Number(C), notice.Value with { Marks = [], Seen = [Number(B)] }, new(new Hlc(3), Number(1)));
        Assert.Equal(Show(Fold(absent)), Show(Fold(absent, notice, takenBack) with { Submissions = Fold(absent).Submissions }));
        Assert.Null(Fold(notice, takenBack).Tally);
        Assert.Empty(Fold(notice, takenBack).Pupils);
        Assert.Equal(MarkCode.Excused, Fold(absent, notice, Said(C, 3, Source.Teacher, Three, [A, B], [])).Pupils[An].Code);
    }

    [Fact]
    public void A_notice_of_somebody_who_has_gone_to_another_class_is_in_no_figure_of_this_one()
    {
        var sheet = Fold(Noticed(A, 1, Dung), Said(B, 2, Source.Teacher, Three, [], []));
        Assert.False(sheet.Pupils.ContainsKey(Dung));
        Assert.Equal(3, sheet.Tally!.Pupils);
        // Who came through the gate for this class all the same is here, and the notice that says otherwise is shown.
        var came = Fold(Noticed(A, 1, Dung), Said(B, 2, Source.Teacher, Three, [], []), Said(C, 3, Source.Gate, Four, [], [new(Dung, MarkCode.Late)]));
        Assert.Equal(new Standing(MarkCode.Late, TwoOpinions: true), came.Pupils[Dung]);
    }

    private static Row<Submission> Noticed(int id, int at, Guid pupil) => Said(id, at, Source.Notice, Three, [], [new(pupil, MarkCode.Excused)]);

    private static bool IsHistory(SessionSheet sheet, Source source, Mark mark) => source is Source.Teacher or Source.Paper or Source.Import
        && mark.Code == MarkCode.Unexcused && sheet.Pupils[mark.Pupil].Code == MarkCode.Excused && sheet.ExpectedAbsences().Any(x => x.Pupil == mark.Pupil);
}
