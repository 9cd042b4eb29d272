using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>
/// Drafts of whole registry things with the ids that they must have: a natural key where there is one, so that composing twice
/// makes one record. What people type comes through pages and imports; this is for seeding and set-up.
/// </summary>
public static class Compose
{
    public static (Guid Id, Draft Draft) Unit(Catalogue catalogue, Unit unit)
    {
        var id = RegistryData.UnitId(unit.Kind, unit.Code, unit.ValidFrom);
        return (id, catalogue.Create(Scope.City, id, unit));
    }

    /// <summary>The product's wards of all times and their lineage.</summary>
    public static IReadOnlyList<Draft> Wards(Catalogue catalogue) => ImportUnits.WardDrafts(catalogue, new([], []));

    public static Draft Year(Catalogue catalogue, SchoolYear year) =>
        catalogue.Revive(Scope.City, RecordId.From(Scope.City, "registry.school_year", year.Name), year);

    public static Draft Day(Catalogue catalogue, Scope scope, CalendarDay day) => catalogue.Revive(scope, DayId(scope, day.Date), day);

    public static Guid DayId(Scope scope, DateOnly date) => RecordId.From(scope, "registry.calendar_day", date.Iso());

    /// <summary>A class is named once in a year: two computers that add "5A" add one class.</summary>
    public static (Guid Id, Draft Draft) Class(Catalogue catalogue, Scope school, SchoolClass schoolClass)
    {
        var id = RecordId.From(school, "registry.class", $"{schoolClass.Year}|{VietnameseText.Key(schoolClass.Name)}");
        return (id, catalogue.Revive(school, id, schoolClass));
    }

    public static IReadOnlyList<Draft> Pupil(Catalogue catalogue, Scope school, Guid id, Pupil pupil, Guid schoolClass, DateOnly from) =>
        [catalogue.Create(school, id, pupil), Enrolment(catalogue, school, new(id, schoolClass, from, null))];

    public static Draft Enrolment(Catalogue catalogue, Scope school, Enrolment enrolment) => catalogue.Create(
        school, RecordId.From(school, "registry.enrolment", $"{enrolment.Pupil:n}|{enrolment.Class:n}|{enrolment.From.Iso()}"), enrolment);

    /// <summary>A person with a sign-in; the scope is the school's, or the department's own.</summary>
    public static IReadOnlyList<Draft> Staff(
        Catalogue catalogue, Scope scope, Guid id, Staff staff, string userName, string password, Roles roles) =>
    [
        catalogue.Create(scope, id, staff),
        catalogue.Create(scope, id, new Account(VietnameseText.Fold(userName), PasswordHash.Of(password), roles)),
    ];

    public static Draft Assignment(Catalogue catalogue, Scope school, Assignment assignment) => catalogue.Create(
        school, RecordId.From(school, "registry.assignment", $"{assignment.Staff:n}|{assignment.Class:n}|{assignment.From.Iso()}"
            + (assignment.Subject is { } subject ? $"|{subject}" : "")),
            assignment);
}
