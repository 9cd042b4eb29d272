using System.Text.Json;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Edge;

/// <summary>What an operation from Central is kept for without effect: this version cannot apply it, or it came in a foreign feed.</summary>
public sealed record Unapplied(long Seq, Scope Feed, string Entity, Guid Id, Exception? Cause);

/// <summary>One batch of the owner: commands change the tables and fill the journal's batch, each seeing those before it.</summary>
public sealed class CommandSession(
    EdgeIdentity identity, Catalogue catalogue, Tables tables, IRecords records, JournalState state, long nowMs)
{
    /// <summary>A single operation must fit into a Push (256 KiB) with room to spare.</summary>
    public const int DraftBytesMax = 128 * 1024;

    private static readonly TimeSpan ClockAheadMax = TimeSpan.FromHours(24);

    private readonly Applier applier = new(catalogue, tables, records);
    private readonly List<Unapplied> unapplied = [];

    public JournalBatch Batch { get; } = new(state, identity.Node);

    /// <summary>
    /// The disk is full, and the journal has only the room that is kept for the lane that cannot wait: a day without its attendance cannot be
    /// made up for. Other lanes and pages from Central are refused until there is room; what the journal notes without an operation, such as
    /// that something was acknowledged, takes none worth saving.
    /// </summary>
    public bool OnReserve { get; init; }

    public IRecords Records => records;

    public IReadOnlyList<Unapplied> Unapplied => unapplied;

    public (int Tables, int Journal) Mark() => (tables.Mark(), Batch.Mark());

    public void Undo((int Tables, int Journal) mark)
    {
        tables.Undo(mark.Tables);
        Batch.Undo(mark.Journal);
    }

    public Result<T> Decide<T>(Actor actor, Func<IRecords, Decision<T>> decide)
    {
        var decision = decide(records);
        if (!decision.Reply.Ok)
        {
            return decision.Reply;
        }
        if (decision.Atomic && !IsGroup(decision.Drafts))
        {
            throw new InvalidOperationException("A group is at most a hundred changes of one lane and fits into one batch.");
        }
        var left = decision.Atomic ? decision.Drafts.Count : 1;
        foreach (var draft in decision.Drafts)
        {
            left -= decision.Atomic ? 1 : 0;
            if (Write(draft, actor, decision.Atomic ? left : 0) is { } refusal)
            {
                return refusal;
            }
        }
        return decision.Reply;
    }

    /// <summary>Operations that the cursor has passed are here already and are skipped, unless the feed was rewritten. Returns the cursor.</summary>
    public Result<long> TakePage(string feedEpoch, FeedPage page)
    {
        var cursor = page.Restart ? 0 : Batch.Cursor(feedEpoch, page.Scope);
        if (!page.Restart && page.Next.Seq < cursor)
        {
            return cursor;
        }
        var fresh = page.Ops.Where(o => o.Seq > cursor).ToList();
        if (OnReserve && fresh.Count > 0)
        {
            return CommandBatch.DiskFull;
        }
        var evictions = new EvictionWatch(catalogue, tables, records, page.Scope, fresh);
        foreach (var op in fresh)
        {
            Observe(op.Op.Hlc);
            var held = evictions.Holds(op.Op);
            Batch.AddFromCentral(page.Scope, op, held);
            if (!held)
            {
                ApplyOrKeep(op, page.Scope);
            }
        }
        Report(page.Scope, evictions.Held);
        Batch.Advance(feedEpoch, page.Scope, page.Next);
        return page.Next.Seq;
    }

    /// <summary>What Central has opened: how far it holds each lane, and up to where its backups do.</summary>
    public Result<long> Welcomed(WelcomedStep step)
    {
        Batch.Session = step.Session;
        Batch.Meet(step.FeedEpoch);
        Batch.Forked = false;
        Batch.OpenRefusals = [.. step.Lanes.SelectMany(l => l.Refused)];
        foreach (var lane in step.Lanes)
        {
            Batch.Acknowledge(lane.Durable.Lane, lane.Durable.Seq);
            Batch.BackUp(lane.Durable.Lane, lane.BackedUp);
        }
        return 0;
    }

    public Result<long> BackUp(BackUpStep step)
    {
        foreach (var lane in JournalState.Lanes)
        {
            Batch.BackUp(lane, step.Lanes.GetValueOrDefault(lane));
        }
        return 0;
    }

    /// <summary>
    /// What Central says it holds durably of a lane. It may be less than before: a Central restored from a backup lost some of
    /// what it had acknowledged.
    /// </summary>
    public Result<long> Acknowledge(Lane lane, long seq, IReadOnlyList<Refusal> refusals)
    {
        foreach (var refusal in refusals)
        {
            Batch.Refuse(refusal);
        }
        return Batch.Acknowledge(lane, seq);
    }

    /// <summary>This box was restored or Central was: what both do not share is sent again under new numbers.</summary>
    /// <param name="epoch">Null to stay in this epoch.</param>
    public Result<long> SendAgain(Guid? epoch, IEnumerable<JournalEntry> entries)
    {
        if (OnReserve)
        {
            return CommandBatch.DiskFull;
        }
        // Read to the end first: an epoch that begins without what could not be read would never send it.
        var again = Batching.Mended(Batching.Once(entries)).ToList();
        if (epoch is { } fresh)
        {
            Batch.BeginEpoch(fresh);
        }
        foreach (var entry in again)
        {
            Batch.Renumber(entry.Position, catalogue.Find(entry.Op.Entity)?.Lane ?? Lane.Control, entry.Op);
        }
        return 0;
    }

    /// <summary>What came from Central has no number here, so of its backup nothing is known.</summary>
    public Dictionary<Guid, Receipt> Receipts(EntityType type, Scope scope, IReadOnlyList<Guid> ids) => ids.Distinct()
        .Select(id => tables.Get(type.Key, scope, id))
        .OfType<Doc>()
        .ToDictionary(
            doc => doc.Id,
            doc => doc.OwnSeq > state.Acked[(int)type.Lane] ? Receipt.OnBox
                : doc.OwnSeq > 0 && doc.OwnSeq <= state.BackedUp[(int)type.Lane] ? Receipt.BackedUp : Receipt.AtCentre);

    /// <summary>Also on the reserve: what somebody did is on record, or was not done.</summary>
    public Result<bool> Audit(Guid id, AuditEntry entry)
    {
        var fact = new Draft(identity.School, AuditEntry.Key, AuditEntry.Type.Schema, id, OpKind.Fact, JsonSerializer.SerializeToUtf8Bytes(entry, Json.Options));
        Stamp(fact, AuditEntry.Type, entry.Actor, groupLeft: 0);
        return true;
    }

    public Result<bool> SetMeta(string key, string value)
    {
        Batch.SetMeta(key, value);
        return true;
    }

    private static bool IsGroup(IReadOnlyList<Draft> drafts) =>
        drafts.Count <= Op.GroupOpsMax && drafts.Sum(d => d.Data.Length) <= DraftBytesMax;

    private Error? Write(Draft draft, Actor actor, int groupLeft)
    {
        if (draft.Scope != identity.School)
        {
            return Error.Denied("not_written_here", "Dữ liệu này không được ghi ở đây. Hãy liên hệ Phòng Giáo dục.");
        }
        if (catalogue.Refusal(draft, actor, Side.Edge) is { } denied)
        {
            return denied;
        }
        if (draft.Data.Length > DraftBytesMax)
        {
            return Error.Invalid("too_large", "Nội dung dài quá mức cho phép. Hãy chia nhỏ rồi gửi lại.");
        }
        var type = catalogue.Find(draft.Entity)!;
        if (OnReserve && type.Lane != Lane.Attendance)
        {
            return CommandBatch.DiskFull;
        }
        if (draft.Kind == OpKind.Fact && tables.Get(type.Key, draft.Scope, draft.Id) is { } held)
        {
            return held.Data.Span.SequenceEqual(draft.Data.Span) ? null
                : held.ToRecord(type.Key).Evicted ? Eviction.HasLeft
                : Error.Conflict("fact_exists", "Mã này đã dùng cho một nội dung khác. Hãy tải lại trang rồi nhập lại.");
        }
        Stamp(draft, type, actor.Id, groupLeft);
        return draft.Kind == OpKind.Delete || type.Check == EntityType.NoCheck ? null : Check(type, draft);
    }

    private void Stamp(Draft draft, EntityType type, Guid actor, int groupLeft)
    {
        // A change stands above everything it was made from, even what another clock stamped far ahead of this one.
        var below = Math.Max(Batch.Hlc.Value, tables.Get(type.Key, draft.Scope, draft.Id)?.ToRecord(type.Key).Version.Hlc.Value ?? 0);
        Batch.Hlc = Mutant.M7RawWallClock ? Hlc.At(nowMs) : new Hlc(below).Next(nowMs);
        var op = new Op(draft.Scope, draft.Entity, draft.Id, draft.Schema, draft.Kind, Batch.Hlc, actor, draft.Data) { GroupLeft = groupLeft };
        var outcome = applier.Apply(op, identity.Node, Batch.NextSeq(type.Lane));
        if (outcome is Outcome.Rejected or Outcome.Parked)
        {
            throw new InvalidOperationException($"A draft of {draft.Entity} has the wrong kind or schema: {outcome}.");
        }
        Batch.AddOwn(type.Lane, op);
    }

    /// <summary>The department learns of what was held by a list that the box itself writes, once.</summary>
    private void Report(Scope feed, IReadOnlyList<Op> held)
    {
        if (held.Count > 0 && feed == identity.School)
        {
            foreach (var list in HeldEvictions.Of(feed, held.Select(op => (op.Entity, op.Id, op.Data))).Where(l => tables.Get(l.Entity, feed, l.Id) is null))
            {
                Stamp(list, HeldEvictions.Type, Guid.Empty, groupLeft: 0);
            }
        }
    }

    /// <summary>The check looks at the whole record, of which a PUT may name one field.</summary>
    private Error? Check(EntityType type, Draft draft)
    {
        using var content = JsonDocument.Parse(tables.Get(type.Key, draft.Scope, draft.Id)!.Data);
        return type.Check(content.RootElement);
    }

    private void ApplyOrKeep(FeedOp op, Scope feed)
    {
        if (op.Op.Scope != feed)
        {
            unapplied.Add(new(op.Seq, feed, op.Op.Entity, op.Op.Id, null));
            return;
        }
        var mark = tables.Mark();
        try
        {
            applier.Apply(op.Op, op.Node, ownSeq: 0);
        }
        catch (Exception e) when (e is not CacheBrokenException)
        {
            tables.Undo(mark);
            unapplied.Add(new(op.Seq, feed, op.Op.Entity, op.Op.Id, e));
        }
    }

    /// <summary>Another box's clock may be years ahead; following it would make this one's stamps worthless (design D7).</summary>
    private void Observe(Hlc other)
    {
        if (other.Milliseconds <= nowMs + ClockAheadMax.TotalMilliseconds && other > Batch.Hlc)
        {
            Batch.Hlc = other;
        }
    }
}
