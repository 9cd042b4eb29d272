using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>The classes of a school with their pupils; at Central for the school that was chosen.</summary>
internal sealed class PupilPages(IRecordStore store, Catalogue catalogue, Seals seals, TimeProvider clock, ReadVolume reads)
{
    internal const Roles Readers = Roles.Teacher | Roles.HomeroomTeacher | Roles.Office | Roles.Head | Roles.DepartmentOfficer;
    internal const Roles Writers = Roles.Office | Roles.Head | Roles.DepartmentOfficer;

    public async Task<IResult> List(HttpContext http, Guid? truong, Guid? lop, int? ghi, CancellationToken cancel)
    {
        var actor = http.Actor();
        var model = await store.Read(records => PupilListModel.Load(records, actor, truong, lop, clock.Today()), cancel);
        if (!model.Ok)
        {
            return model.Error.ToResult();
        }
        if (lop is not null)
        {
            await reads.Write(new("read_pupils", actor.Id, lop.Value.ToString("n"), ""), model.Value.Pupils?.Count ?? 0, sensitive: false, cancel);
        }
        return Show(model.Value with { Written = ghi });
    }

    public Task<IResult> AddPupil(HttpContext http, CancellationToken cancel)
    {
        var form = http.Request.Form;
        var lop = FormText.Id(form["lop"]);
        var typed = PupilForm.Read(form);
        return Save(
            http, lop, (records, school) => FormText.Day(typed.From) is { } from
                ? Registry.AddPupil.Decide(
                    catalogue, seals, records, school, lop ?? Guid.Empty, from, name => Registry.AddPupil.Read(name, typed, clock.Today()), clock)
                : FormText.NoDay,
            error => new(error, Pupil: typed), "&ghi=1", cancel);
    }

    public Task<IResult> AddClass(HttpContext http, CancellationToken cancel)
    {
        var form = http.Request.Form;
        var typed = new ClassForm(form["ten"].ToString(), form["khoi"].ToString(),
            [.. form["buoi"].Select(b => b switch { "chieu" => Slot.Afternoon, "an" => Slot.Meal, _ => Slot.Morning }).Distinct().Order()]);
        return Save(http, null, (records, school) => EditClass.Add(catalogue, records, school, typed, clock.Today(), clock),
            error => new(error, NewClass: typed), "", cancel);
    }

    public Task<IResult> RenameClass(HttpContext http, Guid id, CancellationToken cancel)
    {
        var form = http.Request.Form;
        var typed = new ClassForm(form["ten"].ToString(), form["khoi"].ToString(), []);
        return Save(http, id, (records, school) => EditClass.Rename(catalogue, records, school, id, typed),
            error => new(error, Rename: typed), "", cancel);
    }

    public async Task<IResult> RemoveClass(HttpContext http, Guid id, CancellationToken cancel)
    {
        var (actor, truong) = (http.Actor(), FormText.Id(http.Request.Form["truong"]));
        var removed = await Decide(actor, truong, (records, school) => EditClass.Remove(catalogue, records, school, id), cancel);
        return removed.Ok ? Results.LocalRedirect($"/hoc-sinh?truong={truong}") : await Refuse(actor, truong, id, new(removed.Error), cancel);
    }

    /// <summary>Goes on to the class that was written to, or shows the page again with what was typed.</summary>
    private async Task<IResult> Save(
        HttpContext http, Guid? lop, Func<IRecords, Scope, Decision<Guid>> decide, Func<Error, RefusedForms> refused, string query,
        CancellationToken cancel)
    {
        var (actor, truong) = (http.Actor(), FormText.Id(http.Request.Form["truong"]));
        var saved = await Decide(actor, truong, decide, cancel);
        return saved.Ok
            ? Results.LocalRedirect($"/hoc-sinh?lop={saved.Value}&truong={truong}{query}")
            : await Refuse(actor, truong, lop, refused(saved.Error), cancel);
    }

    private Task<Result<Guid>> Decide(Actor actor, Guid? truong, Func<IRecords, Scope, Decision<Guid>> decide, CancellationToken cancel) =>
        store.Decide(actor, records =>
        {
            var school = SchoolScope.Existing(records, actor, truong);
            return school.Ok ? decide(records, school.Value) : school.Error;
        }, cancel);

    private async Task<IResult> Refuse(Actor actor, Guid? truong, Guid? lop, RefusedForms refused, CancellationToken cancel)
    {
        var model = await store.Read(records => PupilListModel.Load(records, actor, truong, lop, clock.Today()), cancel);
        return model.Match(m => Show(m with { Refused = refused }), Refusal.ToResult);
    }

    private static IResult Show(PupilListModel model) => new RazorComponentResult<PupilListPage>(new { Model = model })
    {
        StatusCode = model.Refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(model.Refused.Error.Code),
    };
}
