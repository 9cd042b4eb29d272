using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Edge;

public enum LineKind
{
    Connecting = 1,
    Online,
    Offline,
}

/// <summary>
/// A box's side of the exchange as a machine without I/O: it is told what happened and says what to do. The host makes the calls
/// and the journal's steps; the simulator does the same with a broken network. Times are milliseconds of a clock that never jumps.
/// </summary>
/// <param name="random">Uniform in [0, 1), for the jitter of waits.</param>
public sealed partial class EdgeExchange(IJournal journal, Func<double> random)
{
    /// <summary>How late a box without news may learn that something is to be done, and begin with it.</summary>
    public const long HeartbeatMs = 5_000;

    /// <summary>
    /// Without news the box still asks this often, and so tells Central up to when its figures are complete. The rest of the heartbeat is
    /// for an answer that the session has ended, and the wait before the next.
    /// </summary>
    private const long AskEveryMs = HeartbeatMs - 1_000;

    /// <summary>
    /// A line on which nothing moves for this long although something must is dead: the host's sockets are closed by then. A rural line
    /// under load answers after several seconds and lives.
    /// </summary>
    public const int SilenceMs = 10_000;

    /// <summary>
    /// A connection that is silent for this long is doubted: the host tries new ones beside it, each <see cref="RivalEveryMs"/>, and gives
    /// it up only for one that stands. So a line that is back is used at once, and one that is only slow is not closed again and again.
    /// </summary>
    public const int DoubtMs = 3_000;

    public const int RivalEveryMs = 1_000;

    /// <summary>Lanes from here on wait while an earlier lane has something to send, here and, among all boxes, at Central.</summary>
    public const Lane FirstBulkLane = Lane.Learning;

    private readonly Dictionary<Lane, long> sent = [];
    private readonly Dictionary<Lane, BatchSize> sizes = JournalState.Lanes.ToDictionary(l => l, _ => new BatchSize());
    private readonly Dictionary<Lane, long> pushing = [];
    private readonly BatchSize pageSize = new();
    private long? pullBegan;
    private readonly HashSet<JournalStep> underWay = [];
    private byte[]? session;
    private bool forked;
    private bool opening;
    private bool pulling;
    private bool wantsPull;
    private long nextBeatAt;
    private bool beatsAgain;
    private long waitUntil;
    private int failures;
    private (long Pending, long At) progress;

    /// <summary>Connected, something to send, and nothing moved for this long: the session is given up and opened anew.</summary>
    public long StuckMs { get; init; } = 60_000;

    /// <summary>Another than this release's where an older box is played.</summary>
    public int Protocol { get; init; } = Hello.ProtocolNow;

    /// <summary>Null without a session; calls of another one are of no use any more.</summary>
    public byte[]? Session => session;

    public LineKind Line { get; private set; } = LineKind.Connecting;

    /// <summary>Why the line is not open, or what a person must know of it.</summary>
    public string? Reason { get; private set; }

    /// <summary>Failures in a row.</summary>
    public int Failures => failures;

    /// <summary>What to do now. Nothing more happens before something is reported, or <see cref="WakeAt"/> has come.</summary>
    public IReadOnlyList<Step> Advance(long nowMs)
    {
        var state = journal.State;
        if (session is null)
        {
            return opening || underWay.Count > 0 || nowMs < waitUntil ? [] : [Open(state)];
        }
        if (IsStuck(state.Pending, nowMs))
        {
            Fail(Failure.Stuck, nowMs);
            return [];
        }
        if (nowMs < waitUntil)
        {
            return [];
        }
        var steps = new List<Step>();
        AddPushes(state, steps, nowMs);
        if (!pulling && (wantsPull || beatsAgain || nowMs >= nextBeatAt) && !IsBehind)
        {
            // A Pull puts no beat off: where something is written all the time, only beats tell Central that it has everything.
            nextBeatAt = wantsPull ? nextBeatAt : nowMs + AskEveryMs;
            steps.Add(wantsPull ? new PullCall(session, pageSize.Ops) : new BeatCall(session, ExchangeState.Hash(state)));
            (pulling, wantsPull, pullBegan) = (true, false, wantsPull ? nowMs : null);
        }
        return steps;
    }

    /// <summary>When <see cref="Advance"/> may have something to do though nothing was reported.</summary>
    public long WakeAt(long nowMs) => nowMs < waitUntil && !opening ? waitUntil
        : (session is null ? opening || underWay.Count > 0 : pulling || IsBehind) ? nowMs + HeartbeatMs
        : session is null || beatsAgain ? nowMs : nextBeatAt;

    /// <summary>Central said that something is new.</summary>
    public void Nudged() => wantsPull = true;

    private OpenCall Open(JournalState state)
    {
        opening = true;
        return new(new(
            state.Epoch, Protocol, state.Session, forked || state.Forked, state.FeedEpoch,
            [.. state.Heads.Select(head => new HelloLane(head, state.Acked[(int)head.Lane]))]));
    }

    private void AddPushes(JournalState state, List<Step> steps, long nowMs)
    {
        foreach (var lane in JournalState.Lanes)
        {
            var from = sent.GetValueOrDefault(lane) + 1;
            if (state.Head(lane).Seq < from)
            {
                continue;
            }
            if (lane >= FirstBulkLane && pushing.Keys.Any(l => l < FirstBulkLane))
            {
                return;
            }
            if (pushing.TryAdd(lane, nowMs))
            {
                steps.Add(new PushCall(session!, lane, from, sizes[lane].Ops));
                if (Mutant.M2TrimOnSend)
                {
                    steps.Add(Begin(new AcknowledgeStep(lane, state.Head(lane).Seq, [])));
                }
            }
        }
    }

    private JournalStep Begin(JournalStep step)
    {
        underWay.Add(step);
        if (step is BeginEpochStep)
        {
            forked = false;
        }
        return step;
    }

    /// <summary>The newest ends that both sides agree on, for each lane.</summary>
    private Dictionary<Lane, long> SharedWith(Welcome welcome) => welcome.Lanes.ToDictionary(
        l => l.Durable.Lane,
        l => l.Checkpoints.Prepend(l.Durable).Where(IsOwn).Select(c => c.Seq).DefaultIfEmpty(0).Max());

    /// <summary>Whether this box's journal has this hash at this number.</summary>
    private bool IsOwn(LaneHead head) =>
        head.Seq == 0 || (head.Seq <= journal.State.Head(head.Lane).Seq && head.Hash.AsSpan().SequenceEqual(journal.HashAt(head.Lane, head.Seq)));

    private bool IsOf(byte[]? token) => session is not null && token is not null && session.AsSpan().SequenceEqual(token);

    private static byte[]? SessionOf(Step call) => call switch
    {
        PushCall push => push.Session,
        PullCall pull => pull.Session,
        BeatCall beat => beat.Session,
        WatchCall watch => watch.Session,
        _ => null,
    };

    private void Forget(Step call)
    {
        if (call is PushCall push)
        {
            pushing.Remove(push.Lane);
        }
        else
        {
            (pulling, wantsPull) = (false, wantsPull || call is PullCall);
        }
    }

    private bool IsStuck(long pending, long nowMs)
    {
        if (pending == 0 || progress.At == 0)
        {
            progress = (pending, nowMs);
        }
        return nowMs - progress.At > StuckMs;
    }

    private void Fail(Failure failure, long nowMs)
    {
        End();
        // That Central is busy says nothing new of a box that it holds back.
        (Line, Reason) = (LineKind.Offline, failure == Failure.Busy && Line == LineKind.Offline ? Reason : failure.ToString());
        Wait(nowMs);
    }

    private void End()
    {
        (session, pulling, pullBegan, beatsAgain) = (null, false, null, false);
        pushing.Clear();
    }

    private void Wait(long nowMs, TimeSpan? lastCap = null)
    {
        failures++;
        waitUntil = nowMs + (long)Backoff.Wait(failures, random(), lastCap).TotalMilliseconds;
    }
}
