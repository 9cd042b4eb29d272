using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Central;

/// <summary>
/// One transaction on Central's data: the only door through which the rules of the exchange touch it. Writers of a scope are
/// serialised by <see cref="LockFeed"/>; what is written is durable when the host has committed, or was never there.
/// </summary>
public interface ICentralTransaction
{
    /// <summary>What is written from here on can be taken back by <see cref="RollbackToSavepoint"/>. One at a time.</summary>
    void SetSavepoint();

    void RollbackToSavepoint();

    /// <summary>
    /// Waits for the other writers of this scope, then gives the number of its last operation. Whoever needs several scopes
    /// locks them in ordinal order.
    /// </summary>
    long LockFeed(Scope scope);

    void SetFeed(Scope scope, long seq);

    long Counter(Scope scope);

    IReadOnlyDictionary<Scope, long> Counters();

    NodeState? Node(Guid node);

    /// <summary>The live session, and what <see cref="NodeState.Tickets"/> and <see cref="NodeState.TicketsOf"/> become.</summary>
    void SetSession(Guid node, byte[] token, Guid epoch, byte[] tickets, string ticketsOf);

    void SetSeen(Guid node, long atMs);

    /// <summary>The box holds its school's feed up to this number, and Central all that the box had recorded at that instant.</summary>
    void SetSame(Guid node, long feedSeq, long atMs);

    void SetSuspect(Guid node, long? sinceMs);

    /// <summary>Whether the node has ever sent anything in this epoch.</summary>
    bool KnowsEpoch(Guid node, Guid epoch);

    LaneHead? FindLane(Guid node, Guid epoch, Lane lane);

    void SetLane(Guid node, Guid epoch, LaneHead head);

    /// <summary>Up to where each lane of this epoch is in a backup of Central; a lane without a row is in none.</summary>
    IReadOnlyDictionary<Lane, long> BackedUp(Guid node, Guid epoch);

    /// <summary>Lane ends that were acknowledged at the beginning of earlier sessions, newest first.</summary>
    IReadOnlyList<LaneHead> Checkpoints(Guid node, Guid epoch, Lane lane);

    void AddCheckpoint(Guid node, Guid epoch, LaneHead head);

    /// <summary>
    /// What was complete up to an instant stays so: the figure never goes back, but from a time that has not come, which a clock of Central
    /// noted that was ahead.
    /// </summary>
    void SetComplete(Guid node, Guid epoch, Lane lane, long atMs, long nowMs);

    /// <summary>
    /// Something from before has come all the same: of the node's lane, in whichever epoch, what counted as complete up to more than
    /// <paramref name="slackMs"/> beyond it counts up to there now. False when nothing did.
    /// </summary>
    bool Reopen(Guid node, Lane lane, long fromMs, long slackMs);

    /// <summary>The scopes whose feeds go to this school's box, kept when the registry changes; null when it never said.</summary>
    Membership? FindMembership(Scope school);

    void SetMembership(Scope school, Membership membership);

    /// <summary>Those of the records that exist, deleted ones included.</summary>
    IReadOnlyList<RecordState> FindRecords(Scope scope, IReadOnlyCollection<RecordKey> keys);

    /// <summary>Every record of the entity in the scope, deleted ones included: for what happens rarely.</summary>
    IReadOnlyList<RecordState> RecordsOf(Scope scope, string entity);

    /// <summary>Records that are not deleted, by index and id, after a place in that order.</summary>
    IReadOnlyList<IndexedRecord> PageRecords(Scope scope, string entity, string? from, string? to, (string Key, Guid Id)? after, int rowsMax);

    IReadOnlyList<ViewDocument> FindViews(Scope scope, IReadOnlyCollection<ViewKey> keys);

    /// <param name="scope">Null for all scopes.</param>
    IEnumerable<ViewDocument> RangeViews(Scope? scope, string view, string? from, string? to);

    void InsertOps(IReadOnlyList<StoredOp> ops);

    void InsertRefused(IReadOnlyList<RefusedOp> ops);

    IReadOnlyList<RefusedOp> FindRefused(RefusedQuery query);

    /// <summary>Of one box in one epoch, latest first.</summary>
    IReadOnlyList<Refusal> OpenRefusals(Scope school, Guid node, Guid epoch, Lane lane, int max);

    /// <summary>The operation with those of its group, in their order, as far as nothing was done about them yet.</summary>
    IReadOnlyList<RefusedOp> FindRefusedGroup(RefusedPlace place);

    /// <summary>Writes outcome, reason and what was done about it; the operation itself never changes.</summary>
    void UpdateRefused(RefusedOp op);

    void UpsertRecords(IReadOnlyCollection<IndexedRecord> records);

    void UpsertViews(IReadOnlyCollection<ViewDocument> views);

    void DeleteView(ViewKey key);

    /// <summary>The scope's operations after a number, oldest first, without those that this node wrote in this epoch itself.</summary>
    /// <param name="bytesMax">The list ends with the operation that reaches this much data.</param>
    (IReadOnlyList<FeedOp> Ops, bool Cut) Feed(Scope scope, long after, (Guid Node, Guid Epoch) own, int opsMax, int bytesMax);

    /// <summary>Whether others than this node have written after a number.</summary>
    bool HasNews(Scope scope, long after, (Guid Node, Guid Epoch) own);

    /// <summary>Which operation stands at a number of the scope's feed; null when there is none.</summary>
    (Guid Id, long Hlc, Guid Node)? FeedAt(Scope scope, long seq);

    /// <summary>Those of a node's operations that came in before with a stamp from the future, by record and that stamp, and what they got instead.</summary>
    IReadOnlyDictionary<(RecordKey Record, long Stamped), Hlc> CutStamps(Scope scope, Guid node, IReadOnlyList<Op> ops);

    string? Meta(string key);

    void SetMeta(string key, string value);
}
