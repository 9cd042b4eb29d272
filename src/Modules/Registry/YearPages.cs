using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <param name="Typed">What the form shows: a proposal, or what was refused.</param>
/// <param name="Saved">The name of the year that was just recorded.</param>
public sealed record YearListModel(IReadOnlyList<Row<SchoolYear>> Years, SchoolYear Typed, string? Saved = null, bool Removed = false, Error? Refused = null);

/// <summary>The city's school years: every calendar, class and import stands on one.</summary>
internal sealed class YearPages(IRecordStore store, Catalogue catalogue, TimeProvider clock)
{
    internal static readonly IReadOnlyList<string> Weekdays = ["Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật"];

    internal static IEnumerable<string> DaysOf(SchoolYear year) => year.Weekdays.Where(d => d is >= 1 and <= 7).Select(d => Weekdays[d - 1]);

    public async Task<IResult> List(Guid? ghi, bool removed, CancellationToken cancel)
    {
        var model = await Load(null, cancel);
        return Show(model with { Saved = model.Years.FirstOrDefault(y => y.Id == ghi)?.Value.Name, Removed = removed });
    }

    public Task<IResult> Add(HttpContext http, CancellationToken cancel) =>
        Save(http, (records, typed) => AddYear.Decide(catalogue, records, typed), cancel);

    public Task<IResult> Change(HttpContext http, Guid id, CancellationToken cancel) =>
        Save(http, (records, typed) => AddYear.Change(catalogue, records, id, typed), cancel);

    public async Task<IResult> Remove(HttpContext http, Guid id, CancellationToken cancel)
    {
        var result = await store.Decide(http.Actor(), records => AddYear.Remove(catalogue, records, id), cancel);
        return result.Ok ? Results.LocalRedirect("/nam-hoc?bo=1") : Show(await Load(null, cancel) with { Refused = result.Error });
    }

    private async Task<IResult> Save(HttpContext http, Func<IRecords, SchoolYear, Decision<Guid>> decide, CancellationToken cancel)
    {
        var form = http.Request.Form;
        var typed = new SchoolYear(
            form["ten"].ToString(), FormText.Day(form["tu"]) ?? default, FormText.Day(form["den"]) ?? default,
            [.. form["thu"].Select(t => int.TryParse(t, NumberStyles.None, CultureInfo.InvariantCulture, out var day) ? day : 0)
                .Where(d => d is >= 1 and <= 7).Distinct().Order()]);
        var result = await store.Decide(http.Actor(), records => decide(records, typed), cancel);
        return result.Ok ? Results.LocalRedirect($"/nam-hoc?ghi={result.Value}") : Show(await Load(typed, cancel) with { Refused = result.Error });
    }

    private async Task<YearListModel> Load(SchoolYear? typed, CancellationToken cancel)
    {
        var years = await store.Read(records => records.All<SchoolYear>(Scope.City), cancel);
        var (today, last) = (clock.Today(), years.MaxBy(y => y.Value.To)?.Value);
        var start = last?.To.Year ?? (today.Month >= 6 ? today.Year : today.Year - 1);
        return new(
            [.. years.OrderByDescending(y => y.Value.From)],
            typed ?? new($"{start}–{start + 1}", new(start, 9, 5), new(start + 1, 5, 31), last?.Weekdays ?? [1, 2, 3, 4, 5]));
    }

    private static RazorComponentResult<YearListPage> Show(YearListModel model) => new(new { Model = model })
    {
        StatusCode = model.Refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(model.Refused.Code),
    };
}
