using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <param name="Place">"phong" for the department, a school's id, or empty before one was chosen.</param>
/// <param name="Typed">What the form shows: nothing yet but an id, or what was refused.</param>
public sealed record StaffListModel(
    IReadOnlyList<Row<Unit>> Schools, string Place, Roles RolesHere, IReadOnlyList<StaffLine>? People, bool MayWrite, NewStaff Typed,
    Error? Refused = null);

/// <param name="Positions">Held now, before and later, the newest first; the days that were taken back are left out.</param>
/// <param name="Choices">What people can be there.</param>
public sealed record StaffPersonModel(
    string Place, Roles RolesHere, StaffLine Person, bool MayWrite, IReadOnlyList<Row<StaffPosition>> Positions, IReadOnlyList<Position> Choices, DateOnly Today,
    Error? Refused = null);

public sealed record NewPasswordModel(string Place, string FullName, string UserName, string Password);

/// <summary>The people of a school or of the department and their sign-ins; on a box the school's own. Passwords are made here, shown once and kept nowhere.</summary>
internal sealed class StaffPages(IRecordStore store, Catalogue catalogue, TimeProvider clock, IAuditLog audit)
{
    internal const Roles Readers = Access.EveryDepartmentRole | Roles.Head;
    internal const Roles Writers = Accounts.Writers;
    internal const string DepartmentPlace = "phong";

    public async Task<IResult> List(HttpContext http, string? truong, CancellationToken cancel) =>
        Show(await LoadList(http.Actor(), truong, cancel));

    public async Task<IResult> Person(HttpContext http, string? truong, Guid id, CancellationToken cancel) =>
        (await LoadPerson(http.Actor(), truong, id, cancel)).Match(Show, Refusal.ToResult);

    public async Task<IResult> Add(HttpContext http, CancellationToken cancel)
    {
        var (actor, form) = (http.Actor(), http.Request.Form);
        var person = Typed(form, FormText.Id(form["ma"]) ?? RecordId.New(clock));
        var (password, hash) = NewPassword();
        var added = await store.Decide(actor, records =>
        {
            var scope = ScopeOf(records, actor, form["truong"]);
            return scope.Ok ? AddStaff.Decide(catalogue, records, actor, scope.Value, person, hash, clock.GetUtcNow()) : scope.Error;
        }, cancel);
        if (!added.Ok)
        {
            return Show(await LoadList(actor, form["truong"], cancel) with { Typed = person, Refused = added.Error });
        }
        await audit.Write(new("account", actor.Id, $"add/{person.Id:n}", ""), cancel);
        return ShowOnce(http, new(form["truong"].ToString(), person.FullName, await AtTheDoor(actor, form["truong"], added.Value, cancel), password));
    }

    public async Task<IResult> Edit(HttpContext http, Guid id, CancellationToken cancel)
    {
        var (actor, form) = (http.Actor(), http.Request.Form);
        var person = Typed(form, id);
        var changed = await store.Decide(actor, records =>
        {
            var scope = ScopeOf(records, actor, form["truong"]);
            return scope.Ok ? ChangeAccount.Decide(catalogue, records, actor, scope.Value, person, form["ban"].ToString()) : scope.Error;
        }, cancel);
        return await Finish(actor, form, id, "edit", changed, cancel);
    }

    public async Task<IResult> Switch(HttpContext http, Guid id, CancellationToken cancel)
    {
        var disable = http.Request.Form["khoa"] == "1";
        var changed = await Change(http, id, a => a with { Disabled = disable }, cancel);
        return await Finish(http.Actor(), http.Request.Form, id, disable ? "disable" : "enable", changed, cancel);
    }

    public Task<IResult> BeginPosition(HttpContext http, Guid id, CancellationToken cancel)
    {
        var form = http.Request.Form;
        return SavePosition(http, id, (records, scope) => FormText.Day(form["tu"]) is { } from
            ? HoldPosition.Begin(catalogue, records, scope, new(id, form["chucvu"].ToString(), from, FormText.Day(form["den"])))
            : FormText.NoDay, cancel);
    }

    public Task<IResult> EndPosition(HttpContext http, Guid id, CancellationToken cancel)
    {
        var form = http.Request.Form;
        return SavePosition(http, id, (records, scope) => FormText.Day(form["ngay"]) is { } last
            ? HoldPosition.End(catalogue, records, scope, id, FormText.Id(form["muc"]) ?? Guid.Empty, last)
            : FormText.NoDay, cancel);
    }

    private async Task<IResult> SavePosition(HttpContext http, Guid id, Func<IRecords, Scope, Decision<Guid>> decide, CancellationToken cancel)
    {
        var (actor, place) = (http.Actor(), http.Request.Form["truong"].ToString());
        var saved = await store.Decide(actor, records =>
        {
            var scope = ScopeOf(records, actor, place);
            return scope.Ok ? decide(records, scope.Value) : scope.Error;
        }, cancel);
        return saved.Ok
            ? Results.LocalRedirect($"/can-bo/{id}?truong={Uri.EscapeDataString(place)}")
            : (await LoadPerson(actor, place, id, cancel)).Match(p => Show(p with { Refused = saved.Error }), Refusal.ToResult);
    }

    public async Task<IResult> ResetPassword(HttpContext http, Guid id, CancellationToken cancel)
    {
        var (actor, form) = (http.Actor(), http.Request.Form);
        var (password, hash) = NewPassword();
        var changed = await Change(http, id, a => a.Given(hash, clock.GetUtcNow()), cancel);
        var person = await LoadPerson(actor, form["truong"], id, cancel);
        if (!changed.Ok)
        {
            return person.Match(p => Show(p with { Refused = changed.Error }), Refusal.ToResult);
        }
        await audit.Write(new("account", actor.Id, $"reset/{id:n}", ""), cancel);
        return ShowOnce(
            http, new(form["truong"].ToString(), person.Value.Person.Staff.FullName, await AtTheDoor(actor, form["truong"], changed.Value.UserName, cancel), password));
    }

    private Task<string> AtTheDoor(Actor actor, string? place, string userName, CancellationToken cancel) => store.Read(
        records => ScopeOf(records, actor, place) is { Ok: true } scope ? Groups.SignInName(records, scope.Value, userName) : userName, cancel);

    private Task<Result<Account>> Change(HttpContext http, Guid id, Func<Account, Account> change, CancellationToken cancel)
    {
        var (actor, form) = (http.Actor(), http.Request.Form);
        return store.Decide(actor, records =>
        {
            var scope = ScopeOf(records, actor, form["truong"]);
            return scope.Ok ? ChangeAccount.Decide(catalogue, records, actor, scope.Value, id, form["ban"].ToString(), change) : scope.Error;
        }, cancel);
    }

    private async Task<IResult> Finish(
        Actor actor, IFormCollection form, Guid id, string verb, Result<Account> changed, CancellationToken cancel)
    {
        if (!changed.Ok)
        {
            return (await LoadPerson(actor, form["truong"], id, cancel)).Match(p => Show(p with { Refused = changed.Error }), Refusal.ToResult);
        }
        await audit.Write(new("account", actor.Id, $"{verb}/{id:n}", ""), cancel);
        return Results.LocalRedirect($"/can-bo?truong={Uri.EscapeDataString(form["truong"].ToString())}");
    }

    private Task<StaffListModel> LoadList(Actor actor, string? place, CancellationToken cancel) => store.Read(records =>
    {
        var scope = ScopeOf(records, actor, place);
        return new StaffListModel(
            SchoolScope.Choices(records, actor, clock.Today()),
            scope.Ok ? PlaceOf(scope.Value) : "",
            scope.Ok ? Access.RolesIn(scope.Value) : Roles.None,
            scope.Ok ? StaffLine.Load(records, scope.Value, clock.Today()) : null,
            actor.Is(Writers),
            new(RecordId.New(clock), "", "", "", Roles.None));
    }, cancel);

    private Task<Result<StaffPersonModel>> LoadPerson(Actor actor, string? place, Guid id, CancellationToken cancel) => store.Read(records =>
    {
        var scope = ScopeOf(records, actor, place);
        var person = scope.Ok ? StaffLine.Load(records, scope.Value, clock.Today()).Find(p => p.Id == id) : null;
        return person is null
            ? (Result<StaffPersonModel>)ChangeAccount.NoOne
            : new StaffPersonModel(
                PlaceOf(scope.Value), Access.RolesIn(scope.Value), person, actor.Is(Writers),
                [.. records.AllAt<StaffPosition>(scope.Value, id.ToString("n")).Where(p => !Period.Of(p.Value).IsEmpty).OrderByDescending(p => p.Value.From)],
                [.. Positions.At(HoldPosition.LevelOf(records, scope.Value))], clock.Today());
    }, cancel);

    private static Result<Scope> ScopeOf(IRecords records, Actor actor, string? place) =>
        place == DepartmentPlace && actor.Scope == Scope.City ? Scope.Department : SchoolScope.Existing(records, actor, FormText.Id(place));

    private static string PlaceOf(Scope scope) => scope == Scope.Department ? DepartmentPlace : scope.Owner.ToString();

    private static NewStaff Typed(IFormCollection form, Guid id) => new(
        id,
        VietnameseText.Normalise(form["hoten"].ToString()),
        VietnameseText.Normalise(form["chucdanh"].ToString()),
        form["ten"].ToString(),
        form["viec"].Aggregate(Roles.None, (all, one) =>
            int.TryParse(one, NumberStyles.None, CultureInfo.InvariantCulture, out var role) ? all | (Roles)role : all));

    /// <summary>Hashing takes a while on purpose, so it is done before the store is asked and nobody waits for it.</summary>
    private static (string Password, string Hash) NewPassword()
    {
        var password = Accounts.NewPassword();
        return (password, PasswordHash.Of(password));
    }

    /// <summary>The answer to the form itself, not a page of its own: nothing keeps the password for another request.</summary>
    private static RazorComponentResult<NewPasswordPage> ShowOnce(HttpContext http, NewPasswordModel model)
    {
        http.Response.Headers.CacheControl = "no-store";
        return new(new { Model = model });
    }

    private static IResult Show(StaffListModel model) => new RazorComponentResult<StaffListPage>(new { Model = model })
    {
        StatusCode = model.Refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(model.Refused.Code),
    };

    private static IResult Show(StaffPersonModel model) => new RazorComponentResult<StaffPersonPage>(new { Model = model })
    {
        StatusCode = model.Refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(model.Refused.Code),
    };
}
