using Microsoft.AspNetCore.Http;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>What a signed-in person does with the own account: always with the password once more.</summary>
internal sealed class OwnAccount(Home home, IRecordStore store, Catalogue catalogue, SignInDelay delay)
{
    /// <param name="Account">The person's own.</param>
    /// <param name="About">What others know of them: user name, full name, the school's name.</param>
    internal sealed record Mine(Row<Account> Account, IReadOnlyList<string> About);

    public Task<Mine?> Load(HttpContext http, CancellationToken cancel) => store.Read(
        records => records.Get<Account>(home.AccountsOf(http.Actor()), http.Actor().Id) is { } account
            ? new Mine(account, [account.Value.UserName, http.User.Identity?.Name ?? "", http.User.UnitName() ?? ""])
            : null, cancel);

    /// <summary>Whether this is the person's password. A session left open on a desk must not become a way to guess: the same wait as at sign-in.</summary>
    public Result<bool> Prove(HttpContext http, Row<Account> account, string password)
    {
        var (userName, address) = (account.Value.UserName, SignIn.AddressOf(http));
        if (delay.Begin(userName, address) is { } wait)
        {
            return SignInDelay.Refusal(wait);
        }
        if (password.Length > Passwords.CharsMax || !PasswordHash.Verify(password, account.Value.PasswordHash))
        {
            return Error.Denied("old_password", "Mật khẩu đang dùng không đúng. Hãy nhập lại.");
        }
        delay.Succeeded(userName, address);
        return true;
    }

    /// <param name="http">The person's session.</param>
    /// <param name="password">The one in use.</param>
    /// <param name="whyNot">Asked when the password is right.</param>
    /// <param name="prepare">What takes long, and gives what to change.</param>
    /// <param name="cancel">The request's.</param>
    public async Task<Result<Row<Account>>> Change(
        HttpContext http, string password, Func<Mine, Error?> whyNot, Func<Func<Account, Account>> prepare, CancellationToken cancel)
    {
        if (await Load(http, cancel) is not { } mine)
        {
            return ChangeAccount.NoOne;
        }
        var proved = Prove(http, mine.Account, password);
        if (!proved.Ok || whyNot(mine) is not null)
        {
            return proved.Ok ? whyNot(mine)! : proved.Error;
        }
        var (change, before, actor) = (prepare(), mine.Account, http.Actor());
        // Accounts are the department's IT's and the head's to write; how a person signs in is their own.
        var decided = await store.Decide(actor with { Roles = Accounts.Writers }, records => Decide(records, home.AccountsOf(actor), before, change), cancel);
        return decided.Ok ? (await store.Read(records => records.Get<Account>(home.AccountsOf(actor), actor.Id), cancel))! : decided.Error;
    }

    private Decision<bool> Decide(IRecords records, Scope accounts, Row<Account> before, Func<Account, Account> change) =>
        records.Get<Account>(accounts, before.Id) is { } now && now.Version.Equals(before.Version) && !now.Value.Disabled
            ? new Decision<bool>(true, [catalogue.Change(accounts, now, change(now.Value))!])
            : Error.Conflict("account_changed", "Tài khoản vừa được thay đổi. Hãy mở lại trang rồi làm lại nếu còn cần.");
}
