using System.Threading.Channels;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Feed;

/// <summary>Tells the watchers in this process which scopes have grown. Other copies of Central are noticed by polling.</summary>
internal sealed class FeedSignal
{
    private readonly Lock gate = new();
    private readonly Dictionary<Scope, List<Channel<bool>>> watchers = [];

    public void Grew(IReadOnlyList<Scope> scopes)
    {
        lock (gate)
        {
            foreach (var nudge in scopes.SelectMany(scope => watchers.GetValueOrDefault(scope) ?? []))
            {
                nudge.Writer.TryWrite(true);
            }
        }
    }

    public Subscription Watch(IReadOnlyList<Scope> scopes)
    {
        // One waiting nudge says as much as a hundred.
        var nudge = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        lock (gate)
        {
            foreach (var scope in scopes)
            {
                if (!watchers.TryGetValue(scope, out var list))
                {
                    watchers[scope] = list = [];
                }
                list.Add(nudge);
            }
        }
        return new(this, scopes, nudge);
    }

    internal sealed class Subscription(FeedSignal signal, IReadOnlyList<Scope> scopes, Channel<bool> nudge) : IDisposable
    {
        /// <summary>Until one of the scopes has grown, or the time is over.</summary>
        public async Task Wait(TimeSpan time, TimeProvider clock, CancellationToken cancel)
        {
            using var over = new CancellationTokenSource(time, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(over.Token, cancel);
            try
            {
                await nudge.Reader.ReadAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                // The time is over, which is the caller's cue to look at the counters.
            }
        }

        public void Dispose()
        {
            lock (signal.gate)
            {
                foreach (var scope in scopes)
                {
                    signal.watchers[scope].Remove(nudge);
                }
            }
        }
    }
}
