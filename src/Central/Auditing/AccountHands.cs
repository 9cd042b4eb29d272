using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Storage;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Auditing;

/// <summary>
/// In whose hands an account of the department has ever been: who made it, gave it a password or its rights, and who did so with theirs. Read from
/// the operations, which nobody rewrites. The console is nobody's hand: who has the machine is beyond the rule of two.
/// </summary>
internal static class AccountHands
{
    /// <summary>How long an account that somebody else has touched says nothing: time for the others to see it.</summary>
    public static readonly TimeSpan RestsFor = TimeSpan.FromHours(72);

    private static readonly string[] Keys = ["givenHash", "passwordHash", "roles"];

    /// <summary>Why the second of two people is not one more; null when they are two.</summary>
    public static async Task<Error?> WhyNot(CentralDb db, Guid? first, Guid person, long nowMs, CancellationToken cancel)
    {
        if ((await Touches(db, person, cancel)).Exists(t => t.AtMs > nowMs - (long)RestsFor.TotalMilliseconds))
        {
            return Error.Denied(
                "account_new",
                "Tài khoản của bạn mới được người khác tạo, đặt lại mật khẩu hoặc đổi việc, nên chưa được tính trong {0} giờ. Hãy chờ, hoặc nhờ một quản trị viên khác đồng ý.",
                (int)RestsFor.TotalHours);
        }
        return first is { } one && (await Of(db, one, cancel)).Overlaps(await Of(db, person, cancel))
            ? Error.Denied(
                "same_hand",
                "Tài khoản của bạn và của người kia do một người tạo, đặt lại mật khẩu hoặc đổi việc, nên chỉ tính là một người. Hãy nhờ một quản trị viên khác.")
            : null;
    }

    private static async Task<HashSet<Guid>> Of(CentralDb db, Guid person, CancellationToken cancel)
    {
        var (hands, open) = (new HashSet<Guid> { person }, new Stack<Guid>([person]));
        while (open.TryPop(out var next))
        {
            foreach (var (by, _) in await Touches(db, next, cancel))
            {
                if (by != Guid.Empty && hands.Add(by))
                {
                    open.Push(by);
                }
            }
        }
        return hands;
    }

    private static async Task<List<(Guid By, long AtMs)>> Touches(CentralDb db, Guid account, CancellationToken cancel)
    {
        var ops = await db.Ops.AsNoTracking().Where(o => o.Scope == Scope.Department && o.Entity == "registry.account" && o.Id == account && o.Actor != account)
            .Select(o => new { o.Actor, o.ReceivedAtMs, o.Data }).ToListAsync(cancel);
        return [.. ops.Where(o => Touches(o.Data)).Select(o => (o.Actor, o.ReceivedAtMs))];
    }

    private static bool Touches(byte[] data)
    {
        using var fields = JsonDocument.Parse(data);
        return fields.RootElement.EnumerateObject().Any(f => Keys.Contains(f.Name));
    }
}
