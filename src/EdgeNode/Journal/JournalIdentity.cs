using Microsoft.Data.Sqlite;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

namespace TdmEdu.EdgeNode.Journal;

/// <summary>
/// Which installation this journal belongs to. The epoch is new at every install and is kept twice, in the journal and in a
/// file beside it: when they differ, the journal was restored or copied here, and Central is told before anything is sent.
/// </summary>
internal static class JournalIdentity
{
    private const string FileName = "epoch";
    private const string Fresh = "new ";
    private const char Becomes = '>';

    /// <summary>Whose journal lies in this folder; null when there is none that can be read, of which <see cref="JournalFile.Open"/> tells.</summary>
    public static Guid? NodeOf(string folder)
    {
        try
        {
            using var connection = JournalSchema.OpenForReading(Path.Combine(folder, "journal.db"));
            return Meta(connection, "node") is { } node ? Guid.ParseExact(node, "n") : null;
        }
        catch (SqliteException)
        {
            return null;
        }
    }

    /// <summary>The epoch; made here when the journal is new.</summary>
    public static Guid Claim(SqliteConnection connection, string folder, Guid node, TimeProvider clock, bool journalIsNew)
    {
        var path = Path.Combine(folder, FileName);
        var beside = File.Exists(path) ? File.ReadAllText(path).Trim() : null;
        if (journalIsNew && (beside is null || beside.StartsWith(Fresh, StringComparison.Ordinal)))
        {
            return Install(connection, path, node, beside is null ? RecordId.New(clock) : Guid.ParseExact(beside[Fresh.Length..], "n"));
        }
        var stored = Meta(connection, "epoch");
        if (stored is null)
        {
            throw new StartRefusedException(
                $"Thư mục này đã từng có sổ ghi nhưng sổ ghi không còn, chỉ còn tệp {path}. "
                + "Hãy chép lại sổ ghi (journal.db) từ bản sao lưu. Nếu không có bản nào, xóa tệp đó rồi khởi động lại: dữ liệu sẽ được lấy về từ Phòng.",
                "The journal is gone and only the epoch file is left. Put the journal back from a backup; without one, delete that file "
                + "and start again: the data is taken from Central.");
        }
        if (Meta(connection, "node") != node.ToString("n") || Meta(connection, "format") != JournalSchema.Format)
        {
            throw new StartRefusedException(
                "Sổ ghi này là của một máy khác hoặc một phiên bản khác. Hãy kiểm tra mã máy và thư mục dữ liệu trong cấu hình.",
                "This journal belongs to another box or another version. Check the node id and the data folder in the settings.");
        }
        if (beside is null || !beside.Replace(Fresh, "", StringComparison.Ordinal).Split(Becomes).Contains(stored))
        {
            using var command = new SqliteCommand("INSERT INTO meta VALUES ('forked', '1') ON CONFLICT(key) DO UPDATE SET value = '1'", connection);
            command.ExecuteNonQuery();
        }
        var epoch = Guid.ParseExact(stored, "n");
        Confirm(folder, epoch);
        return epoch;
    }

    /// <summary>A power cut between this and <see cref="Confirm"/> leaves a file that names both.</summary>
    public static void Announce(string folder, Guid before, Guid epoch) => Write(Path.Combine(folder, FileName), $"{before:n}{Becomes}{epoch:n}");

    public static void Confirm(string folder, Guid epoch) => Write(Path.Combine(folder, FileName), $"{epoch:n}");

    public static string? Meta(SqliteConnection connection, string key)
    {
        using var command = new SqliteCommand("SELECT value FROM meta WHERE key = @key", connection);
        command.Parameters.AddWithValue("@key", key);
        return (string?)command.ExecuteScalar();
    }

    /// <summary>The file goes first, marked as new: a power cut between the two must not look like a lost journal.</summary>
    private static Guid Install(SqliteConnection connection, string path, Guid node, Guid epoch)
    {
        Write(path, $"{Fresh}{epoch:n}");
        using var command = new SqliteCommand(
            "INSERT INTO meta VALUES ('epoch', @epoch), ('node', @node), ('format', @format)", connection);
        command.Parameters.AddWithValue("@epoch", epoch.ToString("n"));
        command.Parameters.AddWithValue("@node", node.ToString("n"));
        command.Parameters.AddWithValue("@format", JournalSchema.Format);
        command.ExecuteNonQuery();
        Write(path, $"{epoch:n}");
        return epoch;
    }

    private static void Write(string path, string text)
    {
        using (var file = new FileStream(path + ".tmp", FileMode.Create))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(text));
            file.Flush(flushToDisk: true);
        }
        File.Move(path + ".tmp", path, overwrite: true);
    }
}
