using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

namespace TdmEdu.EdgeNode.Journal;

/// <summary>
/// One operation to be written: an own one with its number in <see cref="Lane"/>, or one from Central with its number in <see cref="Feed"/>.
/// </summary>
internal sealed record JournalLine(Op Op, Guid Node, Lane? Lane, Scope? Feed, long Seq);

/// <summary>
/// What one transaction of the journal writes, in the order in which it was applied: a rebuild replays that order.
/// A command that fails is taken back to the mark at which it began.
/// </summary>
internal sealed class JournalBatch(JournalState state, Guid node)
{
    private readonly Dictionary<Lane, long> acked = [];
    private readonly Dictionary<Scope, long> cursors = [];
    private readonly List<(AuditEntry Entry, long AtMs)> audits = [];
    private readonly Dictionary<string, string> meta = [];
    private readonly List<JournalLine> lines = [];
    private readonly long[] seqs = [.. state.Heads.Select(h => h.Seq)];

    public IReadOnlyList<JournalLine> Lines => lines;

    public IReadOnlyDictionary<Lane, long> Acked => acked;

    public IReadOnlyDictionary<Scope, long> Cursors => cursors;

    public IReadOnlyList<(AuditEntry Entry, long AtMs)> Audits => audits;

    public IReadOnlyDictionary<string, string> Meta => meta;

    /// <summary>Set when Central began a new feed: cursors of the old one mean nothing.</summary>
    public string? NewFeedEpoch { get; private set; }

    /// <summary>The clock's high water, written with operations from Central; those of this node carry it themselves.</summary>
    public Hlc Hlc { get; set; } = state.Hlc;

    public bool IsEmpty => lines.Count + acked.Count + cursors.Count + audits.Count + meta.Count == 0 && NewFeedEpoch is null;

    public int Mark() => lines.Count;

    public void Undo(int mark)
    {
        foreach (var line in lines.Skip(mark))
        {
            if (line.Lane is { } lane)
            {
                seqs[(int)lane]--;
            }
        }
        lines.RemoveRange(mark, lines.Count - mark);
    }

    public long NextSeq(Lane lane) => seqs[(int)lane] + 1;

    public void AddOwn(Lane lane, Op op) => lines.Add(new(op, node, lane, null, ++seqs[(int)lane]));

    public void AddFromCentral(Scope feed, FeedOp op) => lines.Add(new(op.Op, op.Node, null, feed, op.Seq));

    public long Acknowledge(Lane lane, long seq) => acked[lane] = Math.Clamp(seq, 0, seqs[(int)lane]);

    public void Audit(AuditEntry entry, long atMs) => audits.Add((entry, atMs));

    public void SetMeta(string key, string value) => meta[key] = value;

    public long Cursor(string feedEpoch, Scope scope) =>
        feedEpoch != (NewFeedEpoch ?? state.FeedEpoch) ? 0
        : cursors.TryGetValue(scope, out var fresh) ? fresh
        : NewFeedEpoch is null ? state.Cursors.GetValueOrDefault(scope) : 0;

    public void Advance(string feedEpoch, Scope scope, long seq)
    {
        if (feedEpoch != (NewFeedEpoch ?? state.FeedEpoch))
        {
            NewFeedEpoch = feedEpoch;
            cursors.Clear();
        }
        cursors[scope] = seq;
    }
}
