using TdmEdu.Central.Intake;
using TdmEdu.Central.Storage;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Feed;

/// <param name="Heads">What the box had recorded of its lanes at <paramref name="ClockMs"/>, by its own clock.</param>
internal sealed record FeedQuery(
    byte[] Session, string FeedEpoch, IReadOnlyDictionary<Scope, long> Cursors, int OpsMax, IReadOnlyList<LaneHead> Heads, long ClockMs);

internal sealed record FeedPage(Scope Scope, IReadOnlyList<FeedOp> Ops, long NextSeq);

internal sealed record FeedAnswer(string FeedEpoch, IReadOnlyList<FeedPage> Pages, bool More);

/// <summary>What has happened in a box's scopes since its cursors, in the order of commit.</summary>
internal sealed class FeedPages(CentralStore store, Catalogue catalogue, TimeProvider clock)
{
    private const int OpsMax = 1000;
    private const int BytesMax = 1024 * 1024;

    public async Task<Result<FeedAnswer>> Next(NodeIdentity node, FeedQuery query, CancellationToken cancel)
    {
        var (answer, complete) = await store.Read(
            bulk =>
            {
                var session = Sessions.Check(bulk, node.Node, query.Session);
                if (!session.Ok)
                {
                    return (session.Error, false);
                }
                var own = node.In(session.Value.Epoch);
                return (Read(bulk, own, node.School, query), HoldsAll(bulk, own, query.Heads));
            },
            cancel);
        if (answer.Ok && query.ClockMs > 0)
        {
            await Note(node.Node, complete ? query.ClockMs : null, cancel);
        }
        return answer;
    }

    /// <summary>The school's own, its ward's and the city's. Which ward it is in, the registry says.</summary>
    public static IReadOnlyList<Scope> ScopesOf(Scope school, Snapshot records) =>
        records.Get<Unit>(Scope.City, school.Owner)?.Value.Ward is { } ward ? [Scope.City, school, Scope.Ward(ward)] : [Scope.City, school];

    private Result<FeedAnswer> Read(Bulk bulk, (Guid Node, Guid Epoch) own, Scope school, FeedQuery query)
    {
        var epoch = bulk.Meta(MetaRow.FeedEpoch)!;
        var opsLeft = query.OpsMax is > 0 and < OpsMax ? query.OpsMax : OpsMax;
        var bytesLeft = BytesMax;
        var pages = new List<FeedPage>();
        foreach (var scope in ScopesOf(school, new(bulk, catalogue)))
        {
            var from = epoch == query.FeedEpoch ? query.Cursors.GetValueOrDefault(scope) : 0;
            var (ops, cut) = bulk.Feed(scope, from, own, opsLeft, bytesLeft);
            var next = cut ? ops[^1].Seq : Math.Max(from, bulk.Counter(scope));
            if (next != from)
            {
                pages.Add(new(scope, ops, next));
            }
            if (cut)
            {
                return new FeedAnswer(epoch, pages, More: true);
            }
            opsLeft -= ops.Count;
            bytesLeft -= ops.Sum(op => op.Op.Data.Length);
        }
        return new FeedAnswer(epoch, pages, More: false);
    }

    private static bool HoldsAll(Bulk bulk, (Guid Node, Guid Epoch) own, IReadOnlyList<LaneHead> heads) =>
        heads.All(head => (bulk.FindLane(own.Node, own.Epoch, head.Lane)?.Seq ?? 0) >= head.Seq);

    private Task<Result<bool>> Note(Guid node, long? completeAtMs, CancellationToken cancel) => store.Write<bool>(
        bulk =>
        {
            var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
            bulk.SetSeen(node, now);
            if (completeAtMs is { } at)
            {
                bulk.SetComplete(node, Math.Min(at, now));
            }
            return true;
        },
        cancel);
}
