using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

public sealed record SubstitutionLine(Guid Id, string Staff, string For, string? ClassName, Slot? Slot, DateOnly From, DateOnly To, string By, bool IsOpen);

public sealed record SubstitutionModel(
    IReadOnlyList<SubstitutionLine> Lines, IReadOnlyList<Row<Staff>> Staff, IReadOnlyList<Row<SchoolClass>> Classes, Substitution Typed, Error? Refused = null);

/// <summary>Who stands in for whom: the office gives it for some days, and may end it at once.</summary>
internal sealed class SubstitutionPages(IRecordStore store, Catalogue catalogue, TimeProvider clock, IAuditLog audit)
{
    internal const string Path = "/day-thay";
    internal const Roles Writers = Roles.Office | Roles.Head;
    private const int DaysShown = 60;

    public async Task<IResult> Page(HttpContext http, CancellationToken cancel)
    {
        var actor = http.Actor();
        return Show(await store.Read(records => Load(records, actor, new(Guid.Empty, Guid.Empty, null, null, clock.Today(), clock.Today(), actor.Id)), cancel));
    }

    public Task<IResult> Begin(HttpContext http, CancellationToken cancel)
    {
        var (actor, form) = (http.Actor(), http.Request.Form);
        var typed = new Substitution(
            FormText.Id(form["thay"]) ?? Guid.Empty, FormText.Id(form["nghi"]) ?? Guid.Empty, FormText.Id(form["lop"]),
            Enum.TryParse<Slot>(form["tiet"], out var slot) && Enum.IsDefined(slot) ? slot : null,
            FormText.Day(form["tu"]) ?? default, FormText.Day(form["den"]) ?? default, actor.Id);
        return Save(actor, "begin", typed, records => Substitute.Begin(catalogue, records, typed, actor.Scope, clock), cancel);
    }

    public Task<IResult> End(HttpContext http, Guid id, CancellationToken cancel)
    {
        var actor = http.Actor();
        var none = new Substitution(Guid.Empty, Guid.Empty, null, null, clock.Today(), clock.Today(), actor.Id);
        return Save(actor, "end", none, records => Substitute.End(catalogue, records, actor.Scope, id, clock.Today()), cancel);
    }

    private async Task<IResult> Save(Actor actor, string what, Substitution typed, Func<IRecords, Decision<Guid>> decide, CancellationToken cancel)
    {
        var saved = await store.Decide(actor, decide, cancel);
        if (!saved.Ok)
        {
            return saved.Error.Code == ErrorCode.NotFound ? saved.Error.ToResult()
                : Show(await store.Read(records => Load(records, actor, typed), cancel) with { Refused = saved.Error });
        }
        await audit.Write(new("substitution", actor.Id, $"{what}/{saved.Value:n}", ""), cancel);
        return Results.LocalRedirect(Path);
    }

    private SubstitutionModel Load(IRecords records, Actor actor, Substitution typed)
    {
        var (school, today) = (actor.Scope, clock.Today());
        var staff = records.All<Staff>(school).ToDictionary(s => s.Id);
        var teaching = records.All<Account>(school).Where(a => Assign.Teaches(a.Value) && staff.ContainsKey(a.Id)).Select(a => staff[a.Id]);
        var year = Calendar.Load(records, school).YearFor(today);
        var classes = (year is null ? [] : records.AllAt<SchoolClass>(school, year.Name)).OrderBy(c => c.Value, ClassOrder.Instance).ToList();
        return new(
            [
                .. records.All<Substitution>(school).Where(s => s.Value.From <= s.Value.To && s.Value.To >= today.AddDays(-DaysShown))
                    .OrderByDescending(s => s.Value.From).ThenBy(s => s.Id).Select(s => new SubstitutionLine(
                        s.Id, staff.GetValueOrDefault(s.Value.Staff)?.Value.FullName ?? "–", staff.GetValueOrDefault(s.Value.For)?.Value.FullName ?? "–",
                        s.Value.Class is { } lop ? records.Get<SchoolClass>(school, lop)?.Value.Name ?? "–" : null, s.Value.Slot, s.Value.From, s.Value.To,
                        records.NameOf(school, s.Value.By) ?? "–", today <= s.Value.To)),
            ],
            [.. teaching.OrderBy(s => s.Value.FullName, VietnameseText.ByGivenName)], classes, typed);
    }

    private static RazorComponentResult<SubstitutionPage> Show(SubstitutionModel model) => new(new { Model = model })
    {
        StatusCode = model.Refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(model.Refused.Code),
    };
}

internal static class SubstitutionRoutes
{
    internal static readonly NavEntry Nav = new(SubstitutionPages.Path, "Dạy thay", SubstitutionPages.Writers, Side.Edge);

    internal static void MapSubstitutions(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(SubstitutionPages.Path, (HttpContext http, SubstitutionPages pages, CancellationToken cancel) => pages.Page(http, cancel)).RequireRoles(Nav.Roles);
        routes.MapPost(SubstitutionPages.Path, (HttpContext http, SubstitutionPages pages, CancellationToken cancel) => pages.Begin(http, cancel)).RequireRoles(Nav.Roles);
        routes.MapPost(SubstitutionPages.Path + "/{id:guid}/ket-thuc", (HttpContext http, Guid id, SubstitutionPages pages, CancellationToken cancel) =>
            pages.End(http, id, cancel)).RequireRoles(Nav.Roles);
    }
}
