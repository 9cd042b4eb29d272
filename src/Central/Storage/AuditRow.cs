using System.Security.Cryptography;
using System.Text.Json;
using TdmEdu.Sync;

namespace TdmEdu.Central.Storage;

/// <summary>
/// Sign-ins, refusals, sensitive reads and administration at Central. Append-only, which triggers watch, and chained, which shows what somebody
/// changed who got past them. The boxes' own entries are operations in <see cref="CentralDb.Ops"/>, chained by their lane.
/// </summary>
internal sealed class AuditRow
{
    /// <summary>Without a gap from 1.</summary>
    public required long Pos { get; init; }

    public required long AtMs { get; init; }

    public required string Event { get; init; }

    public required Guid Actor { get; init; }

    public required string Subject { get; init; }

    public required string Reason { get; init; }

    /// <summary>Over the hash before and all of this; empty where an older version wrote the row.</summary>
    public byte[] Hash { get; set; } = [];

    public byte[] HashAfter(byte[] previous)
    {
        object[] content = [Convert.ToHexString(previous), Pos, AtMs, Event, Actor, Subject, Reason];
        return SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(content, Json.Options));
    }
}

/// <summary>
/// Something that one person alone must not do. Whoever asks for it on the page has agreed to it; what was asked for at the command line waits
/// for two.
/// </summary>
internal sealed class GuardedActRow
{
    public required Guid ActId { get; init; }

    public required string Act { get; init; }

    public required long AskedAtMs { get; init; }

    public Guid? FirstBy { get; set; }

    public Guid? SecondBy { get; set; }

    public long? DoneAtMs { get; set; }
}

/// <summary>Facts about this Central as a whole.</summary>
internal sealed class MetaRow
{
    public required string Key { get; init; }

    public required string Value { get; set; }
}
