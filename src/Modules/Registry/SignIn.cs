using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>
/// Sign-in by user name and password, without a line to anywhere: the accounts of a school are on its box. At Central only the
/// department's own accounts are looked at.
/// </summary>
internal sealed class SignIn(Home home, IRecordStore store, IAuditLog audit, SignInDelay delay, TimeProvider clock)
{
    private const int UserNameCharsMax = 64;
    private const int PasswordCharsMax = 128;
    private const string AccountVersion = "account";
    private static readonly TimeSpan CheckedFor = TimeSpan.FromMinutes(5);

    internal sealed record Found(Row<Account> Account, string FullName, string UnitName);

    internal static IResult Page(HttpContext http) => http.User.TryActor() is null
        ? Show(new(LocalPath.Of(http.Request.Query["tiep"]), "", null))
        : Results.LocalRedirect(LocalPath.Of(http.Request.Query["tiep"]));

    internal async Task<IResult> Post(HttpContext http)
    {
        var form = http.Request.Form;
        var userName = VietnameseText.Fold(form["ten"].ToString());
        var next = LocalPath.Of(form["tiep"]);
        var found = await Check(userName, form["matkhau"].ToString(), AddressOf(http), http.RequestAborted);
        if (!found.Ok)
        {
            return Show(new(next, userName.Length > UserNameCharsMax ? "" : userName, found.Error));
        }
        var (account, fullName, unitName) = found.Value;
        var actor = new Actor(account.Id, home.Scope, account.Value.Roles);
        await http.SignInAsync(Person.ToPrincipal(actor, fullName, unitName), PropertiesOf(account));
        return Results.LocalRedirect(next);
    }

    /// <summary>The session that changed its own account goes on; the person's others end.</summary>
    internal static Task Renew(HttpContext http, Row<Account> account) => http.SignInAsync(http.User, PropertiesOf(account));

    internal static async Task<IResult> SignOut(HttpContext http)
    {
        await http.SignOutAsync();
        return Results.LocalRedirect(ShellSetup.SignInPath);
    }

    /// <summary>A session ends within minutes when its account was disabled or changed, a new password included.</summary>
    internal static async Task EndStaleSession(CookieValidatePrincipalContext context)
    {
        var services = context.HttpContext.RequestServices;
        if (services.GetRequiredService<TimeProvider>().GetUtcNow() - context.Properties.IssuedUtc < CheckedFor)
        {
            return;
        }
        var actor = context.Principal?.TryActor();
        var accounts = services.GetRequiredService<Home>().Accounts;
        var account = actor is null ? null : await services.GetRequiredService<IRecordStore>()
            .Read(records => records.Get<Account>(accounts, actor.Id), context.HttpContext.RequestAborted);
        if (account is null or { Value.Disabled: true } || account.Version.ToString() != context.Properties.Items[AccountVersion])
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync();
            return;
        }
        context.ShouldRenew = true;
    }

    internal async Task<Result<Found>> Check(string userName, string password, string address, CancellationToken cancel)
    {
        if (userName is [] || userName.Length > UserNameCharsMax || password is [] || password.Length > PasswordCharsMax)
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
            return Error.Unavailable(
                "sign_in_wait", "Đã nhập sai nhiều lần. Hãy chờ {0} giây rồi thử lại.", (int)Math.Ceiling(wait.TotalSeconds));
        }
        var found = await store.Read(records => Find(records, userName), cancel);
        var right = PasswordHash.Verify(password, found?.Account.Value.PasswordHash);
        if (!right || found is null || found.Account.Value.Disabled)
        {
            var reason = found is null ? "unknown_user" : right ? "disabled" : "wrong_password";
            await audit.Write(new("sign_in", found?.Account.Id ?? Guid.Empty, address, reason), cancel);
            return Error.Denied(
                "sign_in_refused", "Tên đăng nhập hoặc mật khẩu không đúng. Hãy kiểm tra phím Caps Lock và kiểu gõ rồi nhập lại.");
        }
        delay.Succeeded(userName, address);
        await audit.Write(new("sign_in", found.Account.Id, address, ""), cancel);
        return found;
    }

    private Found? Find(IRecords records, string userName)
    {
        if (records.AllAt<Account>(home.Accounts, userName) is not [var account, ..])
        {
            return null;
        }
        var unit = home.Scope == Scope.City
            ? records.All<Unit>(Scope.City).FirstOrDefault(u => u.Value.Kind == UnitKind.Department && u.Value.IsValidOn(clock.Today()))
            : records.Get<Unit>(Scope.City, home.Scope.Owner);
        var fullName = records.Get<Staff>(home.Accounts, account.Id)?.Value.FullName ?? userName;
        return new(account, fullName, unit?.Value.Name ?? "Phòng Giáo dục và Đào tạo");
    }

    private static AuthenticationProperties PropertiesOf(Row<Account> account) => new()
    {
        Items = { [AccountVersion] = account.Version.ToString() },
    };

    internal static string AddressOf(HttpContext http) => http.Connection.RemoteIpAddress?.ToString() ?? "";

    private static RazorComponentResult<SignInPage> Show(SignInModel model) => new(new { Model = model })
    {
        StatusCode = model.Refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(model.Refused.Code),
    };
}

/// <param name="Next">Where to go afterwards.</param>
public sealed record SignInModel(string Next, string UserName, Error? Refused);
