using System.Text.Json;
using TdmEdu.EdgeNode.Journal;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.EdgeNode.Cache;

/// <summary>One batch of the owner: commands change the tables and fill the journal's batch, each seeing those before it.</summary>
internal sealed partial class Session(
    EdgeIdentity identity, Catalogue catalogue, Tables tables, IRecords records, JournalBatch batch, TimeProvider clock, ILogger logger)
{
    /// <summary>A single operation must fit into a Push (256 KiB) with room to spare.</summary>
    private const int DraftBytesMax = 128 * 1024;

    private readonly Applier applier = new(catalogue, tables, records);

    private static readonly TimeSpan ClockAheadMax = TimeSpan.FromHours(24);

    public IRecords Records => records;

    public (int Tables, int Journal) Mark() => (tables.Mark(), batch.Mark());

    public void Undo((int Tables, int Journal) mark)
    {
        tables.Undo(mark.Tables);
        batch.Undo(mark.Journal);
    }

    public Result<T> Decide<T>(Actor actor, Func<IRecords, Decision<T>> decide)
    {
        var decision = decide(records);
        if (!decision.Reply.Ok)
        {
            return decision.Reply;
        }
        foreach (var draft in decision.Drafts)
        {
            if (Write(draft, actor) is { } refusal)
            {
                return refusal;
            }
        }
        return decision.Reply;
    }

    /// <summary>Operations of a scope that the cursor has passed are here already and are skipped. Returns the cursor.</summary>
    public Result<long> TakePage(string feedEpoch, Scope scope, IReadOnlyList<FeedOp> ops, long nextSeq)
    {
        var cursor = batch.Cursor(feedEpoch, scope);
        foreach (var op in ops.Where(o => o.Seq > cursor))
        {
            Observe(op.Op.Hlc);
            batch.AddFromCentral(scope, op);
            ApplyOrPark(op, scope);
        }
        var next = Math.Max(cursor, nextSeq);
        batch.Advance(feedEpoch, scope, next);
        return next;
    }

    public Dictionary<Guid, Receipt> Receipts(EntityType type, Scope scope, IReadOnlyList<Guid> ids, long acked) => ids.Distinct()
        .Select(id => tables.Get(type.Key, scope, id))
        .OfType<Doc>()
        .ToDictionary(doc => doc.Id, doc => doc.OwnSeq <= acked ? Receipt.AtCentre : Receipt.OnBox);

    public Result<long> Acknowledge(Lane lane, long seq) => batch.Acknowledge(lane, seq);

    public Result<bool> Audit(AuditEntry entry)
    {
        batch.Audit(entry, NowMs);
        return true;
    }

    public Result<bool> SetMeta(string key, string value)
    {
        batch.SetMeta(key, value);
        return true;
    }

    private Error? Write(Draft draft, Actor actor)
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
        if (draft.Kind == OpKind.Fact && tables.Get(type.Key, draft.Scope, draft.Id) is { } held)
        {
            return held.Data.Span.SequenceEqual(draft.Data.Span)
                ? null
                : Error.Conflict("fact_exists", "Mã này đã dùng cho một nội dung khác. Hãy tải lại trang rồi nhập lại.");
        }
        var op = new Op(draft.Scope, draft.Entity, draft.Id, draft.Schema, draft.Kind, Stamp(), actor.Id, draft.Data);
        var outcome = applier.Apply(op, identity.Node, batch.NextSeq(type.Lane));
        if (outcome is Outcome.Rejected or Outcome.Parked)
        {
            throw new InvalidOperationException($"A draft of {draft.Entity} has the wrong kind or schema: {outcome}.");
        }
        batch.AddOwn(type.Lane, op);
        return draft.Kind == OpKind.Delete || type.Check == EntityType.NoCheck ? null : Check(type, draft);
    }

    /// <summary>The check looks at the whole record, of which a PUT may name one field.</summary>
    private Error? Check(EntityType type, Draft draft)
    {
        using var content = JsonDocument.Parse(tables.Get(type.Key, draft.Scope, draft.Id)!.Data);
        return type.Check(content.RootElement);
    }

    private void ApplyOrPark(FeedOp op, Scope feed)
    {
        if (op.Op.Scope != feed)
        {
            LogForeign(op.Seq, feed.Value, op.Op.Entity, op.Op.Id);
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
            LogParked(e, op.Seq, feed.Value, op.Op.Entity, op.Op.Id);
        }
    }

    private Hlc Stamp() => batch.Hlc = batch.Hlc.Next(NowMs);

    /// <summary>Another box's clock may be years ahead; following it would make this one's stamps worthless (design D7).</summary>
    private void Observe(Hlc other)
    {
        if (other.Milliseconds <= NowMs + ClockAheadMax.TotalMilliseconds && other > batch.Hlc)
        {
            batch.Hlc = other;
        }
    }

    private long NowMs => clock.GetUtcNow().ToUnixTimeMilliseconds();

    [LoggerMessage(20, LogLevel.Warning,
        "Operation {Seq} of feed {Feed} ({Entity} {Id}) cannot be applied by this version and stays parked.")]
    private partial void LogParked(Exception cause, long seq, string feed, string entity, Guid id);

    [LoggerMessage(21, LogLevel.Error,
        "Operation {Seq} of feed {Feed} ({Entity} {Id}) names another scope; it was kept but has no effect.")]
    private partial void LogForeign(long seq, string feed, string entity, Guid id);
}
