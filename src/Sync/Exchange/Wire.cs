using Google.Protobuf;
using TdmEdu.Sync.Records;
using Proto = TdmEdu.Contracts.Sync.V1;

namespace TdmEdu.Sync.Exchange;

/// <summary>The only mapping between the kernel's records and the wire. A message that makes no sense maps to null.</summary>
public static class Wire
{
    /// <summary>The stable code of a refusal, beside its sentence.</summary>
    public const string ReasonTrailer = "tdmedu-reason";

    /// <summary>With RESOURCE_EXHAUSTED: after how many milliseconds to try again.</summary>
    public const string RetryAfterTrailer = "tdmedu-retry-after-ms";

    public static Proto.Op ToProto(Op op, byte[]? salt = null) => new()
    {
        Scope = op.Scope.Value,
        Entity = op.Entity,
        Id = Bytes(op.Id),
        Schema = (uint)op.Schema,
        Kind = (Proto.OpKind)op.Kind,
        Hlc = op.Hlc.Value,
        Actor = op.Actor == Guid.Empty ? ByteString.Empty : Bytes(op.Actor),
        Data = UnsafeByteOperations.UnsafeWrap(op.Data),
        GroupLeft = (uint)op.GroupLeft,
        CutTo = op.CutTo.Value,
        Salt = salt is null ? ByteString.Empty : UnsafeByteOperations.UnsafeWrap(salt),
    };

    public static Op? FromProto(Proto.Op op)
    {
        var scope = Scope.TryParse(op.Scope);
        if (scope is null || op.Id.Length != 16 || op.Actor.Length is not (0 or 16) || op.Hlc < 0 || op.CutTo < 0 || !IsName(op.Entity)
            || op.Schema > int.MaxValue || op.GroupLeft >= Op.GroupOpsMax
            || op.Kind is not (Proto.OpKind.Put or Proto.OpKind.Fact or Proto.OpKind.Delete or Proto.OpKind.Evict))
        {
            return null;
        }
        var actor = op.Actor.Length == 0 ? Guid.Empty : RecordId.FromBytes(op.Actor.Span);
        return new(scope.Value, op.Entity, RecordId.FromBytes(op.Id.Span), (int)op.Schema, (OpKind)op.Kind, new(op.Hlc), actor, op.Data.Memory)
        {
            GroupLeft = (int)op.GroupLeft,
            CutTo = new(op.CutTo),
        };
    }

    public static Proto.LaneHead ToProto(LaneHead head) => new()
    {
        Lane = (uint)head.Lane,
        Seq = head.Seq,
        Hash = UnsafeByteOperations.UnsafeWrap(head.Hash),
    };

    public static LaneHead FromProto(Proto.LaneHead head) => new((Lane)head.Lane, head.Seq, head.Hash.ToByteArray());

    /// <summary>Also for entities this build does not know: their name goes into keys and logs as it is.</summary>
    private static bool IsName(string entity) => entity.Length is > 0 and <= 64 && entity.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_');

    public static ByteString Bytes(Guid id) => UnsafeByteOperations.UnsafeWrap(RecordId.ToBytes(id));
}
