using System.Text.Json;
using System.Text.Json.Nodes;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Registry;

/// <param name="Before">The fields that were changed, as they had been, sealed for the record; null for one that was made, and for one of which nothing can be
/// sealed any more.</param>
public sealed record ImportedRecord(string Entity, Guid Id, bool Made, Sealed? Before = null);

/// <summary>
/// What one batch of an import did, written with it and last in it: a record whose version is later was touched since. Former values are sealed for whom
/// they say something of, so that they end with the rest of that person's data.
/// </summary>
/// <param name="Rows">How many rows of the file these records come from.</param>
public sealed record ImportPart(Guid Run, string Kind, int Rows, IReadOnlyList<ImportedRecord> Records, Guid By)
{
    /// <summary>How long an import can be taken back.</summary>
    public const int UndoDays = 7;

    internal const string Field = "before";
}

/// <summary>Takes parts of an import back, but for what had been touched since.</summary>
public sealed record ImportUndone(Guid Run, IReadOnlyList<Guid> Parts, IReadOnlyList<Guid> Kept, Guid By);

/// <summary>How records of one entity are looked at before they change, and taken back.</summary>
public abstract class ImportedEntity
{
    public abstract string Key { get; }

    public abstract (JsonObject Fields, FieldVersion Version)? Find(IRecords records, Scope school, Guid id);

    public abstract Draft? TakeBack(IRecords records, Scope school, Guid id);

    public abstract Draft Put(Scope school, Guid id, ReadOnlyMemory<byte> fields);

    /// <param name="takeBack">Null for what is deleted as if it had never been.</param>
    public static ImportedEntity Of<T>(Catalogue catalogue, Func<Row<T>, Scope, Draft?>? takeBack = null) where T : class => new Typed<T>(catalogue, takeBack);

    private sealed class Typed<T>(Catalogue catalogue, Func<Row<T>, Scope, Draft?>? takeBack) : ImportedEntity where T : class
    {
        private readonly EntityType type = catalogue.Of<T>();

        public override string Key => type.Key;

        public override (JsonObject Fields, FieldVersion Version)? Find(IRecords records, Scope school, Guid id) =>
            records.Get<T>(school, id) is { } row ? (JsonSerializer.SerializeToNode(row.Value, Json.Options)!.AsObject(), row.Version) : null;

        public override Draft? TakeBack(IRecords records, Scope school, Guid id) =>
            records.Get<T>(school, id) is not { } row ? null
            : takeBack is null ? new(school, type.Key, type.Schema, id, OpKind.Delete, ReadOnlyMemory<byte>.Empty)
            : takeBack(row, school);

        public override Draft Put(Scope school, Guid id, ReadOnlyMemory<byte> fields) => new(school, type.Key, type.Schema, id, OpKind.Put, fields);
    }
}
