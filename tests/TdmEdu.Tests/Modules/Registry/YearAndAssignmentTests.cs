using Microsoft.Extensions.Time.Testing;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Modules.Registry;

public class YearAndAssignmentTests
{
    private static readonly SchoolYear Year = new("2026–2027", new(2026, 9, 5), new(2027, 5, 31), [1, 2, 3, 4, 5]);
    private static readonly Scope School = Scope.School(Guid.Parse("01900000-0000-7000-8000-000000000b01"));
    private static readonly Guid Lan = Guid.Parse("01900000-0000-7000-8000-000000000c01");
    private static readonly Guid Mai = Guid.Parse("01900000-0000-7000-8000-000000000c02");

    private readonly KernelStore store = new(Side.Central, new FakeTimeProvider(new DateTimeOffset(2026, 9, 7, 0, 0, 0, TimeSpan.Zero)));
    private readonly Guid class5A;

    public YearAndAssignmentTests()
    {
        var (id, schoolClass) = Compose.Class(store.Catalogue, School, new("5A", 5, Year.Name, [Slot.Morning]));
        class5A = id;
        store.Seed(
        [
            Compose.Year(store.Catalogue, Year),
            schoolClass,
            store.Catalogue.Create(School, Lan, new Staff("Nguyễn Thị Lan", "Giáo viên")),
            store.Catalogue.Create(School, Mai, new Staff("Lê Thị Mai", "Giáo viên")),
            store.Catalogue.Create(School, Lan, new Account("lannt", "", Roles.Teacher)),
            store.Catalogue.Create(School, Mai, new Account("mailt", "", Roles.HomeroomTeacher)),
        ]);
    }

    [Theory]
    [InlineData("2027-2028", "2027-09-05", "2028-05-31", null)]
    [InlineData("2027 — 2028", "2027-06-01", "2028-05-31", null)]
    [InlineData("2026-2027", "2027-09-05", "2028-05-31", "year_exists")]
    [InlineData("2027-2028", "2027-05-31", "2028-05-30", "year_overlaps")]
    [InlineData("2027-2029", "2027-09-05", "2028-05-31", "year_name")]
    [InlineData("Năm nay", "2027-09-05", "2028-05-31", "year_name")]
    [InlineData("2027-2028", "2028-05-31", "2027-09-05", "year_days")]
    [InlineData("2027-2028", "2027-09-05", "2032-05-31", "year_days")]
    public void A_year_is_named_by_its_two_years_and_meets_no_other(string name, string from, string to, string? reason)
    {
        var culture = System.Globalization.CultureInfo.InvariantCulture;
        var added = AddYear.Decide(store.Catalogue, store, new(name, DateOnly.Parse(from, culture), DateOnly.Parse(to, culture), [1]));
        Assert.Equal(reason, added.Reply.Ok ? null : added.Reply.Error.Reason);
        store.Seed(added.Drafts);
        Assert.Equal(reason is null, store.All<SchoolYear>(Scope.City).Any(y => y.Value.Name == "2027–2028"));
    }

    [Fact]
    public void A_year_s_days_change_and_its_name_stays()
    {
        var id = store.All<SchoolYear>(Scope.City).Single().Id;
        Assert.Equal("year_weekdays", AddYear.Change(store.Catalogue, store, id, Year with { Weekdays = [] }).Reply.Error.Reason);
        store.Seed(AddYear.Change(store.Catalogue, store, id, Year with { Name = "x", To = new(2027, 6, 15) }).Drafts);
        Assert.Equal(new DateOnly(2027, 6, 15), store.Get<SchoolYear>(Scope.City, id)!.Value.To);
        Assert.Equal(Year.Name, store.Get<SchoolYear>(Scope.City, id)!.Value.Name);
    }

    [Fact]
    public void A_year_made_by_mistake_is_taken_away_unless_something_lies_in_it()
    {
        var used = store.All<SchoolYear>(Scope.City).Single().Id;
        store.Seed([store.Catalogue.Create(Scope.City, School.Owner,
            new Unit(UnitKind.School, "74718401", "Trường Tiểu học Mẫu", "TH", null, new(2025, 7, 1), null, SampleCode: true))]);
        var refused = AddYear.Remove(store.Catalogue, store, used).Reply.Error;
        Assert.Equal("year_has_classes", refused.Reason);
        Assert.Contains("Trường Tiểu học Mẫu", refused.Message.Vietnamese, StringComparison.Ordinal);

        var next = new SchoolYear("2027–2028", new(2027, 9, 5), new(2028, 5, 31), [1]);
        var added = AddYear.Decide(store.Catalogue, store, next);
        var tet = new DateOnly(2028, 1, 26);
        store.Seed([.. added.Drafts, Compose.Day(store.Catalogue, Scope.City, new(tet, DayKind.Closed, "Tết"))]);
        Assert.Equal("year_has_days", AddYear.Remove(store.Catalogue, store, added.Reply.Value).Reply.Error.Reason);
        store.Seed(EditDay.Remove(store.Catalogue, store, Scope.City, tet).Drafts);
        store.Seed(AddYear.Remove(store.Catalogue, store, added.Reply.Value).Drafts);
        Assert.Equal(used, store.All<SchoolYear>(Scope.City).Single().Id);
        store.Seed(AddYear.Decide(store.Catalogue, store, next).Drafts);
        Assert.Equal(2, store.All<SchoolYear>(Scope.City).Count);
    }

    [Theory]
    [InlineData("2026-11-20", null)]
    [InlineData("2027-05-31", null)]
    [InlineData("2026-09-04", "calendar_outside")]
    [InlineData("2020-01-01", "calendar_outside")]
    [InlineData("2027-06-01", "calendar_outside")]
    public void A_day_of_the_calendar_lies_in_the_year_and_is_not_recorded_over(string date, string? reason)
    {
        var day = new CalendarDay(DateOnly.ParseExact(date, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture), DayKind.Closed, "x");
        Decision<DateOnly> Add(CalendarDay d) => EditDay.Add(store.Catalogue, store, School, d, new(2026, 11, 23));
        var added = Add(day);
        Assert.Equal(reason, added.Reply.Ok ? null : added.Reply.Error.Reason);
        if (reason is null)
        {
            store.Seed(added.Drafts);
            Assert.Empty(Add(day).Drafts);
            var again = Add(day with { Note = "y" }).Reply.Error;
            Assert.Equal("calendar_day_taken", again.Reason);
            Assert.Contains("“x”", again.Message.Vietnamese, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_class_has_one_homeroom_teacher_on_a_day_and_any_number_of_others()
    {
        var lan = Begin(Lan, Year.From, null, homeroom: true);
        Assert.Equal("homeroom_taken", Refused(Mai, Year.From.AddDays(30), null, homeroom: true));
        Begin(Mai, Year.From, null, homeroom: false);
        Assert.Equal("assigned_already", Refused(Mai, Year.From.AddDays(30), null, homeroom: false));
        store.Seed(Assign.End(store.Catalogue, store, School, lan, Year.From.AddDays(29)).Drafts);
        Assert.False(store.View<TeacherClasses>(School, Lan)!.Teaches(class5A, Year.From.AddDays(30)));
        Assert.Equal("assigned_already", Refused(Mai, Year.From.AddDays(30), null, homeroom: true));
        Begin(Lan, Year.From.AddDays(60), Year.To, homeroom: true);
        Assert.True(store.View<TeacherClasses>(School, Lan)!.Teaches(class5A, Year.To));
    }

    [Fact]
    public void Work_entered_by_mistake_never_was_and_can_be_entered_again()
    {
        var id = Begin(Lan, Year.From, null, homeroom: true);
        store.Seed(Assign.End(store.Catalogue, store, School, id, Year.From.AddDays(-40)).Drafts);
        Assert.False(store.View<TeacherClasses>(School, Lan)!.Teaches(class5A, Year.From));
        Begin(Mai, Year.From, Year.From.AddDays(9), homeroom: true);
        Assert.Equal("homeroom_taken", Refused(Lan, Year.From, null, homeroom: true));
        Assert.Equal(id, Begin(Lan, Year.From, null, homeroom: false));
        Assert.True(store.View<TeacherClasses>(School, Lan)!.Teaches(class5A, Year.From));
    }

    [Fact]
    public void What_was_ended_is_not_made_longer_and_days_outside_the_year_are_refused()
    {
        var id = Begin(Lan, Year.From, Year.From.AddDays(9), homeroom: true);
        Assert.Empty(Assign.End(store.Catalogue, store, School, id, Year.To).Drafts);
        Assert.Equal("assign_days", Refused(Mai, Year.From.AddDays(-1), null, homeroom: false));
        Assert.Equal("assign_days", Refused(Mai, Year.From, Year.From.AddDays(-1), homeroom: false));
        Assert.Equal("assign_whom", Refused(Guid.Empty, Year.From, null, homeroom: false));
        store.Seed([store.Catalogue.Create(School, Mai, new Account("mailt", "", Roles.Office))]);
        Assert.Equal("assign_whom", Refused(Mai, Year.From, null, homeroom: false));
    }

    [Fact]
    public void A_teacher_has_a_class_for_each_subject_that_the_school_teaches()
    {
        store.Seed([store.Catalogue.Create(Scope.City, School.Owner, new Unit(UnitKind.School, "74718401", "Trường Mẫu", "TH", null, new(2025, 7, 1), null))]);
        var all = Begin(Lan, Year.From, null, homeroom: true);
        var maths = Begin(Lan, Year.From, null, homeroom: false, "01");
        Assert.NotEqual(all, maths);
        Assert.Equal("assigned_already", Refused(Lan, Year.From.AddDays(1), null, homeroom: false, "01"));
        Assert.Equal("assign_subject", Refused(Lan, Year.From, null, homeroom: false, "19"));
        store.Seed(Assign.End(store.Catalogue, store, School, all, Year.From.AddDays(-1)).Drafts);
        Assert.True(store.View<TeacherClasses>(School, Lan)!.Teaches(class5A, Year.From));
        Assert.False(store.View<TeacherClasses>(School, Lan)!.IsHomeroomOf(class5A, Year.From));
    }

    private Guid Begin(Guid staff, DateOnly from, DateOnly? to, bool homeroom, string? subject = null)
    {
        var decision = Assign.Begin(store.Catalogue, store, School, new(staff, class5A, from, to, homeroom, subject));
        store.Seed(decision.Drafts);
        return decision.Reply.Value;
    }

    private string Refused(Guid staff, DateOnly from, DateOnly? to, bool homeroom, string? subject = null) =>
        Assign.Begin(store.Catalogue, store, School, new(staff, class5A, from, to, homeroom, subject)).Reply.Error.Reason;
}
