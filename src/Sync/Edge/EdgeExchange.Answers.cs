using TdmEdu.Sync.Central;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Edge;

/// <summary>What comes of each answer, of each call without one, and of each step on the box's own journal.</summary>
public sealed partial class EdgeExchange
{
    public IReadOnlyList<Step> Opened(Welcome welcome, long nowMs)
    {
        opening = false;
        if (welcome.Action == OpenAction.Regression)
        {
            return [Begin(new BeginEpochStep(SharedWith(welcome)))];
        }
        if (welcome.Action is not (OpenAction.Continue or OpenAction.ResyncFrom or OpenAction.Reseed))
        {
            // An answer ends what failed before it: a person may let a box in at once.
            failures = Reason == welcome.Action.ToString() ? failures : 0;
            Wait(nowMs, Backoff.HeldCap);
            (Line, Reason) = (LineKind.Offline, welcome.Action.ToString());
            return [];
        }
        if (welcome.Lanes.Any(l => !IsOwn(l.Durable)))
        {
            // Central's chain is not this box's: the next Open says so, and Central decides whether this is a clone.
            forked = true;
            return [];
        }
        (session, failures, waitUntil) = (welcome.Session, 0, 0);
        (Line, Reason, wantsPull, progress) = (LineKind.Online, null, true, default);
        foreach (var lane in welcome.Lanes)
        {
            sent[lane.Durable.Lane] = lane.Durable.Seq;
        }
        var steps = new List<Step> { Begin(new WelcomedStep(welcome.Session, welcome.FeedEpoch, welcome.Lanes)), new WatchCall(welcome.Session) };
        var isOtherCentral = journal.State.FeedEpoch.Length > 0 && journal.State.FeedEpoch != welcome.FeedEpoch;
        if (welcome.Action == OpenAction.Reseed || isOtherCentral)
        {
            steps.Add(Begin(new SendEarlierStep()));
        }
        return steps;
    }

    public IReadOnlyList<Step> Pushed(PushCall call, BatchAnswer answer, long nowMs)
    {
        if (!pushing.Remove(call.Lane, out var began) || !IsOf(call.Session))
        {
            return [];
        }
        var durable = answer.Durable;
        if (!IsOwn(durable))
        {
            forked = true;
            Fail(Failure.Broken, nowMs);
            return [];
        }
        if (durable.Seq < call.From)
        {
            // Central has lost what it acknowledged, or never takes this batch: a new Open finds out which.
            Fail(Failure.Unavailable, nowMs);
            return [];
        }
        sizes[call.Lane].Came(nowMs - began);
        sent[call.Lane] = durable.Seq;
        progress = default;
        var refusals = answer.NotApplied.Where(o => o.Outcome is Outcome.Parked or Outcome.Rejected)
            .Select(o => new Refusal(call.Lane, o.Seq, o.Outcome, o.Reason)).ToList();
        return [Begin(new AcknowledgeStep(call.Lane, durable.Seq, refusals))];
    }

    public IReadOnlyList<Step> Pulled(PullCall call, FeedAnswer answer, long nowMs)
    {
        if (!IsOf(call.Session))
        {
            return [];
        }
        pageSize.Came(nowMs - pullBegan ?? 0);
        (pulling, pullBegan) = (false, null);
        wantsPull |= answer.More;
        if (Mutant.M3CursorBeforeApply && answer.Pages.Count > 0)
        {
            var cursors = answer.Pages.Select(p => p with { Ops = [] }).ToList();
            var again = answer.Pages.Select(p => p with { Restart = true }).ToList();
            return [Begin(new TakePagesStep(answer.FeedEpoch, cursors)), Begin(new TakePagesStep(answer.FeedEpoch, again))];
        }
        var backedUp = journal.State.BackedUp;
        var steps = new List<Step>();
        if (JournalState.Lanes.Any(lane => answer.BackedUp.GetValueOrDefault(lane) != backedUp[(int)lane]))
        {
            steps.Add(Begin(new BackUpStep(answer.BackedUp)));
        }
        if (answer.FeedEpoch == journal.State.FeedEpoch)
        {
            return answer.Pages.Count > 0 ? [.. steps, Begin(new TakePagesStep(answer.FeedEpoch, answer.Pages))] : steps;
        }
        if (journal.State.FeedEpoch.Length > 0)
        {
            // Central was restored from a copy that still holds the box's token: only a new Open tells what else that copy lacks.
            End();
        }
        // Where nothing has happened in the new feed yet, the places in the one before must be forgotten all the same.
        IReadOnlyList<FeedPage> pages = answer.Pages.Count > 0 ? answer.Pages : [new(Scope.City, Restart: false, [], Cursor.Start)];
        return [.. steps, Begin(new TakePagesStep(answer.FeedEpoch, pages))];
    }

    /// <param name="same">Central holds exactly what this box holds.</param>
    public void Beaten(BeatCall call, bool same)
    {
        if (IsOf(call.Session))
        {
            (pulling, wantsPull) = (false, wantsPull || !same);
            // Once it has pulled it asks again, once: where something is new all the time, each beat would find the box a little behind.
            beatsAgain = !same && !beatsAgain;
        }
    }

    /// <summary>A journal step is durable, or failed: the box's own disk may be full, and then the session ends and is tried again.</summary>
    public void Done(JournalStep step, bool ok, long nowMs)
    {
        underWay.Remove(step);
        if (!ok)
        {
            Fail(Failure.Unavailable, nowMs);
        }
    }

    /// <summary>A call has no answer, or a journal step could not be carried out.</summary>
    /// <param name="retryAfterMs">What Central asked for with <see cref="Failure.Busy"/>.</param>
    public void Failed(Step call, Failure failure, long nowMs, long retryAfterMs = 0)
    {
        if (call is JournalStep step)
        {
            Done(step, ok: false, nowMs);
            return;
        }
        opening &= call is not OpenCall;
        if (call is not OpenCall && !IsOf(SessionOf(call)))
        {
            return;
        }
        if (failure == Failure.Busy && call is not (OpenCall or WatchCall))
        {
            // Only this call waits; the session lives, and who is told to wait is not stuck.
            (waitUntil, progress) = (nowMs + retryAfterMs + (long)(retryAfterMs * random()), default);
            Forget(call);
            return;
        }
        forked |= failure == Failure.Broken;
        // Of a line that died another call may be missed first: what was on its way was too large for it all the same.
        foreach (var lane in pushing.Keys)
        {
            sizes[lane].Failed();
        }
        if (pullBegan is not null)
        {
            pageSize.Failed();
        }
        Fail(failure, nowMs);
        waitUntil = Math.Max(waitUntil, failure == Failure.Busy ? nowMs + retryAfterMs : 0);
    }

    /// <summary>
    /// What was taken is not in the journal yet, or what Central lost is not in the lanes again: to ask now would get the same pages, or say
    /// that all is sent which is not.
    /// </summary>
    private bool IsBehind => underWay.Any(s => s is TakePagesStep or SendEarlierStep);
}
