using System.Collections.Immutable;
using Microsoft.Data.Sqlite;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.EdgeNode.Journal;

/// <summary>
/// An operation as the journal holds it. <see cref="OwnSeq"/> is 0 when it came from Central;
/// <see cref="Misdirected"/> when it came in the feed of another scope than its own, and so is kept without effect.
/// </summary>
internal sealed record JournalEntry(long Position, Guid Node, Op Op, long OwnSeq, bool Misdirected);

/// <summary>
/// Reads the journal beside its writer, on its own connection: sending a day's backlog must not hold up who is saving now.
/// </summary>
internal sealed class JournalReader : IDisposable
{
    private const int EntriesMax = 1000;
    private const int OverheadBytes = 96;
    private const string OpColumns = "scope, entity, id, schema, kind, hlc, actor, data";

    private readonly Lock gate = new();
    private readonly SqliteConnection connection;
    private readonly Guid node;
    private readonly Guid epoch;

    public JournalReader(string path, Guid node, Guid epoch)
    {
        connection = JournalSchema.OpenForReading(path);
        (this.node, this.epoch) = (node, epoch);
    }

    /// <summary>Own operations from a number on, as many as fit, but at least one if there is any.</summary>
    public IReadOnlyList<NumberedOp> ReadLane(Lane lane, long fromSeq, int opsMax, int bytesMax)
    {
        lock (gate)
        {
            using var command = Command(
                $"SELECT {OpColumns}, seq, salt, hash FROM entries WHERE lane = @0 AND seq >= @1 ORDER BY seq LIMIT @2", (int)lane, fromSeq, opsMax);
            using var rows = command.ExecuteReader();
            var ops = new List<NumberedOp>();
            var bytes = 0;
            while (rows.Read())
            {
                var op = ReadOp(rows);
                bytes += op.Data.Length + OverheadBytes;
                if (bytes > bytesMax && ops.Count > 0)
                {
                    break;
                }
                ops.Add(new(rows.GetInt64(8), op, (byte[])rows[9], (byte[])rows[10]));
            }
            return ops;
        }
    }

    /// <summary>The chain hash at a number that the journal holds; the chain's base at 0.</summary>
    public byte[] HashAt(Lane lane, long seq)
    {
        if (seq == 0)
        {
            return HashChain.Base(node, epoch, lane);
        }
        lock (gate)
        {
            using var command = Command("SELECT hash FROM entries WHERE lane = @0 AND seq = @1", (int)lane, seq);
            return (byte[]?)command.ExecuteScalar()
                ?? throw new ArgumentOutOfRangeException(nameof(seq), seq, "The journal does not hold this number.");
        }
    }

    /// <summary>Everything after a position, in the order in which it was written.</summary>
    public IEnumerable<JournalEntry> EntriesAfter(long position)
    {
        while (true)
        {
            var some = SomeAfter(position);
            foreach (var entry in some)
            {
                yield return entry;
            }
            if (some.Count < EntriesMax)
            {
                yield break;
            }
            position = some[^1].Position;
        }
    }

    public LaneHead Head(Lane lane)
    {
        lock (gate)
        {
            using var command = Command(
                "SELECT seq, hash FROM entries WHERE lane = @0 AND seq IS NOT NULL ORDER BY seq DESC LIMIT 1", (int)lane);
            using var rows = command.ExecuteReader();
            return rows.Read() ? new(lane, rows.GetInt64(0), (byte[])rows[1]) : new(lane, 0, HashChain.Base(node, epoch, lane));
        }
    }

    /// <summary>Own stamps only grow, so the last one of a lane is its greatest.</summary>
    public long HlcAt(LaneHead head) => Number("SELECT hlc FROM entries WHERE lane = @0 AND seq = @1", (int)head.Lane, head.Seq);

    public long End() => Number("SELECT max(pos) FROM entries");

    public ImmutableArray<long> Acked() =>
        [.. JournalFile.Lanes.Select(lane => Number("SELECT seq FROM acked WHERE lane = @0", (int)lane))];

    public ImmutableDictionary<Scope, long> Cursors()
    {
        lock (gate)
        {
            using var command = Command("SELECT scope, seq FROM cursors");
            using var rows = command.ExecuteReader();
            var cursors = ImmutableDictionary.CreateBuilder<Scope, long>();
            while (rows.Read())
            {
                cursors[Scope.TryParse(rows.GetString(0))!.Value] = rows.GetInt64(1);
            }
            return cursors.ToImmutable();
        }
    }

    public void Dispose() => connection.Dispose();

    private List<JournalEntry> SomeAfter(long position)
    {
        lock (gate)
        {
            using var command = Command(
                $"SELECT {OpColumns}, pos, node, ifnull(seq, 0), ifnull(feed <> scope, 0) FROM entries WHERE pos > @0 ORDER BY pos LIMIT @1",
                position, EntriesMax);
            using var rows = command.ExecuteReader();
            var entries = new List<JournalEntry>();
            while (rows.Read())
            {
                var author = RecordId.FromBytes((byte[])rows[9]);
                entries.Add(new(rows.GetInt64(8), author, ReadOp(rows), rows.GetInt64(10), rows.GetBoolean(11)));
            }
            return entries;
        }
    }

    private long Number(string sql, params object[] values)
    {
        lock (gate)
        {
            using var command = Command(sql, values);
            return command.ExecuteScalar() is long number ? number : 0;
        }
    }

    private SqliteCommand Command(string sql, params object[] values)
    {
        var command = new SqliteCommand(sql, connection);
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue($"@{i}", values[i]);
        }
        return command;
    }

    private static Op ReadOp(SqliteDataReader row) => new(
        Scope.TryParse(row.GetString(0))!.Value,
        row.GetString(1),
        RecordId.FromBytes((byte[])row[2]),
        row.GetInt32(3),
        (OpKind)row.GetInt32(4),
        new(row.GetInt64(5)),
        RecordId.FromBytes((byte[])row[6]),
        (byte[])row[7]);
}
