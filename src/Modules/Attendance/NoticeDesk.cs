using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Attendance;

public sealed record NoticeStep(NoticeState State, string By, DateTimeOffset At, string? Why);

/// <summary>A notice as people read it.</summary>
/// <param name="Reason">Null also where it was not to be opened.</param>
/// <param name="IsWithdrawn">Also where the school had decided by then.</param>
public sealed record NoticeLine(
    Guid Id, Guid Pupil, string FullName, string ClassName, DateOnly From, DateOnly To, Slot[] Slots, Sender Sender, DateTimeOffset SentAt,
    string? Reason, NoticeState State, bool IsWithdrawn, IReadOnlyList<NoticeStep> Steps)
{
    internal static NoticeLine Of(IRecords records, Seals seals, Scope school, NoticeCase found, bool opened)
    {
        var (notice, pupil) = (found.Notice, found.Notice.Pupil);
        var place = Enrol.PlacesOf(records, school, pupil).Select(p => p.Value).Where(p => p.From <= notice.To).MaxBy(p => p.From);
        return new(
            found.Id, pupil, records.Get<Pupil>(school, pupil)?.Value.FullName ?? "", place is null ? "" : records.Get<SchoolClass>(school, place.Class)?.Value.Name ?? "",
            notice.From, notice.To, notice.Slots, notice.Sender, InSchool(notice.AtMs), opened ? seals.Open(school, pupil, nameof(AbsenceNotice.Reason), notice.Reason) : null,
            found.State, found.IsWithdrawn,
            [
                .. found.Decisions.Select(d => new NoticeStep(
                    d.Value.State, d.Value.State == NoticeState.Withdrawn ? "" : records.NameOf(school, d.Value.By) ?? "–", InSchool(d.Version.Hlc.Milliseconds),
                    seals.Open(school, pupil, nameof(NoticeDecision.Why), d.Value.Why))),
            ]);
    }

    private static DateTimeOffset InSchool(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).ToOffset(SchoolTime.Offset);
}

/// <param name="Waiting">The first day first.</param>
/// <param name="Decided">The newest first, at most <see cref="NoticeDesk.DecidedMax"/>.</param>
/// <param name="Class">Chosen for a letter on paper.</param>
/// <param name="Form">The letter as typed.</param>
public sealed record NoticeDeskModel(
    IReadOnlyList<NoticeLine> Waiting, IReadOnlyList<NoticeLine> Decided, IReadOnlyList<Row<SchoolClass>> Classes, Guid? Class,
    IReadOnlyList<Row<Pupil>> Pupils, NoticeForm Form)
{
    public Guid? Pupil { get; init; }

    public Error? Refused { get; init; }
}

/// <summary>Where the school answers notices of absence: the homeroom teacher those of the own class, the office all.</summary>
internal sealed class NoticeDesk(IRecordStore store, Catalogue catalogue, Seals seals, TimeProvider clock, IAuditLog audit)
{
    internal const string Path = "/don-xin-nghi";

    /// <summary>A notice may come for days that long past, and then still has a month to be answered.</summary>
    internal const int DaysShown = 2 * SendNotice.DaysBackMax;
    internal const int DecidedMax = 100;

    public Task<IResult> Page(HttpContext http, Guid? lop, CancellationToken cancel) => Show(http.Actor(), lop, m => m, cancel);

    public async Task<IResult> Enter(HttpContext http, CancellationToken cancel)
    {
        var (actor, form) = (http.Actor(), NoticeForm.Read(http.Request.Form));
        var (lop, pupil) = (FormText.Id(http.Request.Form["lop"]), FormText.Id(http.Request.Form["hs"]));
        var entered = await store.Decide(
            actor, records => pupil is null ? NoPupil : SendNotice.Enter(catalogue, seals, records, actor, pupil.Value, form, clock), cancel);
        return entered.Ok ? Results.LocalRedirect($"{Path}?lop={lop}")
            : await Refuse(actor, lop, entered.Error, m => m with { Form = form, Pupil = pupil }, cancel);
    }

    public async Task<IResult> Decide(HttpContext http, Guid id, NoticeState wanted, CancellationToken cancel)
    {
        var (actor, why) = (http.Actor(), VietnameseText.Normalise(http.Request.Form["vi-sao"].ToString()));
        var decided = await store.Decide(
            actor, records => DecideNotice.Decide(catalogue, seals, records, actor, id, wanted, wanted == NoticeState.Approved ? "" : why, clock), cancel);
        return decided.Ok ? Results.LocalRedirect(Path) : await Refuse(actor, null, decided.Error, m => m, cancel);
    }

    private Task<IResult> Refuse(Actor actor, Guid? lop, Error error, Func<NoticeDeskModel, NoticeDeskModel> typed, CancellationToken cancel) =>
        error.Code is ErrorCode.Denied or ErrorCode.NotFound
            ? Task.FromResult(error.ToResult())
            : Show(actor, lop, m => typed(m) with { Refused = error }, cancel);

    private async Task<IResult> Show(Actor actor, Guid? lop, Func<NoticeDeskModel, NoticeDeskModel> more, CancellationToken cancel)
    {
        var loaded = await store.Read(records => Load(records, actor, lop), cancel);
        if (!loaded.Ok)
        {
            return loaded.Error.ToResult();
        }
        // Who decides reads why; that they did is on record before.
        var read = loaded.Value.Waiting.Where(n => n.Reason is not null).Select(n => n.Pupil).Distinct();
        await Task.WhenAll(read.Select(pupil => audit.Write(new("read_sensitive", actor.Id, pupil.ToString("n"), ""), cancel)));
        var model = more(loaded.Value);
        return new RazorComponentResult<NoticeDeskPage>(new { Model = model })
        {
            StatusCode = model.Refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(model.Refused.Code),
        };
    }

    private Result<NoticeDeskModel> Load(IRecords records, Actor actor, Guid? lop)
    {
        var (school, today) = (actor.Scope, clock.Today());
        var (year, own) = (Calendar.Load(records, school).YearFor(today), records.View<TeacherClasses>(school, actor.Id));
        List<Row<SchoolClass>> classes = [.. (year is null ? [] : records.AllAt<SchoolClass>(school, year.Name))
            .Where(c => actor.Is(SubmitSession.Offices) || own?.IsHomeroomOf(c.Id, today) == true).OrderBy(c => c.Value, ClassOrder.Instance)];
        var chosen = lop ?? (classes is [var only] ? only.Id : null);
        if (chosen is { } wanted && !classes.Exists(c => c.Id == wanted))
        {
            return Error.NotFound("no_class", "Không có lớp này trong năm học. Hãy chọn lại lớp.");
        }
        var theirs = NoticeCase.Since(records, school, today.AddDays(-DaysShown))
            .Where(n => DecideNotice.WhyNotTheirs(records, actor, n.Notice, today) is null).ToLookup(n => n.State == NoticeState.Sent);
        return new NoticeDeskModel(
            [.. theirs[true].OrderBy(n => n.Notice.From).ThenBy(n => n.Id).Select(n => NoticeLine.Of(records, seals, school, n, opened: true))],
            [.. theirs[false].OrderByDescending(n => n.Id).Take(DecidedMax).Select(n => NoticeLine.Of(records, seals, school, n, opened: false))],
            classes, chosen, chosen is null ? [] : PupilListModel.PupilsOn(records, school, chosen.Value, today), NoticeForm.Empty(today));
    }

    private static Error NoPupil { get; } = Error.NotFound("no_pupil", "Không có học sinh này ở trường. Hãy chọn lại lớp rồi chọn lại tên.");
}

internal static class NoticeRoutes
{
    internal static void MapNoticeDesk(this IEndpointRouteBuilder routes)
    {
        const string one = NoticeDesk.Path + "/{id:guid}";
        routes.MapGet(NoticeDesk.Path, (HttpContext http, string? lop, NoticeDesk desk, CancellationToken cancel) => desk.Page(http, FormText.Id(lop), cancel))
            .RequireRoles(DecideNotice.Deciders);
        routes.MapPost(NoticeDesk.Path, (HttpContext http, NoticeDesk desk, CancellationToken cancel) => desk.Enter(http, cancel)).RequireRoles(DecideNotice.Deciders);
        foreach (var (path, wanted) in new[] { ("/duyet", NoticeState.Approved), ("/khong-duyet", NoticeState.Refused), ("/huy", NoticeState.Cancelled) })
        {
            routes.MapPost(one + path, (HttpContext http, Guid id, NoticeDesk desk, CancellationToken cancel) => desk.Decide(http, id, wanted, cancel))
                .RequireRoles(DecideNotice.Deciders);
        }
    }

    internal static void MapParentNotices(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(ParentNotices.Path, (HttpContext http, ParentNotices pages, CancellationToken cancel) => pages.Page(http, cancel)).RequireRoles(Roles.Parent);
        routes.MapPost(ParentNotices.Path, (HttpContext http, ParentNotices pages, CancellationToken cancel) => pages.Send(http, cancel)).RequireRoles(Roles.Parent);
        routes.MapPost(ParentNotices.Path + "/{id:guid}/rut", (HttpContext http, Guid id, ParentNotices pages, CancellationToken cancel) =>
            pages.Withdraw(http, id, cancel)).RequireRoles(Roles.Parent);
    }
}
