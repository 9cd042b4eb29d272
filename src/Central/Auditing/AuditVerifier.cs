using System.Globalization;
using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Storage;
using TdmEdu.Sync;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Auditing;

/// <summary>
/// Reads the whole audit, Central's own and what the boxes sent, and names each place where a row was removed, changed or moved. Whoever can write the
/// database can cut off its end with the note of where the end was: against that, the head that a run prints is kept elsewhere and given to a later run.
/// </summary>
internal sealed class AuditVerifier(IDbContextFactory<CentralDb> databases)
{
    private const int PlacesMax = 100;

    /// <param name="noted">A head that an earlier run has printed, "NUMBER HASH"; null when there is none.</param>
    /// <param name="cancel">Ends it early.</param>
    public async Task<Result<string>> Run(string? noted, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var places = new List<string>();
        var (rows, head) = await OwnChain(db, noted, places, cancel);
        var boxes = await BoxChains(db, places, cancel);
        return places.Count == 0
            ? $"audit: {rows} rows and {boxes} of the boxes are whole, head {head}"
            : Error.Conflict(
                "audit_broken", "Nhật ký đã bị sửa. Hãy giữ nguyên máy, sao lưu và báo người phụ trách an toàn thông tin: {0}",
                string.Join("; ", places.Take(PlacesMax)));
    }

    private static async Task<(long Rows, string Head)> OwnChain(CentralDb db, string? noted, List<string> places, CancellationToken cancel)
    {
        // Before the rows: Central goes on writing meanwhile.
        var end = (await db.Meta.AsNoTracking().FirstOrDefaultAsync(m => m.Key == Bulk.AuditHead, cancel))?.Value;
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
        return (last, Head(last, hash));
    }

    private static string Head(long pos, byte[] hash) => string.Create(CultureInfo.InvariantCulture, $"{pos} {Convert.ToHexString(hash)}");

    private static async Task<long> BoxChains(CentralDb db, List<string> places, CancellationToken cancel)
    {
        var rows = 0L;
        foreach (var lane in await db.NodeLanes.AsNoTracking().Where(l => l.Lane == Lane.Telemetry && l.LastSeq > 0).OrderBy(l => l.NodeId).ToListAsync(cancel))
        {
            var entries = (await db.Ops.AsNoTracking().Where(o => o.Node == lane.NodeId && o.Epoch == lane.Epoch && o.Lane == lane.Lane && o.Seq <= lane.LastSeq)
                    .Select(o => new Entry(o.Seq, new(o.Scope, o.Entity, o.Id, o.Schema, o.Kind, new(o.Hlc), o.Actor, o.Data) { GroupLeft = o.GroupLeft }, o.Salt, o.Hash))
                    .ToListAsync(cancel))
                .Concat(await db.RefusedOps.AsNoTracking().Where(o => o.Node == lane.NodeId && o.Epoch == lane.Epoch && o.Lane == lane.Lane && o.Seq <= lane.LastSeq)
                    .Select(o => new Entry(o.Seq, new(o.ClaimedScope, o.Entity, o.Id, o.Schema, o.Kind, new(o.Hlc), o.Actor, o.Data) { GroupLeft = o.GroupLeft }, o.Salt, o.Hash))
                    .ToListAsync(cancel))
                .DistinctBy(e => e.Seq).OrderBy(e => e.Seq);
            var (last, hash) = (0L, HashChain.Base(lane.NodeId, lane.Epoch, lane.Lane));
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
                (last, hash) = (entry.Seq, entry.Hash);
                rows++;
            }
            if (last != lane.LastSeq || !hash.AsSpan().SequenceEqual(lane.LastHash))
            {
                places.Add(string.Create(CultureInfo.InvariantCulture, $"box {lane.NodeId} after {last} removed"));
            }
        }
        return rows;
    }

    private sealed record Entry(long Seq, Op Op, byte[] Salt, byte[] Hash);
}
