using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <param name="Skipped">Rows of the file that hold no pupil.</param>
/// <param name="Token">Names the kept upload; null before there is one.</param>
public sealed record PupilImportModel(
    IReadOnlyList<Row<Unit>> Schools, Guid? School, DateOnly From, PupilPlan? Plan = null, IReadOnlyList<int>? Skipped = null,
    string? Token = null, Error? Refused = null);

/// <summary>
/// The import of a school's pupils. The dry run is a page of its own, planned from the kept upload whenever it is opened, so that the
/// browser's Back and Reload find it again.
/// </summary>
internal sealed class PupilImportPages(IRecordStore store, Catalogue catalogue, Seals seals, TimeProvider clock, UploadStore<PupilFile> uploads)
{
    internal const string Path = "/hoc-sinh/nhap";

    public async Task<IResult> Page(HttpContext http, Guid? truong, string? phieu, CancellationToken cancel)
    {
        var actor = http.Actor();
        if (phieu is null)
        {
            return Show(await Form(actor, truong, cancel));
        }
        if (uploads.Find(actor.Id, phieu) is not { } file)
        {
            return Show(await Form(actor, truong, cancel) with { Refused = Uploads.Expired });
        }
        var model = await Form(actor, file.School.Owner, cancel) with { From = file.From };
        var plan = await store.Read(records => ImportPupils.Plan(catalogue, seals, records, file, clock), cancel);
        return plan.Ok
            ? Show(model with { Plan = plan.Value, Skipped = file.Sheet.Skipped, Token = phieu })
            : Show(model with { Refused = plan.Error });
    }

    public async Task<IResult> DryRun(HttpContext http, CancellationToken cancel)
    {
        var (actor, form) = (http.Actor(), http.Request.Form);
        var model = await Form(actor, FormText.Id(form["truong"]), cancel);
        model = model with { From = FormText.Day(form["ngay"]) ?? model.From };
        if (SchoolScope.Chosen(actor, model.School) is not { } school || form.Files["tep"] is not { Length: > 0 } upload)
        {
            return Show(model with { Refused = Error.Invalid("import_incomplete", "Hãy chọn trường và tệp Excel (.xlsx) rồi gửi lại.") });
        }
        using var stream = upload.OpenReadStream();
        var sheet = PupilSheet.Read(stream, clock.Today());
        if (!sheet.Ok)
        {
            return Show(model with { Refused = sheet.Error });
        }
        var file = new PupilFile(school, sheet.Value, model.From);
        var plan = await store.Read(records => ImportPupils.Plan(catalogue, seals, records, file, clock), cancel);
        return plan.Ok
            ? Results.LocalRedirect($"{Path}?phieu={uploads.Keep(actor.Id, file)}")
            : Show(model with { Refused = plan.Error });
    }

    public async Task<IResult> Apply(HttpContext http, CancellationToken cancel)
    {
        var actor = http.Actor();
        var token = http.Request.Form["phieu"].ToString();
        if (uploads.Find(actor.Id, token) is not { } file)
        {
            return Show(await Form(actor, null, cancel) with { Refused = Uploads.Expired });
        }
        var written = await ImportPupils.Apply(store, catalogue, seals, actor, file, clock, cancel);
        if (!written.Ok)
        {
            return Show(await Form(actor, file.School.Owner, cancel) with { Refused = written.Error });
        }
        uploads.Drop(token);
        return Results.LocalRedirect($"/hoc-sinh?truong={file.School.Owner}&ghi={written.Value}");
    }

    private async Task<PupilImportModel> Form(Actor actor, Guid? chosen, CancellationToken cancel)
    {
        var school = SchoolScope.Chosen(actor, chosen)?.Owner;
        return await store.Read(records => new PupilImportModel(SchoolScope.Choices(records, actor, clock.Today()), school, clock.Today()), cancel);
    }

    private static IResult Show(PupilImportModel model) => new RazorComponentResult<PupilImportPage>(new { Model = model })
    {
        StatusCode = model.Refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(model.Refused.Code),
    };
}
