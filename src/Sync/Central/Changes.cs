using System.Text.Json;
using System.Text.Unicode;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Central;

/// <summary>What became of an operation; the refusal says why it was rejected.</summary>
/// <param name="Partly">It took effect but for what is about somebody who had left.</param>
public readonly record struct Effect(Outcome Outcome, Error? Refusal = null, bool Partly = false);

/// <summary>
/// The operations of one transaction, applied in memory and written in bulk at the end. A later operation, and a fold, sees
/// what earlier ones did. The scopes must be locked by <see cref="ICentralTransaction.LockFeed"/> before anything of them is read here.
/// </summary>
public sealed partial class Changes(ICentralTransaction transaction, Catalogue catalogue) : IRecords
{
    /// <summary>Fields and their versions. An operation carries at most half of it; one that only adds fields must not make each later one dearer.</summary>
    public const int RecordBytesMax = 256 * 1024;

    /// <summary>A class's session with every correction of a busy day is a tenth of it.</summary>
    public const int ViewBytesMax = 1024 * 1024;

    /// <summary>Of records and documents that were made anew, taken or not: what the operations cost.</summary>
    public long MadeBytes { get; private set; }

    private readonly Snapshot saved = new(transaction, catalogue);
    private readonly Dictionary<RecordKey, RecordState?> records = [];
    private readonly Dictionary<RecordKey, IndexedRecord> dirtyRecords = [];
    private readonly Dictionary<ViewKey, byte[]?> views = [];
    private readonly Dictionary<ViewKey, ViewDocument> dirtyViews = [];
    private readonly Dictionary<Scope, IReadOnlyList<Scope>> members = [];
    private readonly List<StoredOp> ops = [];
    private List<Action>? undo;

    /// <summary>Reads the records that these operations of one scope touch in one go.</summary>
    public void Load(Scope scope, IEnumerable<Op> batch)
    {
        var keys = batch.Select(op => new RecordKey(scope, op.Entity, op.Id)).Distinct().ToList();
        foreach (var key in keys)
        {
            records[key] = null;
        }
        foreach (var state in transaction.FindRecords(scope, keys))
        {
            records[new(scope, state.Entity, state.Id)] = state;
        }
    }

    /// <summary>The record as it is now, deleted or not.</summary>
    public RecordState? Find(RecordKey key)
    {
        if (!records.TryGetValue(key, out var state))
        {
            state = records[key] = transaction.FindRecords(key.Scope, [key]).SingleOrDefault();
        }
        return state;
    }

    /// <summary>Nothing of the operation is kept when it is rejected or parked, or when a fold throws.</summary>
    /// <param name="author">What a school may no longer write of is parked.</param>
    public Effect Apply(Op op, Guid node, Side author = Side.Central)
    {
        var type = catalogue.Find(op.Entity)!;
        op = type.ToNow(op);
        var key = new RecordKey(op.Scope, op.Entity, op.Id);
        var before = Find(key);
        var (state, outcome) = RecordState.Apply(before, op, node, type.Kind);
        if (op.Kind == OpKind.Fact && before is { Evicted: false } first && !first.Data.Span.SequenceEqual(op.Data.Span))
        {
            // What was accepted once stands here, whatever time another claims.
            return new(Outcome.Rejected, Error.Conflict(RefusalReason.FactDiffers, "Mã này đã dùng cho một nội dung khác. Hãy tải lại trang rồi nhập lại."));
        }
        if (outcome == Outcome.Rejected)
        {
            return new(outcome, BadContent);
        }
        if (outcome == Outcome.Superseded)
        {
            return new(outcome);
        }
        MadeBytes += state!.Data.Length + state.Versions.Length;
        if (state.Data.Length + state.Versions.Length > RecordBytesMax)
        {
            return new(Outcome.Rejected, TooLarge);
        }
        if (author == Side.Edge && before is { Evicted: true })
        {
            return new(Outcome.Parked, Eviction.HasLeft);
        }
        var (index, refusal) = state.Deleted ? ("", null) : Examine(type, state.Data);
        if (refusal is not null)
        {
            return new(Outcome.Rejected, refusal);
        }
        var gone = author == Side.Edge && !state.Deleted && type.OfGone is { } ofGone ? ofGone(state, this) : Share.None;
        if (gone == Share.Whole)
        {
            return new(Outcome.Parked, PupilLeft);
        }
        List<ViewDocument> folded = state.Deleted ? [] : [.. catalogue.ViewsOf(op.Entity).Select(view => Fold(view, state))];
        if (index.Contains('\0', StringComparison.Ordinal) || folded.Exists(v => v.Range.Contains('\0', StringComparison.Ordinal)))
        {
            return new(Outcome.Rejected, BadContent);
        }
        MadeBytes += folded.Sum(v => (long)v.Data.Length);
        if (folded.Exists(v => v.Data.Length > ViewBytesMax))
        {
            return new(Outcome.Rejected, TooLarge);
        }
        var left = before is null ? [] : Left(before, state);
        Remember(records, key, state);
        dirtyRecords[key] = new(state, index);
        foreach (var view in left)
        {
            Write(view.Key, view.Range, view.Data);
        }
        foreach (var view in folded)
        {
            Write(view.Key, view.Range, Bytes.Whole(view.Data));
        }
        if (!state.Deleted && type.Members?.Invoke(state) is var (school, scopes))
        {
            members[school] = scopes;
        }
        return new(outcome, Partly: gone == Share.Part);
    }

    public void Append(StoredOp op) => ops.Add(op);

    /// <summary>What is applied from here on can be taken back by <see cref="UndoGroup"/>, until <see cref="EndGroup"/>.</summary>
    public void BeginGroup()
    {
        Flush();
        transaction.SetSavepoint();
        undo = [];
    }

    public void EndGroup() => undo = null;

    public void UndoGroup()
    {
        foreach (var step in Enumerable.Reverse(undo!))
        {
            step();
        }
        dirtyRecords.Clear();
        dirtyViews.Clear();
        members.Clear();
        ops.Clear();
        transaction.RollbackToSavepoint();
        undo = null;
    }

    /// <summary>Writes what is in memory, so that the database itself can be asked; safe to call again.</summary>
    public void Flush()
    {
        if (ops.Count > 0)
        {
            transaction.InsertOps(ops);
        }
        if (dirtyRecords.Count > 0)
        {
            transaction.UpsertRecords(dirtyRecords.Values);
        }
        if (dirtyViews.Count > 0)
        {
            transaction.UpsertViews(dirtyViews.Values);
        }
        foreach (var (school, scopes) in members)
        {
            var held = transaction.FindMembership(school);
            if (held is null || !held.Scopes.SequenceEqual(scopes))
            {
                transaction.SetMembership(school, new(scopes, (held?.Version ?? 0) + 1));
            }
        }
        members.Clear();
        ops.Clear();
        dirtyRecords.Clear();
        dirtyViews.Clear();
    }

    public Row<T>? Get<T>(Scope scope, Guid id) =>
        Find(new(scope, catalogue.Of<T>().Key, id)) is { Deleted: false } state ? Snapshot.ToRow<T>(state) : null;

    public Page<T> Page<T>(Scope scope, string? from = null, string? to = null, string? cursor = null, int rowsMax = 1000)
    {
        Flush();
        return saved.Page<T>(scope, from, to, cursor, rowsMax);
    }

    private void Remember<TKey, TValue>(Dictionary<TKey, TValue?> place, TKey key, TValue? value) where TKey : notnull
    {
        if (undo is not null)
        {
            var had = place.TryGetValue(key, out var before);
            undo.Add(() =>
            {
                if (had)
                {
                    place[key] = before;
                }
                else
                {
                    place.Remove(key);
                }
            });
        }
        place[key] = value;
    }

    /// <summary>A record that its own type cannot read would break every page that lists it, so it is not let in.</summary>
    private static (string Index, Error? Refusal) Examine(EntityType type, ReadOnlyMemory<byte> data)
    {
        if (!Utf8.IsValid(data.Span))
        {
            return ("", BadContent);
        }
        try
        {
            if (type.Check != EntityType.NoCheck)
            {
                using var document = JsonDocument.Parse(data);
                if (type.Check(document.RootElement) is { } refusal)
                {
                    return ("", refusal);
                }
            }
            if (type.Index is not null)
            {
                return (type.Index(data), null);
            }
            JsonSerializer.Deserialize(data.Span, type.Clr, Json.Options);
            return ("", null);
        }
        catch (JsonException)
        {
            return ("", BadContent);
        }
    }

    private static Error PupilLeft => Error.Conflict(
        RefusalReason.PupilLeft, "Học sinh đã chuyển sang trường khác vào ngày đó. Nếu ngày chuyển trường sai, hãy báo Phòng Giáo dục.");

    private static Error TooLarge => Error.Invalid(
        RefusalReason.TooLarge, "Mục này đã được ghi thêm quá nhiều lần nên không nhận thêm. Hãy báo bộ phận kỹ thuật.");

    private static Error BadContent => Error.Invalid(
        RefusalReason.BadContent, "Nội dung dữ liệu bị sai khuôn dạng. Hãy ghi lại; nếu vẫn lỗi, báo bộ phận kỹ thuật.");
}
