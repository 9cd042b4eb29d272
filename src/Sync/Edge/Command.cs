
namespace TdmEdu.Sync.Edge;

/// <summary>
/// A request in the owner's queue. It is run on the owner's thread and answered once what it did, and what it saw, is durable.
/// </summary>
public abstract class Command
{
    /// <summary>Changes nothing, so it can be run again when the journal refused what others did before it.</summary>
    public required bool ReadOnly { get; init; }

    /// <summary>Must not share a batch: it works on the file itself, which may hold nothing that the journal does not.</summary>
    public bool Alone { get; init; }

    public abstract bool Cancelled { get; }

    public abstract void Run(CommandSession session);

    public abstract void Answer();

    public abstract void Refuse(Error error);

    public abstract void Fail(Exception cause);
}

public sealed class Command<T>(Func<CommandSession, Result<T>> run, CancellationToken cancel) : Command
{
    private readonly TaskCompletionSource<Result<T>> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Result<T> result;
    private Exception? fault;

    public Task<Result<T>> Done => done.Task;

    /// <summary>Only before it ran; what is in the journal cannot be called back.</summary>
    public override bool Cancelled => cancel.IsCancellationRequested && done.TrySetCanceled(cancel);

    public override void Run(CommandSession session)
    {
        fault = null;
        var mark = session.Mark();
        try
        {
            result = run(session);
            if (!result.Ok)
            {
                session.Undo(mark);
            }
        }
        catch (Exception e) when (e is not CacheBrokenException)
        {
            // A decision that throws is a bug in one use case: it fails its caller and no one else.
            session.Undo(mark);
            fault = e;
        }
    }

    public override void Answer()
    {
        if (fault is null)
        {
            done.TrySetResult(result);
        }
        else
        {
            done.TrySetException(fault);
        }
    }

    public override void Refuse(Error error) => done.TrySetResult(error);

    public override void Fail(Exception cause) => done.TrySetException(cause);
}
