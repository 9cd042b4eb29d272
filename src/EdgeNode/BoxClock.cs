using System.Globalization;

namespace TdmEdu.EdgeNode;

/// <summary>
/// The box's time, where its own clock may lie: a dead battery says 1970, a wrong year is typed in. Contact with Central and people
/// tell how far it is off, which is kept beside the journal. The machine's time is corrected by that, or taken as it is where only that
/// can be true; when neither can, time goes on from what was known last, and the box says that it is not sure.
/// Timers and waits stay the machine's: they run on a clock that never jumps.
/// </summary>
internal sealed class BoxClock : TimeProvider
{
    /// <summary>A machine set back by so little is believed; its date is the only harm.</summary>
    public static readonly TimeSpan BackMax = TimeSpan.FromDays(1);

    /// <summary>A box may lie switched off for so long; a clock further ahead is wrong.</summary>
    public static readonly TimeSpan AheadMax = TimeSpan.FromDays(400);

    /// <summary>No box serves longer.</summary>
    private static readonly TimeSpan LifeMax = TimeSpan.FromDays(20 * 365);

    /// <summary>A clock that ticks on does not go back; what is learned from Central is right to a fraction of this.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(1);

    private const string FileName = "clock";
    private static readonly TimeSpan KeepEvery = TimeSpan.FromHours(1);

    private readonly TimeProvider machine;
    private readonly string path;
    private readonly Lock gate = new();
    private TimeSpan offset;
    private DateTimeOffset known;
    private long knownAt;
    private DateTimeOffset heard;
    private DateTimeOffset kept;

    /// <param name="earliest">It is not earlier than this, such as when the box's certificate was made.</param>
    public BoxClock(string folder, DateTimeOffset earliest, TimeProvider machine)
    {
        (this.machine, path, Earliest) = (machine, Path.Combine(folder, FileName), earliest);
        (known, offset, heard) = Load() is { } stored && stored.Known > earliest ? stored : (earliest, TimeSpan.Zero, earliest);
        (knownAt, kept) = (machine.GetTimestamp(), known);
        if (machine.GetUtcNow() < earliest - BackMax)
        {
            // It begins at the same time with each start, and nobody knows how long the box was off.
            offset = TimeSpan.Zero;
        }
    }

    public DateTimeOffset Earliest { get; }

    public bool IsSure
    {
        get
        {
            lock (gate)
            {
                return Sure() is not null;
            }
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
        {
            return Sure() ?? known + machine.GetElapsedTime(knownAt);
        }
    }

    /// <summary>When Central last answered, also before the box was started; to an hour.</summary>
    public DateTimeOffset LastHeard
    {
        get
        {
            lock (gate)
            {
                return heard;
            }
        }
    }

    public void Heard()
    {
        var now = GetUtcNow();
        lock (gate)
        {
            var isNews = now - heard >= KeepEvery;
            heard = now;
            Keep(isNews);
        }
    }

    /// <summary>What a person says it is now; false when that cannot be.</summary>
    public bool TrySet(DateTimeOffset now)
    {
        if (now < Earliest || now > Earliest + LifeMax)
        {
            return false;
        }
        Learn(now);
        return true;
    }

    /// <summary>What Central says it is now.</summary>
    public void Learn(DateTimeOffset now)
    {
        lock (gate)
        {
            var before = offset;
            (offset, known, knownAt) = (now - machine.GetUtcNow(), now, machine.GetTimestamp());
            // What was heard under a time that turns out to lie ahead was heard now at the latest.
            heard = heard < now ? heard : now;
            Keep((offset - before).Duration() > TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>To be called now and then: what is known is lost with the power, but for what is on the disk.</summary>
    public void Keep()
    {
        lock (gate)
        {
            if (Sure() is { } now && now > known)
            {
                (known, knownAt) = (now, machine.GetTimestamp());
                Keep(isNews: false);
            }
        }
    }

    private DateTimeOffset? Sure()
    {
        var wall = machine.GetUtcNow();
        var corrected = wall + offset;
        var canBeWall = wall >= known - BackMax && wall <= known + AheadMax;
        var canBeCorrected = corrected >= known - Slack && corrected <= known + AheadMax;
        // Further back than the correction says, and still possible: somebody has set the machine right meanwhile.
        var isMended = canBeWall && offset > BackMax;
        return canBeCorrected && !isMended ? corrected : canBeWall ? wall : null;
    }

    private void Keep(bool isNews)
    {
        if (!isNews && known - kept < KeepEvery)
        {
            return;
        }
        try
        {
            File.WriteAllText(path + ".tmp", string.Create(CultureInfo.InvariantCulture, $"{known:O} {offset:c} {heard:O}"));
            File.Move(path + ".tmp", path, overwrite: true);
            kept = known;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full disk: the time is right all the same, and the next hour tries again.
        }
    }

    private (DateTimeOffset Known, TimeSpan Offset, DateTimeOffset Heard)? Load()
    {
        var parts = File.Exists(path) ? File.ReadAllText(path).Split(' ') : [];
        return parts.Length >= 2 && DateTimeOffset.TryParse(parts[0], CultureInfo.InvariantCulture, out var time)
            && TimeSpan.TryParse(parts[1], CultureInfo.InvariantCulture, out var off)
            ? (time, off, DateTimeOffset.TryParse(parts.ElementAtOrDefault(2), CultureInfo.InvariantCulture, out var last) ? last : time) : null;
    }
}
