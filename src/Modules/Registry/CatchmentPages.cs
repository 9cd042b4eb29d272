using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <param name="Borders">The day by whose borders wards are named.</param>
public sealed record CatchmentModel(string Level, DateOnly On, Borders By, DateOnly Borders, CatchmentMap Map);

/// <summary>Catchments (địa bàn tuyển sinh): the map of a level, and what is begun and ended on a unit's own page.</summary>
internal sealed class CatchmentPages(IRecordStore store, Catalogue catalogue, TimeProvider clock, UnitPages units)
{
    public const string Path = "/don-vi/dia-ban";

    public static IReadOnlyList<string> Levels { get; } = ["MN", "TH", "THCS"];

    public async Task<IResult> Map(DateOnly? ngay, Borders? diagioi, string? cap, CancellationToken cancel)
    {
        var (on, by) = (ngay ?? clock.Today(), diagioi ?? Borders.Then);
        var (level, borders) = (Levels.FirstOrDefault(l => l == cap) ?? Levels[1], by.DayOf(on, clock));
        var map = await store.Read(
            records => CatchmentMap.Of(Units.Load(records), records.All<Catchment>(Scope.City).Select(c => c.Value), level, on, borders), cancel);
        return new RazorComponentResult<CatchmentPage>(new { Model = new CatchmentModel(level, on, by, borders, map) });
    }

    public Task<IResult> Begin(HttpContext http, Guid id, CancellationToken cancel)
    {
        var form = http.Request.Form;
        return Do(http, id, records => FormText.Day(form["tu"]) is { } from
            ? SetCatchment.Begin(
                catalogue, records, new(id, FormText.Id(form["phuong"]) ?? Guid.Empty, form["khu-pho"].ToString().Trim(), from, FormText.Day(form["den"])))
            : FormText.NoDay, new(FormText.Id(form["phuong"]) ?? Guid.Empty, form["khu-pho"].ToString(), form["tu"].ToString()), cancel);
    }

    public Task<IResult> End(HttpContext http, Guid id, CancellationToken cancel)
    {
        var form = http.Request.Form;
        var (never, last) = (form["bo"] == "1", FormText.Day(form["den"]));
        return Do(http, id, records => never || last is not null
            ? SetCatchment.End(catalogue, records, id, FormText.Id(form["ma"]) ?? Guid.Empty, never ? null : last)
            : FormText.NoDay, null, cancel);
    }

    private async Task<IResult> Do(HttpContext http, Guid id, Func<IRecords, Decision<Guid>> decide, CatchmentTyped? typed, CancellationToken cancel)
    {
        var done = await store.Decide(http.Actor(), decide, cancel);
        return done.Ok ? Results.LocalRedirect($"/don-vi/{id}?ghi=1#dia-ban") : await units.One(id, cancel, refused: done.Error, typed: typed);
    }
}
