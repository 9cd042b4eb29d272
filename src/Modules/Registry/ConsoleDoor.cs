using Microsoft.Extensions.DependencyInjection;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>Sign-in of somebody who stands at the host's own machine, for one command.</summary>
public static class ConsoleDoor
{
    private static readonly Error PasswordDue = Error.Denied(
        "password_due", "Mật khẩu này do người khác đặt hoặc quá ngắn. Hãy đăng nhập trên trang và đặt mật khẩu của riêng bạn, rồi chạy lại lệnh.");

    /// <param name="services">The host's.</param>
    /// <param name="userName">As on the page.</param>
    /// <param name="password">Too.</param>
    /// <param name="code">From the person's phone; empty for who has none.</param>
    /// <param name="cancel">Ends the attempt.</param>
    public static async Task<Result<Actor>> Admit(IServiceProvider services, string userName, string password, string code, CancellationToken cancel)
    {
        var found = await services.GetRequiredService<SignIn>().Check(new(VietnameseText.Fold(userName), password, code, "console"), cancel);
        return !found.Ok ? found.Error
            : found.Value.Group is not null ? SignIn.NotLetIn
            : found.Value.PasswordDue ? PasswordDue
            : new Actor(found.Value.Account.Id, services.GetRequiredService<Home>().Scope, found.Value.Account.Value.Roles);
    }
}
