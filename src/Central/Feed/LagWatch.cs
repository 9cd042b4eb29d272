using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Storage;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync;

namespace TdmEdu.Central.Feed;

/// <summary>
/// Looks for what nobody notices while it goes on: a transaction that stays open and keeps PostgreSQL from clearing up behind the exchange, and
/// boxes that are there but do not come to have what Central has. How long either has stood is counted from when it was first seen, by a clock
/// that never jumps: the database shows the times of others' sessions to its superuser only.
/// </summary>
internal sealed partial class LagWatch(CentralStore store, IDbContextFactory<CentralDb> databases, TimeProvider clock, ILogger<LagWatch> log) : BackgroundService
{
    /// <summary>Longer than a nightly dump takes.</summary>
    public static readonly TimeSpan PinnedMax = TimeSpan.FromMinutes(30);

    /// <summary>A week of a school comes in within a minute or two, and a new school's data within this on a poor line.</summary>
    public static readonly TimeSpan BehindMax = TimeSpan.FromMinutes(10);

    public static readonly TimeSpan LooksEvery = TimeSpan.FromMinutes(1);

    private const string Pinned =
        "Cơ sở dữ liệu của trung tâm có một phiên ({0}) để mở từ {1:HH:mm dd/MM/yyyy}. Điểm danh vẫn nhận và gửi, nhưng dữ liệu phình ra và chậm dần: hãy kết thúc phiên đó.";

    private const string Behind =
        "{0} máy chủ trường đang nối nhưng đã quá {1} phút vẫn chưa trao đổi xong. Hãy xem nhật ký của trung tâm (boxes_behind) và tải của máy chủ cơ sở dữ liệu.";

    private readonly Dictionary<string, (long At, DateTimeOffset Since)> standing = [];

    /// <summary>What the department's IT must do; null when all is well.</summary>
    public Text? Notice { get; private set; }

    public async Task Look(CancellationToken cancel)
    {
        var pin = await store.Read(bulk => bulk.Pin(), cancel);
        var now = clock.GetUtcNow();
        var seenMs = (now - LooksEvery).ToUnixTimeMilliseconds();
        await using var db = await databases.CreateDbContextAsync(cancel);
        var online = await db.Nodes.Where(n => !n.Revoked && n.SuspectSinceMs == null && n.LastSeenAtMs > seenMs)
            .Select(n => new { n.NodeId, n.SameAtMs }).ToListAsync(cancel);
        var boxes = online.ToDictionary(n => $"{n.NodeId} {n.SameAtMs}", n => n.NodeId);
        foreach (var over in standing.Keys.Where(key => key != pin && !boxes.ContainsKey(key)).ToList())
        {
            standing.Remove(over);
        }
        foreach (var key in boxes.Keys.Append(pin).OfType<string>())
        {
            standing.TryAdd(key, (clock.GetTimestamp(), now));
        }
        Say(pin is not null && HasStood(pin, PinnedMax) ? pin : null, [.. boxes.Where(b => HasStood(b.Key, BehindMax)).Select(b => b.Value).Order()]);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LooksEvery, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await Look(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogFailed(e);
            }
        }
    }

    private bool HasStood(string key, TimeSpan max) => clock.GetElapsedTime(standing[key].At) >= max;

    private void Say(string? pin, IReadOnlyList<Guid> behind)
    {
        var before = Notice?.Vietnamese;
        Notice = pin is not null ? new(Pinned, pin, standing[pin].Since.ToOffset(SchoolTime.Offset))
            : behind.Count > 0 ? new(Behind, behind.Count, (int)BehindMax.TotalMinutes)
            : null;
        if (Notice?.Vietnamese == before)
        {
            return;
        }
        if (pin is not null)
        {
            LogPinned(pin, standing[pin].Since);
        }
        else if (behind.Count > 0)
        {
            LogBehind(string.Join(' ', behind));
        }
        else
        {
            LogOver();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "xmin_pinned: {Holder} has been open since {Since:O}; what is deleted or overwritten meanwhile stays in the database.")]
    private partial void LogPinned(string holder, DateTimeOffset since);

    [LoggerMessage(Level = LogLevel.Warning, Message = "boxes_behind: connected, and not the same as Central for too long: {Nodes}")]
    private partial void LogBehind(string nodes);

    [LoggerMessage(Level = LogLevel.Information, Message = "lag_over: no transaction stays open, and no box is behind.")]
    private partial void LogOver();

    [LoggerMessage(Level = LogLevel.Error, Message = "Whether anything lags was not found out.")]
    private partial void LogFailed(Exception fault);
}
