using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

public sealed record AssignmentLine(Guid Id, string Name, DateOnly From, DateOnly? To, bool Homeroom, bool Active, string? Subject);

public sealed record ClassTeachers(Row<SchoolClass> Class, IReadOnlyList<AssignmentLine> Teachers);

/// <param name="Staff">Whom the school can assign: people who teach and whose sign-in is not closed.</param>
/// <param name="School">The school chosen at Central; null on a box and before one was chosen.</param>
/// <param name="First">The day that the form proposes.</param>
/// <param name="Subjects">That the school teaches.</param>
public sealed record AssignmentModel(
    IReadOnlyList<Row<Unit>> Schools, Guid? School, string? Year, IReadOnlyList<ClassTeachers>? Classes, Guid? Class,
    IReadOnlyList<Row<Staff>> Staff, IReadOnlyList<Subject> Subjects, DateOnly Today, DateOnly First, Error? Refused = null);

/// <summary>Which teachers have which class: what lets a teacher take its attendance.</summary>
internal sealed class AssignmentPages(IRecordStore store, Catalogue catalogue, TimeProvider clock)
{
    internal const Roles Writers = Roles.Office | Roles.Head | Access.EveryDepartmentRole;

    public async Task<IResult> Page(HttpContext http, Guid? truong, Guid? lop, CancellationToken cancel) =>
        Show(await Load(http.Actor(), truong, lop, cancel));

    public Task<IResult> Begin(HttpContext http, CancellationToken cancel)
    {
        var form = http.Request.Form;
        var (staff, schoolClass) = (FormText.Id(form["canbo"]) ?? Guid.Empty, FormText.Id(form["lop"]) ?? Guid.Empty);
        return Save(http, (records, school) => FormText.Day(form["tu"]) is { } from
            ? Assign.Begin(catalogue, records, school, new(
                staff, schoolClass, from, FormText.Day(form["den"]), form["cn"] == "1", form["mon"] is [{ Length: > 0 } subject] ? subject : null))
            : FormText.NoDay, cancel);
    }

    public Task<IResult> End(HttpContext http, CancellationToken cancel)
    {
        var form = http.Request.Form;
        return Save(http, (records, school) => FormText.Day(form["ngay"]) is { } last
            ? Assign.End(catalogue, records, school, FormText.Id(form["ma"]) ?? Guid.Empty, last)
            : FormText.NoDay, cancel);
    }

    private async Task<IResult> Save(HttpContext http, Func<IRecords, Scope, Decision<Guid>> decide, CancellationToken cancel)
    {
        var (actor, form) = (http.Actor(), http.Request.Form);
        var (truong, lop) = (FormText.Id(form["truong"]), FormText.Id(form["lop"]));
        var saved = await store.Decide(actor, records =>
        {
            var school = SchoolScope.Existing(records, actor, truong);
            return school.Ok ? decide(records, school.Value) : school.Error;
        }, cancel);
        return saved.Ok
            ? Results.LocalRedirect($"/phan-cong?truong={truong}&lop={lop}")
            : Show(await Load(actor, truong, lop, cancel) with { Refused = saved.Error });
    }

    private Task<AssignmentModel> Load(Actor actor, Guid? chosen, Guid? lop, CancellationToken cancel) => store.Read(records =>
    {
        var today = clock.Today();
        var schools = SchoolScope.Choices(records, actor, today);
        if (SchoolScope.Chosen(actor, chosen) is not { } school)
        {
            return new AssignmentModel(schools, null, null, null, null, [], [], today, today);
        }
        var year = Calendar.Load(records, school).YearFor(today);
        var staff = records.All<Staff>(school).ToDictionary(s => s.Id);
        var teachers = records.All<Account>(school).Where(a => Assign.Teaches(a.Value)).Select(a => a.Id).ToHashSet();
        var assignments = records.All<Assignment>(school).Where(a => !Period.Of(a.Value).IsEmpty).ToLookup(a => a.Value.Class);
        var classes = (year is null ? [] : records.AllAt<SchoolClass>(school, year.Name))
            .OrderBy(c => c.Value, ClassOrder.Instance)
            .Select(c => new ClassTeachers(c,
            [
                .. assignments[c.Id].OrderByDescending(a => a.Value.Homeroom).ThenBy(a => a.Value.From).Select(a => new AssignmentLine(
                    a.Id, staff.GetValueOrDefault(a.Value.Staff)?.Value.FullName ?? "", a.Value.From, a.Value.To, a.Value.Homeroom,
                    a.Value.To is null || today <= a.Value.To, a.Value.Subject is { } subject ? Subjects.Find(subject)?.Name ?? subject : null)),
            ]));
        var first = year is null || (year.From <= today && today <= year.To) ? today : year.From;
        return new AssignmentModel(
            schools, chosen, year?.Name, [.. classes], lop,
            [.. staff.Values.Where(s => teachers.Contains(s.Id)).OrderBy(s => s.Value.FullName, VietnameseText.ByGivenName)],
            [.. Subjects.At(records.Get<Unit>(Scope.City, school.Owner)?.Value.Level)], today, first);
    }, cancel);

    private static RazorComponentResult<AssignmentPage> Show(AssignmentModel model) => new(new { Model = model })
    {
        StatusCode = model.Refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(model.Refused.Code),
    };
}
