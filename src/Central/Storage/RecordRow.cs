using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Storage;

/// <summary>A record as its operations so far make it. <see cref="IndexKey"/> is empty for entities without an index.</summary>
internal sealed class RecordRow
{
    public required Scope Scope { get; init; }

    public required string Entity { get; init; }

    public required Guid Id { get; init; }

    public required byte[] Data { get; init; }

    public required string Versions { get; init; }

    public required bool Deleted { get; init; }

    public required string IndexKey { get; init; }
}

internal sealed class ViewRow
{
    public required Scope Scope { get; init; }

    public required string View { get; init; }

    public required Guid Id { get; init; }

    public required string RangeKey { get; init; }

    public required byte[] Data { get; init; }
}

/// <summary>The number of the last operation in a scope's feed. Its row lock is what serialises the writers of the scope.</summary>
internal sealed class FeedCounterRow
{
    public required Scope Scope { get; init; }

    public required long Seq { get; init; }
}
