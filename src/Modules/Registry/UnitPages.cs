using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>A unit with the wards that it lies in on the day of the list; several where its old ward was split.</summary>
public sealed record UnitLine(Unit Unit, IReadOnlyList<string> Wards);

public sealed record UnitListModel(DateOnly On, Guid? Ward, string Search, IReadOnlyList<Row<Unit>> Wards,
    IReadOnlyList<UnitLine> Lines, int? Written);

/// <param name="Token">Names the kept upload; null before there is one.</param>
public sealed record UnitImportModel(DateOnly AsOf, bool SampleCodes, UnitPlan? Plan, string? Token, Error? Refused);

/// <summary>The department's list of units as of a day, and their import.</summary>
internal sealed class UnitPages(IRecordStore store, Catalogue catalogue, TimeProvider clock, UploadStore<UnitFile> uploads)
{
    public const int UploadBytesMax = 3 * 1024 * 1024;
    private const int FileBytesMax = 2 * 1024 * 1024;

    public async Task<IResult> List(DateOnly? ngay, Guid? phuong, string? tim, int? ghi, CancellationToken cancel)
    {
        var on = ngay ?? clock.Today();
        var model = await store.Read(records => Find(Units.Load(records), on, phuong, tim ?? ""), cancel);
        return new RazorComponentResult<UnitListPage>(new { Model = model with { Written = ghi } });
    }

    /// <summary>The dry run is planned from the kept upload whenever it is opened, so that Back and Reload find it again.</summary>
    public async Task<IResult> ImportPage(HttpContext http, string? phieu, CancellationToken cancel)
    {
        var empty = new UnitImportModel(clock.Today(), false, null, null, null);
        if (phieu is null)
        {
            return Show(empty);
        }
        if (uploads.Find(http.Actor().Id, phieu) is not { } file)
        {
            return Show(empty with { Refused = Uploads.Expired });
        }
        var plan = await store.Read(records => ImportUnits.Plan(catalogue, records, file), cancel);
        return Show(plan.Ok
            ? new(file.AsOf, file.SampleCodes, plan.Value, phieu, null)
            : new(file.AsOf, file.SampleCodes, null, null, plan.Error));
    }

    public async Task<IResult> DryRun(HttpContext http, CancellationToken cancel)
    {
        var form = http.Request.Form;
        var asOf = DateOnly.TryParse(form["ngay"], System.Globalization.CultureInfo.InvariantCulture, out var day) ? day : clock.Today();
        var model = new UnitImportModel(asOf, form["mau"] == "1", null, null, null);
        if (form.Files["tep"] is not { Length: > 0 and <= FileBytesMax } upload)
        {
            return Show(model with { Refused = Error.Invalid(
                "units_file", "Chưa có tệp hoặc tệp lớn hơn 2 MB. Hãy chọn tệp CSV rồi gửi lại.") });
        }
        using var reader = new StreamReader(upload.OpenReadStream(), Encoding.UTF8);
        var file = new UnitFile(await reader.ReadToEndAsync(cancel), asOf, model.SampleCodes);
        var plan = await store.Read(records => ImportUnits.Plan(catalogue, records, file), cancel);
        return plan.Ok
            ? Results.LocalRedirect($"/don-vi/nhap?phieu={uploads.Keep(http.Actor().Id, file)}")
            : Show(model with { Refused = plan.Error });
    }

    public async Task<IResult> Apply(HttpContext http, CancellationToken cancel)
    {
        var token = http.Request.Form["phieu"].ToString();
        if (uploads.Find(http.Actor().Id, token) is not { } file)
        {
            return Show(new(clock.Today(), false, null, null, Uploads.Expired));
        }
        var written = await ImportUnits.Apply(store, catalogue, http.Actor(), file, cancel);
        if (!written.Ok)
        {
            return Show(new(file.AsOf, file.SampleCodes, null, null, written.Error));
        }
        uploads.Drop(token);
        return Results.LocalRedirect($"/don-vi?ngay={file.AsOf.Iso()}&ghi={written.Value}");
    }

    internal static UnitListModel Find(Units units, DateOnly on, Guid? ward, string search)
    {
        var folded = VietnameseText.Fold(search);
        var lines = units.ValidOn(on)
            .Where(u => u.Value.Kind is UnitKind.School or UnitKind.IndependentGroup)
            .Where(u => folded is [] || VietnameseText.Contains(u.Value.Name, folded)
                || u.Value.Code.StartsWith(folded, StringComparison.OrdinalIgnoreCase))
            .Select(u => (Unit: u.Value, Wards: u.Value.Ward is { } id ? units.On(id, on) : []))
            .Where(u => ward is null || u.Wards.Any(w => w.Id == ward))
            .OrderBy(u => u.Unit.Level, StringComparer.Ordinal).ThenBy(u => u.Unit.Code, StringComparer.Ordinal)
            .Select(u => new UnitLine(u.Unit, [.. u.Wards.Select(w => w.Value.Name)]));
        var wards = units.ValidOn(on).Where(u => u.Value.Kind == UnitKind.Ward).OrderBy(u => u.Value.Name, VietnameseText.ByText);
        return new(on, ward, search, [.. wards], [.. lines], null);
    }

    private static RazorComponentResult<UnitImportPage> Show(UnitImportModel model) => new(new { Model = model })
    {
        StatusCode = model.Refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(model.Refused.Code),
    };
}
