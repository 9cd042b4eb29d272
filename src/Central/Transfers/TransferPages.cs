using Microsoft.AspNetCore.Http.HttpResults;
using TdmEdu.Central.Feed;
using TdmEdu.Central.Storage;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Transfers;

/// <summary>The department's office moves a pupil to another school, and sees how far each such move has come.</summary>
internal sealed class TransferPages(CentralStore store, Catalogue catalogue, Seals seals, FeedSignal signal, IAuditLog audit, TimeProvider clock)
{
    public const string Begun = "chuyen";
    public const string Confirmed = "rut";
    public const string Kept = "giu";
    private const int FoundMax = 20;
    private const int DoneDays = 30;
    private const int HeldNamesMax = 50;

    public DateOnly Today => clock.Today();

    public async Task<IResult> List(HttpContext http, Guid? school, string? search, string? done, CancellationToken cancel)
    {
        if (school is { } id && !string.IsNullOrWhiteSpace(search))
        {
            await audit.Write(new("read_pupils", http.Actor().Id, id.ToString("n"), ""), cancel);
        }
        return Show(await Load(school, search, cancel) with { Said = done });
    }

    public async Task<IResult> Form(HttpContext http, TransferOrder order, CancellationToken cancel)
    {
        await audit.Write(new("read_pupil", http.Actor().Id, order.Pupil.ToString("n"), ""), cancel);
        return Show(await LoadForm(order, refused: null, cancel));
    }

    public async Task<IResult> Begin(HttpContext http, CancellationToken cancel)
    {
        var form = http.Request.Form;
        var order = new TransferOrder(Id(form["hs"]), Id(form["tu"]), Id(form["den"]), Id(form["lop"]), Day(form["ngay"]) ?? default);
        IReadOnlyList<Scope> grown = [];
        var begun = await store.Write(bulk => HandOver.Begin(bulk, catalogue, seals, http.Actor(), order, clock, out grown), cancel);
        await audit.Write(new("transfer", http.Actor().Id, order.Pupil.ToString("n"), begun.Ok ? "" : begun.Error.Reason), cancel);
        if (!begun.Ok)
        {
            return Show(await LoadForm(order, begun.Error, cancel));
        }
        signal.Grew(grown);
        return Results.LocalRedirect($"{TransfersSetup.Path}?ghi={Begun}");
    }

    public async Task<IResult> Settle(HttpContext http, CancellationToken cancel)
    {
        var form = http.Request.Form;
        var (school, list, confirmed) = (Scope.School(Id(form["truong"])), Id(form["muc"]), form["quyet"] == Confirmed);
        IReadOnlyList<Scope> grown = [];
        var nowMs = clock.GetUtcNow().ToUnixTimeMilliseconds();
        var settled = await store.Write(
            bulk => HeldLists.Decide(bulk, catalogue, http.Actor(), school, list, confirmed, nowMs, out grown), cancel);
        var what = confirmed ? "evictions_confirm" : "evictions_keep";
        await audit.Write(new(what, http.Actor().Id, list.ToString("n"), settled.Ok ? "" : settled.Error.Reason), cancel);
        if (!settled.Ok)
        {
            return Show(await Load(null, null, cancel) with { Refused = settled.Error });
        }
        signal.Grew(grown);
        return Results.LocalRedirect($"{TransfersSetup.Path}?ghi={(confirmed ? Confirmed : Kept)}");
    }

    private Task<TransferListModel> Load(Guid? school, string? search, CancellationToken cancel) => store.Read(bulk =>
    {
        var records = new Snapshot(bulk, catalogue);
        var schools = SchoolsToday(records);
        var found = school is { } id && VietnameseText.Fold(search ?? "") is { Length: > 0 } text ? Find(records, Scope.School(id), text) : null;
        var transfers = records.AllViews<PupilMoves>().SelectMany(s => s.View.Transfers.Values.Where(t => t.From == s.Scope.Owner)).ToList();
        return new TransferListModel(
            schools, school, search ?? "", found?.Take(FoundMax).ToList(), found?.Count > FoundMax,
            [.. schools.SelectMany(s => HeldLists.Open(records, Scope.School(s.Id)).Select(l => Held(records, s, l)))],
            [.. transfers.Where(t => !t.Done).OrderBy(t => t.Effective).Select(t => Line(bulk, records, t))],
            [.. transfers.Where(t => t.Done && t.Effective >= Today.AddDays(-DoneDays)).OrderByDescending(t => t.Effective).Select(t => Line(bulk, records, t))]);
    }, cancel);

    private Task<Result<TransferFormModel>> LoadForm(TransferOrder order, Error? refused, CancellationToken cancel) => store.Read<Result<TransferFormModel>>(bulk =>
    {
        var records = new Snapshot(bulk, catalogue);
        var from = Scope.School(order.From);
        if (records.Get<Pupil>(from, order.Pupil) is not { } pupil)
        {
            return Error.NotFound("transfer_not_here", "Học sinh này không còn ở trường đã chọn. Hãy tìm lại ở trường hiện nay của em.");
        }
        var place = records.AllAt<Enrolment>(from, order.Pupil.ToString("n")).FirstOrDefault(p => p.Value.IsActiveOn(Today));
        var to = Scope.School(order.To);
        var year = Calendar.Load(records, to).YearFor(order.LastDay.AddDays(1));
        var classes = order.To == Guid.Empty || year is null ? []
            : records.AllAt<SchoolClass>(to, year.Name).OrderBy(c => c.Value, ClassOrder.Instance).ToList();
        var chosen = classes.Find(c => c.Id == order.Class);
        var seen = bulk.BoxesOf(from).Max(b => b.SeenAtMs);
        if (refused is null && chosen is not null)
        {
            var transfer = new Transfer(order.Pupil, order.From, order.To, order.Class, order.LastDay, 0);
            var places = TransferPupil.Places(catalogue, records, transfer, Today);
            refused = places.Ok ? null : places.Error;
        }
        return new TransferFormModel(
            order.Pupil, pupil.Value, order.From, NameOf(records, order.From),
            place is null ? null : records.Get<SchoolClass>(from, place.Value.Class)?.Value.Name,
            [.. SchoolsToday(records).Where(s => s.Id != order.From)], order.To, NameOf(records, order.To), classes, chosen?.Id ?? Guid.Empty,
            chosen?.Value.Name ?? "", order.LastDay, seen is { } ms ? Local(ms) : null, refused);
    }, cancel);

    private List<Row<Unit>> SchoolsToday(IRecords records) =>
    [
        .. Units.Load(records).ValidOn(Today).Where(u => u.Value.Kind is UnitKind.School or UnitKind.IndependentGroup)
            .OrderBy(u => u.Value.Name, VietnameseText.ByText),
    ];

    private static List<FoundPupil> Find(IRecords records, Scope school, string text) =>
    [
        .. records.All<Pupil>(school).Where(p => VietnameseText.Contains(p.Value.FullName, text) || p.Value.MinistryId == text)
            .OrderBy(p => p.Value.FullName, VietnameseText.ByGivenName).Take(FoundMax + 1)
            .Select(p => new FoundPupil(p.Id, p.Value.FullName, p.Value.BirthDate, p.Value.MinistryId)),
    ];

    private HeldLine Held(IRecords records, Row<Unit> school, Row<HeldEvictions> list)
    {
        var scope = Scope.School(school.Id);
        var isPupil = list.Value.Entity == catalogue.Of<Pupil>().Key;
        var names = isPupil ? list.Value.Ids.Take(HeldNamesMax).Select(id => records.Get<Pupil>(scope, id)?.Value.FullName).OfType<string>() : [];
        var what = isPupil
            ? new Text("{0} hồ sơ học sinh sẽ bị rút khỏi trường cùng lúc.", list.Value.Ids.Length)
            : new Text("{0} bản ghi “{1}” sẽ bị rút khỏi trường cùng lúc.", list.Value.Ids.Length, catalogue.Find(list.Value.Entity)?.Name ?? list.Value.Entity);
        return new(school.Id, list.Id, school.Value.Name, what, [.. names]);
    }

    private TransferLine Line(Bulk bulk, IRecords records, Transfer t)
    {
        var (from, to) = (Scope.School(t.From), Scope.School(t.To));
        var pupil = records.Get<Pupil>(to, t.Pupil) ?? records.Get<Pupil>(from, t.Pupil);
        return new(
            pupil?.Value.FullName ?? "–", NameOf(records, t.From), NameOf(records, t.To), t.Effective,
            t.Done ? After(records, from, t) : Waits(bulk, from, t), t.Excused, t.Unexcused);
    }

    private Text Waits(Bulk bulk, Scope from, Transfer t)
    {
        var boxes = bulk.BoxesOf(from);
        return t.Effective >= Today ? new("Chờ hết ngày học cuối cùng ở trường cũ.")
            : HandOver.HasPassed(t, boxes) ? new("Đang hoàn tất.")
            : boxes.Max(b => b.SeenAtMs) is { } seen
                ? new("Chờ máy của trường cũ nhận quyết định và gửi hết những gì đã ghi; máy liên lạc lần cuối lúc {0:HH:mm dd/MM/yyyy}.", Local(seen))
                : new("Chờ máy của trường cũ nhận quyết định và gửi hết những gì đã ghi; máy chưa liên lạc lần nào.");
    }

    private static Text After(IRecords records, Scope from, Transfer t) => records.Get<Pupil>(from, t.Pupil) is null
        ? new("Xong: hồ sơ đã rút khỏi trường cũ.")
        : PupilMoves.Of(records, from)?.HasLeft(t.From, t.Pupil, DateOnly.MaxValue) == true
            ? new("Hồ sơ còn ở trường cũ: có quá nhiều hồ sơ bị rút cùng lúc nên được giữ lại.")
            : new("Xong: học sinh đã trở lại trường cũ.");

    private static string NameOf(IRecords records, Guid school) => records.Get<Unit>(Scope.City, school)?.Value.Name ?? "–";

    private static DateTimeOffset Local(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms).ToOffset(SchoolTime.Offset);

    private static Guid Id(string? text) => Guid.TryParse(text, out var id) ? id : Guid.Empty;

    private static DateOnly? Day(string? text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", out var day) ? day : null;

    private static RazorComponentResult<TransferListPage> Show(TransferListModel model) => new(new { Model = model })
    {
        StatusCode = model.Refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(model.Refused.Code),
    };

    private static IResult Show(Result<TransferFormModel> model) => model.Match<IResult>(
        m => new RazorComponentResult<TransferFormPage>(new { Model = m })
        {
            StatusCode = m.Refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(m.Refused.Code),
        },
        Refusal.ToResult);
}
