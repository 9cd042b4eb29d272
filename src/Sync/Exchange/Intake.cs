using System.Text.Json;
using TdmEdu.Sync.Records;

namespace TdmEdu.Sync.Exchange;

public enum IntakeAction
{
    /// <summary>Apply <see cref="IntakeDecision.Ops"/> and move the lane to <see cref="IntakeDecision.Head"/>, in one transaction.</summary>
    Apply,

    /// <summary>Everything in the batch is here already: answer with the lane as it stands.</summary>
    AlreadyHere,

    /// <summary>The batch starts after the lane's end: answer with the wanted number.</summary>
    Gap,

    /// <summary>The hashes do not fit: garbled on the way, or two machines write under one name.</summary>
    Broken,

    /// <summary>It fits, but is not what the box hashed: it was changed on the way, and is wanted again.</summary>
    Garbled,
}

public sealed record IntakeDecision(IntakeAction Action, LaneHead Head, IReadOnlyList<NumberedOp> Ops);

/// <summary>Central's decision about a batch: trim what is here, refuse gaps, verify the chain. Exactly-once rests on this.</summary>
public static class Intake
{
    public const int BatchOpsMax = 500;
    public const int BatchBytesMax = 256 * 1024;

    /// <param name="held">The lane as Central holds it; seq 0 and the chain's base when it is empty.</param>
    /// <param name="firstSeq">Number of the first operation in the batch.</param>
    /// <param name="prevHash">The chain hash before it.</param>
    /// <param name="lastHash">The sender's hash at the end of the batch, if it says.</param>
    public static IntakeDecision Decide(
        LaneHead held, long firstSeq, byte[] prevHash, IReadOnlyList<(Op Op, byte[] Salt)> batch, byte[]? lastHash = null)
    {
        if (firstSeq > held.Seq + 1)
        {
            return new(IntakeAction.Gap, held, []);
        }
        var hash = prevHash;
        var seq = firstSeq - 1;
        var fresh = new List<NumberedOp>(batch.Count);
        if (seq == held.Seq && !hash.AsSpan().SequenceEqual(held.Hash))
        {
            return new(IntakeAction.Broken, held, []);
        }
        foreach (var (op, salt) in batch)
        {
            hash = HashChain.Next(hash, ++seq, op, salt);
            if (seq == held.Seq && !hash.AsSpan().SequenceEqual(held.Hash))
            {
                return new(IntakeAction.Broken, held, []);
            }
            if (seq > held.Seq || Mutant.M4NoDedupe)
            {
                fresh.Add(new(seq, op, salt, hash));
            }
        }
        if (lastHash is not null && !hash.AsSpan().SequenceEqual(lastHash))
        {
            return new(IntakeAction.Garbled, held, []);
        }
        return fresh.Count == 0 ? new(IntakeAction.AlreadyHere, held, []) : new(IntakeAction.Apply, new(held.Lane, seq, hash), fresh);
    }

    /// <summary>
    /// What becomes of an operation before its content is looked at. The school is the certificate's, never the payload's:
    /// an operation that names another scope is kept verbatim as refused and touches nothing.
    /// </summary>
    public static (Outcome Outcome, string Reason)? Refuse(Catalogue catalogue, Scope school, Op op)
    {
        if (op.Scope != school && !Mutant.M8TrustPayloadSchool)
        {
            return (Outcome.Rejected, RefusalReason.ScopeDenied);
        }
        var type = catalogue.Find(op.Entity);
        if (type is null || op.Schema > type.Schema)
        {
            return (Outcome.Parked, RefusalReason.UnknownEntity);
        }
        if (!type.WrittenBy.HasFlag(Side.Edge) || !type.Scopes.HasFlag(ScopeKind.School))
        {
            return (Outcome.Rejected, RefusalReason.NotWrittenByEdge);
        }
        if (op.Kind == OpKind.Evict || !type.Takes(op.Kind))
        {
            return (Outcome.Rejected, RefusalReason.WrongKind);
        }
        if (FieldOwnership.NotOwnedBy(Side.Edge, type, type.ToNow(op)).Count > 0)
        {
            return (Outcome.Parked, RefusalReason.NotFieldOwner);
        }
        return op.Kind == OpKind.Delete ? null : WhyBadObject(op.Data.Span) is { } reason ? (Outcome.Rejected, reason) : null;
    }

    private static string? WhyBadObject(ReadOnlySpan<byte> data)
    {
        var reader = new Utf8JsonReader(data);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return RefusalReason.BadJson;
            }
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals(RecordState.EvictedField))
                {
                    // Whether a record is still a school's is not for a school to say.
                    return RefusalReason.WrongKind;
                }
                reader.Read();
                reader.Skip();
            }
            return reader.Read() ? RefusalReason.BadJson : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return RefusalReason.BadJson;
        }
    }
}
