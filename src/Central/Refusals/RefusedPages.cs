using Microsoft.AspNetCore.Http.HttpResults;
using TdmEdu.Central.Feed;
using TdmEdu.Central.Storage;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Refusals;

/// <param name="School">Whose it is; null when the unit is not in the registry.</param>
/// <param name="MayAccept">Parked, so it could take effect; what was rejected for good can only be dismissed.</param>
public sealed record RefusedItem(string Place, string? School, RefusedLine Line, bool MayAccept);

public sealed record RefusedListModel(IReadOnlyList<Row<Unit>> Schools, Guid? School, IReadOnlyList<RefusedItem> Items, string? Next)
{
    public string? Done { get; init; }

    public Error? Refused { get; init; }
}

/// <summary>What Central has not taken of the schools' data, and the department's decision about each.</summary>
internal sealed class RefusedPages(
    CentralStore store, CentralRecords records, Catalogue catalogue, Navigation navigation, FeedSignal signal, IAuditLog audit, TimeProvider clock)
{
    public const string Accepted = "nhan";
    public const string Overtaken = "moi-hon";
    public const string Dismissed = "bo-qua";
    private const int PageRowsMax = 20;

    public async Task<IResult> List(Actor actor, Guid? school, string? after, string? done, CancellationToken cancel) =>
        Show(await Load(actor, school, after, cancel) with { Done = done });

    public async Task<IResult> Accept(HttpContext http, CancellationToken cancel)
    {
        var (actor, form) = (http.Actor(), http.Request.Form);
        if (RefusedPlace.TryParse(form["muc"]) is not { } place)
        {
            return Gone.ToResult();
        }
        var accepted = await store.Write(bulk => Redrive.Accept(bulk, catalogue, actor, place, NowMs), cancel);
        if (accepted.Ok)
        {
            signal.Grew([place.School]);
        }
        var had = accepted.Ok && accepted.Value.All(o => o == Outcome.Superseded) ? Overtaken : Accepted;
        return await Finish(http, place, had, accepted.Then<bool>(_ => true), cancel);
    }

    public async Task<IResult> Dismiss(HttpContext http, CancellationToken cancel)
    {
        var (actor, form) = (http.Actor(), http.Request.Form);
        if (RefusedPlace.TryParse(form["muc"]) is not { } place)
        {
            return Gone.ToResult();
        }
        var why = form["vi-sao"].ToString();
        var dismissed = await store.Write(bulk => Redrive.Dismiss(bulk, actor, place, why, NowMs), cancel);
        return await Finish(http, place, Dismissed, dismissed.Then<bool>(_ => true), cancel);
    }

    private static Error Gone => Error.NotFound("refused_unknown", "Không có mục này. Hãy quay lại danh sách Dữ liệu chưa nhận.");

    private long NowMs => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private async Task<IResult> Finish(HttpContext http, RefusedPlace place, string done, Result<bool> result, CancellationToken cancel)
    {
        var school = Guid.TryParse(http.Request.Form["truong"], out var id) ? id : (Guid?)null;
        var what = done == Dismissed ? "refused_op_dismiss" : "refused_op_accept";
        await audit.Write(new(what, http.Actor().Id, place.ToString(), result.Ok ? "" : result.Error.Reason), cancel);
        return result.Ok
            ? Results.LocalRedirect($"{RefusalsSetup.Path}?ghi={done}{(school is null ? "" : $"&truong={school}")}")
            : Show(await Load(http.Actor(), school, null, cancel) with { Refused = result.Error });
    }

    private async Task<RefusedListModel> Load(Actor actor, Guid? school, string? after, CancellationToken cancel)
    {
        var scope = school is { } id ? Scope.School(id) : (Scope?)null;
        var found = await store.Read(bulk => bulk.FindRefused(new(PageRowsMax + 1, scope, RefusedPlace.TryParse(after))), cancel);
        var shown = found.Take(PageRowsMax).ToList();
        return await records.Read(
            r => new RefusedListModel(
                [
                    .. Units.Load(r).ValidOn(clock.Today()).Where(u => u.Value.Kind is UnitKind.School or UnitKind.IndependentGroup)
                        .OrderBy(u => u.Value.Name, VietnameseText.ByText),
                ],
                school,
                [.. shown.Select(o => Item(r, actor, o))],
                found.Count > PageRowsMax ? RefusedPlace.Of(shown[^1]).ToString() : null),
            cancel);
    }

    private RefusedItem Item(IRecords r, Actor actor, RefusedOp op) => new(
        RefusedPlace.Of(op).ToString(),
        r.Get<Unit>(Scope.City, op.Scope.Owner)?.Value.Name,
        RefusedLine.Of(
            catalogue, navigation, actor, op.Entity, op.Data, op.Reason, DateTimeOffset.FromUnixTimeMilliseconds(op.ReceivedAtMs).ToOffset(SchoolTime.Offset),
            r.NameOf(op.Scope, op.Actor)),
        Redrive.MayAccept(op));

    private static RazorComponentResult<RefusedPage> Show(RefusedListModel model) => new(new { Model = model })
    {
        StatusCode = model.Refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(model.Refused.Code),
    };
}
