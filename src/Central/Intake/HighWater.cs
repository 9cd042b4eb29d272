using System.Globalization;
using TdmEdu.Central.Storage;
using TdmEdu.Sync;
using TdmEdu.Sync.Central;

namespace TdmEdu.Central.Intake;

/// <summary>
/// How much the database has held, noted outside of it. One that holds less was put back from a backup: its boxes are not answered until somebody
/// says so by the command <c>restored</c>, because what they sent in earlier epochs they send again only then. Each copy of Central has a note of its own.
/// </summary>
internal sealed partial class HighWater(CentralStore store, CentralSettings settings, TimeProvider clock, ILogger<HighWater> log) : BackgroundService
{
    private static readonly TimeSpan LooksEvery = TimeSpan.FromSeconds(5);

    private readonly string path = Path.Combine(settings.DataDir, "high-water");

    /// <summary>Why the boxes have to wait; null while they need not.</summary>
    public Error? Refusal { get; private set; }

    /// <summary>The first look is over before anybody is served.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await Look(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    public async Task Look(CancellationToken cancel)
    {
        var (feed, held) = await store.Read(bulk => (bulk.Meta(MetaKeys.FeedEpoch)!, bulk.Counters().Values.Sum()), cancel);
        // A line for each feed: its epoch, and the most that was seen in it. The last is the one of now.
        var notes = File.Exists(path) ? (await File.ReadAllLinesAsync(path, cancel)).Select(l => l.Split(' ')).ToList() : [];
        var at = notes.FindIndex(n => n[0] == feed);
        var most = at < 0 ? -1 : long.Parse(notes[at][1], CultureInfo.InvariantCulture);
        if ((at >= 0 && at < notes.Count - 1) || held < most)
        {
            if (Refusal is null)
            {
                LogPutBack(most, held);
            }
            Refusal = PutBack;
            return;
        }
        Refusal = null;
        if (held == most)
        {
            return;
        }
        string[] note = [feed, held.ToString(CultureInfo.InvariantCulture)];
        await File.WriteAllLinesAsync(path + ".new", [.. notes.Where(n => n[0] != feed).Append(note).Select(n => string.Join(' ', n))], cancel);
        File.Move(path + ".new", path, overwrite: true);
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

    private static Error PutBack => Error.Unavailable(
        "central_put_back",
        "Dữ liệu của trung tâm vừa được chép lại từ bản sao lưu. Dữ liệu của trường vẫn được giữ trên máy chủ trường và tự gửi lại, sau khi Phòng chạy lệnh restored.");

    [LoggerMessage(Level = LogLevel.Critical, Message = "The database held {Most} operations and holds {Held}: it was put back. No box is answered until restored was run.")]
    private partial void LogPutBack(long most, long held);

    [LoggerMessage(Level = LogLevel.Error, Message = "How much the database holds was not noted.")]
    private partial void LogFailed(Exception fault);
}
