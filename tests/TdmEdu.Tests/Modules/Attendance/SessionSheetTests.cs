using System.Text.Json;
using CsCheck;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.Sync;

namespace TdmEdu.Tests.Modules.Attendance;

public partial class SessionSheetTests
{
    private const int A = 1;
    private const int B = 2;
    private const int C = 3;
    private static readonly Guid An = Number(101);
    private static readonly Guid Binh = Number(102);
    private static readonly Guid Chi = Number(103);
    private static readonly Guid Dung = Number(104);
    private static readonly RosterSeen Three = new(Number(1), [An, Binh, Chi]);
    private static readonly RosterSeen Four = new(Number(1), [An, Binh, Chi, Dung]);

    private static readonly Gen<Row<Submission>[]> AnySubmissions =
        from count in Gen.Int[1, 6]
        from words in Gen.Select(
            Gen.Int[1, 4],
            Gen.Dictionary(Gen.Int[101, 104], Gen.Int[1, 5])[0, 4],
            Gen.Int[1, count].HashSet[0, count],
            Gen.Enum<Source>(),
            Gen.Bool).Array[count]
        select words.Select((w, i) => Said(i + 1, w.Item1, w.Item4, w.Item5 ? Four : Three,
            [.. w.Item3.Where(s => s != i + 1)], [.. w.Item2.Select(m => new Mark(Number(m.Key), (MarkCode)m.Value))])).ToArray();

    /// <summary>As hosts fold: operations become records, and a record that changed goes into its sheet. Ids meet with another content, as forged ones do.</summary>
    [Fact]
    public void Case_52_Any_order_repetition_and_partition_gives_the_same_records_digest_and_sheet()
    {
        var forged = Gen.Select(AnySubmissions, AnySubmissions, Gen.Bool, (all, others, some) => some ? [.. all, .. others] : all);
        Gen.Select(forged, Gen.Int).Sample((all, seed) =>
        {
            var expected = ShowFolded(all);
            return Travels.Of(all, seed).All(way => ShowFolded(way) == expected);
        });
    }

    [Fact]
    public void Every_tally_adds_up_and_counts_each_standing_once() =>
        AnySubmissions.Sample(all =>
        {
            var sheet = Fold(all);
            var t = sheet.Tally;
            return all.All(s => s.Value.Source is Source.Notice or Source.Gate)
                ? t is null
                : t!.Pupils == sheet.Pupils.Count && t.Present + t.Excused + t.Unexcused == t.Pupils && t.Late + t.LeftEarly <= t.Present;
        });

    [Fact]
    public void No_mark_is_lost_without_a_sign() =>
        AnySubmissions.Sample(all =>
        {
            var sheet = Fold(all);
            // Whoever spoke without being known to anybody else either stands or is shown as a second opinion.
            return all.Where(s => s.Value.Source != Source.Notice && !all.Any(o => o.Value.Seen.Contains(s.Id))).All(s => s.Value.Marks
                .Where(m => sheet.Pupils.ContainsKey(m.Pupil) && RosterOf(s.Value.Roster)!.Pupils.Contains(m.Pupil))
                .All(m => sheet.Pupils[m.Pupil].Code == m.Code || sheet.Pupils[m.Pupil].TwoOpinions || IsHistory(sheet, s.Value.Source, m)));
        });

    [Fact]
    public void A_first_submission_implies_presence_of_the_list_and_nothing_else()
    {
        var sheet = Fold(Said(A, 1, Source.Teacher, Three, [], [new(Binh, MarkCode.Unexcused)]));
        Assert.Equal(new Tally(3, 2, 0, 1, 0, 0, 0), sheet.Tally);
        Assert.False(sheet.Pupils.ContainsKey(Dung));
    }

    [Fact]
    public void Case_48_Two_teachers_mark_disjoint_pupils_and_both_stay()
    {
        var sheet = Fold(Said(A, 1, Source.Teacher, Three, [], [new(An, MarkCode.Excused)]), Said(B, 2, Source.Teacher, Three, [], [new(Binh, MarkCode.Late)]));
        Assert.Equal(new Tally(3, 2, 1, 0, 1, 0, 0), sheet.Tally);
    }

    [Fact]
    public void A_contradiction_between_two_who_did_not_know_is_shown()
    {
        var sheet = Fold(Said(A, 1, Source.Teacher, Three, [], [new(An, MarkCode.Excused)]), Said(B, 2, Source.Teacher, Three, [], [new(An, MarkCode.Unexcused)]));
        Assert.Equal(new Standing(MarkCode.Unexcused, TwoOpinions: true), sheet.Pupils[An]);
        Assert.Equal(1, sheet.Tally!.TwoOpinions);
    }

    [Fact]
    public void A_correction_of_what_was_seen_is_not_a_contradiction()
    {
        var sheet = Fold(Said(A, 1, Source.Teacher, Three, [], [new(An, MarkCode.Unexcused)]), Said(B, 2, Source.Teacher, Three, [A], [new(An, MarkCode.Present)]));
        Assert.Equal(new Standing(MarkCode.Present, TwoOpinions: false), sheet.Pupils[An]);
    }

    [Fact]
    public void Who_saw_a_correction_knows_what_it_corrected()
    {
        var sheet = Fold(Said(A, 1, Source.Teacher, Three, [], [new(An, MarkCode.Unexcused)]), Said(B, 2, Source.Teacher, Three, [A], [new(Binh, MarkCode.Late)]),
            Said(C, 3, Source.Teacher, Three, [B], [new(An, MarkCode.Excused)]));
        Assert.Equal(new Standing(MarkCode.Excused, TwoOpinions: false), sheet.Pupils[An]);
    }

    [Fact]
    public void A_word_that_knew_both_settles_a_contradiction()
    {
        var sheet = Fold(Said(A, 1, Source.Teacher, Three, [], [new(An, MarkCode.Excused)]), Said(B, 2, Source.Teacher, Three, [], [new(An, MarkCode.Unexcused)]),
            Said(C, 3, Source.Teacher, Three, [A, B], [new(An, MarkCode.Excused)]));
        Assert.Equal(new Standing(MarkCode.Excused, TwoOpinions: false), sheet.Pupils[An]);
    }

    [Fact]
    public void The_office_stands_above_a_later_teacher_and_the_disagreement_is_shown()
    {
        var office = Said(A, 1, Source.Office, Three, [], [new(An, MarkCode.Excused)]);
        var unaware = Fold(office, Said(B, 2, Source.Teacher, Three, [], [new(An, MarkCode.Unexcused)]));
        var aware = Fold(office, Said(B, 2, Source.Teacher, Three, [A], [new(An, MarkCode.Unexcused)]));
        Assert.Equal(new Standing(MarkCode.Excused, TwoOpinions: true), unaware.Pupils[An]);
        Assert.Equal(new Standing(MarkCode.Excused, TwoOpinions: true), aware.Pupils[An]);
    }

    [Fact]
    public void An_office_that_saw_the_teachers_mark_has_settled_it()
    {
        var sheet = Fold(Said(A, 2, Source.Teacher, Three, [], [new(An, MarkCode.Unexcused)]), Said(B, 3, Source.Office, Three, [A], [new(An, MarkCode.Excused)]));
        Assert.Equal(new Standing(MarkCode.Excused, TwoOpinions: false), sheet.Pupils[An]);
    }

    [Fact]
    public void Case_49_An_absence_stands_above_presence_that_another_device_implied()
    {
        var absent = Said(A, 1, Source.Teacher, Three, [], [new(An, MarkCode.Unexcused)]);
        var implied = Said(B, 9, Source.Teacher, Three, [], [], node: 2);
        Assert.Equal(new Standing(MarkCode.Unexcused, TwoOpinions: false), Fold(absent, implied).Pupils[An]);
        Assert.Equal(Show(Fold(absent, implied)), Show(Fold(implied, absent)));
    }

    [Theory]
    [InlineData(Source.Office)]
    [InlineData(Source.Notice)]
    public void Case_50_A_parents_note_days_later_excuses_and_the_absence_stays_in_history(Source by)
    {
        var absent = Said(A, 1, Source.Teacher, Three, [], [new(An, MarkCode.Unexcused)]);
        var note = Said(B, 9_000_000, by, Three, by == Source.Office ? [A] : [], [new(An, MarkCode.Excused)]);
        var sheet = Fold(note, absent);
        Assert.Equal(new Standing(MarkCode.Excused, TwoOpinions: false), sheet.Pupils[An]);
        Assert.Equal(MarkCode.Unexcused, Assert.Single(sheet.Submissions[absent.Id].Marks).Code);
        // The figures of the day change by one from one column to the other: what a report's delta is made of.
        Assert.Equal((Fold(absent).Tally!.Unexcused - 1, Fold(absent).Tally!.Excused + 1), (sheet.Tally!.Unexcused, sheet.Tally.Excused));
    }

    [Fact]
    public void A_mark_stands_above_presence_that_another_implied()
    {
        var sheet = Fold(Said(A, 1, Source.Teacher, Three, [], [new(An, MarkCode.Late)]), Said(B, 9, Source.Office, Three, [], []));
        Assert.Equal(new Standing(MarkCode.Late, TwoOpinions: false), sheet.Pupils[An]);
    }

    [Fact]
    public void Case_39_Equal_clocks_are_ordered_by_node()
    {
        var low = Said(A, 1, Source.Teacher, Three, [], [new(An, MarkCode.Excused)], node: 1);
        var high = Said(B, 1, Source.Teacher, Three, [], [new(An, MarkCode.Late)], node: 2);
        Assert.Equal(MarkCode.Late, Fold(low, high).Pupils[An].Code);
        Assert.Equal(MarkCode.Late, Fold(high, low).Pupils[An].Code);
    }

    [Fact]
    public void A_change_says_nothing_of_those_it_does_not_list()
    {
        var sheet = Fold(Said(A, 1, Source.Teacher, Three, [], []), Said(B, 2, Source.Teacher, Four, [A], [new(An, MarkCode.Late)]));
        Assert.False(sheet.Pupils.ContainsKey(Dung));
        Assert.Equal(3, sheet.Tally!.Pupils);
    }

    [Fact]
    public void A_mark_of_somebody_not_on_the_submissions_list_counts_for_nobody()
    {
        var sheet = Fold(Said(A, 1, Source.Teacher, Three, [], [new(Dung, MarkCode.Unexcused)]));
        Assert.False(sheet.Pupils.ContainsKey(Dung));
        Assert.Equal(new Tally(3, 3, 0, 0, 0, 0, 0), sheet.Tally);
        Assert.Contains(sheet.Submissions.Values.Single().Marks, m => m.Pupil == Dung);
    }

    private static SessionSheet Fold(params Row<Submission>[] all) => all.Aggregate((SessionSheet?)null, (sheet, s) => SessionSheet.Fold(Stored(sheet), s, RosterOf))!;

    private static string ShowFolded(IEnumerable<Row<Submission>> all)
    {
        var (replica, sheet) = (new Replica(), (SessionSheet?)null);
        foreach (var row in all)
        {
            var data = JsonSerializer.SerializeToUtf8Bytes(row.Value, Json.Options);
            var outcome = replica.Apply(new Written(
                new(Scope.City, "attendance.submission", row.Id, 1, OpKind.Fact, row.Version.Hlc, row.Value.By, data), row.Version.Node));
            if (outcome is Outcome.Applied or Outcome.Merged)
            {
                var state = replica.Find(row.Id)!;
                sheet = SessionSheet.Fold(Stored(sheet), new(state.Id, JsonSerializer.Deserialize<Submission>(state.Data.Span, Json.Options)!, state.Version), RosterOf);
            }
        }
        return $"{replica.Show()}\n{Show(sheet!)}";
    }

    /// <summary>As a host keeps it between two folds.</summary>
    private static SessionSheet? Stored(SessionSheet? sheet) =>
        sheet is null ? null : JsonSerializer.Deserialize<SessionSheet>(JsonSerializer.Serialize(sheet, Json.Options), Json.Options);

    private static string Show(SessionSheet sheet) => JsonSerializer.Serialize(sheet, Json.Options);

    private static RosterSeen? RosterOf(Guid id) => id == Number(201) ? Three : id == Number(202) ? Four : null;

    private static Row<Submission> Said(int id, int at, Source source, RosterSeen roster, int[] seen, Mark[] marks, int node = 1)
    {
        var submission = new Submission(Number(1), new(2026, 11, 23), Slot.Morning, Number(roster == Three ? 201 : 202), marks,
            [.. seen.Select(Number)], Number(50 + id), source, 0);
        return new(Number(id), submission, new(new Hlc(at), Number(node)));
    }

    private static Guid Number(int n) => new(n, 0, 0, new byte[8]);
}
