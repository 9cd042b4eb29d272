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

    /// <summary>
    /// A box has one session and a session one watch: an older one ends before the store is asked anything, so that nobody can hold it with
    /// thousands. The session is part of the name, so that a watch of an ended one, arriving late, ends no other.
    /// </summary>
    private readonly ConcurrentDictionary<(Guid Node, string Session), CancellationTokenSource> newest = [];

    /// <returns>Why the watch ended; it never ends well.</returns>
    public async Task<Error> Run(NodeIdentity node, byte[] token, Func<Task> nudge, CancellationToken cancel)
    {
        var (name, mine) = ((node.Node, Convert.ToHexString(token)), new CancellationTokenSource());
        newest.AddOrUpdate(name, mine, (_, older) =>
        {
            older.Cancel();
            return mine;
        });
        using var either = CancellationTokenSource.CreateLinkedTokenSource(mine.Token, cancel);
        try
        {
            return await Watch(node, token, nudge, either.Token);
        }
        catch (OperationCanceledException) when (mine.IsCancellationRequested)
        {
            return Greeting.Stale;
        }
        finally
        {
            newest.TryRemove(KeyValuePair.Create(name, mine));
        }
    }

    private async Task<Error> Watch(NodeIdentity node, byte[] token, Func<Task> nudge, CancellationToken cancel)
    {
        using var subscription = signal.Watch(await store.Read(bulk => FeedPages.ScopesOf(bulk, node.School), cancel, node));
        var seen = new Dictionary<Scope, long>();
        // The session's Open has just noted it.
        var notedAt = clock.GetTimestamp();
        while (true)
        {
            var news = await store.Read(
                bulk => Greeting.Check(bulk, node.Node, token).Then<bool>(session =>
                    FeedPages.HasNews(bulk, node.In(session.Epoch), FeedPages.ScopesOf(bulk, node.School), seen)),
                cancel,
                node);
            if (!news.Ok)
            {
                return news.Error;
            }
            if (news.Value)
            {
                await nudge();
            }
            if (clock.GetElapsedTime(notedAt) >= NoteSeenEvery)
            {
                notedAt = clock.GetTimestamp();
                await store.Write<bool>(bulk => Seen(bulk, node.Node), cancel, node);
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
