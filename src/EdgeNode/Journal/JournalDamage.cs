using Microsoft.Data.Sqlite;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.EdgeNode.Journal;

/// <summary>
/// Finds at every start what a failing disk has changed: in this box's own operations by their hash chain, in those from Central by a hash
/// of each, 3 µs an operation. What does not verify stays in the file and is read by nobody, and is taken anew from the feed. Where it was
/// the box's own, the box says to Central that its history has parted and goes on under a new epoch.
/// </summary>
internal static class JournalDamage
{
    public const string Event = "journal_damaged";

    /// <summary>The places of what is set aside in this start.</summary>
    public static IReadOnlyList<string> SetAside(SqliteConnection connection, Guid node, Guid epoch)
    {
        var own = Enum.GetValues<Lane>().SelectMany(lane => Damaged(connection, node, epoch, lane)).ToList();
        List<(long Position, string Subject)> damaged = [.. own, .. DamagedOfFeed(connection)];
        if (damaged.Count == 0)
        {
            return [];
        }
        using var transaction = connection.BeginTransaction();
        foreach (var (position, _) in damaged)
        {
            Run(transaction, "INSERT OR IGNORE INTO damaged VALUES (@0)", position);
        }
        if (own.Count > 0)
        {
            Run(transaction, "INSERT INTO meta VALUES ('forked', '1') ON CONFLICT(key) DO UPDATE SET value = '1'");
        }
        // Central leaves out what this box is known to hold, and no longer does once the epoch is new: from the beginning, then.
        Run(transaction, "DELETE FROM cursors");
        transaction.Commit();
        return [.. damaged.Select(d => d.Subject)];
    }

    /// <summary>Where the audit does not fit its chain, or ends before what Central has acknowledged. Only reads, also beside a running box.</summary>
    public static IReadOnlyList<string> OfAudit(string folder, Guid node)
    {
        using var connection = JournalSchema.OpenForReading(Path.Combine(folder, "journal.db"));
        var epoch = Guid.ParseExact(JournalIdentity.Meta(connection, "epoch")!, "n");
        const string CutOff = "SELECT seq FROM acked WHERE lane = 4 AND seq > (SELECT ifnull(max(seq), 0) FROM entries WHERE lane = 4)";
        return
        [
            .. Damaged(connection, node, epoch, Lane.Telemetry).Select(d => d.Subject),
            .. JournalSchema.Scalar(connection, CutOff) is long seq ? [$"lane 4 cut off before seq {seq}"] : Array.Empty<string>(),
        ];
    }

    private static List<(long Position, string Subject)> Damaged(SqliteConnection connection, Guid node, Guid epoch, Lane lane)
    {
        using var command = new SqliteCommand(
            $"SELECT {JournalReader.OpColumns}, seq, salt, hash, pos FROM entries WHERE lane = @lane ORDER BY seq", connection);
        command.Parameters.AddWithValue("@lane", (int)lane);
        using var rows = command.ExecuteReader();
        var damaged = new List<(long, string)>();
        var (stored, computed) = (HashChain.Base(node, epoch, lane), HashChain.Base(node, epoch, lane));
        while (rows.Read())
        {
            var (salt, hash) = ((byte[])rows[10], (byte[])rows[11]);
            var op = TryRead(rows);
            // The byte that changed may be in the hash before this one.
            var before = op is null ? stored : Next(stored);
            var fits = op is not null && (before.AsSpan().SequenceEqual(hash) || Next(computed).AsSpan().SequenceEqual(hash));
            if (!fits)
            {
                damaged.Add((rows.GetInt64(12), $"lane {(int)lane} seq {rows.GetInt64(9)} {rows[1]} {Convert.ToHexStringLower((byte[])rows[2])}"));
            }
            (stored, computed) = (hash, before);

            byte[] Next(byte[] previous) => HashChain.Next(previous, rows.GetInt64(9), op, salt);
        }
        return damaged;
    }

    public static StartRefusedException Unreadable(string folder) => new(
        $"Sổ ghi journal.db trong {folder} bị hỏng, ổ đĩa của máy có thể đang lỗi. Đừng xóa tệp nào: hãy chép cả thư mục ra nơi khác, "
        + "chép lại journal.db từ bản sao lưu gần nhất rồi khởi động lại; phần còn thiếu được lấy về từ Phòng.",
        $"The journal.db in {folder} is damaged, perhaps by a failing disk. Delete nothing: copy the whole folder elsewhere, put the latest "
        + "backup of journal.db in its place and start again; what it lacks comes from Central.");

    /// <summary>Of an operation from Central, which is in no chain of this box.</summary>
    public static byte[] FeedHash(Guid node, long feedSeq, Op op) => HashChain.Next(RecordId.ToBytes(node), feedSeq, op, []);

    private static List<(long Position, string Subject)> DamagedOfFeed(SqliteConnection connection)
    {
        using var command = new SqliteCommand(
            $"SELECT {JournalReader.OpColumns}, feed_seq, node, hash, pos FROM entries "
            + "WHERE lane IS NULL AND feed IS NOT NULL AND hash IS NOT NULL AND pos NOT IN (SELECT pos FROM damaged)",
            connection);
        using var rows = command.ExecuteReader();
        var damaged = new List<(long, string)>();
        while (rows.Read())
        {
            var fits = TryRead(rows) is { } op
                && FeedHash(RecordId.FromBytes((byte[])rows[10]), rows.GetInt64(9), op).AsSpan().SequenceEqual((byte[])rows[11]);
            if (!fits)
            {
                damaged.Add((rows.GetInt64(12), $"feed seq {rows.GetInt64(9)} {rows[1]} {Convert.ToHexStringLower((byte[])rows[2])}"));
            }
        }
        return damaged;
    }

    private static Op? TryRead(SqliteDataReader rows)
    {
        try
        {
            return JournalReader.ReadOp(rows);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or InvalidCastException)
        {
            return null;
        }
    }

    private static void Run(SqliteTransaction transaction, string sql, params object[] values)
    {
        using var command = new SqliteCommand(sql, transaction.Connection, transaction);
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue($"@{i}", values[i]);
        }
        command.ExecuteNonQuery();
    }
}
