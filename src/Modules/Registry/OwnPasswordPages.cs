using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <param name="Here">Accounts are written at Central alone: on a box the page says whom to ask.</param>
public sealed record OwnPasswordModel(bool Here, bool Changed = false, Error? Refused = null);

/// <summary>A person's own password.</summary>
internal sealed class OwnPasswordPages(Home home, IRecordStore store, Catalogue catalogue, SignInDelay delay, IAuditLog audit)
{
    private const int PasswordCharsMax = 128;

    public IResult Page(bool changed) => Show(new(home.Side == Side.Central, changed));

    public async Task<IResult> Change(HttpContext http, CancellationToken cancel)
    {
        var (actor, form) = (http.Actor(), http.Request.Form);
        var (old, wanted) = (form["cu"].ToString(), form["moi"].ToString());
        var result = WhyNot(wanted, form["lai"].ToString()) is { } refusal ? refusal : await Change(actor, SignIn.AddressOf(http), old, wanted, cancel);
        if (!result.Ok)
        {
            return Show(new(true, Refused: result.Error));
        }
        await audit.Write(new("account", actor.Id, $"own_password/{actor.Id:n}", ""), cancel);
        await SignIn.Renew(http, result.Value);
        return Results.LocalRedirect("/can-bo/mat-khau?doi=1");
    }

    internal static Error? WhyNot(string wanted, string again) =>
        wanted.Length is < Accounts.PasswordCharsMin or > PasswordCharsMax
            ? Error.Invalid("password_short", "Mật khẩu mới phải có ít nhất {0} ký tự. Hãy chọn một câu ngắn dễ nhớ.", Accounts.PasswordCharsMin)
            : wanted != again
                ? Error.Invalid("password_differs", "Hai lần nhập mật khẩu mới không giống nhau. Hãy nhập lại.")
                : null;

    private async Task<Result<Row<Account>>> Change(Actor actor, string address, string old, string wanted, CancellationToken cancel)
    {
        var before = await store.Read(records => records.Get<Account>(home.Accounts, actor.Id), cancel);
        if (before is null)
        {
            return ChangeAccount.NoOne;
        }
        // A session left open on a desk must not become a way to guess: the same wait as at sign-in.
        var userName = before.Value.UserName;
        if (delay.Begin(userName, address) is { } wait)
        {
            return Error.Unavailable(
                "sign_in_wait", "Đã nhập sai nhiều lần. Hãy chờ {0} giây rồi thử lại.", (int)Math.Ceiling(wait.TotalSeconds));
        }
        if (!PasswordHash.Verify(old, before.Value.PasswordHash))
        {
            return Error.Denied("old_password", "Mật khẩu đang dùng không đúng. Hãy nhập lại.");
        }
        delay.Succeeded(userName, address);
        var hash = PasswordHash.Of(wanted);
        // Accounts are IT's to write; a person's own hash is the one field of one record that is everybody's.
        var decided = await store.Decide(
            actor with { Roles = Roles.DepartmentIt }, records => Decide(records, actor.Id, before, hash), cancel);
        return decided.Ok ? (await store.Read(records => records.Get<Account>(home.Accounts, actor.Id), cancel))! : decided.Error;
    }

    private Decision<bool> Decide(IRecords records, Guid id, Row<Account> before, string hash) =>
        records.Get<Account>(home.Accounts, id) is { } now && now.Version.Equals(before.Version) && !now.Value.Disabled
            ? new Decision<bool>(true, [catalogue.Change(home.Accounts, now, now.Value with { PasswordHash = hash })!])
            : Error.Conflict("account_changed", "Tài khoản vừa được thay đổi. Hãy mở lại trang rồi làm lại nếu còn cần.");

    private static RazorComponentResult<OwnPasswordPage> Show(OwnPasswordModel model) => new(new { Model = model })
    {
        StatusCode = model.Refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(model.Refused.Code),
    };
}
