using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TdmEdu.Central;
using TdmEdu.Central.Intake;
using TdmEdu.Central.Schools;
using TdmEdu.Central.Storage;
using TdmEdu.EdgeNode;
using TdmEdu.EdgeNode.Uplink;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell.Joining;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.EdgeNode;
using TdmEdu.Tests.Modules.Registry;

namespace TdmEdu.Tests.Central;

/// <summary>A whole box and a whole Central with nothing between them but mutual TLS on a socket.</summary>
public sealed class LineTests : IAsyncLifetime
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(30);

    private readonly string folder = Directory.CreateTempSubdirectory("tdmedu-line-").FullName;
    private readonly int port = FreePort();
    private DepartmentCa authority = null!;
    private EdgeBox box = null!;
    private WebApplication central = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Database => Path.Combine(folder, "central.db");

    private string Copy => Path.Combine(folder, "copy.sealed");

    private string KeyFile => Path.Combine(folder, "backup.key");

    public async ValueTask InitializeAsync()
    {
        box = await EdgeBox.Start();
        authority = DepartmentCa.LoadOrCreate(Path.Combine(folder, "ca"), new() { DataDir = folder }, TimeProvider.System);
        IdentityFolder.Make(Path.Combine(folder, "identity"), authority);
        using var identity = new BoxIdentity(Path.Combine(folder, "identity"));
        await Start();
        Assert.True(Backups.MakeKey(KeyFile).Ok);
        await using var db = CentralBox.Open($"Data Source={Database};Pooling=false");
        db.Nodes.Add(new() { NodeId = EdgeBox.Node, School = EdgeBox.School, KeyPin = BoxKey.Pin(identity.NodeCertificate.PublicKey) });
        await db.SaveChangesAsync(Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await central.DisposeAsync();
        await box.DisposeAsync();
        authority.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_box_learns_of_a_backup_in_the_same_session_and_of_its_loss_once_somebody_says_that_Central_was_restored()
    {
        await using var line = await BoxLine.Open(this);
        var (first, second) = (box.NewId(), box.NewId());
        await box.Submit(first);
        await Until(() => box.Owner.Journal.State.Pending == 0);
        Assert.Equal((Receipt.AtCentre, 1L), (await ReceiptOf(first), box.Owner.Status.State.NotBackedUp));
        var session = box.Owner.Status.State.Session;

        Assert.True((await Backups.Make(Copy, Cancel)).Ok);
        await Until(() => box.Owner.Status.State.NotBackedUp == 0);
        Assert.Equal(Receipt.BackedUp, await ReceiptOf(first));
        Assert.Equal(session, box.Owner.Status.State.Session);

        await box.Submit(second);
        await Until(() => box.Owner.Journal.State.Pending == 0);
        Assert.Equal((Receipt.BackedUp, Receipt.AtCentre), (await ReceiptOf(first), await ReceiptOf(second)));
        Assert.True((await Backups.Make(Copy + ".2", Cancel)).Ok);
        await Until(() => box.Owner.Status.State.NotBackedUp == 0);

        // The copy is from before anything was known to be in one.
        await central.StopAsync(Cancel);
        await central.DisposeAsync();
        Array.ForEach(Directory.GetFiles(folder, "central.db*"), File.Delete);
        Assert.True(BackupFile.Open(Copy, KeyFile, Database).Ok);
        await Start();
        Assert.Equal("central_put_back", central.Services.GetRequiredService<HighWater>().Refusal?.Reason);
        await Until(() => line.State.Line == Line.Offline);
        Assert.True((await box.Submit(box.NewId())).Ok);
        Assert.Equal((1, false), (box.Owner.Status.Pending, await IsAtCentral(second)));

        Assert.True((await central.Services.GetRequiredService<Exchange>().BeginFeed(Cancel)).Ok);
        await Until(() => box.Owner.Status.State is { Pending: 0, NotBackedUp: 3 });
        Assert.Equal((Receipt.AtCentre, Receipt.AtCentre), (await ReceiptOf(first), await ReceiptOf(second)));
        Assert.True(await IsAtCentral(second));
    }

    [Fact]
    public async Task A_box_that_is_too_old_works_on_says_what_to_do_and_sends_everything_once_it_is_upgraded()
    {
        var id = box.NewId();
        await using (var old = await BoxLine.Open(this, Hello.ProtocolMin - 1))
        {
            await Until(() => old.State.Line == Line.Fault);
            Assert.True((await box.Submit(id)).Ok);
            var page = await PageOf(old);
            Assert.Contains("Phần mềm của máy này đã quá cũ. Không có gì bị mất; hãy gọi bộ phận CNTT của Phòng để cập nhật.", page, StringComparison.Ordinal);
            Assert.Contains("1 lần ghi; máy của trường giữ tất cả", page, StringComparison.Ordinal);
            Assert.Equal((1, false), (box.Owner.Status.Pending, await IsAtCentral(id)));
        }
        await using var upgraded = await BoxLine.Open(this);
        await Until(() => box.Owner.Journal.State.Pending == 0);
        Assert.Equal((Line.Online, true), (upgraded.State.Line, await IsAtCentral(id)));
    }

    [Fact]
    public async Task Threat_T18_A_machines_clock_that_is_moved_while_the_line_is_up_is_put_right_in_the_same_session()
    {
        var machine = new MovableClock();
        var clock = new BoxClock(box.Folder, DateTimeOffset.UnixEpoch, machine);
        await using var line = await BoxLine.Open(this, clock: clock);
        await Until(() => line.State.Line == Line.Online && box.Owner.Status.State.Session.Length > 0);
        var session = box.Owner.Status.State.Session;
        foreach (var moved in new[] { TimeSpan.FromDays(30), TimeSpan.FromHours(-5) })
        {
            machine.Moved = moved;
            await Until(() => (clock.GetUtcNow() - TimeProvider.System.GetUtcNow()).Duration() < TimeSpan.FromMinutes(1));
        }
        Assert.Equal(session, box.Owner.Status.State.Session);
    }

    [Fact]
    public async Task A_box_whose_stamp_was_cut_says_on_its_page_by_how_much_its_clock_was_ahead_until_a_month_has_passed()
    {
        await box.DisposeAsync();
        box = await EdgeBox.Start(new MovableClock { Moved = TimeSpan.FromDays(3) + TimeSpan.FromHours(1) });
        await using var line = await BoxLine.Open(this);
        await box.Write(EdgeBox.Catalogue.Create(EdgeBox.School, box.NewId(), new CalendarDay(EdgeBox.Day, DayKind.Closed, "Bão")));
        await Until(() => box.Owner.Journal.Reader.LastCut() is not null);
        Assert.Contains("chạy nhanh ít nhất 3 ngày", await PageOf(line), StringComparison.Ordinal);
        Assert.Null(ClockWasAhead.Of(box.Owner.Journal.Reader, TimeProvider.System.GetUtcNow().AddDays(31)));
    }

    /// <summary>A whole page would not come through before the call ends.</summary>
    [Fact]
    public async Task Case_09_A_new_box_on_a_line_of_7_kB_a_second_gets_its_school()
    {
        const int pupils = 2_000;
        var ids = Enumerable.Range(0, pupils).Select(_ => RecordId.New(TimeProvider.System));
        var school = ids.Select((id, n) => EdgeBox.Catalogue.Create(EdgeBox.School, id, new Pupil($"{n:0000000000}", $"Trần Thị {id}", "2015-01-01", Gender.Male))).ToList();
        Assert.True((await central.Services.GetRequiredService<CentralRecords>().Decide<int>(
            new(Guid.Empty, Scope.City, Roles.DepartmentOfficer), _ => new Decision<int>(0, school), Cancel)).Ok);
        using var thin = new ThinLine(port, bytesPerSecond: 7_000);
        await using var line = await BoxLine.Open(this, port: thin.Port);
        await Until(() => box.Owner.Status.State.Cursors.GetValueOrDefault(EdgeBox.School)?.Seq >= pupils, TimeSpan.FromMinutes(3));
        Assert.Equal(pupils, await box.Owner.Read(r => r.All<Pupil>(EdgeBox.School).Count, Cancel));
    }

    private async Task<string> PageOf(BoxLine line)
    {
        await using var host = new WebHost(
            new(Side.Edge, EdgeBox.School),
            services => services.AddSingleton(Clock(box)),
            app => app.MapGet("/may-nay", () => new RazorComponentResult<LinePage>(
                new
                {
                    line.State, box.Owner.Status.Pending, box.Owner.Status.State.NotBackedUp,
                    Ahead = ClockWasAhead.Of(box.Owner.Journal.Reader, TimeProvider.System.GetUtcNow()),
                })).AllowAnonymous());
        using var browser = await host.Start();
        await browser.Get("/may-nay");
        return browser.Html;
    }

    private async Task<bool> IsAtCentral(Guid id) =>
        await central.Services.GetRequiredService<CentralRecords>().Read(r => r.Get<Submission>(EdgeBox.School, id), Cancel) is not null;

    private static BoxClock Clock(EdgeBox box) => new(box.Folder, DateTimeOffset.UnixEpoch, TimeProvider.System);

    private Backups Backups => central.Services.GetRequiredService<Backups>();

    private async Task<Receipt> ReceiptOf(Guid id) => (await box.Owner.Receipts<Submission>(EdgeBox.School, [id], Cancel))[id];

    private async Task Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["ConnectionStrings:Central"] = $"Data Source={Database};Pooling=false";
        builder.Logging.ClearProviders();
        var settings = new CentralSettings { DataDir = folder, Bind = "127.0.0.1", WebPort = 0, DevicePort = port, EnrolmentPort = 0 };
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(settings, authority));
        builder.Services.AddSingleton(settings).AddCentralStore().AddIntake();
        central = builder.Build();
        await central.Services.MigrateCentral(Cancel);
        central.MapIntake();
        await central.StartAsync(Cancel);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task Until(Func<bool> holds, TimeSpan? within = null)
    {
        var until = TimeProvider.System.GetUtcNow() + (within ?? Within);
        while (!holds() && TimeProvider.System.GetUtcNow() < until)
        {
            await Task.Delay(50, Cancel);
        }
        Assert.True(holds());
    }

    private sealed class MovableClock : TimeProvider
    {
        public TimeSpan Moved { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Moved;
    }

    /// <summary>The box's own exchange with Central, of one release.</summary>
    private sealed class BoxLine(BoxIdentity identity, CentralLink link, UplinkWorker uplink) : IAsyncDisposable
    {
        public LineState State => uplink.State;

        public static async Task<BoxLine> Open(LineTests test, int protocol = Hello.ProtocolNow, BoxClock? clock = null, int? port = null)
        {
            var identity = new BoxIdentity(Path.Combine(test.folder, "identity"));
            var link = new CentralLink(identity, new Uri($"https://127.0.0.1:{port ?? test.port}"), TimeProvider.System);
            var uplink = new UplinkWorker(link, test.box.Owner, EdgeBox.Catalogue, clock ?? Clock(test.box), NullLogger<UplinkWorker>.Instance) { Protocol = protocol };
            await uplink.StartAsync(Cancel);
            return new(identity, link, uplink);
        }

        public async ValueTask DisposeAsync()
        {
            await uplink.StopAsync(Cancel);
            uplink.Dispose();
            link.Dispose();
            identity.Dispose();
        }
    }
}
