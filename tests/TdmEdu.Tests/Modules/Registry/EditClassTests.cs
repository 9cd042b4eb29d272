using Microsoft.Extensions.Time.Testing;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Modules.Registry;

public class EditClassTests
{
    private static readonly DateOnly Today = new(2026, 9, 7);
    private static readonly Scope School = Scope.School(Guid.Parse("01900000-0000-7000-8000-000000000b01"));
    private static readonly Guid An = Guid.Parse("01900000-0000-7000-8000-000000000e01");

    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 9, 7, 1, 0, 0, TimeSpan.Zero));
    private readonly KernelStore store;

    public EditClassTests()
    {
        store = new(Side.Edge, clock);
        store.Seed(
        [
            Compose.Year(store.Catalogue, new("2026–2027", new(2026, 9, 5), new(2027, 5, 31), [1, 2, 3, 4, 5])),
            store.Catalogue.Create(Scope.City, School.Owner,
                new Unit(UnitKind.School, "74718401", "Trường Tiểu học Mẫu", "TH", null, new(2025, 7, 1), null, SampleCode: true)),
        ]);
    }

    [Theory]
    [InlineData("1/9", "", null, 1)]
    [InlineData("1/9", "1", null, 1)]
    [InlineData("Lớp tình thương", "2", null, 2)]
    [InlineData("Lớp tình thương", "", "class_grade", null)]
    [InlineData("6A1", "", "class_grade", null)]
    [InlineData("1/9", "12", "class_grade", null)]
    [InlineData("1/<b>", "1", "class_name", null)]
    [InlineData("/1", "1", "class_name", null)]
    [InlineData("   ", "1", "class_name", null)]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "1", "class_name", null)]
    public void A_class_has_a_name_that_can_be_read_and_the_grade_of_its_level(string name, string grade, string? reason, int? expected)
    {
        var added = Add(name, grade);
        Assert.Equal(reason, added.Reply.Ok ? null : added.Reply.Error.Reason);
        store.Seed(added.Drafts);
        Assert.Equal(expected, store.All<SchoolClass>(School).SingleOrDefault()?.Value.Grade);
    }

    [Theory]
    [InlineData("MN", "4", false)]
    [InlineData("MN", "", true)]
    [InlineData("TH-THCS", "9", true)]
    [InlineData("THCS", "5", false)]
    public void Grades_go_by_the_level_of_the_school(string level, string grade, bool right) =>
        Assert.Equal(right, EditClass.GradeOf(grade, "Chồi 1", level).Ok);

    [Fact]
    public void A_name_typed_wrong_is_changed_and_the_old_name_is_free_again()
    {
        var wrong = Seed(Add("1/99", ""));
        var other = Seed(Add("1/1", ""));
        Assert.Equal("class_exists", EditClass.Rename(store.Catalogue, store, School, wrong, new(" 1/1", "", [])).Reply.Error.Reason);
        Assert.Equal(wrong, Seed(EditClass.Rename(store.Catalogue, store, School, wrong, new("2/9", "", []))));
        Assert.Equal(2, store.Get<SchoolClass>(School, wrong)!.Value.Grade);
        var again = Seed(Add("1/99", ""));
        Assert.Equal(3, new[] { wrong, other, again }.Distinct().Count());
        Assert.Equal(["1/1", "1/99", "2/9"], Names());
    }

    [Fact]
    public void A_class_that_never_had_pupils_is_taken_away_and_can_be_added_again()
    {
        var id = Seed(Add("1/9", ""));
        Seed(EditClass.Remove(store.Catalogue, store, School, id));
        Assert.Empty(Names());
        Assert.Equal(id, Seed(Add("1/9", "")));
        Assert.Equal(["1/9"], Names());

        store.Seed(Compose.Pupil(store.Catalogue, School, An, new(null, "Nguyễn Văn An", "2020", null), id, Today.AddDays(-2)));
        store.Seed(Enrol.Leave(store.Catalogue, store, School, An, Today, Today, agreed: true).Drafts);
        Assert.Empty(store.View<ClassRoster>(School, id)!.PupilsOn(Today));
        Assert.Equal("class_has_pupils", EditClass.Remove(store.Catalogue, store, School, id).Reply.Error.Reason);
    }

    [Fact]
    public void Classes_stand_by_level_and_then_as_people_count()
    {
        (string Name, int? Grade)[] inOrder =
            [("Nhóm trẻ 1", null), ("Mầm 2", null), ("Mầm 10", null), ("Chồi 1", null), ("Lá 1", null), ("Lá 2", null)];
        (string Name, int? Grade)[] primary = [("1/1", 1), ("1/2", 1), ("1/9", null), ("1/10", 1), ("2/1", 2), ("10A1", 10)];
        foreach (var list in new[] { inOrder, primary })
        {
            var classes = list.Select(c => new SchoolClass(c.Name, c.Grade, "", [])).ToList();
            Assert.Equal(classes, classes.OrderBy(c => c.Name, StringComparer.Ordinal).Reverse().Order(ClassOrder.Instance));
        }
    }

    private Decision<Guid> Add(string name, string grade) =>
        EditClass.Add(store.Catalogue, store, School, new(name, grade, [Slot.Morning]), Today, clock);

    private Guid Seed(Decision<Guid> decision)
    {
        store.Seed(decision.Drafts);
        return decision.Reply.Value;
    }

    private IEnumerable<string> Names() => store.All<SchoolClass>(School).Select(c => c.Value).Order(ClassOrder.Instance).Select(c => c.Name);
}
