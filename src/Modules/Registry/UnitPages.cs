using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>A unit with the wards that it may lie in: one, or several where its old ward was split and nobody has said yet.</summary>
public sealed record UnitLine(Guid Id, Unit Unit, IReadOnlyList<string> Wards);

/// <param name="Borders">The day by whose borders units lie in wards.</param>
/// <param name="Ward">A ward's id, or <see cref="UnitPages.UnknownWard"/>; empty for all.</param>
public sealed record UnitListModel(DateOnly On, Borders By, DateOnly Borders, string Ward, string Search, IReadOnlyList<Row<Unit>> Wards,
    IReadOnlyList<UnitLine> Lines, int? Written);

/// <summary>Where a unit lay from a day on.</summary>
public sealed record WardStay(DateOnly From, IReadOnlyList<string> Wards);

/// <param name="Wards">To choose from, those that the unit may lie in first.</param>
/// <param name="First">The day that the form proposes.</param>
public sealed record UnitModel(
    Row<Unit> Unit, IReadOnlyList<WardStay> Stays, IReadOnlyList<Row<Unit>> Wards, DateOnly First, IReadOnlyList<CatchmentLine> Catchments, DateOnly Today,
    Guid? Chosen = null, Error? Refused = null, bool Saved = false, CatchmentTyped? Typed = null);

/// <summary>What was refused, as it was typed.</summary>
public sealed record CatchmentTyped(Guid Ward, string Part, string From);

/// <param name="Token">Names the kept upload; null before there is one.</param>
public sealed record UnitImportModel(DateOnly AsOf, bool SampleCodes, UnitPlan? Plan, string? Token, Error? Refused);

/// <summary>The department's list of units as of a day, and their import.</summary>
internal sealed class UnitPages(IRecordStore store, Catalogue catalogue, TimeProvider clock, UploadStore<UnitFile> uploads)
{
    public const int UploadBytesMax = 3 * 1024 * 1024;
    internal const string UnknownWard = "chua-xac-dinh";
    private const int FileBytesMax = 2 * 1024 * 1024;

    public async Task<IResult> List(DateOnly? ngay, Borders? diagioi, string? phuong, string? tim, int? ghi, CancellationToken cancel)
    {
        var (on, by) = (ngay ?? clock.Today(), diagioi ?? Borders.Then);
        var model = await store.Read(records => Find(Units.Load(records), on, by.DayOf(on, clock), phuong ?? "", tim ?? ""), cancel);
        return new RazorComponentResult<UnitListPage>(new { Model = model with { By = by, Written = ghi } });
    }

    public async Task<IResult> One(Guid id, CancellationToken cancel, bool saved = false, Error? refused = null, CatchmentTyped? typed = null) =>
        (await store.Read(records => Load(records, id), cancel)).Match(
            model => ShowUnit(model with { Refused = refused, Saved = saved, Typed = typed }), Refusal.ToResult);

    public async Task<IResult> Place(HttpContext http, Guid id, CancellationToken cancel)
    {
        var form = http.Request.Form;
        var (ward, day) = (FormText.Id(form["phuong"]) ?? Guid.Empty, FormText.Day(form["tu"]));
        var placed = await store.Decide(
            http.Actor(), records => day is { } from ? PlaceUnit.Decide(catalogue, records, id, ward, from) : FormText.NoDay, cancel);
        return placed.Ok
            ? Results.LocalRedirect($"/don-vi/{id}?ghi=1")
            : (await store.Read(records => Load(records, id), cancel)).Match(
                model => ShowUnit(model with { First = day ?? model.First, Chosen = ward, Refused = placed.Error }), Refusal.ToResult);
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
        await using var sent = upload.OpenReadStream();
        if (SheetFile.CsvText(sent) is not { } csv)
        {
            return Show(model with { Refused = Error.Invalid(
                "units_csv", "Tệp này không phải CSV mã UTF-8, dù tên là gì. Hãy mở bằng Excel, lưu loại “CSV UTF-8” rồi chọn lại.") });
        }
        var file = new UnitFile(csv, asOf, model.SampleCodes);
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

    internal static UnitListModel Find(Units units, DateOnly on, DateOnly borders, string ward, string search)
    {
        var folded = VietnameseText.Fold(search);
        var lines = units.ValidOn(on)
            .Where(u => u.Value.Kind is UnitKind.School or UnitKind.IndependentGroup)
            .Where(u => folded is [] || VietnameseText.Contains(u.Value.Name, folded)
                || u.Value.Code.StartsWith(folded, StringComparison.OrdinalIgnoreCase))
            .Select(u => (Unit: u, Wards: units.WardsOn(u.Value, borders)))
            .Where(u => ward is [] || (u.Wards is [var one] ? FormText.Id(ward) == one.Id : ward == UnknownWard))
            .OrderBy(u => u.Unit.Value.Level, StringComparer.Ordinal).ThenBy(u => u.Unit.Value.Code, StringComparer.Ordinal)
            .Select(u => new UnitLine(u.Unit.Id, u.Unit.Value, [.. u.Wards.Select(w => w.Value.Name)]));
        return new(on, default, borders, ward, search, units.WardsOf(borders), [.. lines], null);
    }

    private Result<UnitModel> Load(IRecords records, Guid id)
    {
        var units = Units.Load(records);
        if (units.All.FirstOrDefault(u => u.Id == id) is not { Value: { Kind: UnitKind.School or UnitKind.IndependentGroup } unit } row)
        {
            return PlaceUnit.NoUnit;
        }
        var today = clock.Today();
        var days = units.Successions.Select(s => s.Value.On).Concat((unit.Earlier ?? []).Select(e => e.To.AddDays(1)))
            .Where(d => d > unit.ValidFrom && (unit.ValidTo is null || d <= unit.ValidTo)).Append(unit.ValidFrom).Distinct().Order();
        var stays = new List<WardStay>();
        foreach (var stay in days.Select(d => new WardStay(d, [.. units.WardsOn(unit, d).Select(w => w.Value.Name)])))
        {
            if (stays is [] || !stays[^1].Wards.SequenceEqual(stay.Wards))
            {
                stays.Add(stay);
            }
        }
        var first = units.WardOn(unit, today) is null ? stays[^1].From : today;
        var perhaps = units.WardsOn(unit, today).Select(w => w.Id).ToHashSet();
        var catchments = records.AllAt<Catchment>(Scope.City, $"{id:n}").Where(c => !Period.Of(c.Value).IsEmpty).OrderBy(c => c.Value.From)
            .Select(c => new CatchmentLine(c.Id, c.Value, [.. units.On(c.Value.Ward, today).Select(w => w.Value.Name)]));
        return new UnitModel(row, stays, [.. units.WardsOf(today).OrderBy(w => perhaps.Contains(w.Id) ? 0 : 1)], first, [.. catchments], today);
    }

    private static IResult ShowUnit(UnitModel model) => new RazorComponentResult<UnitPage>(new { Model = model })
    {
        StatusCode = model.Refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(model.Refused.Code),
    };

    private static RazorComponentResult<UnitImportPage> Show(UnitImportModel model) => new(new { Model = model })
    {
        StatusCode = model.Refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(model.Refused.Code),
    };
}
