using System.Data.Common;
using System.Security.Cryptography;
using Npgsql;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Storage;

/// <summary>
/// Copies of Central's database, and up to where each box's lanes are in one (design D9). A lane counts for as much as a copy was read
/// to hold of it, with the same history, never for what a copy is believed to hold.
/// </summary>
internal sealed class Backups(CentralStore live, string connection)
{
    /// <summary>Written anew before a copy is read: what has it already is no copy but the database itself.</summary>
    private const string LiveMark = "live_mark";

    private const int MarkChars = 32;

    /// <summary>A whole copy of one instant, while Central runs. The file has its name only once it is on the disk and was read.</summary>
    public async Task<Result<string>> Make(string file, CancellationToken cancel)
    {
        if (StorageSetup.IsPostgres(connection))
        {
            return Error.Unsupported(
                "backup_of_postgres",
                "Với PostgreSQL, hãy sao lưu bằng pg_dump, phục hồi thử vào một cơ sở dữ liệu khác, rồi chạy lệnh backed-up với cơ sở dữ liệu đó.");
        }
        var part = file + ".part";
        try
        {
            File.Delete(part);
            using (var bulk = new SqliteBulk(connection))
            {
                bulk.CopyTo(part);
            }
            using (var written = new FileStream(part, FileMode.Open, FileAccess.ReadWrite))
            {
                written.Flush(flushToDisk: true);
            }
            return await Note(part, cancel, () => File.Move(part, file, overwrite: true));
        }
        catch (Exception fault) when (fault is DbException or IOException or UnauthorizedAccessException)
        {
            return Error.Unavailable(
                "backup_failed", "Không ghi được bản sao lưu {0}. Hãy kiểm tra thư mục và chỗ trống của ổ đĩa, rồi chạy lại lệnh.", file);
        }
    }

    /// <param name="copy">The file of a SQLite copy, or the connection string of the database into which a copy was put back.</param>
    /// <param name="keep">Runs once the copy was read and is whole, before any figure tells of it.</param>
    public async Task<Result<string>> Note(string copy, CancellationToken cancel, Action? keep = null)
    {
        var mark = RandomNumberGenerator.GetHexString(MarkChars);
        await live.Write<bool>(
            bulk =>
            {
                bulk.SetMeta(LiveMark, mark);
                return true;
            },
            cancel);
        var ends = (await live.Read(bulk => bulk.LaneEnds(), cancel)).ToDictionary(l => (l.Node, l.Epoch, l.Head.Lane));
        var held = await Read(copy, mark, ends, cancel);
        if (!held.Ok)
        {
            return held.Error;
        }
        keep?.Invoke();
        var more = 0L;
        foreach (var (lane, copied) in held.Value)
        {
            more += (await live.Write<long>(bulk => Raise(bulk, lane, copied), cancel)).Value;
        }
        return $"backed up: {more} operations more than before";
    }

    /// <summary>How a copy is named where others may read it: a connection string may hold a password.</summary>
    public static string NameOf(string copy) =>
        StorageSetup.IsPostgres(copy) && new NpgsqlConnectionStringBuilder(copy) is var parts ? $"{parts.Host}/{parts.Database}" : copy;

    /// <summary>Of each lane that the copy holds more of than earlier ones did, how much of what Central holds, and the chain's hash there.</summary>
    private static async Task<Result<List<(LaneEnd Lane, LaneHead Copied)>>> Read(
        string copy, string mark, Dictionary<(Guid, Guid, Lane), LaneEnd> ends, CancellationToken cancel)
    {
        try
        {
            using var store = StorageSetup.OpenCopy(copy);
            return await store.Read<Result<List<(LaneEnd, LaneHead)>>>(
                bulk =>
                {
                    if (bulk.Meta(LiveMark) == mark)
                    {
                        return Error.Invalid(
                            "copy_is_live", "Đây chính là cơ sở dữ liệu đang chạy. Hãy chỉ ra tệp hoặc cơ sở dữ liệu của bản sao.");
                    }
                    if (!bulk.IsWhole())
                    {
                        return Unreadable(copy);
                    }
                    var found = new List<(LaneEnd, LaneHead)>();
                    foreach (var copied in bulk.LaneEnds())
                    {
                        if (ends.TryGetValue((copied.Node, copied.Epoch, copied.Head.Lane), out var lane)
                            && Math.Min(lane.Head.Seq, copied.Head.Seq) is var seq && seq > lane.BackedUp && bulk.HashAt(lane, seq) is { } hash)
                        {
                            found.Add((lane, new(lane.Head.Lane, seq, hash)));
                        }
                    }
                    return found;
                },
                cancel);
        }
        catch (DbException)
        {
            return Unreadable(copy);
        }
    }

    /// <summary>A copy from before a restore may be of operations that never came again: only the same hash is the same history.</summary>
    private static Result<long> Raise(Bulk bulk, LaneEnd lane, LaneHead copied)
    {
        if (bulk.HashAt(lane, copied.Seq) is not { } hash || !hash.AsSpan().SequenceEqual(copied.Hash))
        {
            return 0;
        }
        bulk.RaiseBackedUp(lane, copied.Seq);
        return copied.Seq - lane.BackedUp;
    }

    private static Error Unreadable(string copy) => Error.Invalid(
        "copy_unreadable", "Không đọc được bản sao {0}, hoặc bản sao bị hỏng. Hãy giữ bản sao cũ hơn và sao lưu lại.", NameOf(copy));
}
