using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Storage;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Intake;

/// <summary>What a box's audit says that the department has to know without looking for it: somebody there reads unusually much (T21).</summary>
internal sealed class BoxAlarms(IDbContextFactory<CentralDb> databases, ReadVolume reads, TimeProvider clock)
{
    private const int SubjectCharsMax = 40;

    /// <param name="batch">As it was taken in.</param>
    public async Task Note(NodeIdentity node, Batch batch)
    {
        foreach (var entry in batch.Ops.Select(o => o.Op).Where(op => op.Entity == AuditEntry.Key && op.Scope == node.School).Select(Read).OfType<AuditEntry>())
        {
            var (subject, since) = ($"{node.School.Owner:n} {entry.Subject}", (clock.GetUtcNow() - ReadVolume.Window).ToUnixTimeMilliseconds());
            await using var db = await databases.CreateDbContextAsync();
            // A batch whose answer was lost comes again.
            if (!await db.Audit.AnyAsync(a => a.AtMs > since && a.Event == ReadVolume.Event && a.Actor == entry.Actor && a.Subject == subject))
            {
                await reads.Notice(entry.Actor, subject);
            }
        }
    }

    /// <summary>Null for everything but an alarm, which is looked for in bytes: hundreds of other entries come in a batch.</summary>
    private static AuditEntry? Read(Op op)
    {
        if (op.Data.Span.IndexOf("\"read_volume\""u8) < 0)
        {
            return null;
        }
        try
        {
            return JsonSerializer.Deserialize<AuditEntry>(op.Data.Span, Json.Options) is { Event: ReadVolume.Event, Subject.Length: <= SubjectCharsMax } entry ? entry : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
