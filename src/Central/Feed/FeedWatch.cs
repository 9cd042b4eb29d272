using System.Collections.Concurrent;
using TdmEdu.Central.Storage;
using TdmEdu.Sync;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Feed;

/// <summary>Nudges a box whenever others have written in one of its scopes, for as long as its session lives.</summary>
internal sealed class FeedWatch(CentralStore store, FeedSignal signal, TimeProvider clock)
{
    /// <summary>How late a change is noticed that another copy of Central took in, and a session that ended.</summary>
    private static readonly TimeSpan PollEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan NoteSeenEvery = TimeSpan.FromSeconds(10);

    /// <summary>A box has one watch: an older one ends, so that nobody can hold the store with thousands.</summary>
    private readonly ConcurrentDictionary<Guid, object> newest = [];

    /// <returns>Why the watch ended; it never ends well.</returns>
    public async Task<Error> Run(NodeIdentity node, byte[] token, Func<Task> nudge, CancellationToken cancel)
    {
        using var subscription = signal.Watch(await store.Read(bulk => FeedPages.ScopesOf(bulk, node.School), cancel));
        var seen = new Dictionary<Scope, long>();
        long? notedAt = null;
        object? mine = null;
        while (true)
        {
            var news = await store.Read(
                bulk => Greeting.Check(bulk, node.Node, token).Then<bool>(session =>
                    FeedPages.HasNews(bulk, node.In(session.Epoch), FeedPages.ScopesOf(bulk, node.School), seen)),
                cancel);
            if (!news.Ok)
            {
                return news.Error;
            }
            if (mine is null)
            {
                newest[node.Node] = mine = new();
            }
            else if (newest[node.Node] != mine)
            {
                return Greeting.Stale;
            }
            if (news.Value)
            {
                await nudge();
            }
            if (notedAt is null || clock.GetElapsedTime(notedAt.Value) >= NoteSeenEvery)
            {
                notedAt = clock.GetTimestamp();
                await store.Write<bool>(bulk => Seen(bulk, node.Node), cancel);
            }
            await subscription.Wait(PollEvery, clock, cancel);
        }
    }

    private bool Seen(Bulk bulk, Guid node)
    {
        bulk.SetSeen(node, clock.GetUtcNow().ToUnixTimeMilliseconds());
        return true;
    }
}
