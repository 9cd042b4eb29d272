using System.Text.Json;

namespace TdmEdu.Sync.Records;

/// <summary>The roles of people. What a role may do with an entity stands in the entity's descriptor; absent means denied.</summary>
[Flags]
public enum Roles
{
    None = 0,
    Teacher = 1,
    HomeroomTeacher = 2,
    Office = 4,
    Head = 8,
    SchoolIt = 16,
    DepartmentOfficer = 32,
    DepartmentIt = 64,

    /// <summary>Comes with a card; the id of such an actor is the pupil's. No account is given this role nor the next.</summary>
    Pupil = 128,

    /// <summary>Comes with a link for one child; the id of such an actor is the child's.</summary>
    Parent = 256,
}

[Flags]
public enum Verbs
{
    None = 0,
    Read = 1,
    Write = 2,
}

[Flags]
public enum Side
{
    Edge = 1,
    Central = 2,
}

/// <summary>How much of a record is about somebody who had left the school by then.</summary>
public enum Share
{
    None = 0,

    /// <summary>The rest takes effect; the record is listed as parked for that part.</summary>
    Part,

    /// <summary>The record is parked.</summary>
    Whole,
}

/// <summary>
/// What one kind of record is: read by the wire, both stores, the permission check and the catalogue snapshot.
/// <see cref="Check"/> names what is wrong with a record's content, or null; it must not read anything else.
/// <see cref="Index"/> gives the text under which the record is found by <see cref="IRecords.Page{T}"/>, ordinal order.
/// </summary>
public sealed record EntityType(string Key, Type Clr, int Schema)
{
    /// <summary>What people call such a record, in Vietnamese; the key of its English.</summary>
    public string Name { get; init; } = Key;

    /// <summary>Where such records are entered; null when they have no page of their own.</summary>
    public string? Page { get; init; }

    public ScopeKind Scopes { get; init; }

    public Side WrittenBy { get; init; }

    public OpKind Kind { get; init; } = OpKind.Put;

    public Lane Lane { get; init; } = Lane.Control;

    public IReadOnlyDictionary<Roles, Verbs> Allow { get; init; } = new Dictionary<Roles, Verbs>();

    /// <summary>What each field says of a person, by its C# name. A field that is missing here fails the build's house rules.</summary>
    public IReadOnlyDictionary<string, FieldMark> Marks { get; init; } = new Dictionary<string, FieldMark>();

    /// <summary>Whose key the record's sealed fields are sealed with; null for an entity that has none.</summary>
    public Func<RecordState, IRecords, Guid?>? SealedFor { get; init; }

    /// <summary>Under which name a field, by its C# name, is sealed.</summary>
    public Func<string, string> SealedAs { get; init; } = field => field;

    /// <summary>
    /// Fields, by their JSON names, that only one side may write; the others belong to every side in <see cref="WrittenBy"/>.
    /// "$deleted" stands for the right to delete and revive.
    /// </summary>
    public IReadOnlyDictionary<string, Side> FieldsOwnedBy { get; init; } = new Dictionary<string, Side>();

    /// <summary>
    /// What fields were called, or how they were written, in earlier versions. <see cref="Schema"/> grows only with such a change, or with
    /// another after which an older reader must leave such records alone; a field that is added does not change it.
    /// </summary>
    public IReadOnlyList<FieldChange> Changed { get; init; } = [];

    /// <summary>What an entity without a check has; a store need not parse a record for it.</summary>
    public static readonly Func<JsonElement, Error?> NoCheck = _ => null;

    public Func<JsonElement, Error?> Check { get; init; } = NoCheck;

    public Func<ReadOnlyMemory<byte>, string>? Index { get; init; }

    /// <summary>
    /// For the record that places a school: whose feeds the school receives. Kept as an index when it is written, never looked up
    /// when a box asks.
    /// </summary>
    public Func<RecordState, (Scope School, IReadOnlyList<Scope> Scopes)?>? Members { get; init; }

    /// <summary>Asked at Central of what a school's box sends; null for records that are about nobody.</summary>
    public Func<RecordState, IRecords, Share>? OfGone { get; init; }

    /// <summary>A fact is never taken back: its record has facts and evictions only.</summary>
    public bool Takes(OpKind kind) => kind == Kind || kind == OpKind.Evict || (kind == OpKind.Delete && Kind == OpKind.Put);

    public bool Allows(Roles roles, Verbs verb) => Allow.Any(a => (a.Key & roles) != 0 && (a.Value & verb) == verb);
}

/// <summary>
/// A derived document, kept by both hosts whenever a record of its source changes. <see cref="Key"/> gives the document's id
/// and the text it is ranged by (a date, a class); <see cref="Fold"/> must give the same document for any order of the records.
/// A record that is deleted, or whose new content belongs to another document, leaves the one it was in: <see cref="Without"/> takes it out. Where
/// a fold cannot be undone that document is made anew from the records that are still in it, which reads them all. It goes when there are none.
/// </summary>
public sealed record ViewType(string Name, Type State, string Source)
{
    public required Func<RecordState, (Guid Id, string Range)> Key { get; init; }

    public required Func<byte[]?, RecordState, IRecords, byte[]> Fold { get; init; }

    /// <summary>The document without a record that was folded into it; null when that was the last.</summary>
    public Func<byte[], RecordState, byte[]?>? Without { get; init; }

    public bool IsLeft(RecordState? before, RecordState after) =>
        before is { Deleted: false } && (after.Deleted || Key(before).Id != Key(after).Id);
}
