using TdmEdu.Simulation.Judging;
using TdmEdu.Sync;
using TdmEdu.Sync.Edge;
using TdmEdu.Sync.Exchange;

namespace TdmEdu.Simulation.Boxes;

/// <summary>The owner's queue and its batches, as the host's Worker runs them.</summary>
internal sealed partial class Box
{
    public void Enqueue(Command command, Action done)
    {
        if (queue.Count >= QueueMax)
        {
            throw new ViolationException("S8", "the owner's queue has no end");
        }
        queue.Enqueue((command, done));
        if (!batchComes)
        {
            batchComes = true;
            Later(CommitMs(), RunBatch);
        }
    }

    private void Record(JournalStep step)
    {
        switch (step)
        {
            case WelcomedStep welcomed:
                Post(step, s => s.Welcomed(welcomed));
                break;
            case AcknowledgeStep acknowledge:
                Post(step, s => s.Acknowledge(acknowledge.Lane, acknowledge.Seq, acknowledge.Refusals));
                break;
            case BackUpStep backUp:
                Post(step, s => s.BackUp(backUp));
                break;
            case BeginEpochStep begin:
                var epoch = rng.Id();
                Post(
                    step,
                    s => s.SendAgain(epoch, JournalState.Lanes.SelectMany(l => Journal.OwnAfter(l, begin.Shared.GetValueOrDefault(l)))),
                    alone: true);
                break;
            case SendEarlierStep:
                Post(step, s => s.SendAgain(null, Journal.OwnOfEarlierEpochs()), alone: true);
                break;
            case TakePagesStep pages:
                TakePage(pages, 0);
                break;
        }
    }

    private void TakePage(TakePagesStep step, int page)
    {
        if (page == step.Pages.Count)
        {
            exchange.Done(step, ok: true, NowMs);
            return;
        }
        Post(step, s => s.TakePage(step.FeedEpoch, step.Pages[page]), then: () => TakePage(step, page + 1));
    }

    private void Post(JournalStep step, Func<CommandSession, Result<long>> run, bool alone = false, Action? then = null)
    {
        var command = new Command<long>(run, CancellationToken.None) { ReadOnly = false, Alone = alone };
        Enqueue(command, () =>
        {
            if (!command.Done.IsCompleted)
            {
                return;
            }
            if (command.Done.IsFaulted && command.Done.Exception!.InnerException is IOException)
            {
                exchange.Failed(step, Failure.Unavailable, NowMs);
                return;
            }
            if (command.Done.IsFaulted)
            {
                throw new ViolationException("X1", $"{step.GetType().Name} threw {command.Done.Exception!.InnerException}");
            }
            var ok = command.Done.Result.Ok;
            if (ok && then is not null)
            {
                then();
            }
            else
            {
                exchange.Done(step, ok, NowMs);
            }
        });
    }

    private void RunBatch()
    {
        batchComes = false;
        var batch = new List<(Command Command, Action Done)>();
        // What queued while the last batch was committed, which is often one.
        var max = rng.Chance(0.3) ? 1 : CommandsMax;
        while (queue.Count > 0 && batch.Count < max)
        {
            if (queue.Peek().Command.Alone && batch.Count > 0)
            {
                break;
            }
            batch.Add(queue.Dequeue());
            if (batch[^1].Command.Alone)
            {
                break;
            }
        }
        if (queue.Count > 0)
        {
            batchComes = true;
            Later(CommitMs(), RunBatch);
        }
        Run(batch);
        if (rng.Chance(0.3))
        {
            tables.Flush(8);
        }
    }

    private void Run(List<(Command Command, Action Done)> batch)
    {
        var before = Journal.State;
        Journal.KeepReserve();
        JournalException? refused;
        CommandSession session;
        try
        {
            refused = CommandBatch.Run([.. batch.Select(b => b.Command)], Journal, tables, NewSession, out session);
        }
        catch (CrashException)
        {
            // Whoever had an answer before the power went has it.
            batch.ForEach(b => b.Done());
            throw;
        }
        if (session.Unapplied.FirstOrDefault(u => u.Cause is not (null or InvalidOperationException { Message: "A fold that throws." })) is { } bad)
        {
            throw new ViolationException("X1", $"applying from Central failed: {bad.Cause}");
        }
        batch.ForEach(b => b.Done());
        if (refused is null && session.Batch.Renumbers)
        {
            world.Trace.Add(world.Time.NowMs, "numbers anew", Machine, session.Batch.Lines.Count);
            LoadTables();
        }
        world.Judge.Recorded(this, before);
    }

    private long CommitMs() => 1 + rng.Below(8) + (world.Healed ? 0 : Disk.SlowMs);

    private CommandSession NewSession() =>
        new(new EdgeIdentity("", Identity.Node, Identity.School), Catalogue, tables, records, Journal.State, Clock.NowMs) { OnReserve = Journal.OnReserve };
}
