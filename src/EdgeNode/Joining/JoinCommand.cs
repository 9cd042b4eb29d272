namespace TdmEdu.EdgeNode.Joining;

/// <summary><c>join CODE NAME-OR-ADDRESS…</c>: what the page does, for a terminal or a script. The box must not be running.</summary>
internal static class JoinCommand
{
    private const string Usage = """
        Lệnh của máy chủ trường / Commands of a school's box:
          join MÃ-GHI-DANH TÊN-HOẶC-ĐỊA-CHỈ-LAN…   ghi danh với Phòng Giáo dục / join the department
        Không có lệnh nào thì máy chạy / without a command the box serves.
        """;

    /// <summary>The command's exit code; null when the arguments name none and the box is to serve.</summary>
    public static async Task<int?> TryRun(string[] args, EdgeSettings settings)
    {
        if (args is not [not ['-', ..], ..])
        {
            return null;
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
