using System.Collections.Immutable;
using Microsoft.Data.Sqlite;
using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.EdgeNode.Journal;

/// <summary>
/// Reads the journal beside its writer, on its own connection: sending a day's backlog must not hold up who is saving now.
/// </summary>
internal sealed class JournalReader : IDisposable
{
    /// <summary>What <see cref="ReadOp"/> reads, in its order.</summary>
    public const string OpColumns = "scope, entity, id, schema, kind, hlc, actor, data, group_left";

    private const int EntriesMax = 1000;
    private const string Stamped = "(SELECT stamped.hlc FROM stamped WHERE stamped.pos = entries.pos)";

    /// <summary>What has no number in this epoch, unless what Central gave another stamp of it has one.</summary>
    private const string Unsent =
        "lane IS NULL AND (entity, id, hlc) NOT IN (SELECT e.entity, e.id, s.hlc FROM stamped s JOIN entries e ON e.pos = s.pos WHERE e.lane IS NOT NULL)";

    /// <summary>What Central gave an own operation instead of its stamp: the latest, which stands highest.</summary>
    private const string CutTo = """
        (SELECT max(cut.hlc) FROM stamped s JOIN entries cut ON cut.pos = s.pos
         WHERE s.hlc = entries.hlc AND cut.entity = entries.entity AND cut.id = entries.id AND cut.node = entries.node
         AND cut.pos NOT IN (SELECT pos FROM damaged))
        """;

    private const string Idle = "ifnull(feed <> scope, 0) OR EXISTS (SELECT 1 FROM held WHERE held.pos = entries.pos)";

    private readonly Lock gate = new();
    private readonly SqliteConnection connection;
    private readonly Guid node;
    private Guid epoch;

    public JournalReader(string path, Guid node, Guid epoch)
    {
        connection = JournalSchema.OpenForReading(path);
        (this.node, this.epoch) = (node, epoch);
    }

    public Guid Epoch
    {
        set
        {
            lock (gate)
            {
                epoch = value;
            }
        }
    }

    /// <summary>Own operations from a number on, as many whole groups as fit, but at least one if there is any.</summary>
    public IReadOnlyList<NumberedOp> ReadLane(Lane lane, long fromSeq, int opsMax, int bytesMax)
    {
        lock (gate)
        {
            using var command = Command(
                $"SELECT {OpColumns}, seq, salt, hash, ifnull({CutTo}, 0) FROM entries WHERE lane = @0 AND seq >= @1 ORDER BY seq LIMIT @2",
                (int)lane, fromSeq, Math.Max(opsMax, Op.GroupOpsMax));
            using var rows = command.ExecuteReader();
            return Batching.Whole(Numbered(rows), opsMax, bytesMax);
        }
    }

    /// <summary>The chain hash at a number that the journal holds; the chain's base at 0.</summary>
    public byte[] HashAt(Lane lane, long seq)
    {
        lock (gate)
        {
            if (seq == 0)
            {
                return HashChain.Base(node, epoch, lane);
            }
            using var command = Command("SELECT hash FROM entries WHERE lane = @0 AND seq = @1", (int)lane, seq);
            return (byte[]?)command.ExecuteScalar()
                ?? throw new ArgumentOutOfRangeException(nameof(seq), seq, "The journal does not hold this number.");
        }
    }

    public IReadOnlyList<JournalEntry> OwnAfter(Lane lane, long seq) =>
        Entries("lane = @0 AND seq > @1 ORDER BY seq", (int)lane, seq);

    /// <summary>
    /// Also of before this box got its present name. What came back from Central counts: a Central restored from a backup may have lost it, and sending
    /// it twice has one effect.
    /// </summary>
    public IReadOnlyList<JournalEntry> OwnOfEarlierEpochs() =>
        Entries($"{Unsent} AND (feed IS NULL OR (node = @0 AND feed = scope)) ORDER BY pos", RecordId.ToBytes(node));

    /// <summary>What Central refused of this school's operations, newest first.</summary>
    public IReadOnlyList<(JournalEntry Entry, Outcome Outcome, string Reason)> Refused(int max)
    {
        lock (gate)
        {
            using var command = Command(
                $"SELECT {OpColumns}, e.pos, node, 0, 0, outcome, reason FROM refusals r JOIN entries e ON e.pos = r.pos ORDER BY r.pos DESC LIMIT @0", max);
            using var rows = command.ExecuteReader();
            var refused = new List<(JournalEntry, Outcome, string)>();
            while (rows.Read())
            {
                refused.Add((ReadEntry(rows), (Outcome)rows.GetInt32(13), rows.GetString(14)));
            }
            return refused;
        }
    }

    /// <summary>The latest own operation to which Central gave another stamp: what it bears here, and what stands. Null when there was none.</summary>
    public (Hlc Stamped, Hlc Given)? LastCut()
    {
        lock (gate)
        {
            using var command = Command(
                "SELECT s.hlc, e.hlc FROM stamped s JOIN entries e ON e.pos = s.pos WHERE e.node = @0 ORDER BY s.pos DESC LIMIT 1", RecordId.ToBytes(node));
            using var rows = command.ExecuteReader();
            return rows.Read() ? (new Hlc(rows.GetInt64(0)), new Hlc(rows.GetInt64(1))) : null;
        }
    }

    /// <summary>The audit of this box, newest first; what came back from Central after a repair too.</summary>
    /// <param name="before">A position; <see cref="long.MaxValue"/> for the end.</param>
    /// <param name="from">By the box's clock.</param>
    /// <param name="to">Not included.</param>
    /// <param name="what">An event; empty for all.</param>
    /// <param name="max">How many.</param>
    public IReadOnlyList<JournalEntry> Audit(long before, Hlc from, Hlc to, string what, int max) => Entries(
        """
        entity = @0 AND pos < @1 AND hlc >= @2 AND hlc < @3 AND (@4 = '' OR json_extract(CAST(data AS TEXT), '$.event') = @4)
        ORDER BY pos DESC LIMIT @5
        """, AuditEntry.Key, before, from.Value, to.Value, what, max);

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

    /// <summary>The greatest of a lane, unless the last operations were older ones numbered anew; the clock's high water was written with those.</summary>
    public long HlcAt(LaneHead head) => Number("SELECT hlc FROM entries WHERE lane = @0 AND seq = @1", (int)head.Lane, head.Seq);

    public long End() => Number("SELECT max(pos) FROM entries");

    public ImmutableArray<long> Acked() => PerLane("seq");

    public ImmutableArray<long> BackedUp() => PerLane("backed_up");

    public ImmutableDictionary<Scope, Cursor> Cursors()
    {
        lock (gate)
        {
            using var command = Command("SELECT scope, seq, mark FROM cursors");
            using var rows = command.ExecuteReader();
            var cursors = ImmutableDictionary.CreateBuilder<Scope, Cursor>();
            while (rows.Read())
            {
                cursors[Scope.TryParse(rows.GetString(0))!.Value] = new(rows.GetInt64(1), (byte[])rows[2]);
            }
            return cursors.ToImmutable();
        }
    }

    public void Dispose() => connection.Dispose();

    public static Op ReadOp(SqliteDataReader row) => new(
        Scope.TryParse(row.GetString(0))!.Value,
        row.GetString(1),
        RecordId.FromBytes((byte[])row[2]),
        row.GetInt32(3),
        (OpKind)row.GetInt32(4),
        new(row.GetInt64(5)),
        RecordId.FromBytes((byte[])row[6]),
        (byte[])row[7])
    {
        GroupLeft = row.GetInt32(8),
    };

    private List<JournalEntry> SomeAfter(long position) => Entries("pos > @0 ORDER BY pos LIMIT @1", position, EntriesMax);

    private List<JournalEntry> Entries(string which, params object[] values)
    {
        lock (gate)
        {
            using var command = Command(
                $"SELECT {OpColumns}, pos, node, ifnull(seq, 0), {Idle}, {Stamped} FROM entries WHERE pos NOT IN (SELECT pos FROM damaged) AND {which}", values);
            using var rows = command.ExecuteReader();
            var entries = new List<JournalEntry>();
            while (rows.Read())
            {
                var entry = ReadEntry(rows);
                entries.Add(rows.IsDBNull(13) ? entry : entry with { Op = entry.Op with { Stamped = new(rows.GetInt64(13)) } });
            }
            return entries;
        }
    }

    private static JournalEntry ReadEntry(SqliteDataReader rows) =>
        new(rows.GetInt64(9), RecordId.FromBytes((byte[])rows[10]), ReadOp(rows), rows.GetInt64(11), rows.GetBoolean(12));

    private static IEnumerable<NumberedOp> Numbered(SqliteDataReader rows)
    {
        while (rows.Read())
        {
            yield return new(rows.GetInt64(9), ReadOp(rows) with { CutTo = new(rows.GetInt64(12)) }, (byte[])rows[10], (byte[])rows[11]);
        }
    }

    private ImmutableArray<long> PerLane(string column) =>
        [.. JournalState.Lanes.Select(lane => Number($"SELECT {column} FROM acked WHERE lane = @0", (int)lane))];

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
}
