using System.Data.Common;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Npgsql;
using TdmEdu.Modules.Shell.Joining;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Storage;

/// <summary>
/// Copies of Central's database, and up to where each box's lanes are in one (design D9). A lane counts for as much as a copy was read
/// to hold of it, with the same history, never for what a copy is believed to hold.
/// </summary>
internal sealed class Backups(CentralStore live, string connection, string folder)
{
    /// <summary>For whom backups are encrypted; the private half is where the department keeps it.</summary>
    private const string PublicKeyFile = "backup.pub";

    /// <summary>Written anew before a copy is read: what has it already is no copy but the database itself.</summary>
    private const string LiveMark = "live_mark";

    private const int MarkChars = 32;

    /// <summary>A whole copy of one instant, while Central runs, encrypted. The file has its name only once it is on the disk and was read.</summary>
    public async Task<Result<string>> Make(string file, CancellationToken cancel)
    {
        if (StorageSetup.IsPostgres(connection))
        {
            return Error.Unsupported(
                "backup_of_postgres",
                "Với PostgreSQL, hãy sao lưu bằng pg_dump, phục hồi thử vào một cơ sở dữ liệu khác, chạy backed-up với nơi đó, rồi mã hóa bản sao bằng lệnh seal-backup.");
        }
        if (PublicKey is not { } key)
        {
            return NoKey;
        }
        var plain = new SqliteConnectionStringBuilder(connection).DataSource + ".copy";
        try
        {
            // Where it is copied to it is readable by nobody else; VACUUM takes an empty file.
            BackupFile.Create(plain).Dispose();
            using (var bulk = new SqliteBulk(connection))
            {
                bulk.CopyTo(plain);
            }
            return await Note(plain, cancel, () =>
            {
                using var copied = File.OpenRead(plain);
                BackupFile.Write(copied, file, key);
            });
        }
        catch (Exception fault) when (fault is DbException or IOException or UnauthorizedAccessException)
        {
            return NotWritten(file);
        }
        finally
        {
            File.Delete(plain);
        }
    }

    /// <summary>Why nothing can be sealed into this new file; null when it can.</summary>
    public Error? WhyNot(string file) => PublicKey is null ? NoKey : File.Exists(file) ? TargetExists(file) : null;

    /// <summary>What another program made, a dump of PostgreSQL for instance.</summary>
    public Result<string> Seal(Stream plain, string file)
    {
        if (PublicKey is not { } key)
        {
            return NoKey;
        }
        try
        {
            BackupFile.Write(plain, file, key);
            return $"sealed: {file}";
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return NotWritten(file);
        }
    }

    /// <summary>The key's private half goes into this file, and nowhere else. Older backups stay with the key they were made for.</summary>
    public Result<string> MakeKey(string file)
    {
        if (File.Exists(file))
        {
            return TargetExists(file);
        }
        try
        {
            using var key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
            SecretFile.Write(file, key.ExportPkcs8PrivateKeyPem());
            SecretFile.Write(Path.Combine(folder, PublicKeyFile), key.ExportSubjectPublicKeyInfoPem());
            return $"backup key: {file}";
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return NotWritten(file);
        }
    }

    /// <param name="copy">The file of a SQLite copy, or the connection string of the database into which a copy was put back.</param>
    /// <param name="keep">Runs once the copy was read and is whole, before any figure tells of it.</param>
    public async Task<Result<string>> Note(string copy, CancellationToken cancel, Action? keep = null)
    {
        if (!StorageSetup.IsPostgres(copy) && BackupFile.IsOne(copy))
        {
            return Error.Invalid("copy_sealed", "Bản sao này đang được mã hóa. Hãy mở nó bằng lệnh open-backup trước, rồi đọc tệp đã mở.");
        }
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

    private string? PublicKey => Path.Combine(folder, PublicKeyFile) is var file && File.Exists(file) ? File.ReadAllText(file) : null;

    private static Error NoKey => Error.Conflict(
        "backup_key_missing", "Chưa có khóa sao lưu. Hãy chạy lệnh backup-key TỆP-KHÓA với một ổ USB, cất ổ đó xa máy chủ và xa bản sao lưu, rồi sao lưu lại.");

    private static Error TargetExists(string file) => Error.Conflict("target_exists", "Đã có tệp {0}. Hãy chọn tên khác.", file);

    private static Error NotWritten(string file) => Error.Unavailable(
        "backup_failed", "Không ghi được bản sao lưu {0}. Hãy kiểm tra thư mục và chỗ trống của ổ đĩa, rồi chạy lại lệnh.", file);

    private static Error Unreadable(string copy) => Error.Invalid(
        "copy_unreadable", "Không đọc được bản sao {0}, hoặc bản sao bị hỏng. Hãy giữ bản sao cũ hơn và sao lưu lại.", NameOf(copy));
}
