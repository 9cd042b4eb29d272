using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;

namespace TdmEdu.Modules.Registry;

/// <param name="Offer">A secret to bring to a phone; null for who has one in force.</param>
public sealed record SecondFactorModel(string? Secret, string? Picture, string? Offer, Error? Refused = null);

/// <summary>Where a person turns on codes from a phone. Off they go with a new password, by who sets passwords: a thief of a session cannot.</summary>
internal sealed class SecondFactorPages(OwnAccount own, SecondFactor codes, Sessions sessions, IAuditLog audit)
{
    internal const string Path = "/can-bo/ma-xac-thuc";

    public async Task<IResult> Page(HttpContext http, CancellationToken cancel) => Show(http, await Load(http, cancel));

    public async Task<IResult> TurnOn(HttpContext http, CancellationToken cancel)
    {
        var (form, person) = (http.Request.Form, http.Actor().Id);
        string? kept = null;
        var result = await own.Change(http, form["matkhau"].ToString(), mine => mine.Account.Value.TotpSecret is not null
            ? Error.Conflict("code_on", "Mã xác thực đã bật rồi. Nếu đổi điện thoại, hãy nhờ người đặt mật khẩu cấp lại mật khẩu.")
            : (kept = codes.Accept(person, form["phieu"].ToString(), form["maso"].ToString())) is null
                ? codes.Again(person, mine.Account.Value.UserName, form["phieu"].ToString()) is null
                    ? Error.Invalid("offer_over", "Trang đã mở quá lâu, nên có mã QR mới. Hãy quét lại mã QR dưới đây rồi nhập mã mới nhất.")
                    : Error.Invalid("wrong_code", "Mã không đúng. Không cần quét lại: hãy nhập sáu chữ số đang hiện trên điện thoại.")
                : null, () => a => a with { TotpSecret = kept }, cancel);
        if (!result.Ok)
        {
            return Show(http, await Load(http, cancel, form["phieu"].ToString()) with { Refused = result.Error });
        }
        await audit.Write(new("account", person, $"code_on/{person:n}", ""), cancel);
        await sessions.Renew(http, result.Value, http.User.IsPasswordDue());
        return Results.LocalRedirect(ShellSetup.OwnPasswordPath);
    }

    /// <param name="offered">What the person has before them, to be kept as long as it is good.</param>
    private async Task<SecondFactorModel> Load(HttpContext http, CancellationToken cancel, string? offered = null)
    {
        var account = (await own.Load(http, cancel))?.Account;
        var offer = account is not { Value.TotpSecret: null } ? null
            : (offered is null ? null : codes.Again(account.Id, account.Value.UserName, offered)) ?? codes.Propose(account.Id, account.Value.UserName);
        return new(offer?.Secret, offer?.Picture, offer?.Token);
    }

    private static RazorComponentResult<SecondFactorPage> Show(HttpContext http, SecondFactorModel model)
    {
        http.Response.Headers.CacheControl = "no-store";
        return new(new { Model = model }) { StatusCode = model.Refused is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(model.Refused.Code) };
    }
}
