using System.Globalization;
using TdmEdu.Sync.Records;

namespace TdmEdu.Modules.Shell;

/// <summary>
/// Counts how many pupils each person reads of. Each read is somebody's work; so many in a day are hardly anybody's, so then an entry says so and who
/// answers for the audit is shown it on every page. Counts are in memory and begin anew with the host; what was noticed is found again in the audit.
/// </summary>
public sealed class ReadVolume(IAuditLog audit, TimeProvider clock)
{
    public const string Event = "read_volume";

    /// <summary>A large school has 1,500 pupils, whose lists the office may all take in one day.</summary>
    public const int PupilsMax = 2_000;

    /// <summary>Families, personal ids: ten classes in one day.</summary>
    public const int SensitivePupilsMax = 500;

    public static readonly TimeSpan Window = TimeSpan.FromHours(24);
    public static readonly TimeSpan ShownFor = TimeSpan.FromDays(7);

    /// <summary>Of the audit's page and of the notice.</summary>
    public const Roles Watchers = Roles.Head | Roles.DepartmentIt;

    private readonly Lock gate = new();
    private readonly Dictionary<(Guid Person, bool Sensitive), (DateTimeOffset Since, int Pupils)> counts = [];
    private DateTimeOffset? last;
    private bool isLoaded;

    /// <summary>Writes the entry of a read, and another when it is one too many.</summary>
    public async Task Write(AuditEntry entry, int pupils, bool sensitive, CancellationToken cancel)
    {
        await audit.Write(entry, cancel);
        if (Exceeds(entry.Actor, pupils, sensitive) is not { } count)
        {
            return;
        }
        await Notice(entry.Actor, string.Create(CultureInfo.InvariantCulture, $"{(sensitive ? "sensitive" : "pupils")}/{count}"));
    }

    /// <summary>It is on record, and who answers for the audit is shown it; at Central also of what was noticed on a box.</summary>
    public async Task Notice(Guid person, string subject)
    {
        await audit.Write(new(Event, person, subject, ""), CancellationToken.None);
        lock (gate)
        {
            last = clock.GetUtcNow();
        }
    }

    /// <summary>When it was last noticed; null when that is long ago.</summary>
    public async Task<DateTimeOffset?> Last(CancellationToken cancel)
    {
        var since = clock.GetUtcNow() - ShownFor;
        if (!isLoaded)
        {
            var found = await audit.Latest(Event, since, cancel);
            lock (gate)
            {
                (last, isLoaded) = (last ?? found, true);
            }
        }
        lock (gate)
        {
            return last >= since ? last : null;
        }
    }

    /// <summary>The count when it has just passed what is usual; once in each window.</summary>
    private int? Exceeds(Guid person, int pupils, bool sensitive)
    {
        lock (gate)
        {
            var (key, now) = ((person, sensitive), clock.GetUtcNow());
            var (since, before) = counts.TryGetValue(key, out var held) && now - held.Since < Window ? held : (now, 0);
            counts[key] = (since, before + pupils);
            var max = sensitive ? SensitivePupilsMax : PupilsMax;
            return before <= max && before + pupils > max ? before + pupils : null;
        }
    }
}
