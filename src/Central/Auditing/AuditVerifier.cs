using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Storage;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Auditing;

/// <summary>
/// Reads the whole audit, Central's own and what the boxes sent, and names each place where a row was removed, changed or moved. Whoever can write the
/// database can cut off its end with the note of where the end was: against that, the head that a run prints is kept elsewhere and given to a later run.
/// Each run writes the ends of the boxes' lanes, with when Central received what is in them, into Central's own chain: so the head vouches for these too.
/// </summary>
internal sealed partial class AuditVerifier(IDbContextFactory<CentralDb> databases, IAuditLog audit)
{
    /// <summary>The entry of the ends: NODE/EPOCH/NUMBER/DIGEST of each lane that has grown since, with spaces between.</summary>
    public const string BoxEnds = "box_ends";

    private const int PlacesMax = 100;

    /// <param name="noted">A head that an earlier run has printed, "NUMBER HASH"; null when there is none.</param>
    /// <param name="cancel">Ends it early.</param>
    public async Task<Result<string>> Run(string? noted, CancellationToken cancel)
    {
        if (noted is not null && !HeadShape().IsMatch(noted))
        {
            return Error.Invalid("noted_head", "Mã nhật ký đã ghi phải gồm số và mã băm, như lệnh verify-audit in ra: \"SỐ MÃ-BĂM\".");
        }
        await using var db = await databases.CreateDbContextAsync(cancel);
        var (places, ends) = (new List<string>(), new List<End>());
        var rows = await OwnChain(db, noted, places, ends, cancel);
        var (boxes, grown) = await BoxChains(db, places, ends.ToLookup(e => (e.Node, e.Epoch)), cancel);
        if (places.Count > 0)
        {
            return Error.Conflict(
                "audit_broken", "Nhật ký đã bị sửa. Hãy giữ nguyên máy, sao lưu và báo người phụ trách an toàn thông tin: {0}",
                string.Join("; ", places.Take(PlacesMax)));
        }
        if (grown.Count > 0)
        {
            await audit.Write(new(BoxEnds, Guid.Empty, string.Join(' ', grown), ""), cancel);
        }
        return $"audit: {rows} rows and {boxes} of the boxes are whole, head {await Head(db, cancel) ?? Head(0, [])}";
    }

    private static async Task<string?> Head(CentralDb db, CancellationToken cancel) =>
        (await db.Meta.AsNoTracking().FirstOrDefaultAsync(m => m.Key == Bulk.AuditHead, cancel))?.Value;

    private static async Task<long> OwnChain(CentralDb db, string? noted, List<string> places, List<End> ends, CancellationToken cancel)
    {
        // Before the rows: Central goes on writing meanwhile.
        var end = await Head(db, cancel);
        var (last, hash) = (0L, Array.Empty<byte>());
        var (sawEnd, sawNoted) = (end is null || end == Head(last, hash), noted is null);
        await foreach (var row in db.Audit.AsNoTracking().OrderBy(a => a.Pos).AsAsyncEnumerable().WithCancellation(cancel))
        {
            if (row.Pos != last + 1)
            {
                places.Add(string.Create(CultureInfo.InvariantCulture, $"audit {last + 1}..{row.Pos - 1} removed"));
            }
            // What an older version wrote has no hash, and nothing without one comes after the first that has.
            else if (row.Hash.Length == 0 ? hash.Length > 0 : !row.HashAfter(hash).AsSpan().SequenceEqual(row.Hash))
            {
                places.Add(string.Create(CultureInfo.InvariantCulture, $"audit {row.Pos} changed"));
            }
            ends.AddRange(row.Event == BoxEnds ? row.Subject.Split(' ').Select(End.Parse) : []);
            (last, hash) = (row.Pos, row.Hash);
            (sawEnd, sawNoted) = (sawEnd || Head(last, hash) == end, sawNoted || Head(last, hash) == noted);
        }
        if (!sawEnd)
        {
            places.Add($"audit after {last} removed, head was {end}");
        }
        if (!sawNoted)
        {
            places.Add($"audit does not hold the noted head {noted}");
        }
        return last;
    }

    private static string Head(long pos, byte[] hash) => string.Create(CultureInfo.InvariantCulture, $"{pos} {Convert.ToHexString(hash)}");

    private static async Task<(long Rows, List<End> Grown)> BoxChains(
        CentralDb db, List<string> places, ILookup<(Guid Node, Guid Epoch), End> ends, CancellationToken cancel)
    {
        var (rows, grown) = (0L, new List<End>());
        foreach (var lane in await db.NodeLanes.AsNoTracking().Where(l => l.Lane == Lane.Telemetry && l.LastSeq > 0).OrderBy(l => l.NodeId).ToListAsync(cancel))
        {
            // What was refused at first has the time at which it came; among what took effect, that of later.
            var entries = (await db.RefusedOps.AsNoTracking().Where(o => o.Node == lane.NodeId && o.Epoch == lane.Epoch && o.Lane == lane.Lane && o.Seq <= lane.LastSeq)
                    .Select(o => new Entry(
                        o.Seq, new(o.ClaimedScope, o.Entity, o.Id, o.Schema, o.Kind, new(o.Hlc), o.Actor, o.Data) { GroupLeft = o.GroupLeft }, o.Salt, o.Hash, o.ReceivedAtMs))
                    .ToListAsync(cancel))
                .Concat(await db.Ops.AsNoTracking().Where(o => o.Node == lane.NodeId && o.Epoch == lane.Epoch && o.Lane == lane.Lane && o.Seq <= lane.LastSeq)
                    .Select(o => new Entry(
                        o.Seq, new(o.Scope, o.Entity, o.Id, o.Schema, o.Kind, new(o.Hlc), o.Actor, o.Data) { GroupLeft = o.GroupLeft }, o.Salt, o.Hash, o.ReceivedAtMs))
                    .ToListAsync(cancel))
                .DistinctBy(e => e.Seq).OrderBy(e => e.Seq);
            var (last, hash, digest) = (0L, HashChain.Base(lane.NodeId, lane.Epoch, lane.Lane), Array.Empty<byte>());
            var noted = ends[(lane.NodeId, lane.Epoch)].ToDictionary(e => e.Seq, e => e.Digest);
            foreach (var entry in entries)
            {
                if (entry.Seq != last + 1)
                {
                    places.Add(string.Create(CultureInfo.InvariantCulture, $"box {lane.NodeId} {last + 1}..{entry.Seq - 1} removed"));
                }
                else if (!HashChain.Next(hash, entry.Seq, entry.Op, entry.Salt).AsSpan().SequenceEqual(entry.Hash))
                {
                    places.Add(string.Create(CultureInfo.InvariantCulture, $"box {lane.NodeId} {entry.Seq} changed"));
                }
                (last, hash, digest) = (entry.Seq, entry.Hash, entry.DigestAfter(digest));
                if (noted.Remove(last, out var then) && then != Convert.ToHexString(digest))
                {
                    places.Add(string.Create(CultureInfo.InvariantCulture, $"box {lane.NodeId} up to {last} is not what an earlier run read, or received at other times"));
                }
                rows++;
            }
            if (last != lane.LastSeq || !hash.AsSpan().SequenceEqual(lane.LastHash) || noted.Count > 0)
            {
                places.Add($"box {lane.NodeId} after {last} removed");
            }
            if (!ends[(lane.NodeId, lane.Epoch)].Any(e => e.Seq == last))
            {
                grown.Add(new(lane.NodeId, lane.Epoch, last, Convert.ToHexString(digest)));
            }
        }
        return (rows, grown);
    }

    [GeneratedRegex("^[0-9]+ ([0-9A-F]{2})*$")]
    private static partial Regex HeadShape();

    private sealed record Entry(long Seq, Op Op, byte[] Salt, byte[] Hash, long ReceivedAtMs)
    {
        public byte[] DigestAfter(byte[] previous)
        {
            var receivedAt = new byte[sizeof(long)];
            BinaryPrimitives.WriteInt64BigEndian(receivedAt, ReceivedAtMs);
            return SHA256.HashData([.. previous, .. Hash, .. receivedAt]);
        }
    }

    private sealed record End(Guid Node, Guid Epoch, long Seq, string Digest)
    {
        public static End Parse(string text) => text.Split('/') is [var node, var epoch, var seq, var digest]
            ? new(Guid.Parse(node), Guid.Parse(epoch), long.Parse(seq, CultureInfo.InvariantCulture), digest)
            : throw new FormatException($"{text} is no end of a lane.");

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Node:n}/{Epoch:n}/{Seq}/{Digest}");
    }
}
