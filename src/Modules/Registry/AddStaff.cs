using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <summary>A person with a sign-in, as typed.</summary>
/// <param name="Id">Made with the form, so that sending it twice adds nobody twice.</param>
/// <param name="UserName">Empty: proposed from the name.</param>
public sealed record NewStaff(Guid Id, string FullName, string Title, string UserName, Roles Roles)
{
    private const int TitleCharsMax = 60;

    internal Error? WhyNot() => !PupilCells.IsName(FullName)
        ? Error.Invalid("staff_name", "Hãy ghi họ tên chỉ gồm chữ cái, nhiều nhất 100 ký tự.")
        : Title is [] or { Length: > TitleCharsMax }
            ? Error.Invalid("staff_title", "Hãy ghi chức danh, nhiều nhất {0} ký tự, ví dụ: Giáo viên.", TitleCharsMax)
            : null;
}

internal static class AddStaff
{
    /// <summary>The user name that the person got.</summary>
    public static Decision<string> Decide(
        Catalogue catalogue, IRecords records, Actor actor, Scope scope, NewStaff person, string passwordHash, DateTimeOffset now)
    {
        if (records.Get<Staff>(scope, person.Id) is not null)
        {
            return Error.Conflict(
                "staff_added", "Người này đã được thêm rồi. Nếu chưa kịp ghi mật khẩu, hãy mở tên trong danh sách và đặt lại mật khẩu.");
        }
        var taken = records.All<Account>(scope).Select(a => a.Value.UserName).ToHashSet(StringComparer.Ordinal);
        var userName = Accounts.UserName(person.UserName, person.FullName, taken);
        if (person.WhyNot() is { } wrong)
        {
            return wrong;
        }
        if (!userName.Ok)
        {
            return userName.Error;
        }
        var account = new Account(userName.Value, "", person.Roles).Given(passwordHash, now);
        return Accounts.WhyNot(actor, person.Id, scope, account) is { } refusal
            ? refusal
            : new Decision<string>(userName.Value,
                [
                    catalogue.Create(scope, person.Id, new Staff(person.FullName, person.Title)),
                    catalogue.Create(scope, person.Id, account),
                ]);
    }
}
