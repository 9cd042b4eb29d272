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
        AnyMoves.Sample(moves =>
        {
            var (store, classes) = NewSchool();
            // What a paper list of the year would say after each change: from that day on, this class or none.
            var wanted = Enumerable.Repeat((Guid?)classes[0], 20).ToArray();
            foreach (var (number, day) in moves)
            {
                var from = First.AddDays(day);
                var decision = number == 0
                    ? Enrol.Leave(store.Catalogue, store, School, An, from)
                    : Enrol.Move(store.Catalogue, store, School, An, classes[number - 1], from);
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
        store.Seed(Enrol.Leave(store.Catalogue, store, School, An, First).Drafts);
        Assert.Empty(store.View<ClassRoster>(School, classes[0])!.PupilsOn(First));
        store.Seed(Enrol.Move(store.Catalogue, store, School, An, classes[0], First).Drafts);
        Assert.Equal([An], store.View<ClassRoster>(School, classes[0])!.PupilsOn(First));
        Assert.Equal("enrolled_already", Enrol.Move(store.Catalogue, store, School, An, classes[0], First).Reply.Error.Reason);
        Assert.Equal("enrol_day", Enrol.Move(store.Catalogue, store, School, An, classes[1], First.AddDays(-1)).Reply.Error.Reason);
        store.Seed(Enrol.Leave(store.Catalogue, store, School, An, First).Drafts);
        Assert.Equal("not_enrolled", Enrol.Leave(store.Catalogue, store, School, An, First).Reply.Error.Reason);
    }

    [Fact]
    public void A_pupil_added_by_form_is_read_as_a_row_of_a_file_and_last_year_s_class_ends()
    {
        var (store, classes) = NewSchool();
        var next = Compose.Class(store.Catalogue, School, new("6A", 6, "2027–2028", [Slot.Morning]));
        store.Seed([Compose.Year(store.Catalogue, new("2027–2028", new(2027, 9, 5), new(2028, 5, 31), [1, 2, 3])), next.Draft]);
        var clock = new FakeTimeProvider(new DateTimeOffset(2027, 9, 6, 0, 0, 0, TimeSpan.Zero));
        Decision<Guid> Add(string name, string id, string birth = "05/09/2015") => AddPupil.Decide(
            store.Catalogue, store, School, next.Id, new(2027, 9, 5), c => AddPupil.Read(c, name, birth, "nam", id, new(2027, 9, 6)), clock);

        Assert.Equal("pupil_wrong", Add("", "7400000001").Reply.Error.Reason);
        Assert.Contains("ngày sinh", Add("Lê An", "", "hôm qua").Reply.Error.Message.Vietnamese, StringComparison.Ordinal);
        store.Seed(Add("Nguyễn Văn An", "7400000001").Drafts);
        Assert.Equal([An], store.View<ClassRoster>(School, next.Id)!.PupilsOn(new(2027, 9, 5)));
        Assert.Empty(store.View<ClassRoster>(School, classes[0])!.PupilsOn(new(2027, 9, 5)));
        Assert.Equal("pupil_exists", Add("Nguyễn Văn An", "7400000001").Reply.Error.Reason);
    }

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
