using CsCheck;
using Microsoft.Extensions.Time.Testing;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Modules.Registry;

public class EnrolTests
{
    private const string Year = "2026–2027";
    private static readonly DateOnly First = new(2026, 9, 5);
    private static readonly Scope School = Scope.School(Guid.Parse("01900000-0000-7000-8000-000000000b01"));
    private static readonly Guid An = Guid.Parse("01900000-0000-7000-8000-000000000e01");

    /// <summary>A class to move to from a day of the year, or, for class 0, leaving.</summary>
    private static readonly Gen<(int Class, int Day)[]> AnyMoves = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 12]).Array[1, 12];

    [Fact]
    public void Moving_and_leaving_in_any_order_never_puts_a_pupil_in_two_classes_on_one_day() =>
        Gen.Select(AnyMoves, Gen.Int[0, 12]).Sample((moves, today) =>
        {
            var (store, classes) = NewSchool();
            // What a paper list of the year would say after each change: from that day on, this class or none.
            var wanted = Enumerable.Repeat((Guid?)classes[0], 20).ToArray();
            foreach (var (number, day) in moves)
            {
                var from = First.AddDays(day);
                var decision = number == 0
                    ? Leave(store, from, First.AddDays(today))
                    : Move(store, classes[number - 1], from, First.AddDays(today));
                store.Seed(decision.Drafts);
                if (decision.Reply.Ok)
                {
                    Array.Fill(wanted, number == 0 ? null : classes[number - 1], day, wanted.Length - day);
                }
                for (var i = 0; i < wanted.Length; i++)
                {
                    var on = First.AddDays(i);
                    var found = classes.Where(c => store.View<ClassRoster>(School, c)?.PupilsOn(on).Contains(An) == true).ToList();
                    var records = Enrol.PlacesOf(store, School, An).Count(e => e.Value.IsActiveOn(on));
                    if (records > 1 || found.Count != records || found.FirstOrDefault() != (wanted[i] ?? Guid.Empty))
                    {
                        return false;
                    }
                }
            }
            return true;
        });

    [Fact]
    public void A_pupil_who_comes_back_to_the_same_class_on_the_same_day_is_taken_up_again()
    {
        var (store, classes) = NewSchool();
        store.Seed(Leave(store, First).Drafts);
        Assert.Empty(store.View<ClassRoster>(School, classes[0])!.PupilsOn(First));
        store.Seed(Move(store, classes[0], First).Drafts);
        Assert.Equal([An], store.View<ClassRoster>(School, classes[0])!.PupilsOn(First));
        Assert.Equal("enrolled_already", Move(store, classes[0], First).Reply.Error.Reason);
        Assert.Equal("enrol_day", Move(store, classes[1], First.AddDays(-1)).Reply.Error.Reason);
        store.Seed(Leave(store, First).Drafts);
        Assert.Equal("not_enrolled", Leave(store, First).Reply.Error.Reason);
    }

    [Fact]
    public void Days_in_class_are_never_erased_and_the_refusal_names_them()
    {
        var (store, classes) = NewSchool();
        store.Seed(Move(store, classes[1], new(2026, 10, 1), new(2026, 10, 1)).Drafts);
        var today = new DateOnly(2026, 11, 23);
        foreach (var refused in new[] { Leave(store, new(2019, 1, 1), today), Leave(store, First, today), Move(store, classes[2], First, today) })
        {
            Assert.Equal("enrol_history", refused.Reply.Error.Reason);
            Assert.Contains("5B từ ngày 01/10/2026", refused.Reply.Error.Message.Vietnamese, StringComparison.Ordinal);
        }
        var late = Leave(store, new(2030, 1, 1), today).Reply.Error;
        Assert.Equal("leave_day", late.Reason);
        Assert.Contains("từ 01/10/2026 đến 01/06/2027", late.Message.Vietnamese, StringComparison.Ordinal);
        Assert.True(Leave(store, new(2027, 6, 1), today).Reply.Ok);
        Assert.Equal([An], store.View<ClassRoster>(School, classes[0])!.PupilsOn(new(2026, 9, 30)));
    }

    [Fact]
    public void A_second_change_on_the_same_day_and_leaving_are_asked_about_first()
    {
        var (store, classes) = NewSchool();
        var today = new DateOnly(2026, 9, 7);
        Assert.True(Move(store, classes[1], today, today, agreed: false).Reply.Ok);
        store.Seed(Move(store, classes[1], today, today).Drafts);
        var asked = Move(store, classes[2], today, today, agreed: false);
        Assert.Equal((Enrol.AskMove, 0), (asked.Reply.Error.Reason, asked.Drafts.Count));
        Assert.Contains("lớp 5B từ ngày 07/09/2026", asked.Reply.Error.Message.Vietnamese, StringComparison.Ordinal);
        store.Seed(Move(store, classes[2], today, today).Drafts);
        Assert.Equal([An], store.View<ClassRoster>(School, classes[2])!.PupilsOn(today));
        Assert.Equal([An], store.View<ClassRoster>(School, classes[0])!.PupilsOn(today.AddDays(-1)));

        var leaving = Leave(store, today.AddDays(3), today, agreed: false).Reply.Error;
        Assert.Equal(Enrol.AskLeave, leaving.Reason);
        Assert.Contains("lớp 5C; ngày học cuối cùng là 09/09/2026", leaving.Message.Vietnamese, StringComparison.Ordinal);
        Assert.Contains("coi như chưa vào", Leave(store, today, today, agreed: false).Reply.Error.Message.Vietnamese, StringComparison.Ordinal);
    }

    [Fact]
    public void A_place_that_is_only_planned_can_be_given_up()
    {
        var (store, classes) = NewSchool();
        var today = new DateOnly(2026, 9, 7);
        store.Seed(Move(store, classes[1], today.AddDays(14), today).Drafts);
        Assert.Equal(Enrol.AskLeave, Leave(store, today.AddDays(3), today, agreed: false).Reply.Error.Reason);
        store.Seed(Leave(store, today.AddDays(3), today).Drafts);
        Assert.Empty(store.View<ClassRoster>(School, classes[1])!.PupilsOn(today.AddDays(14)));
        Assert.Equal([An], store.View<ClassRoster>(School, classes[0])!.PupilsOn(today.AddDays(2)));
    }

    [Fact]
    public void A_pupil_added_by_form_is_read_as_a_row_of_a_file_and_last_year_s_class_ends()
    {
        var (store, classes) = NewSchool();
        var next = Compose.Class(store.Catalogue, School, new("6A", 6, "2027–2028", [Slot.Morning]));
        store.Seed([Compose.Year(store.Catalogue, new("2027–2028", new(2027, 9, 5), new(2028, 5, 31), [1, 2, 3])), next.Draft]);
        var clock = new FakeTimeProvider(new DateTimeOffset(2027, 9, 6, 0, 0, 0, TimeSpan.Zero));
        Decision<Guid> Add(string name, string id, string birth = "05/09/2015") => AddPupil.Decide(
            store.Catalogue, new("", makes: false), store, School, next.Id, new(2027, 9, 5), c => AddPupil.Read(c, new(name, birth, "nam", id), new(2027, 9, 6)), clock);

        Assert.Equal("pupil_wrong", Add("", "7400000001").Reply.Error.Reason);
        Assert.Contains("ngày sinh", Add("Lê An", "", "hôm qua").Reply.Error.Message.Vietnamese, StringComparison.Ordinal);
        store.Seed(Add("Nguyễn Văn An", "7400000001").Drafts);
        Assert.Equal([An], store.View<ClassRoster>(School, next.Id)!.PupilsOn(new(2027, 9, 5)));
        Assert.Empty(store.View<ClassRoster>(School, classes[0])!.PupilsOn(new(2027, 9, 5)));
        Assert.Equal("pupil_exists", Add("Nguyễn Văn An", "7400000001").Reply.Error.Reason);
    }

    private static Decision<Guid> Move(KernelStore store, Guid to, DateOnly from, DateOnly? today = null, bool agreed = true) =>
        Enrol.Move(store.Catalogue, store, School, new(An, to, from, null), today ?? First, agreed);

    private static Decision<Guid> Leave(KernelStore store, DateOnly from, DateOnly? today = null, bool agreed = true) =>
        Enrol.Leave(store.Catalogue, store, School, An, from, today ?? First, agreed);

    private static (KernelStore Store, Guid[] Classes) NewSchool()
    {
        var store = new KernelStore(Side.Edge, new FakeTimeProvider(new DateTimeOffset(2026, 9, 7, 0, 0, 0, TimeSpan.Zero)));
        var classes = new[] { "5A", "5B", "5C" }
            .Select(n => Compose.Class(store.Catalogue, School, new(n, 5, Year, [Slot.Morning]))).ToArray();
        store.Seed(
        [
            Compose.Year(store.Catalogue, new(Year, First, new(2027, 5, 31), [1, 2, 3, 4, 5])),
            .. classes.Select(c => c.Draft),
            .. Compose.Pupil(store.Catalogue, School, An, new("7400000001", "Nguyễn Văn An", "2015-09-05", Gender.Male), classes[0].Id, First),
        ]);
        return (store, [.. classes.Select(c => c.Id)]);
    }
}
