using TdmEdu.EdgeNode.Journal;
using TdmEdu.Sync.Records;

namespace TdmEdu.EdgeNode.Joining;

/// <summary>
/// <c>join CODE NAME-OR-ADDRESS…</c>: what the page does, for a terminal or a script; the box must not be running. <c>rejoin</c> is the same for a box
/// that was withdrawn. <c>verify-audit</c> looks for
/// what was changed in the box's audit.
/// </summary>
internal static class JoinCommand
{
    private const string Usage = """
        Lệnh của máy chủ trường / Commands of a school's box:
          join MÃ-GHI-DANH TÊN-HOẶC-ĐỊA-CHỈ-LAN…   ghi danh với Phòng Giáo dục / join the department
          rejoin MÃ-GHI-DANH TÊN-HOẶC-ĐỊA-CHỈ-LAN… ghi danh lại máy đã bị thu hồi / join again after having been withdrawn
          verify-audit                             tìm chỗ nhật ký bị sửa / find where the audit was changed
        Không có lệnh nào thì máy chạy / without a command the box serves.
        """;

    /// <summary>The command's exit code; null when the arguments name none and the box is to serve.</summary>
    public static async Task<int?> TryRun(string[] args, EdgeSettings settings)
    {
        if (args is not [not ['-', ..], ..])
        {
            return null;
        }
        if (args is ["verify-audit"] && BoxIdentity.IsIn(settings.IdentityDir))
        {
            using var box = new BoxIdentity(settings.IdentityDir);
            var places = JournalDamage.OfAudit(settings.DataDir, box.Node);
            await Console.Out.WriteLineAsync(places.Count == 0 ? "audit: whole" : string.Join('\n', places));
            return places.Count == 0 ? 0 : 1;
        }
        if (args is not ["join" or "rejoin", _, _, ..])
        {
            await Console.Error.WriteLineAsync(Usage);
            return 2;
        }
        var again = args[0] == "rejoin";
        if (BoxIdentity.IsIn(settings.IdentityDir) != again)
        {
            await Console.Error.WriteLineAsync(again
                ? "Máy này chưa ghi danh: hãy dùng lệnh join. / Not enrolled yet; use join."
                : "Máy này đã ghi danh. Nếu đã bị thu hồi thì dùng lệnh rejoin. / Enrolled already; use rejoin after it was withdrawn.");
            return 1;
        }
        Scope? school = null;
        if (again)
        {
            using var box = new BoxIdentity(settings.IdentityDir);
            school = box.School;
        }
        var join = new JoinCentral(
            again ? BoxIdentity.NextOf(settings.IdentityDir) : settings.IdentityDir, settings.EnrolmentAddress, TimeProvider.System, school);
        if (join.Words is null && await join.Ask(args[1], args[2..], CancellationToken.None) is { Ok: false } refused)
        {
            await Console.Error.WriteLineAsync(refused.Error.Message.Vietnamese);
            return 1;
        }
        await Console.Out.WriteLineAsync($"Bốn từ để so với màn hình của Phòng Giáo dục / four words to compare with the department's screen:\n{join.Words}");
        if (await join.WaitForDecision(CancellationToken.None) is { } error)
        {
            await Console.Error.WriteLineAsync(error.Message.Vietnamese);
            return 1;
        }
        await Console.Out.WriteLineAsync("Đã được nhận. / Taken in.");
        return 0;
    }
}
