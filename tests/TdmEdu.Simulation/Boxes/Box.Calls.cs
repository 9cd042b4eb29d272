using TdmEdu.Simulation.Judging;
using TdmEdu.Simulation.Plans;
using TdmEdu.Sync;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Simulation.Boxes;

internal sealed partial class Box
{
    private const long CallTimeoutMs = 30_000;
    private const int SmallBatchBytes = 600;
    private const double HangRate = 0.02;

    /// <summary>Calls without an answer so far, by number.</summary>
    private readonly Dictionary<int, Step> calls = [];
    private int nextCall;

    public int CallsOpen => calls.Count;

    /// <summary>Calls begun since the machine was made.</summary>
    public int CallsBegun => nextCall;

    /// <summary>Central's process is gone: connections that reach it are reset.</summary>
    public void Reset()
    {
        foreach (var (call, _) in calls.ToList())
        {
            Later(5 + rng.Below(200), () => Fail(call, Failure.Unavailable, 0));
        }
    }

    private void Begin(IReadOnlyList<Step> steps)
    {
        if (exchange.Session != sessionToken)
        {
            foreach (var (call, step) in calls.Where(c => c.Value is not OpenCall).ToList())
            {
                calls.Remove(call);
            }
            world.Exchange.Unwatch(Machine);
            sessionToken = exchange.Session;
        }
        foreach (var step in steps)
        {
            if (step is JournalStep journalStep)
            {
                Record(journalStep);
            }
            else
            {
                Call(step);
            }
        }
    }

    private void Call(Step step)
    {
        var call = nextCall++;
        calls[call] = step;
        world.Trace.Add(world.Time.NowMs, step.GetType().Name, Machine, call);
        Action send;
        try
        {
            send = Prepare(step, call);
        }
        catch (IOException)
        {
            Later(1, () => Fail(call, Failure.Unavailable, 0));
            return;
        }
        var deliver = () =>
        {
            if (world.Centre.Up)
            {
                send();
            }
            else
            {
                Later(5, () => Fail(call, Failure.Unavailable, 0));
            }
        };
        world.Network.Send(Machine, up: true, deliver, () => Silent(call));
        if (world.Centre.IsSlow || world.Plan.Has(Fault.SlowCommit) || world.Plan.Has(Fault.Hang))
        {
            Later(CallTimeoutMs, () => Fail(call, Failure.Unavailable, 0, timeout: true));
        }
    }

    private Action Prepare(Step step, int call)
    {
        var sentAt = world.Time.NowMs;
        switch (step)
        {
            case OpenCall open:
                return () => world.Exchange.Open(
                    Identity, Machine, open.Hello, r => Reply(call, r, w => Begin(exchange.Opened(w, NowMs))));
            case PushCall push:
                var batch = BatchOf(push);
                return () => world.Exchange.Push(Identity, batch, r => Reply(call, r, a => Begin(exchange.Pushed(push, Garbled(a), NowMs))));
            case PullCall pull:
                var query = new FeedQuery(
                    pull.Session, Journal.State.FeedEpoch, Journal.State.Cursors, pull.OpsMax, Journal.State.Heads, Clock.NowMs);
                query = world.Plan.Has(Fault.SmallBatch) ? query with { OpsMax = 3 } : query;
                return () => world.Exchange.Pull(Identity, Machine, query, sentAt, r => Reply(call, r, a => Begin(exchange.Pulled(pull, a, NowMs))));
            case BeatCall beat:
                var clock = Clock.NowMs;
                return () => world.Exchange.Beat(
                    Identity, Machine, beat.Session, beat.State, clock, sentAt, r => Reply(call, r, same => exchange.Beaten(beat, same)));
            case WatchCall watch:
                return () => world.Exchange.Watch(new(Machine, Identity, watch.Session, () => Nudge(call), e => Reply<bool>(call, e, _ => { })));
            default:
                throw new InvalidOperationException(step.GetType().Name);
        }
    }

    private Batch BatchOf(PushCall push)
    {
        var ops = Journal.ReadLane(push.Lane, push.From, push.OpsMax, world.Plan.Has(Fault.SmallBatch) ? 150 + rng.Below(SmallBatchBytes) : Intake.BatchBytesMax);
        if (ops.Count == 0)
        {
            throw new ViolationException("X2", $"lane {push.Lane} has nothing at {push.From}: the host would throw");
        }
        var sent = ops.Select(o => (o.Op, o.Salt)).ToList();
        if (!world.Healed && world.Plan.Has(Fault.Garble) && rng.Chance(0.02))
        {
            world.Seen(Fault.Garble);
            var data = sent[^1].Op.Data.ToArray();
            data = data.Length == 0 ? [1] : data;
            data[rng.Below(data.Length)] ^= (byte)(1 << rng.Below(8));
            sent[^1] = (sent[^1].Op with { Data = data }, sent[^1].Salt);
        }
        return new(push.Session, push.Lane, push.From, Journal.HashAt(push.Lane, push.From - 1), sent, ops[^1].Hash);
    }

    private BatchAnswer Garbled(BatchAnswer answer)
    {
        if (world.Healed || !world.Plan.Has(Fault.Garble) || !rng.Chance(0.01))
        {
            return answer;
        }
        world.Seen(Fault.Garble);
        return answer with { Durable = answer.Durable with { Seq = rng.Between(0, answer.Durable.Seq + 3), Hash = rng.Bytes(32) } };
    }

    private void Nudge(int call)
    {
        var generation = Generation;
        world.Network.Send(
            Machine, up: false,
            () => Do(generation, () =>
            {
                if (calls.ContainsKey(call))
                {
                    exchange.Nudged();
                }
            }),
            () => Silent(call));
    }

    private void Reply<T>(int call, Result<T> result, Action<T> report)
    {
        var generation = Generation;
        if (!world.Healed && world.Plan.Has(Fault.Hang) && rng.Chance(HangRate))
        {
            world.Seen(Fault.Hang);
            world.Network.OnHeal(() => Do(generation, () => Fail(call, Failure.Unavailable, 0)));
            return;
        }
        world.Network.Send(
            Machine, up: false,
            () => Do(generation, () =>
            {
                if (!calls.ContainsKey(call))
                {
                    return;
                }
                if (!result.Ok)
                {
                    if (result.Error.Reason == "malformed")
                    {
                        throw new ViolationException("X4", $"Central cannot make sense of what box{Machine} sends");
                    }
                    Fail(call, FailureOf(result.Error), result.Error.RetryAfterMs ?? 0);
                    return;
                }
                calls.Remove(call);
                world.Trace.Add(world.Time.NowMs, "answered", Machine, call);
                report(result.Value);
            }),
            () => Silent(call));
    }

    /// <summary>
    /// A message is lost, or late: new connections are tried beside the silent one, and the first that stands takes its place. Without
    /// one the system gives the call up in the end.
    /// </summary>
    private void Silent(int call) => Later(EdgeExchange.DoubtMs, () => Doubt(call, EdgeExchange.DoubtMs));

    private void Doubt(int call, int silentMs)
    {
        if (!calls.ContainsKey(call))
        {
            return;
        }
        if (silentMs >= EdgeExchange.SilenceMs)
        {
            Fail(call, Failure.Unavailable, 0);
            return;
        }
        var generation = Generation;
        world.Network.Send(
            Machine, up: true,
            () => world.Network.Send(Machine, up: false, () => Do(generation, () => Fail(call, Failure.Unavailable, 0)), () => { }),
            () => { });
        Later(EdgeExchange.RivalEveryMs, () => Doubt(call, silentMs + EdgeExchange.RivalEveryMs));
    }

    private void Fail(int call, Failure failure, long retryAfterMs, bool timeout = false)
    {
        if (calls.TryGetValue(call, out var step) && !(timeout && step is WatchCall))
        {
            calls.Remove(call);
            world.Trace.Add(world.Time.NowMs, $"failed {failure}", Machine, call);
            exchange.Failed(step, failure, NowMs, retryAfterMs);
        }
    }

    private static Failure FailureOf(Error error) => error.Reason switch
    {
        "session_stale" => Failure.Stale,
        "busy" => Failure.Busy,
        "chain_broken" => Failure.Broken,
        _ when error.Code == ErrorCode.Denied => Failure.Denied,
        _ => Failure.Unavailable,
    };
}
