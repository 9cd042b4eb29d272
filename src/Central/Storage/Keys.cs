using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Storage;

internal readonly record struct RecordKey(Scope Scope, string Entity, Guid Id);

internal readonly record struct ViewKey(Scope Scope, string View, Guid Id);

/// <summary>A record to write, with the text it is listed under.</summary>
internal sealed record IndexedRecord(RecordState State, string IndexKey);

/// <summary>A view's document to write or just read.</summary>
internal sealed record ViewDocument(ViewKey Key, string Range, ReadOnlyMemory<byte> Data);

/// <summary>Where a node's exchange stands: its session and the lane as Central holds it, null when it holds nothing of it.</summary>
internal sealed record NodeSession(byte[] Token, Guid Epoch, bool Revoked);
