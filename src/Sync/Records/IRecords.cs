namespace TdmEdu.Sync.Records;

/// <summary>A record with its id. <paramref name="Version"/> is the newest version of any of its fields.</summary>
public sealed record Row<T>(Guid Id, T Value, FieldVersion Version);

/// <summary>Some rows in the order of the entity's index, and where the next page begins; null at the end.</summary>
public sealed record Page<T>(IReadOnlyList<Row<T>> Rows, string? Cursor);

/// <summary>
/// What modules read. On an edge it is the owner's state, which includes every acknowledged command; at Central one transaction's.
/// Deleted records are not there.
/// </summary>
public interface IRecords
{
    Row<T>? Get<T>(Scope scope, Guid id);

    /// <summary>Rows whose index text is ≥ <paramref name="from"/> and &lt; <paramref name="to"/> (ordinal; null is open), at most <paramref name="rowsMax"/>.</summary>
    Page<T> Page<T>(Scope scope, string? from = null, string? to = null, string? cursor = null, int rowsMax = 1000);

    TView? View<TView>(Scope scope, Guid id) where TView : class;

    /// <summary>The views whose range text is ≥ <paramref name="from"/> and &lt; <paramref name="to"/>.</summary>
    IReadOnlyList<TView> Views<TView>(Scope scope, string? from = null, string? to = null) where TView : class;
}

/// <summary>The person behind a request, and the scope of the rows they may touch.</summary>
public sealed record Actor(Guid Id, Scope Scope, Roles Roles)
{
    public bool Is(Roles roles) => (Roles & roles) != 0;
}

/// <summary>A change that a use case wants; the host stamps clock, actor and number.</summary>
public sealed record Draft(Scope Scope, string Entity, int Schema, Guid Id, OpKind Kind, ReadOnlyMemory<byte> Data);

/// <summary>What a use case decided: a reply and the changes that make it true, or a refusal and none.</summary>
public sealed record Decision<T>(Result<T> Reply, IReadOnlyList<Draft> Drafts)
{
    /// <summary>The changes take effect together everywhere, or nowhere: at most <see cref="Op.GroupOpsMax"/>, of one lane.</summary>
    public bool Atomic { get; init; }

    public static implicit operator Decision<T>(Error error) => new(error, []);

    public static implicit operator Decision<T>(T reply) => new(reply, []);
}

/// <summary>How far a record has come on its way (design D9).</summary>
public enum Receipt
{
    /// <summary>Durable on the school's box, not yet acknowledged by Central.</summary>
    OnBox = 1,

    /// <summary>Committed on Central's disk.</summary>
    AtCentre,

    /// <summary>Also in a backup of Central that was read.</summary>
    BackedUp,
}

/// <summary>
/// The one door to the data, the same on both hosts. A decision sees every change acknowledged before it, and is answered
/// only once its own changes are durable. Changes that the actor's roles or this side may not write are refused as Denied.
/// </summary>
public interface IRecordStore
{
    Task<T> Read<T>(Func<IRecords, T> read, CancellationToken cancel);

    /// <summary>How far each of these records has come; ids that are not there are left out.</summary>
    Task<IReadOnlyDictionary<Guid, Receipt>> Receipts<T>(Scope scope, IReadOnlyList<Guid> ids, CancellationToken cancel);

    Task<Result<T>> Decide<T>(Actor actor, Func<IRecords, Decision<T>> decide, CancellationToken cancel);
}
