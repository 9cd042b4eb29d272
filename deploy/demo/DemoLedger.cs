using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using TdmEdu.Modules.Attendance;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Demo;

/// <summary>Compares what people were told is saved with what lies in the files, by reading the files and not by asking the hosts.</summary>
internal static class DemoLedger
{
    public sealed record Verdict(int AtCentral, int Lost, int Duplicated, IReadOnlyList<string> Differences);

    private sealed record StoredOp(string Entity, Guid Id, long Hlc, Guid Actor, string Data);

    /// <summary>Submissions that Central has committed, while it runs.</summary>
    public static HashSet<Guid> SubmissionsAtCentral(DemoStack stack) =>
        [.. Rows(CentralFile(stack), "SELECT entity, id, hlc, actor, data FROM ops WHERE entity = 'attendance.submission'").Select(o => o.Id)];

    public static Verdict Compare(DemoStack stack, IReadOnlyList<(string School, SubmitSession Submission)> acked)
    {
        // Messages are Central's own.
        var central = Rows(
            CentralFile(stack), "SELECT entity, id, hlc, actor, data FROM ops WHERE entity LIKE 'attendance.%' AND entity <> 'attendance.parent_message'");
        var edges = stack.EdgeUrls.Keys.SelectMany(school => Rows(
            Path.Combine(stack.EdgeData(school), "data", "journal.db"), "SELECT entity, id, hlc, actor, data FROM entries WHERE seq IS NOT NULL AND lane = 1")).ToList();
        var differences = edges.Except(central).Select(o => $"only on an edge: {o.Entity} {o.Id}")
            .Concat(central.Except(edges).Select(o => $"only at Central: {o.Entity} {o.Id}")).ToList();
        var submissions = central.Where(o => o.Entity == "attendance.submission").ToList();
        var byId = submissions.ToLookup(o => o.Id);
        var lost = acked.Where(a => !byId[a.Submission.Id].Any(o => Says(o, a.Submission))).ToList();
        differences.AddRange(lost.Select(a => $"acknowledged at {a.School}, not at Central as entered: {a.Submission.Id}"));
        return new(byId.Count, lost.Count, submissions.Count - byId.Count, differences);
    }

    /// <summary>The sessions as Central has folded them.</summary>
    public static IReadOnlyList<SessionSheet> SheetsAtCentral(DemoStack stack) =>
    [
        .. Rows(CentralFile(stack), "SELECT data FROM views WHERE view = 'attendance.session'", row => JsonSerializer.Deserialize<SessionSheet>((byte[])row[0], Json.Options)!),
    ];

    /// <summary>The marks that were entered are in the operation's own text.</summary>
    private static bool Says(StoredOp op, SubmitSession entered)
    {
        var stored = JsonSerializer.Deserialize<Submission>(op.Data, Json.Options)!;
        return stored.Class == entered.Class && stored.Date == entered.Date && stored.Slot == entered.Slot
            && stored.Marks.ToHashSet().SetEquals(entered.Marks ?? []);
    }

    private static string CentralFile(DemoStack stack) => Path.Combine(stack.CentralData, "central.db");

    private static List<StoredOp> Rows(string file, string sql) => Rows(file, sql, row => new StoredOp(
        row.GetString(0), RecordId.FromBytes((byte[])row[1]), row.GetInt64(2), RecordId.FromBytes((byte[])row[3]), Encoding.UTF8.GetString((byte[])row[4])));

    private static List<T> Rows<T>(string file, string sql, Func<SqliteDataReader, T> read)
    {
        var source = new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false };
        using var connection = new SqliteConnection(source.ToString());
        connection.Open();
        using var command = new SqliteCommand(sql, connection);
        using var row = command.ExecuteReader();
        var rows = new List<T>();
        while (row.Read())
        {
            rows.Add(read(row));
        }
        return rows;
    }
}
