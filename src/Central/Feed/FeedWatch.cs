using TdmEdu.Central.Intake;
using TdmEdu.Central.Storage;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Feed;

/// <summary>Nudges a box whenever others have written in one of its scopes, for as long as its session lives.</summary>
internal sealed class FeedWatch(CentralStore store, Catalogue catalogue, FeedSignal signal, TimeProvider clock)
{
    /// <summary>How late a change is noticed that another copy of Central took in, and a session that ended.</summary>
    private static readonly TimeSpan PollEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan NoteSeenEvery = TimeSpan.FromSeconds(10);

    /// <returns>Why the watch ended; it never ends well.</returns>
    public async Task<Error> Run(NodeIdentity node, byte[] token, Func<Task> nudge, CancellationToken cancel)
    {
        var scopes = await store.Read(bulk => FeedPages.ScopesOf(node.School, new(bulk, catalogue)), cancel);
        using var subscription = signal.Watch(scopes);
        var seen = new Dictionary<Scope, long>();
        long? notedAt = null;
        while (true)
        {
            var news = await store.Read(bulk => HasNews(bulk, node, token, scopes, seen), cancel);
            if (!news.Ok)
            {
                return news.Error;
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

    /// <summary>The first look always counts as news: what came before the watch began may not be pulled yet.</summary>
    private static Result<bool> HasNews(
        Bulk bulk, NodeIdentity node, byte[] token, IReadOnlyList<Scope> scopes, Dictionary<Scope, long> seen)
    {
        var session = Sessions.Check(bulk, node.Node, token);
        if (!session.Ok)
        {
            return session.Error;
        }
        var news = false;
        foreach (var scope in scopes)
        {
            var counter = bulk.Counter(scope);
            if (!seen.TryGetValue(scope, out var before) || (counter > before && bulk.HasNews(scope, before, node.In(session.Value.Epoch))))
            {
                news = true;
            }
            seen[scope] = counter;
        }
        return news;
    }

    private bool Seen(Bulk bulk, Guid node)
    {
        bulk.SetSeen(node, clock.GetUtcNow().ToUnixTimeMilliseconds());
        return true;
    }
}
