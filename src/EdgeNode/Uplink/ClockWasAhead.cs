using TdmEdu.EdgeNode.Journal;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync;
using TdmEdu.Sync.Central;

namespace TdmEdu.EdgeNode.Uplink;

/// <summary>What Central's cut of a stamp (design D7) says of this box's clock: how far ahead it was at least, and when Central got the operation.</summary>
public sealed record ClockWasAhead(TimeSpan By, DateTimeOffset Received)
{
    /// <summary>Whoever keeps the box has looked by then, or the clock is right.</summary>
    private static readonly TimeSpan ShownFor = TimeSpan.FromDays(30);

    public Text HowFar => By.TotalDays >= 2 ? new("{0} ngày", (int)By.TotalDays)
        : By.TotalHours >= 2 ? new("{0} giờ", (int)By.TotalHours)
        : new Text("{0} phút", (int)Math.Ceiling(By.TotalMinutes));

    internal static ClockWasAhead? Of(JournalReader journal, DateTimeOffset now)
    {
        if (journal.LastCut() is not var (stamped, given))
        {
            return null;
        }
        var receivedMs = given.Milliseconds - BatchIntake.AheadMsMax;
        var received = DateTimeOffset.FromUnixTimeMilliseconds(receivedMs).ToOffset(SchoolTime.Offset);
        return now - received > ShownFor ? null : new(TimeSpan.FromMilliseconds(stamped.Milliseconds - receivedMs), received);
    }
}
