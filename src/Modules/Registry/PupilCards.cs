using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>Where parents reach Central's pages; a box that was not told sends them to itself.</summary>
public sealed record CentralPages(Uri Address);

public sealed record PupilCardLine(Guid Id, string FullName, bool HasCard, DateOnly? LinkTo);

/// <param name="Pupils">Null before a class is chosen.</param>
public sealed record PupilCardsModel(
    IReadOnlyList<Row<SchoolClass>> Classes, Row<SchoolClass>? Class, IReadOnlyList<PupilCardLine>? Pupils, Error? Refused = null);

/// <param name="Pin">Null on a sheet of parents' links.</param>
public sealed record PrintedKey(string FullName, string? Pin, string Address, string Picture);

public sealed record PupilSheetModel(Guid Class, string ClassName, string ClassCode, DateOnly? LinkTo, IReadOnlyList<PrintedKey> Keys);

/// <summary>
/// The cards and the parents' links of a class: made by its homeroom teacher or the office on the school's box, shown once for printing,
/// and kept nowhere.
/// </summary>
internal sealed class PupilCards(IRecordStore store, Catalogue catalogue, TimeProvider clock, IAuditLog audit, WebHosts hosts, CentralPages? central = null)
{
    internal const string Path = "/the-hoc-sinh";

    /// <summary>What is to be written for one pupil, and what is shown of it.</summary>
    private sealed record Made(Guid Pupil, string FullName, string? Pin, string Secret);

    private sealed record Wanted(Row<SchoolClass> Class, DateOnly LinkTo, IReadOnlyList<Row<Pupil>> Pupils, HashSet<string?> PinsTaken);

    public async Task<IResult> Page(HttpContext http, Guid? lop, CancellationToken cancel) =>
        (await Load(http.Actor(), lop, cancel)).Match(Show, Refusal.ToResult);

    public Task<IResult> MakeCards(HttpContext http, CancellationToken cancel) => Make(
        http, "card", (key, lop) => key.CardHash is not null && key.Class == lop, wanted =>
        {
            var (made, hashes) = (new List<Made>(), new Dictionary<Guid, string>());
            foreach (var pupil in wanted.Pupils)
            {
                var (pin, hash) = NewPin(wanted.Class.Id, wanted.PinsTaken);
                hashes[pupil.Id] = hash;
                made.Add(new(pupil.Id, pupil.Value.FullName, pin, PupilKeys.NewSecret()));
            }
            return (made, (m, key) => key with { Class = wanted.Class.Id, PinHash = hashes[m.Pupil], CardHash = PupilKeys.Hash(m.Secret) });
        }, cancel);

    public Task<IResult> MakeLinks(HttpContext http, CancellationToken cancel) => Make(
        http, "link", (key, _) => key.LinkHash is not null && clock.Today() <= key.LinkTo, wanted => (
            [.. wanted.Pupils.Select(p => new Made(p.Id, p.Value.FullName, null, PupilKeys.NewSecret()))],
            (m, key) => key with { LinkHash = PupilKeys.Hash(m.Secret), LinkTo = wanted.LinkTo }), cancel);

    public Task<IResult> RevokeCard(HttpContext http, CancellationToken cancel) =>
        Revoke(http, "card_revoked", key => key with { PinHash = null, CardHash = null }, cancel);

    public Task<IResult> RevokeLink(HttpContext http, CancellationToken cancel) =>
        Revoke(http, "link_revoked", key => key with { LinkHash = null, LinkTo = null }, cancel);

    /// <summary>For the pupil that was named, or for all in the class that have none yet. Hashing takes a while on purpose, so it is done before the store decides.</summary>
    private async Task<IResult> Make(
        HttpContext http, string what, Func<PupilKey, Guid, bool> has, Func<Wanted, (List<Made> Made, Func<Made, PupilKey, PupilKey> Change)> prepare, CancellationToken cancel)
    {
        var (actor, form) = (http.Actor(), http.Request.Form);
        var (lop, one) = (FormText.Id(form["lop"]) ?? Guid.Empty, FormText.Id(form["hs"]));
        var wanted = await store.Read(records => Want(records, actor, lop, one, has), cancel);
        if (!wanted.Ok)
        {
            return await Refuse(actor, lop, wanted.Error, cancel);
        }
        var (made, change) = prepare(wanted.Value);
        var written = await store.Decide(actor, records => Write(records, actor, wanted.Value.Class.Id, made, change), cancel);
        if (!written.Ok)
        {
            return await Refuse(actor, lop, written.Error, cancel);
        }
        await audit.Write(new("pupil_key", actor.Id, $"{what}/{one ?? lop:n}", ""), cancel);
        var address = what == "link" && central is not null ? central.Address : hosts.AddressFor(http.Request);
        var sheet = new PupilSheetModel(
            lop, wanted.Value.Class.Value.Name, PupilKeys.CodeOf(lop), what == "link" ? wanted.Value.LinkTo : null,
            [.. made.Select(m => Print(m, address, actor.Scope))]);
        http.Response.Headers.CacheControl = "no-store";
        return new RazorComponentResult<PupilSheetPage>(new { Model = sheet });
    }

    private static PrintedKey Print(Made made, Uri host, Scope school)
    {
        var address = made.Pin is null
            ? new Uri(host, $"{ShellSetup.ParentPath}#{PupilKeys.LinkText(school, made.Pupil, made.Secret)}")
            : new Uri(host, $"{ShellSetup.PupilPath}#{made.Secret}");
        return new(made.FullName, made.Pin, address.AbsoluteUri, QrPicture.Of(address.AbsoluteUri));
    }

    private Result<Wanted> Want(IRecords records, Actor actor, Guid lop, Guid? one, Func<PupilKey, Guid, bool> has)
    {
        var model = Load(records, actor, lop);
        if (!model.Ok)
        {
            return model.Error;
        }
        var schoolClass = model.Value.Class!;
        var inClass = PupilListModel.PupilsOn(records, actor.Scope, lop, clock.Today());
        var pupils = inClass.FindAll(p => one is null ? records.Get<PupilKey>(actor.Scope, p.Id) is not { } key || !has(key.Value, lop) : p.Id == one);
        if (pupils is [])
        {
            return one is not null ? NotInClass
                : Error.Conflict("keys_made", "Lớp này em nào cũng có rồi. Muốn làm lại cho một em, hãy bấm ở dòng của em đó.");
        }
        var year = Calendar.Load(records, actor.Scope).Years.FirstOrDefault(y => y.Name == schoolClass.Value.Year);
        return new Wanted(
            schoolClass, year?.To ?? clock.Today(), pupils,
            [.. inClass.Where(p => !pupils.Contains(p)).Select(p => records.Get<PupilKey>(actor.Scope, p.Id)?.Value.PinHash)]);
    }

    private static (string Pin, string Hash) NewPin(Guid schoolClass, HashSet<string?> taken)
    {
        while (true)
        {
            var pin = PupilKeys.NewPin();
            var hash = PupilKeys.PinHash(pin, schoolClass);
            if (taken.Add(hash))
            {
                return (pin, hash);
            }
        }
    }

    private Decision<int> Write(IRecords records, Actor actor, Guid lop, List<Made> made, Func<Made, PupilKey, PupilKey> change)
    {
        if (WhyNot(records, actor, lop) is { } refusal)
        {
            return refusal;
        }
        var inClass = records.View<ClassRoster>(actor.Scope, lop)?.PupilsOn(clock.Today()).ToHashSet() ?? [];
        var (others, drafts) = (inClass.Except(made.Select(m => m.Pupil)).ToHashSet(), new List<Draft>());
        var pins = others.Select(p => records.Get<PupilKey>(actor.Scope, p)?.Value.PinHash).OfType<string>().ToHashSet();
        foreach (var m in made)
        {
            var before = records.Get<PupilKey>(actor.Scope, m.Pupil);
            var after = change(m, before?.Value ?? new(lop));
            if (!inClass.Contains(m.Pupil) || (after.PinHash is { } pin && m.Pin is not null && !pins.Add(pin)))
            {
                return Error.Conflict("class_changed", "Lớp vừa có thay đổi khi đang làm thẻ. Hãy tải lại trang rồi làm lại.");
            }
            drafts.Add(before is null ? catalogue.Create(actor.Scope, m.Pupil, after) : catalogue.Change(actor.Scope, before, after)!);
        }
        return new(made.Count, drafts);
    }

    private async Task<IResult> Revoke(HttpContext http, string what, Func<PupilKey, PupilKey> change, CancellationToken cancel)
    {
        var (actor, form) = (http.Actor(), http.Request.Form);
        var (lop, one) = (FormText.Id(form["lop"]) ?? Guid.Empty, FormText.Id(form["hs"]) ?? Guid.Empty);
        var revoked = await store.Decide<bool>(actor, records =>
            WhyNot(records, actor, lop) is { } refusal ? refusal
            : records.View<ClassRoster>(actor.Scope, lop)?.PupilsOn(clock.Today()).Contains(one) != true ? NotInClass
            : records.Get<PupilKey>(actor.Scope, one) is { } before && catalogue.Change(actor.Scope, before, change(before.Value)) is { } draft 
                ? new Decision<bool>(true, [draft])
            : true, cancel);
        if (!revoked.Ok)
        {
            return await Refuse(actor, lop, revoked.Error, cancel);
        }
        await audit.Write(new("pupil_key", actor.Id, $"{what}/{one:n}", ""), cancel);
        return Results.LocalRedirect($"{Path}?lop={lop}");
    }

    private Task<Result<PupilCardsModel>> Load(Actor actor, Guid? lop, CancellationToken cancel) => store.Read(records => Load(records, actor, lop), cancel);

    private Result<PupilCardsModel> Load(IRecords records, Actor actor, Guid? lop)
    {
        var (school, today) = (actor.Scope, clock.Today());
        var year = Calendar.Load(records, school).YearFor(today);
        List<Row<SchoolClass>> classes = [.. (year is null ? [] : records.AllAt<SchoolClass>(school, year.Name))
            .Where(c => WhyNot(records, actor, c.Id) is null).OrderBy(c => c.Value, ClassOrder.Instance)];
        if (lop is not { } wanted)
        {
            return new PupilCardsModel(classes, null, null);
        }
        if (classes.Find(c => c.Id == wanted) is not { } found)
        {
            return WhyNot(records, actor, wanted) ?? Error.NotFound("no_class", "Không có lớp này trong năm học. Hãy chọn lại lớp.");
        }
        var pupils = PupilListModel.PupilsOn(records, school, wanted, today).Select(p => (Pupil: p, Key: records.Get<PupilKey>(school, p.Id)?.Value));
        return new PupilCardsModel(classes, found,
            [.. pupils.Select(p => new PupilCardLine(
                p.Pupil.Id, p.Pupil.Value.FullName, p.Key is { CardHash: not null } key && key.Class == wanted, today <= p.Key?.LinkTo ? p.Key.LinkTo : null))]);
    }

    /// <summary>The office has every class, a teacher the class of which they are the homeroom teacher today.</summary>
    private Error? WhyNot(IRecords records, Actor actor, Guid lop) =>
        records.Get<SchoolClass>(actor.Scope, lop) is null ? Error.NotFound("no_class", "Không có lớp này trong năm học. Hãy chọn lại lớp.")
        : actor.Is(Roles.Office | Roles.Head)
            || records.View<TeacherClasses>(actor.Scope, actor.Id)?.IsHomeroomOf(lop, clock.Today()) == true
            ? null
            : Error.Denied("not_your_class", "Thẻ của lớp do giáo viên chủ nhiệm hoặc văn phòng trường làm. Hãy nhờ giáo viên chủ nhiệm của lớp.");

    private async Task<IResult> Refuse(Actor actor, Guid lop, Error error, CancellationToken cancel) =>
        error.Code is ErrorCode.Denied or ErrorCode.NotFound
            ? error.ToResult()
            : (await Load(actor, lop, cancel)).Match(m => Show(m with { Refused = error }), Refusal.ToResult);

    private static Error NotInClass { get; } = Error.NotFound("no_pupil", "Không có học sinh này ở trường. Hãy chọn lại lớp rồi chọn lại tên.");

    private static IResult Show(PupilCardsModel model) => new RazorComponentResult<PupilCardsPage>(new { Model = model })
    {
        StatusCode = model.Refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(model.Refused.Code),
    };
}
