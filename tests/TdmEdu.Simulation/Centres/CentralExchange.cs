using TdmEdu.Simulation.Worlds;
using TdmEdu.Sync;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Simulation.Centres;

/// <summary>Central's side of the calls, as its host makes them: admission, one transaction, then the watchers.</summary>
internal sealed class CentralExchange(World world)
{
    /// <summary>As the host's FeedWatch: how late it sees that a session was replaced.</summary>
    private const int PollMs = 1_000;

    private Centre Centre => world.Centre;

    public void Open(NodeIdentity node, int machine, Hello hello, Action<Result<Welcome>> answer) => Admitted(
        node, answer, opens: true, then => Centre.Write(
            t => (Result<Welcome>)Greeting.Open(t, node, hello, world.CentralRng.Bytes(Greeting.TokenBytes), Centre.NowMs),
            result =>
            {
                if (result.Ok)
                {
                    world.Judge.Opened(node, machine, hello, result.Value);
                    world.Time.After(PollMs, () => Centre.Watchers.Where(w => w.Node.Node == node.Node).ToList().ForEach(Look));
                }
                then(result);
            }));

    public void Push(NodeIdentity node, Batch batch, Action<Result<BatchAnswer>> answer) => Admitted(node, answer, opens: false, then =>
    {
        if ((!GroupsAreWhole(batch.Ops) && !Mutant.M11SplitGroup) || batch.Ops.Count is 0 or > Intake.BatchOpsMax)
        {
            then(Error.Invalid("malformed", "malformed"));
            return;
        }
        Centre.Write(t => BatchIntake.Take(t, Centre.Catalogue, node, batch, Centre.NowMs), then);
    },
    bulk: batch.Lane >= EdgeExchange.FirstBulkLane);

    public void Pull(NodeIdentity node, int machine, FeedQuery query, long sentAtMs, Action<Result<FeedAnswer>> answer) => Admitted(node, answer, opens: false, then =>
    {
        var next = Centre.Read(t => FeedPages.Next(t, node, query));
        if (!next.Ok)
        {
            then(next);
            return;
        }
        world.Judge.Fed(node, next.Value);
        CentralTransaction? seen = null;
        Centre.Write(
            t =>
            {
                FeedPages.NoteSeen(seen = t, node, query.Heads, query.ClockMs, Centre.NowMs);
                return (Result<bool>)true;
            },
            noted => then(noted.Then<FeedAnswer>(_ =>
            {
                world.Judge.Watermarks.Claimed(node, machine, sentAtMs, seen!);
                return next;
            })));
    });

    public void Beat(NodeIdentity node, int machine, byte[] token, byte[] state, long clockMs, long sentAtMs, Action<Result<bool>> answer)
    {
        CentralTransaction? noting = null;
        var same = Centre.Read(t => Heartbeat.Same(t, node, token, state));
        if (same is not { Ok: true, Value: { } feedSeq })
        {
            answer(same.Then<bool>(_ => false));
            return;
        }
        Centre.Write(
            t =>
            {
                Heartbeat.NoteSame(noting = t, node, feedSeq, clockMs, Centre.NowMs);
                return (Result<bool>)true;
            },
            noted => answer(noted.Then<bool>(_ =>
            {
                world.Judge.Watermarks.Claimed(node, machine, sentAtMs, noting!);
                return true;
            })));
    }

    public void Watch(Watcher watcher)
    {
        // An earlier session's watch that arrives late is a stream of its own.
        Centre.Watchers.RemoveAll(w => w.Machine == watcher.Machine && w.Token.AsSpan().SequenceEqual(watcher.Token));
        Centre.Watchers.Add(watcher);
        Look(watcher);
    }

    public void Unwatch(int machine) => Centre.Watchers.RemoveAll(w => w.Machine == machine);

    public void Grew(IEnumerable<Scope> scopes)
    {
        var grown = scopes.ToList();
        foreach (var watcher in Centre.Watchers.ToList())
        {
            if (world.ScopesOf(watcher.Node.School).Any(grown.Contains))
            {
                Look(watcher);
            }
        }
    }

    public Result<T> Office<T>(Actor actor, Func<IRecords, Decision<T>> decide, Action<Result<T>> answer)
    {
        Centre.Write(t => OfficeWriting.Decide(t, Centre.Catalogue, actor, decide, Centre.NowMs, out _), answer);
        return default;
    }

    public void Admit(NodeIdentity node) => Centre.Write(
        t =>
        {
            Greeting.Admit(t, node);
            return (Result<bool>)true;
        },
        _ => world.Judge.Admitted(node));

    private void Look(Watcher watcher)
    {
        var news = Centre.Read(t => Greeting.Check(t, watcher.Node.Node, watcher.Token).Then<bool>(session =>
            FeedPages.HasNews(t, watcher.Node.In(session.Epoch), FeedPages.ScopesOf(t, watcher.Node.School), watcher.Seen)));
        if (!news.Ok)
        {
            Centre.Watchers.Remove(watcher);
            watcher.End(news.Error);
        }
        else if (news.Value)
        {
            watcher.Nudge();
        }
    }

    private void Admitted<T>(NodeIdentity node, Action<Result<T>> answer, bool opens, Action<Action<Result<T>>> call, bool bulk = false)
    {
        var admission = Centre.Admission;
        if (admission.Enter(node.Node, world.Time.NowMs, opens, bulk) is { } retryAfterMs)
        {
            answer(Error.Unavailable("busy", "busy") with { RetryAfterMs = retryAfterMs });
            return;
        }
        call(result =>
        {
            admission.Leave(node.Node);
            answer(result);
        });
    }

    /// <summary>As the host's SyncMessages.</summary>
    private static bool GroupsAreWhole(IReadOnlyList<(Op Op, byte[])> ops)
    {
        var left = 0;
        foreach (var (op, _) in ops)
        {
            if (left > 0 && op.GroupLeft != left - 1)
            {
                return false;
            }
            left = op.GroupLeft;
        }
        return left == 0;
    }
}
