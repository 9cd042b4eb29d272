using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <param name="Next">Where to go afterwards.</param>
/// <param name="Code">The class code as it was typed.</param>
public sealed record PupilSignInModel(string Next, string Code, Error? Refused);

/// <summary>
/// Pupils come in on their school's network with the class code and a PIN, or with their card; parents anywhere with a link for their
/// child. Nobody is told which part was wrong, and no name is shown before.
/// </summary>
internal sealed class PupilSignIn(Home home, IRecordStore store, IAuditLog audit, SignInDelay delay, Sessions sessions, TimeProvider clock)
{
    private const int TypedCharsMax = 300;

    /// <param name="Actor">In the pupil's or the parents' role; the id is the pupil's.</param>
    /// <param name="Stamp">As <see cref="PupilKeys.StampOf"/>.</param>
    internal sealed record Found(Actor Actor, string Stamp, string FullName, string UnitName);

    public static IResult PupilPage(HttpContext http) => Show<PupilSignInPage>(new(LocalPath.Of(http.Request.Query["tiep"]), "", null));

    public static IResult ParentPage(HttpContext http) => Show<ParentSignInPage>(new(LocalPath.Of(http.Request.Query["tiep"]), "", null));

    public Task<IResult> PupilPost(HttpContext http)
    {
        var (code, pin) = (http.Request.Form["ma-lop"].ToString().Trim(), http.Request.Form["matkhau"].ToString());
        return Post<PupilSignInPage>(http, PupilKeys.SecretIn(code) is null ? code : "", () => PupilKeys.SecretIn(code) is { } secret
            ? ByCard(secret, SignIn.AddressOf(http), http.RequestAborted)
            : ByPin(code, pin, SignIn.AddressOf(http), http.RequestAborted));
    }

    public Task<IResult> ParentPost(HttpContext http) => Post<ParentSignInPage>(
        http, "", () => ByLink(http.Request.Form["matkhau"].ToString(), SignIn.AddressOf(http), http.RequestAborted));

    /// <summary>A card or link in the address is sent by the page itself: it must not put a stranger's session in the place of a teacher's.</summary>
    private async Task<IResult> Post<TPage>(HttpContext http, string typed, Func<Task<Result<Found>>> check) where TPage : IComponent
    {
        var next = LocalPath.Of(http.Request.Form["tiep"]);
        var found = http.User.TryActor() is { } actor && !actor.Is(Access.Family)
            ? Error.Conflict("staff_signed_in", "Máy này đang đăng nhập bằng tài khoản cán bộ. Hãy đăng xuất trước, rồi làm lại.")
            : await check();
        if (!found.Ok)
        {
            return Show<TPage>(new(next, typed.Length > TypedCharsMax ? "" : typed, found.Error));
        }
        await sessions.Begin(http, found.Value);
        return Results.LocalRedirect(next);
    }

    internal async Task<Result<Found>> ByPin(string typed, string pin, string address, CancellationToken cancel)
    {
        var code = new string([.. VietnameseText.Fold(typed).ToUpperInvariant().Where(char.IsAsciiLetterOrDigit)]);
        if (code is [] || pin is [] || typed.Length > TypedCharsMax || pin.Length > TypedCharsMax)
        {
            return Error.Invalid("sign_in_incomplete", "Hãy nhập mã lớp và số PIN trên thẻ của em, hoặc quét thẻ.");
        }
        if (delay.Begin(code, address, isClass: true) is { } wait)
        {
            return SignInDelay.Refusal(wait);
        }
        var keys = await store.Read(records => PupilKeys.InClass(records, home.Scope, code, clock.Today()), cancel);
        var verify = PasswordHash.Verifier(pin.Trim());
        var matches = keys.Where(k => verify(k.Value.PinHash)).ToList();
        if (keys is [])
        {
            verify(null);
        }
        if (matches is [var key])
        {
            delay.Succeeded(code, address, isClass: true);
            return await Admit("sign_in_pupil", new(key.Id, home.Scope, Roles.Pupil), _ => true, address, cancel);
        }
        await audit.Write(new("sign_in_pupil", Guid.Empty, address, keys is [] ? "unknown_class" : "wrong_pin"), cancel);
        return NotThisPupil;
    }

    internal async Task<Result<Found>> ByCard(string secret, string address, CancellationToken cancel)
    {
        var hash = PupilKeys.Hash(secret);
        var holder = await store.Read(records => records.AllAt<PupilKey>(home.Scope, hash), cancel);
        return await Admit("sign_in_pupil", holder is [var key, ..] ? new(key.Id, home.Scope, Roles.Pupil) : null, stamp => stamp == hash, address, cancel);
    }

    internal Task<Result<Found>> ByLink(string typed, string address, CancellationToken cancel)
    {
        var link = typed.Length > TypedCharsMax ? null : PupilKeys.LinkIn(typed.Trim());
        if (link is null && typed is [])
        {
            return Task.FromResult<Result<Found>>(Error.Invalid("sign_in_incomplete", "Hãy dán liên kết mà giáo viên chủ nhiệm đã đưa."));
        }
        var isHere = link is not null && (home.Side == Side.Central || link.Value.School == home.Scope);
        var hash = PupilKeys.Hash(link?.Secret ?? "");
        return Admit("sign_in_parent", isHere ? new(link!.Value.Pupil, link.Value.School, Roles.Parent) : null, stamp => IsSame(stamp, hash), address, cancel);
    }

    /// <summary>A secret cannot be guessed, so the right one never waits; the delay is for whoever fills the audit with wrong ones.</summary>
    private async Task<Result<Found>> Admit(string what, Actor? actor, Func<string, bool> isRight, string address, CancellationToken cancel)
    {
        var found = actor is null ? null : await store.Read(records => Find(records, actor), cancel);
        if (found is not null && isRight(found.Stamp))
        {
            await audit.Write(new(what, found.Actor.Id, address, ""), cancel);
            return found;
        }
        if (delay.Begin(what, address, isClass: false) is { } wait)
        {
            return SignInDelay.Refusal(wait);
        }
        await audit.Write(new(what, Guid.Empty, address, "unknown_key"), cancel);
        return what == "sign_in_pupil" ? NotThisPupil
            : Error.Denied("sign_in_refused", "Liên kết này không đúng, đã hết hạn hoặc đã được thay. Hãy nhờ giáo viên chủ nhiệm tạo liên kết mới.");
    }

    private Found? Find(IRecords records, Actor actor) =>
        PupilKeys.StampOf(records, actor, clock.Today()) is { } stamp && records.Get<Pupil>(actor.Scope, actor.Id) is { } pupil
            ? new(actor, stamp, pupil.Value.FullName, records.Get<Unit>(Scope.City, actor.Scope.Owner)?.Value.Name ?? "")
            : null;

    private static bool IsSame(string a, string b) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(a), Encoding.UTF8.GetBytes(b));

    private static Error NotThisPupil { get; } = Error.Denied(
        "sign_in_refused", "Mã lớp, số PIN hoặc thẻ không đúng. Em hãy nhìn kỹ thẻ rồi nhập lại; nếu vẫn không được, em nhờ thầy cô chủ nhiệm làm thẻ mới.");

    private static RazorComponentResult<TPage> Show<TPage>(PupilSignInModel model) where TPage : IComponent => new(new { Model = model })
    {
        StatusCode = model.Refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(model.Refused.Code),
    };
}
