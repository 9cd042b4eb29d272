using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Central;

/// <param name="Heads">What the box had recorded of its lanes at <paramref name="ClockMs"/>, by its own clock.</param>
public sealed record FeedQuery(
    byte[] Session, string FeedEpoch, IReadOnlyDictionary<Scope, Cursor> Cursors, int OpsMax, IReadOnlyList<LaneHead> Heads, long ClockMs);

/// <summary>What has happened in a box's scopes since its cursors, in the order of commit.</summary>
public static class FeedPages
{
    public const int OpsMax = 1000;

    /// <summary>Of data in one answer, whatever the box asks for: what Central holds in memory for a box that reads slowly.</summary>
    public const int BytesMax = 1024 * 1024;

    public static Result<FeedAnswer> Next(ICentralTransaction transaction, NodeIdentity node, FeedQuery query)
    {
        var session = Greeting.Check(transaction, node.Node, query.Session);
        return session.Ok
            ? Read(transaction, node.In(session.Value.Epoch), node.School, query) with { BackedUp = transaction.BackedUp(node.Node, session.Value.Epoch) }
            : session.Error;
    }

    /// <summary>
    /// Notes that the box was there, and up to when its lanes are complete: what it had recorded by its clock is all here.
    /// A box whose clock runs ahead is complete up to now, not beyond; and one of which a second machine is held back no further than it was, for
    /// nobody knows what that one has recorded.
    /// </summary>
    public static void NoteSeen(ICentralTransaction transaction, NodeIdentity node, IReadOnlyList<LaneHead> heads, long clockMs, long nowMs)
    {
        transaction.SetSeen(node.Node, nowMs);
        if (transaction.Node(node.Node) is not { SuspectSinceMs: null } state)
        {
            return;
        }
        foreach (var head in heads.Where(h => (transaction.FindLane(node.Node, state.Epoch, h.Lane)?.Seq ?? 0) >= h.Seq))
        {
            NoteComplete(transaction, node, state.Epoch, head.Lane, clockMs, nowMs);
        }
    }

    internal static void NoteComplete(ICentralTransaction transaction, NodeIdentity node, Guid epoch, Lane lane, long clockMs, long nowMs)
    {
        if (transaction.FindLane(node.Node, epoch, lane) is null && IsStillMissing())
        {
            transaction.SetLane(node.Node, epoch, new(lane, 0, HashChain.Base(node.Node, epoch, lane)));
        }
        transaction.SetComplete(node.Node, epoch, lane, Math.Min(clockMs, nowMs), nowMs);

        // A first batch may be about to commit, and an empty lane written after it would forget it.
        bool IsStillMissing()
        {
            transaction.LockFeed(node.School);
            return transaction.FindLane(node.Node, epoch, lane) is null;
        }
    }

    /// <summary>The school's own, its ward's and the city's.</summary>
    public static IReadOnlyList<Scope> ScopesOf(ICentralTransaction transaction, Scope school) =>
        transaction.FindMembership(school)?.Scopes ?? [Scope.City, school];

    /// <summary>What a cursor remembers of the operation it points to: a feed that was rewritten below it is noticed.</summary>
    public static byte[] Mark(ICentralTransaction transaction, Scope scope, long seq)
    {
        if (transaction.FeedAt(scope, seq) is not var (id, hlc, node))
        {
            return [];
        }
        Span<byte> input = stackalloc byte[128];
        BinaryPrimitives.WriteInt64BigEndian(input, seq);
        BinaryPrimitives.WriteInt64BigEndian(input[8..], hlc);
        id.TryWriteBytes(input[16..], bigEndian: true, out _);
        node.TryWriteBytes(input[32..], bigEndian: true, out _);
        var length = 48 + Encoding.UTF8.GetBytes(scope.Value, input[48..]);
        return SHA256.HashData(input[..length])[..Cursor.MarkBytes];
    }

    private static FeedAnswer Read(ICentralTransaction transaction, (Guid Node, Guid Epoch) own, Scope school, FeedQuery query)
    {
        var epoch = transaction.Meta(MetaKeys.FeedEpoch)!;
        var opsLeft = query.OpsMax is > 0 and < OpsMax ? query.OpsMax : OpsMax;
        var bytesLeft = BytesMax;
        var pages = new List<FeedPage>();
        foreach (var scope in ScopesOf(transaction, school))
        {
            var cursor = epoch == query.FeedEpoch || Mutant.M6IgnoreFeedEpoch ? query.Cursors.GetValueOrDefault(scope) ?? Cursor.Start : Cursor.Start;
            var restart = !IsOurs(transaction, scope, cursor);
            var from = restart ? 0 : cursor.Seq;
            var (ops, cut) = transaction.Feed(scope, from, own, opsLeft, bytesLeft);
            if (cut && WholeGroups(ops) is { Count: var whole } kept && (whole > 0 || pages.Count > 0))
            {
                ops = kept;
                if (whole == 0)
                {
                    return new FeedAnswer(epoch, pages, More: true);
                }
            }
            var next = cut ? ops[^1].Seq : Math.Max(from, transaction.Counter(scope));
            if (restart || next != from)
            {
                pages.Add(new(scope, restart, ops, new(next, Mark(transaction, scope, next))));
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

    /// <summary>
    /// A page ends with a whole group: a box that never gets the next one, because Central was restored, must not be left with half of
    /// what took effect together. A group is smaller than a page, so one that begins a page fits.
    /// </summary>
    private static List<FeedOp> WholeGroups(IReadOnlyList<FeedOp> ops) =>
        [.. ops.Take(ops.Count - ops.Reverse().TakeWhile(o => o.Op.GroupLeft > 0).Count())];

    /// <summary>A cursor into a feed that this Central does not have begins anew; applying twice has no effect.</summary>
    private static bool IsOurs(ICentralTransaction transaction, Scope scope, Cursor cursor) =>
        cursor.Seq == 0 || Mutant.M6IgnoreFeedEpoch || Mark(transaction, scope, cursor.Seq).AsSpan().SequenceEqual(cursor.Mark);

    /// <summary>Whether others have written since what the watcher saw last. The first look always counts as news.</summary>
    public static bool HasNews(
        ICentralTransaction transaction, (Guid Node, Guid Epoch) own, IReadOnlyList<Scope> scopes, Dictionary<Scope, long> seen)
    {
        var news = false;
        foreach (var scope in scopes)
        {
            var counter = transaction.Counter(scope);
            if (!seen.TryGetValue(scope, out var before) || (counter > before && transaction.HasNews(scope, before, own)))
            {
                news = true;
            }
            seen[scope] = counter;
        }
        return news;
    }
}
