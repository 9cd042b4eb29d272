using System.Globalization;
using TdmEdu.Sync.Records;

namespace TdmEdu.Central.Storage;

internal abstract partial class Bulk
{
    /// <summary>The last entry's number and hash. Its row is also what makes those who append at once wait for each other.</summary>
    public const string AuditHead = "audit_head";

    public void AppendAudit(AuditEntry entry, long atMs)
    {
        var head = Rows(
            "INSERT INTO meta AS m (key, value) VALUES (@key, '0 ') ON CONFLICT (key) DO UPDATE SET value = m.value RETURNING value",
            r => r.GetString(0), ("@key", AuditHead)).Single().Split(' ');
        var row = new AuditRow
        {
            Pos = long.Parse(head[0], CultureInfo.InvariantCulture) + 1, AtMs = atMs, Event = entry.Event, Actor = entry.Actor, Subject = entry.Subject, Reason = entry.Reason,
        };
        row.Hash = row.HashAfter(Convert.FromHexString(head[1]));
        Execute(
            "INSERT INTO audit (pos, at_ms, event, actor, subject, reason, hash) VALUES (@pos, @at, @event, @actor, @subject, @reason, @hash)",
            ("@pos", row.Pos), ("@at", row.AtMs), ("@event", row.Event), ("@actor", Id(row.Actor)), ("@subject", row.Subject), ("@reason", row.Reason), ("@hash", row.Hash));
        SetMeta(AuditHead, $"{row.Pos} {Convert.ToHexString(row.Hash)}");
    }
}
