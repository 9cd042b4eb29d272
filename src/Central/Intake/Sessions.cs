using System.Security.Cryptography;
using TdmEdu.Central.Storage;
using TdmEdu.Sync;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Intake;

internal sealed record OpenedSession(byte[] Token, IReadOnlyList<LaneHead> Durable, string FeedEpoch);

/// <summary>One live session for each box. Whoever opens last holds it, so two machines under one name notice each other.</summary>
internal sealed class Sessions(CentralStore store, TimeProvider clock)
{
    private const int TokenBytes = 32;

    public static Error Stale => Error.Conflict(
        "session_stale", "Phiên trao đổi đã được thay bằng phiên mới hơn. Máy chủ trường sẽ tự mở lại.");

    public static Error Revoked => Error.Denied(
        "node_revoked", "Máy chủ trường này đã bị thu hồi. Hãy liên hệ Phòng Giáo dục để ghi danh lại.");

    /// <param name="heads">What the box itself holds of each lane it asks for.</param>
    public Task<Result<OpenedSession>> Open(NodeIdentity node, Guid epoch, IReadOnlyList<LaneHead> heads, CancellationToken cancel) =>
        store.Write<OpenedSession>(
            bulk =>
            {
                bulk.LockFeed(node.School);
                var durable = new List<LaneHead>();
                foreach (var own in heads)
                {
                    var held = bulk.FindLane(node.Node, epoch, own.Lane);
                    if (Refusal(own, held) is { } refusal)
                    {
                        return refusal;
                    }
                    durable.Add(held ?? new(own.Lane, 0, []));
                }
                var token = RandomNumberGenerator.GetBytes(TokenBytes);
                bulk.SetSession(node.Node, token, epoch);
                bulk.SetSeen(node.Node, clock.GetUtcNow().ToUnixTimeMilliseconds());
                return new OpenedSession(token, durable, bulk.Meta(MetaRow.FeedEpoch)!);
            },
            cancel);

    /// <summary>The session, when this token is still the node's.</summary>
    public static Result<NodeSession> Check(Bulk bulk, Guid node, ReadOnlySpan<byte> token)
    {
        var session = bulk.Session(node);
        return session is { Revoked: true } ? Revoked
            : session is null || !CryptographicOperations.FixedTimeEquals(session.Token, token) ? Stale
            : session;
    }

    /// <summary>The half of <see cref="Reconcile"/> that Central can see: it knows the hash at its own end of the lane only.</summary>
    private static Error? Refusal(LaneHead own, LaneHead? held) =>
        held is null || held.Seq < own.Seq ? null
        : held.Seq > own.Seq
            ? Error.Conflict(
                "lane_regressed",
                "Trung tâm giữ nhiều dữ liệu hơn máy chủ trường: máy đã được khôi phục từ bản cũ. Hãy liên hệ Phòng Giáo dục.")
        : held.Hash.AsSpan().SequenceEqual(own.Hash) ? null
        : Error.Conflict("lane_cloned", "Có hai máy cùng mang tên trường này. Hãy tắt máy sao chép và liên hệ Phòng Giáo dục.");
}
