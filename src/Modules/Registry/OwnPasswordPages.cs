using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;

namespace TdmEdu.Modules.Registry;

/// <param name="Due">Nothing else opens before a password was chosen.</param>
/// <param name="CharsMin">How long it must be.</param>
/// <param name="HasCode">Whether the person also types a code.</param>
public sealed record OwnPasswordModel(bool Due, int CharsMin, bool HasCode, bool Changed = false, Error? Refused = null);

/// <summary>A person's own password, which nobody else chooses.</summary>
internal sealed class OwnPasswordPages(OwnAccount own, Sessions sessions, IAuditLog audit)
{
    public async Task<IResult> Page(HttpContext http, bool changed, CancellationToken cancel) => Show(await Load(http, cancel) with { Changed = changed });

    public async Task<IResult> Change(HttpContext http, CancellationToken cancel)
    {
        var form = http.Request.Form;
        var wanted = form["moi"].ToString();
        var result = wanted == form["lai"]
            ? await own.Change(http, form["cu"].ToString(), mine => WhyNot(mine, wanted), () =>
            {
                // Hashing takes a while on purpose, so it is done before the store is asked.
                var hash = PasswordHash.Of(wanted);
                return a => a with { PasswordHash = hash };
            }, cancel)
            : Error.Invalid("password_differs", "Hai lần nhập mật khẩu mới không giống nhau. Hãy nhập lại.");
        if (!result.Ok)
        {
            return Show(await Load(http, cancel) with { Refused = result.Error });
        }
        var actor = http.Actor();
        await audit.Write(new("account", actor.Id, $"own_password/{actor.Id:n}", ""), cancel);
        await sessions.Renew(http, result.Value, passwordDue: false);
        return Results.LocalRedirect(http.User.IsPasswordDue() ? "/" : $"{ShellSetup.OwnPasswordPath}?doi=1");
    }

    internal static Error? WhyNot(OwnAccount.Mine mine, string wanted) =>
        Passwords.WhyNot(wanted, mine.Account.Value.TotpSecret is not null, mine.About)
        ?? (PasswordHash.Verify(wanted, mine.Account.Value.PasswordHash)
            ? Error.Invalid("password_same", "Mật khẩu mới phải khác mật khẩu đang dùng. Hãy chọn mật khẩu khác.") : null);

    private async Task<OwnPasswordModel> Load(HttpContext http, CancellationToken cancel)
    {
        var hasCode = (await own.Load(http, cancel))?.Account.Value.TotpSecret is not null;
        return new(http.User.IsPasswordDue(), Passwords.CharsMinOf(hasCode), hasCode);
    }

    private static RazorComponentResult<OwnPasswordPage> Show(OwnPasswordModel model) => new(new { Model = model })
    {
        StatusCode = model.Refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(model.Refused.Code),
    };
}
