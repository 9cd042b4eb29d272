using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <param name="Typed">What the form shows: a proposal, or what was refused.</param>
public sealed record YearListModel(IReadOnlyList<Row<SchoolYear>> Years, SchoolYear Typed, Error? Refused = null);

/// <summary>The city's school years: every calendar, class and import stands on one.</summary>
internal sealed class YearPages(IRecordStore store, Catalogue catalogue, TimeProvider clock)
{
    internal static readonly IReadOnlyList<string> Weekdays = ["Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật"];

    public async Task<IResult> List(CancellationToken cancel) => Show(await Load(null, cancel));

    public Task<IResult> Add(HttpContext http, CancellationToken cancel) =>
        Save(http, (records, typed) => AddYear.Decide(catalogue, records, typed), cancel);

    public Task<IResult> Change(HttpContext http, Guid id, CancellationToken cancel) =>
        Save(http, (records, typed) => AddYear.Change(catalogue, records, id, typed), cancel);

    private async Task<IResult> Save(HttpContext http, Func<IRecords, SchoolYear, Decision<Guid>> decide, CancellationToken cancel)
    {
        var form = http.Request.Form;
        var typed = new SchoolYear(
            form["ten"].ToString(), FormText.Day(form["tu"]) ?? default, FormText.Day(form["den"]) ?? default,
            [.. form["thu"].Select(t => int.TryParse(t, NumberStyles.None, CultureInfo.InvariantCulture, out var day) ? day : 0)
                .Where(d => d is >= 1 and <= 7).Distinct().Order()]);
        var result = await store.Decide(http.Actor(), records => decide(records, typed), cancel);
        return result.Ok ? Results.LocalRedirect("/nam-hoc") : Show(await Load(typed, cancel) with { Refused = result.Error });
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
