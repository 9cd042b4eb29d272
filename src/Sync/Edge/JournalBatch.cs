using System.Collections.Immutable;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Edge;

/// <summary>
/// One operation to be written: an own one with its place in <see cref="Lane"/>, or one from Central with its number in
/// <see cref="Feed"/>. <see cref="Position"/> is that of an older entry that gets a new number, else 0.
/// </summary>
public sealed record JournalLine(long Position, Op Op, Guid Node, Lane? Lane, Scope? Feed, long Seq)
{
    /// <summary>An eviction that must not take effect, as <see cref="HeldEvictions"/>.</summary>
    public bool Held { get; init; }

    public byte[] Salt { get; init; } = [];

    public byte[] Hash { get; init; } = [];
}

/// <summary>
/// What one transaction of the journal writes, in the order in which it was applied: a rebuild replays that order.
/// A command that fails is taken back to the mark at which it began.
/// </summary>
public sealed class JournalBatch(JournalState state, Guid node)
{
    private readonly Dictionary<Lane, long> acked = [];
    private readonly Dictionary<Lane, long> backedUp = [];
    private readonly Dictionary<Scope, Cursor> cursors = [];
    private readonly List<Refusal> refusals = [];
    private readonly Dictionary<string, string> meta = [];
    private readonly List<JournalLine> lines = [];
    private readonly long[] seqs = [.. state.Heads.Select(h => h.Seq)];

    public IReadOnlyList<JournalLine> Lines => lines;

    public IReadOnlyDictionary<Lane, long> Acked => acked;

    public IReadOnlyDictionary<Lane, long> BackedUp => backedUp;

    public IReadOnlyDictionary<Scope, Cursor> Cursors => cursors;

    public IReadOnlyList<Refusal> Refusals => refusals;

    public IReadOnlyDictionary<string, string> Meta => meta;

    /// <summary>Set when this box begins a new epoch: the lanes begin at 1 again, and older entries keep no number.</summary>
    public Guid? NewEpoch { get; private set; }

    /// <summary>Set when Central began a new feed: cursors of the old one mean nothing.</summary>
    public string? NewFeedEpoch { get; private set; }

    /// <summary>Entries that were there before have other numbers now, which the documents made from them do not know.</summary>
    public bool Renumbers => NewEpoch is not null || lines.Exists(l => l.Position > 0);

    /// <summary>All that Central says is refused of the present epoch, in place of what was known; null where it says nothing.</summary>
    public IReadOnlyList<Refusal>? OpenRefusals { get; set; }

    public byte[]? Session { get; set; }

    public bool? Forked { get; set; }

    /// <summary>
    /// The clock's high water, written with operations from Central and with older ones that get a new number; new ones of this node carry
    /// it themselves.
    /// </summary>
    public Hlc Hlc { get; set; } = state.Hlc;

    public bool IsEmpty => lines.Count + acked.Count + backedUp.Count + cursors.Count + refusals.Count + meta.Count == 0
        && NewFeedEpoch is null && NewEpoch is null && Session is null && Forked is null;

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

    public void AddOwn(Lane lane, Op op) => lines.Add(new(0, op, node, lane, null, ++seqs[(int)lane]));

    /// <summary>An own operation of an earlier epoch is sent once more, as it was; at most alone instead of in a group.</summary>
    public void Renumber(long position, Lane lane, Op op) => lines.Add(new(position, op, node, lane, null, ++seqs[(int)lane]));

    public void AddFromCentral(Scope feed, FeedOp op, bool held = false) =>
        lines.Add(new(0, op.Op, op.Node, null, feed, op.Seq) { Held = held });

    public void BeginEpoch(Guid epoch)
    {
        NewEpoch = epoch;
        Forked = false;
        Array.Clear(seqs);
        foreach (var lane in JournalState.Lanes)
        {
            (acked[lane], backedUp[lane]) = (0, 0);
        }
    }

    public long Acknowledge(Lane lane, long seq) => acked[lane] = Math.Clamp(seq, 0, seqs[(int)lane]);

    public void BackUp(Lane lane, long seq) => backedUp[lane] = Math.Clamp(seq, 0, seqs[(int)lane]);

    public void Refuse(Refusal refusal) => refusals.Add(refusal);

    public void SetMeta(string key, string value) => meta[key] = value;

    public long Cursor(string feedEpoch, Scope scope) =>
        feedEpoch != (NewFeedEpoch ?? state.FeedEpoch) ? 0
        : cursors.TryGetValue(scope, out var fresh) ? fresh.Seq
        : NewFeedEpoch is null ? state.Cursors.GetValueOrDefault(scope)?.Seq ?? 0 : 0;

    /// <summary>
    /// Which Central this box knows, from the first welcome on and before anything came from it: another one is told apart by it, and
    /// gets what this one had acknowledged.
    /// </summary>
    public void Meet(string feedEpoch) => NewFeedEpoch ??= state.FeedEpoch.Length == 0 ? feedEpoch : null;

    public void Advance(string feedEpoch, Scope scope, Cursor cursor)
    {
        if (feedEpoch != (NewFeedEpoch ?? state.FeedEpoch))
        {
            NewFeedEpoch = feedEpoch;
            cursors.Clear();
        }
        cursors[scope] = cursor;
    }

    /// <summary>The lines with their hashes, and the state once they are durable.</summary>
    /// <param name="salts">Random bytes, <see cref="HashChain.SaltBytes"/> for each line.</param>
    public (IReadOnlyList<JournalLine> Lines, JournalState Next) Seal(byte[] salts)
    {
        var heads = (NewEpoch is { } epoch ? JournalState.EmptyHeads(node, epoch) : state.Heads).ToArray();
        var position = state.Position;
        var done = new List<JournalLine>(lines.Count);
        foreach (var line in lines)
        {
            var placed = line.Position > 0 ? line : line with { Position = ++position };
            if (line.Lane is { } lane)
            {
                var head = heads[(int)lane];
                var salt = salts[(done.Count * HashChain.SaltBytes)..((done.Count + 1) * HashChain.SaltBytes)];
                placed = placed with { Salt = salt, Hash = HashChain.Next(head.Hash, line.Seq, line.Op, salt) };
                heads[(int)lane] = new(lane, line.Seq, placed.Hash);
            }
            done.Add(placed);
        }
        return (done, state with
        {
            Epoch = NewEpoch ?? state.Epoch,
            Position = position,
            Heads = [.. heads],
            Acked = With(state.Acked, acked),
            BackedUp = With(state.BackedUp, backedUp),
            FeedEpoch = NewFeedEpoch ?? state.FeedEpoch,
            Cursors = (NewFeedEpoch is null ? state.Cursors : state.Cursors.Clear()).SetItems(cursors),
            Hlc = Hlc,
            Session = Session ?? state.Session,
            Forked = Forked ?? state.Forked,
        });
    }

    private static ImmutableArray<long> With(ImmutableArray<long> before, Dictionary<Lane, long> changed) =>
        [.. before.Select((seq, lane) => changed.GetValueOrDefault((Lane)lane, seq))];
}
