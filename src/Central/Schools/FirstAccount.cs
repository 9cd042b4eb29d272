using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Storage;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Schools;

/// <summary>
/// Administrators made at the machine: the first two, whom the rule of two needs and of whom none was made by the other, and somebody new where
/// nobody is left who can sign in. Otherwise whoever has the machine would be a second person at will.
/// </summary>
internal sealed class FirstAccount(IDbContextFactory<CentralDb> databases, IRecordStore store, Catalogue catalogue, TimeProvider clock)
{
    private const int EnoughAccounts = 2;

    /// <summary>After so long without any administrator's sign-in there is none.</summary>
    private static readonly TimeSpan NobodyFor = TimeSpan.FromDays(7);

    public async Task<Result<string>> Make(string userName, string fullName, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var now = clock.GetUtcNow();
        var since = (now - NobodyFor).ToUnixTimeMilliseconds();
        var seen = await db.Audit.AsNoTracking().Where(a => a.Event == "sign_in" && a.Reason == "" && a.AtMs >= since).Select(a => a.Actor).Distinct().ToListAsync(cancel);
        var password = Accounts.NewPassword();
        var hash = PasswordHash.Of(password);
        var id = RecordId.New(clock);
        return await store.Decide<string>(
            new Actor(Guid.Empty, Scope.City, Roles.DepartmentIt),
            records =>
            {
                var accounts = records.All<Account>(Scope.Department);
                var administrators = accounts.Where(a => !a.Value.Disabled && (a.Value.Roles & Roles.DepartmentIt) != 0).Select(a => a.Id).ToList();
                if (administrators.Count >= EnoughAccounts && administrators.Exists(seen.Contains))
                {
                    return Error.Denied(
                        "not_first",
                        "Phòng đã có {0} quản trị viên và có người đăng nhập trong {1} ngày qua. Hãy nhờ họ thêm tài khoản ở trang Cán bộ.",
                        administrators.Count, (int)NobodyFor.TotalDays);
                }
                var name = Accounts.UserName(userName, fullName, accounts.Select(a => a.Value.UserName).ToHashSet(StringComparer.Ordinal));
                return !name.Ok ? name.Error : new Decision<string>(
                    $"{name.Value}: {password}",
                    [
                        catalogue.Create(Scope.Department, id, new Staff(fullName, "Quản trị hệ thống")),
                        catalogue.Create(Scope.Department, id, new Account(name.Value, "", Roles.DepartmentIt).Given(hash, now)),
                    ]);
            },
            cancel);
    }
}
