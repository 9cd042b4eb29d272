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

/// <summary>What somebody ticked at the door.</summary>
public sealed record DoorTick(Guid Id, string Collector, DateTimeOffset At, string By, bool TakenBack);

/// <param name="Ticks">Of today, the last at the end.</param>
public sealed record DoorLine(Guid Pupil, string FullName, IReadOnlyList<CollectorLine> Collectors, IReadOnlyList<DoorTick> Ticks)
{
    /// <summary>Null while the child is here, or never came.</summary>
    public DoorTick? Taken => Ticks is [.., { TakenBack: false } last] ? last : null;
}

public sealed record DoorModel(IReadOnlyList<Row<SchoolClass>> Classes, Guid? Class, DateOnly Date, IReadOnlyList<DoorLine> Lines, Error? Refused = null);

public sealed record CollectorsModel(
    Guid Pupil, Guid Class, string FullName, IReadOnlyList<CollectorLine> Collectors, string Name, string Relation, string Phone, Error? Refused = null);

/// <summary>The nursery's door in the afternoon: who took which child and when, and who may.</summary>
internal sealed class PickUpPages(IRecordStore store, Catalogue catalogue, Seals seals, TimeProvider clock, ReadVolume reads)
{
    internal const string Path = "/don-tre";

    public async Task<IResult> Door(HttpContext http, Guid? lop, CancellationToken cancel)
    {
        var actor = http.Actor();
        return Show(await store.Read(records => Load(records, actor, lop), cancel));
    }

    public Task<IResult> Take(HttpContext http, CancellationToken cancel) => Tick(http, "nguoi", Collectors.Take, cancel);

    public Task<IResult> TakeBack(HttpContext http, CancellationToken cancel) => Tick(http, "muc", Collectors.TakeBack, cancel);

    private async Task<IResult> Tick(
        HttpContext http, string field, Func<Catalogue, IRecords, Actor, Guid, Guid, TimeProvider, Decision<Guid>> decide, CancellationToken cancel)
    {
        var (actor, form) = (http.Actor(), http.Request.Form);
        var (pupil, about) = (FormText.Id(form["hs"]) ?? Guid.Empty, FormText.Id(form[field]) ?? Guid.Empty);
        var taken = await store.Decide(actor, records => ClassOf(records, actor, pupil) is { Ok: false } refused ? refused.Error
            : decide(catalogue, records, actor, pupil, about, clock), cancel);
        return taken.Ok ? Results.LocalRedirect($"{Path}?lop={FormText.Id(form["lop"])}")
            : taken.Error.Code is ErrorCode.Denied or ErrorCode.NotFound ? taken.Error.ToResult()
            : Show(await store.Read(records => Load(records, actor, FormText.Id(form["lop"])), cancel) with { Refused = taken.Error });
    }

    public async Task<IResult> List(HttpContext http, Guid hs, CancellationToken cancel) => await ShowList(http.Actor(), hs, null, ("", "", ""), cancel);

    public async Task<IResult> Add(HttpContext http, Guid hs, CancellationToken cancel)
    {
        var (actor, form) = (http.Actor(), http.Request.Form);
        var typed = (Name: VietnameseText.Normalise(form["ten"].ToString()), Relation: VietnameseText.Normalise(form["quan-he"].ToString()),
            Phone: VietnameseText.Normalise(form["dien-thoai"].ToString()));
        return await Save(actor, hs, typed, records => Collectors.Add(catalogue, seals, records, actor, hs, typed, clock), cancel);
    }

    public async Task<IResult> End(HttpContext http, Guid hs, CancellationToken cancel)
    {
        var (actor, id) = (http.Actor(), FormText.Id(http.Request.Form["nguoi"]) ?? Guid.Empty);
        return await Save(actor, hs, ("", "", ""), records => Collectors.End(catalogue, records, actor, hs, id), cancel);
    }

    private async Task<IResult> Save(Actor actor, Guid hs, (string, string, string) typed, Func<IRecords, Decision<Guid>> decide, CancellationToken cancel)
    {
        var saved = await store.Decide(actor, records => ClassOf(records, actor, hs) is { Ok: false } refused ? refused.Error : decide(records), cancel);
        return saved.Ok ? Results.LocalRedirect($"{Path}/{hs}") : await ShowList(actor, hs, saved.Error, typed, cancel);
    }

    private async Task<IResult> ShowList(Actor actor, Guid hs, Error? refused, (string Name, string Relation, string Phone) typed, CancellationToken cancel)
    {
        if (refused is { Code: ErrorCode.Denied or ErrorCode.NotFound })
        {
            return refused.ToResult();
        }
        var model = await store.Read(records =>
        {
            var lop = ClassOf(records, actor, hs);
            return !lop.Ok ? (Result<CollectorsModel>)lop.Error : new CollectorsModel(
                hs, lop.Value, records.Get<Pupil>(actor.Scope, hs)?.Value.FullName ?? SheetReply.Gone, CollectorLine.Of(records, seals, actor.Scope, hs, phones: true),
                typed.Name, typed.Relation, typed.Phone, refused);
        }, cancel);
        if (!model.Ok)
        {
            return model.Error.ToResult();
        }
        await reads.Write(new("read_sensitive", actor.Id, $"collectors/{hs:n}", ""), 1, sensitive: true, cancel);
        return new RazorComponentResult<CollectorsPage>(new { Model = model.Value })
        {
            StatusCode = refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(refused.Code),
        };
    }

    /// <summary>The class in which the child is today, where this person has it at the door.</summary>
    private Result<Guid> ClassOf(IRecords records, Actor actor, Guid pupil)
    {
        var today = clock.Today();
        var place = Enrol.PlacesOf(records, actor.Scope, pupil).Select(p => p.Value).FirstOrDefault(p => p.IsActiveOn(today));
        return place is null ? Error.NotFound("no_pupil", "Không có học sinh này ở trường. Hãy chọn lại lớp rồi chọn lại tên.")
            : actor.Is(SubmitSession.Offices) || new TeachersWork(records, actor, today, today).Has(place.Class, Slot.PickUp) ? place.Class
            : Error.Denied("not_your_class", "Trẻ này ở lớp khác. Hãy nhờ giáo viên của lớp hoặc văn phòng trường.");
    }

    private DoorModel Load(IRecords records, Actor actor, Guid? lop)
    {
        var (school, today) = (actor.Scope, clock.Today());
        var (slots, work) = (new SlotsOfDay(records, school, today), new TeachersWork(records, actor, today, today));
        List<Row<SchoolClass>> classes = [.. (Calendar.Load(records, school).YearOf(today) is { } year ? records.AllAt<SchoolClass>(school, year.Name) : [])
            .Where(c => slots.Of(c.Id, c.Value).Contains(Slot.PickUp) && (actor.Is(SubmitSession.Offices) || work.Has(c.Id, Slot.PickUp)))
            .OrderBy(c => c.Value, ClassOrder.Instance)];
        var chosen = classes.Find(c => c.Id == lop) ?? classes.FirstOrDefault();
        var ticked = Collectors.Of(records, school, today);
        return new(classes, chosen?.Id, today,
        [
            .. from id in chosen is null ? [] : SlotRoster.EnrolledOn(records, school, chosen.Id, today)
               let name = records.Get<Pupil>(school, id)?.Value.FullName ?? SheetReply.Gone
               let all = CollectorLine.Of(records, seals, school, id, phones: false)
               orderby VietnameseText.Key(name), id
               select new DoorLine(id, name, [.. all.Where(c => !c.Ended)], [.. ticked[id].Select(t => new DoorTick(
                   t.Id, NameOf(all.FirstOrDefault(c => c.Id == t.Value.Collector)), DateTimeOffset.FromUnixTimeMilliseconds(t.Value.AtMs).ToOffset(SchoolTime.Offset),
                   records.NameOf(school, t.Value.By) ?? "–", t.Value.TakenBack))]),
        ]);
    }

    internal static string NameOf(CollectorLine? line) => line is null ? "–" : $"{line.Name} ({line.Relation})";

    private static RazorComponentResult<DoorPage> Show(DoorModel model) => new(new { Model = model })
    {
        StatusCode = model.Refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(model.Refused.Code),
    };
}

internal static class PickUpRoutes
{
    internal static readonly NavEntry Nav = new(PickUpPages.Path, "Trả trẻ", AttendanceModule.School, Side.Edge);

    internal static void MapPickUps(this IEndpointRouteBuilder routes)
    {
        const string one = PickUpPages.Path + "/{hs:guid}";
        routes.MapGet(PickUpPages.Path, (HttpContext http, string? lop, PickUpPages pages, CancellationToken cancel) => pages.Door(http, FormText.Id(lop), cancel))
            .RequireRoles(Nav.Roles);
        routes.MapPost(PickUpPages.Path, (HttpContext http, PickUpPages pages, CancellationToken cancel) => pages.Take(http, cancel)).RequireRoles(Nav.Roles);
        routes.MapPost(PickUpPages.Path + "/hoan-tac", (HttpContext http, PickUpPages pages, CancellationToken cancel) => pages.TakeBack(http, cancel))
            .RequireRoles(Nav.Roles);
        routes.MapGet(one, (HttpContext http, Guid hs, PickUpPages pages, CancellationToken cancel) => pages.List(http, hs, cancel)).RequireRoles(Nav.Roles);
        routes.MapPost(one, (HttpContext http, Guid hs, PickUpPages pages, CancellationToken cancel) => pages.Add(http, hs, cancel)).RequireRoles(Nav.Roles);
        routes.MapPost(one + "/bo", (HttpContext http, Guid hs, PickUpPages pages, CancellationToken cancel) => pages.End(http, hs, cancel)).RequireRoles(Nav.Roles);
    }
}
