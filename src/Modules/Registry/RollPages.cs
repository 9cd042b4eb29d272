using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <param name="Names">Of the pupils that are moved.</param>
public sealed record RollModel(
    IReadOnlyList<Row<Unit>> Schools, Guid? School, RollPlan? Plan = null, IReadOnlyDictionary<Guid, string>? Names = null, Error? Refused = null,
    bool Written = false, bool Undone = false)
{
    /// <summary>Names of those whom the undo left where somebody had put them since.</summary>
    public IReadOnlyList<string> Kept { get; init; } = [];
}

/// <summary>The step of a school into its next year: looked at, changed, taken, and taken back.</summary>
internal sealed class RollPages(IRecordStore store, Catalogue catalogue, TimeProvider clock, ReadVolume reads, IEnumerable<ClassWork> works)
{
    internal const string Path = "/len-lop";

    private static RollWish Nothing { get; } = new(new Dictionary<Guid, string>(), new HashSet<Guid>());

    public Task<IResult> Page(HttpContext http, Guid? truong, string? ghi, CancellationToken cancel) =>
        Show(http, truong, Nothing, null, ghi, cancel);

    public Task<IResult> Preview(HttpContext http, CancellationToken cancel) =>
        Show(http, FormText.Id(http.Request.Form["truong"]), Wish(http.Request.Form), null, null, cancel);

    public Task<IResult> Take(HttpContext http, CancellationToken cancel)
    {
        var wish = Wish(http.Request.Form);
        return Save(http, wish, (records, school) => RollYear.Decide(catalogue, records, school, wish, clock.Today(), http.Actor().Id, clock), "1", cancel);
    }

    public Task<IResult> Undo(HttpContext http, CancellationToken cancel)
    {
        var year = http.Request.Form["nam"].ToString();
        return Save(http, Nothing, (records, school) => RollYear.Undo(catalogue, records, school, year, works, http.Actor().Id, clock), "0", cancel);
    }

    private static RollWish Wish(IFormCollection form)
    {
        var names = new Dictionary<Guid, string>();
        foreach (var (old, name) in form["lop-cu"].Zip(form["lop-moi"]))
        {
            names[FormText.Id(old) ?? Guid.Empty] = VietnameseText.Normalise(name ?? "");
        }
        return new(names, form["giu"].Select(FormText.Id).OfType<Guid>().ToHashSet(), form["ban"].ToString());
    }

    private async Task<IResult> Save(
        HttpContext http, RollWish wish, Func<IRecords, Scope, Decision<Guid>> decide, string done, CancellationToken cancel)
    {
        var (actor, truong) = (http.Actor(), FormText.Id(http.Request.Form["truong"]));
        var saved = await store.Decide(actor, records =>
        {
            var school = SchoolScope.Existing(records, actor, truong);
            return school.Ok ? decide(records, school.Value) : school.Error;
        }, cancel);
        return saved.Ok ? Results.LocalRedirect($"{Path}?truong={truong}&ghi={done}") : await Show(http, truong, wish, saved.Error, null, cancel);
    }

    private async Task<IResult> Show(HttpContext http, Guid? chosen, RollWish wish, Error? refused, string? done, CancellationToken cancel)
    {
        var actor = http.Actor();
        var model = await store.Read(records =>
        {
            var empty = new RollModel(SchoolScope.Choices(records, actor, clock.Today()), chosen, Refused: refused, Written: done == "1", Undone: done == "0");
            if (SchoolScope.Chosen(actor, chosen) is not { } school)
            {
                return empty;
            }
            empty = empty with { Kept = empty.Undone ? NamesOfKept(records, school) : [] };
            return PlanRollOver.Load(records, school, wish, clock.Today()).Match(
                plan => empty with { Plan = plan, Names = plan.Standing is [] ? NamesOf(records, school, plan) : null },
                error => empty with { Refused = refused ?? error });
        }, cancel);
        if (actor.Scope == Scope.City && (model.Names?.Count ?? 0) + model.Kept.Count is > 0 and var names)
        {
            // Whoever sends this state of the lists back has been shown its names.
            var shown = model.Plan?.Seen == wish.Seen ? 0 : names;
            await reads.Write(new("read_pupils", actor.Id, $"{chosen:n}", ""), shown, sensitive: false, cancel);
        }
        return new RazorComponentResult<RollPage>(new { Model = model })
        {
            // That nobody waits to go up is what the page says, no failed request.
            StatusCode = refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(refused.Code),
        };
    }

    private static List<string> NamesOfKept(IRecords records, Scope school) =>
    [
        .. (records.All<RollOverUndone>(school).MaxBy(u => u.Version)?.Value.Kept ?? []).Select(p => records.Get<Pupil>(school, p)?.Value.FullName ?? "–")
            .Order(VietnameseText.ByGivenName),
    ];

    private static Dictionary<Guid, string> NamesOf(IRecords records, Scope school, RollPlan plan)
    {
        var moved = plan.Classes.SelectMany(c => c.Places).Select(p => p.Value.Pupil).ToHashSet();
        return records.All<Pupil>(school).Where(p => moved.Contains(p.Id)).ToDictionary(p => p.Id, p => p.Value.FullName);
    }
}

internal static class RollRoutes
{
    internal static void MapRollOver(this IEndpointRouteBuilder routes)
    {
        const string path = RollPages.Path;
        routes.MapGet(path, (HttpContext http, string? truong, string? ghi, RollPages pages, CancellationToken cancel) =>
            pages.Page(http, FormText.Id(truong), ghi, cancel)).RequireRoles(PupilPages.Writers);
        routes.MapPost(path, (HttpContext http, RollPages pages, CancellationToken cancel) => pages.Take(http, cancel))
            .RequireRoles(PupilPages.Writers).RequireStepUp(new Text("Cho học sinh lên lớp"));
        routes.MapPost(path + "/xem", (HttpContext http, RollPages pages, CancellationToken cancel) => pages.Preview(http, cancel))
            .RequireRoles(PupilPages.Writers);
        routes.MapPost(path + "/hoan-tac", (HttpContext http, RollPages pages, CancellationToken cancel) => pages.Undo(http, cancel))
            .RequireRoles(PupilPages.Writers).RequireStepUp(new Text("Hoàn tác lần lên lớp"));
    }
}
