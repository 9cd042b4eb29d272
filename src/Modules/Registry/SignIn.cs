using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>
/// Sign-in by user name and password, without a line to anywhere: the accounts of a school are on its box. At Central only the
/// department's own accounts are looked at, and those of units that have no box.
/// </summary>
internal sealed class SignIn(
    Home home, IRecordStore store, IAuditLog audit, SignInDelay delay, SecondFactor codes, Sessions sessions, Lease lease, TimeProvider clock)
{
    private const int UserNameCharsMax = 64;

    /// <param name="Account">Whose sign-in it is.</param>
    /// <param name="FullName">What people call them.</param>
    /// <param name="UnitName">Where they work.</param>
    /// <param name="PasswordDue">Somebody else knows the password, or it is one that nobody may choose any more.</param>
    /// <param name="Group">The unit without a box whose account it is; null for one of this host's own.</param>
    internal sealed record Found(Row<Account> Account, string FullName, string UnitName, bool PasswordDue = false, Scope? Group = null)
    {
        /// <summary>Whatever the account claims, it gives only what people of that unit or of the department can be.</summary>
        public Actor ActorIn(Scope home) => new(Account.Id, Group ?? home, Account.Value.Roles & Access.RolesIn(Group ?? home));
    }

    /// <param name="Code">Six digits from the person's phone; empty for who has none.</param>
    internal sealed record Attempt(string UserName, string Password, string Code, string Address);

    internal static Error NotLetIn { get; } = Error.Denied(
        "not_let_in", "Máy chủ đăng nhập kia không xác nhận bạn, hoặc ở đây chưa có tài khoản cùng tên. Hãy thử lại, hoặc nhờ quản trị viên của Phòng tạo tài khoản.");

    internal async Task<IResult> Page(HttpContext http) => http.User.TryActor() is null
        ? await Show(LocalPath.Of(http.Request.Query["tiep"]), "", http.Request.Query.ContainsKey("ngoai") ? NotLetIn : null, http.RequestAborted)
        : Results.LocalRedirect(LocalPath.Of(http.Request.Query["tiep"]));

    internal async Task<IResult> Post(HttpContext http)
    {
        var form = http.Request.Form;
        var userName = VietnameseText.Fold(form["ten"].ToString());
        var next = LocalPath.Of(form["tiep"]);
        var found = await Check(new(userName, form["matkhau"].ToString(), form["maso"].ToString(), AddressOf(http)), http.RequestAborted);
        if (!found.Ok)
        {
            return await Show(next, userName.Length > UserNameCharsMax ? "" : userName, found.Error, http.RequestAborted);
        }
        await sessions.Begin(http, found.Value.ActorIn(home.Scope), found.Value, shared: form["chung"] == "1");
        return Results.LocalRedirect(found.Value.PasswordDue ? ShellSetup.OwnPasswordPath : next);
    }

    internal static async Task<IResult> SignOut(HttpContext http, Sessions sessions)
    {
        var door = Access.DoorOf(http.User.TryActor());
        await sessions.End(http);
        return Results.LocalRedirect(door);
    }

    internal async Task<Result<Found>> Check(Attempt attempt, CancellationToken cancel)
    {
        var (userName, password, _, address) = attempt;
        if (userName is [] || userName.Length > UserNameCharsMax || password is [] || password.Length > Passwords.CharsMax)
        {
            return Error.Invalid("sign_in_incomplete", "Hãy nhập tên đăng nhập và mật khẩu.");
        }
        if (await store.Read(records => records.Page<Account>(home.Accounts, rowsMax: 1).Rows.Count == 0, cancel))
        {
            return Error.Unavailable(
                "no_accounts_yet",
                "Máy này chưa nhận được tài khoản nào từ Phòng Giáo dục. Hãy kiểm tra đường truyền, chờ vài phút rồi thử lại.");
        }
        if (delay.Begin(userName, address) is { } wait)
        {
            return SignInDelay.Refusal(wait);
        }
        var found = await Find(userName, cancel);
        if (WhyNot(found, attempt) is { } reason)
        {
            await audit.Write(new("sign_in", found?.Account.Id ?? Guid.Empty, address, reason), cancel);
            return Error.Denied(
                "sign_in_refused", "Tên đăng nhập, mật khẩu hoặc mã xác thực không đúng. Hãy kiểm tra phím Caps Lock và kiểu gõ rồi nhập lại.");
        }
        delay.Succeeded(userName, address);
        var account = found!.Account.Value;
        if (account.IsGivenOver(clock.GetUtcNow()))
        {
            await audit.Write(new("sign_in", found.Account.Id, address, "given_over"), cancel);
            return Error.Denied(
                "given_over",
                "Mật khẩu dùng một lần này đã quá {0} giờ nên hết hạn. Hãy nhờ người quản lý tài khoản (hiệu trưởng, hoặc quản trị viên của Phòng) đặt lại mật khẩu.",
                (int)Account.GivenFor.TotalHours);
        }
        if (lease.IsOver(account))
        {
            await audit.Write(new("sign_in", found.Account.Id, address, "lease_over"), cancel);
            return Error.Denied(
                "lease_over",
                "Máy chủ trường không liên lạc được với Phòng Giáo dục quá {0} ngày nên tài khoản này tạm ngừng. Hãy nhờ hiệu trưởng hoặc CNTT của trường gia hạn.",
                Lease.DaysMax);
        }
        await audit.Write(new("sign_in", found.Account.Id, address, ""), cancel);
        return found with { PasswordDue = account.IsGiven() || password.Length < Passwords.CharsMinOf(account.TotpSecret is not null) };
    }

    /// <summary>People are told one and the same of all of these: which part was right is nobody's business.</summary>
    private string? WhyNot(Found? found, Attempt attempt) =>
        !PasswordHash.Verify(attempt.Password, found?.Account.Value.PasswordHash) ? found is null ? "unknown_user" : "wrong_password"
            : found!.Account.Value.Disabled ? "disabled"
            : !codes.Verify(found.Account.Id, found.Account.Value.TotpSecret, attempt.Code) ? "wrong_code"
            : null;

    internal Task<Found?> Find(string userName, CancellationToken cancel) => store.Read(records => Find(records, userName), cancel);

    private Found? Find(IRecords records, string userName)
    {
        var at = userName.IndexOf(Groups.At, StringComparison.Ordinal);
        var group = home.Side == Side.Central && at > 0 ? Groups.Find(records, userName[(at + 1)..], clock.Today()) : null;
        var (accounts, name) = group is null ? (home.Accounts, userName) : (Scope.School(group.Id), userName[..at]);
        if (records.AllAt<Account>(accounts, name) is not [var account, ..])
        {
            return null;
        }
        var fullName = records.Get<Staff>(accounts, account.Id)?.Value.FullName ?? name;
        return new(account, fullName, group?.Value.Name ?? UnitName(records) ?? "Phòng Giáo dục và Đào tạo", Group: group is null ? null : accounts);
    }

    private string? UnitName(IRecords records) => (home.Scope == Scope.City
        ? records.All<Unit>(Scope.City).FirstOrDefault(u => u.Value.Kind == UnitKind.Department && u.Value.IsValidOn(clock.Today()))
        : records.Get<Unit>(Scope.City, home.Scope.Owner))?.Value.Name;

    internal static string AddressOf(HttpContext http) => http.Connection.RemoteIpAddress?.ToString() ?? "";

    private async Task<RazorComponentResult<SignInPage>> Show(string next, string userName, Error? refused, CancellationToken cancel)
    {
        var model = new SignInModel(next, userName, refused, await store.Read(UnitName, cancel));
        return new(new { Model = model }) { StatusCode = refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(refused.Code) };
    }
}

/// <param name="Next">Where to go afterwards.</param>
/// <param name="UnitName">Whose page it is; null while the box has heard nothing yet.</param>
public sealed record SignInModel(string Next, string UserName, Error? Refused, string? UnitName);
