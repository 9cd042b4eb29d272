using TdmEdu.EdgeNode.Journal;

namespace TdmEdu.EdgeNode.Joining;

/// <summary>
/// <c>join CODE NAME-OR-ADDRESS…</c>: what the page does, for a terminal or a script; the box must not be running. <c>verify-audit</c> looks for
/// what was changed in the box's audit.
/// </summary>
internal static class JoinCommand
{
    private const string Usage = """
        Lệnh của máy chủ trường / Commands of a school's box:
          join MÃ-GHI-DANH TÊN-HOẶC-ĐỊA-CHỈ-LAN…   ghi danh với Phòng Giáo dục / join the department
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
        if (args is not ["join", _, _, ..])
        {
            await Console.Error.WriteLineAsync(Usage);
            return 2;
        }
        if (BoxIdentity.IsIn(settings.IdentityDir))
        {
            await Console.Error.WriteLineAsync("Máy này đã ghi danh. Muốn ghi danh lại thì xóa thư mục định danh trước. / Enrolled already; delete the identity folder first.");
            return 1;
        }
        var join = new JoinCentral(settings.IdentityDir, settings.EnrolmentAddress, TimeProvider.System);
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
