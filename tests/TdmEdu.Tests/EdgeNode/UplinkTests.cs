using System.Net;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TdmEdu.Central.Schools;
using TdmEdu.Contracts.Sync.V1;
using TdmEdu.EdgeNode;
using TdmEdu.EdgeNode.Uplink;
using TdmEdu.Modules.Shell.Joining;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.EdgeNode;

public sealed class UplinkTests
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_session_that_makes_no_progress_is_torn_down_and_opened_anew_and_nothing_is_lost()
    {
        await using var box = await EdgeBox.Start();
        await box.Submit(RecordId.New(box.Clock));
        var central = new SilentCentral();
        await using var server = await Serve(central, box.Folder);
        using var identity = new BoxIdentity(Path.Combine(box.Folder, "identity"));
        using var link = new CentralLink(identity, AddressOf(server), TimeProvider.System);
        using var uplink = new UplinkWorker(link, box.Owner, EdgeBox.Catalogue, Clock(box), NullLogger<UplinkWorker>.Instance)
        {
            StuckAfter = TimeSpan.FromSeconds(1),
        };
        await uplink.StartAsync(TestContext.Current.CancellationToken);
        // Long before the call itself would end.
        await central.OpenedTwice.WaitAsync(CentralLink.CallTimeout / 3, TestContext.Current.CancellationToken);
        Assert.True(box.Owner.Status.Pending > 0);
        await uplink.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Without_a_Central_the_box_keeps_trying_and_says_that_it_is_offline()
    {
        await using var box = await EdgeBox.Start();
        await using (await Serve(new SilentCentral(), box.Folder))
        {
            // Only the certificates are wanted.
        }
        using var identity = new BoxIdentity(Path.Combine(box.Folder, "identity"));
        using var link = new CentralLink(identity, new Uri("https://127.0.0.1:9"), TimeProvider.System);
        using var uplink = new UplinkWorker(link, box.Owner, EdgeBox.Catalogue, Clock(box), NullLogger<UplinkWorker>.Instance);
        await uplink.StartAsync(TestContext.Current.CancellationToken);
        await Until(() => uplink.State.Line == Line.Offline);
        Assert.True((await box.Submit(RecordId.New(box.Clock))).Ok);
        await uplink.StopAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>A hotel's or a ministry's gate answers every address with its own page; a broken proxy does so under Central's own name.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Case_12_A_page_of_a_gate_on_the_way_is_no_Central_and_acknowledges_nothing(bool underCentralsName)
    {
        await using var box = await EdgeBox.Start();
        await box.Submit(RecordId.New(box.Clock));
        await using var gate = await Serve(null, box.Folder, underCentralsName);
        using var identity = new BoxIdentity(Path.Combine(box.Folder, "identity"));
        using var link = new CentralLink(identity, AddressOf(gate), TimeProvider.System);
        using var uplink = new UplinkWorker(link, box.Owner, EdgeBox.Catalogue, Clock(box), NullLogger<UplinkWorker>.Instance);
        await uplink.StartAsync(TestContext.Current.CancellationToken);
        await Until(() => uplink.State.Line == Line.Offline);
        Assert.Equal((1, 0), (box.Owner.Status.Pending, box.Owner.Status.State.Acked[(int)Lane.Attendance]));
        Assert.True((await box.Submit(RecordId.New(box.Clock))).Ok);
        await uplink.StopAsync(TestContext.Current.CancellationToken);
    }

    private static Uri AddressOf(WebApplication server) =>
        new(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    private static BoxClock Clock(EdgeBox box) => new(box.Folder, DateTimeOffset.UnixEpoch, TimeProvider.System);

    private static async Task Until(Func<bool> holds)
    {
        var until = TimeProvider.System.GetUtcNow() + Within;
        while (!holds() && TimeProvider.System.GetUtcNow() < until)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
        Assert.True(holds());
    }

    /// <param name="central">Null for a server that answers everything with a page.</param>
    private static async Task<WebApplication> Serve(SilentCentral? central, string folder, bool underCentralsName = true)
    {
        var identity = Path.Combine(folder, "identity");
        using var authority = DepartmentCa.LoadOrCreate(Path.Combine(folder, "ca"), new() { DataDir = folder }, TimeProvider.System);
        IdentityFolder.Make(identity, authority);
        authority.IssueServer(identity, "central", TlsNames.Central);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(central ?? new SilentCentral());
        var certificate = Path.Combine(identity, underCentralsName ? "central" : "lan");
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, l =>
        {
            l.Protocols = HttpProtocols.Http2;
            l.UseHttps(X509Certificate2.CreateFromPemFile($"{certificate}.pem", $"{certificate}.key"));
        }));
        var app = builder.Build();
        if (central is null)
        {
            app.MapFallback(() => Microsoft.AspNetCore.Http.Results.Content("<html>Xin mời đăng nhập Wi-Fi</html>", "text/html"));
        }
        else
        {
            app.MapGrpcService<SilentCentral>();
        }
        await app.StartAsync();
        return app;
    }

    /// <summary>Opens every session and then never answers a Push, as a machine does whose disk hangs.</summary>
    private sealed class SilentCentral : SyncService.SyncServiceBase
    {
        private readonly TaskCompletionSource openedTwice = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int opened;

        public Task OpenedTwice => openedTwice.Task;

        public override Task<OpenResponse> Open(OpenRequest request, ServerCallContext context)
        {
            if (Interlocked.Increment(ref opened) == 2)
            {
                openedTwice.SetResult();
            }
            return Task.FromResult(new OpenResponse { FeedEpoch = "1", Action = OpenAction.Continue, Session = ByteString.CopyFrom(new byte[32]) });
        }

        public override async Task<PushResponse> Push(PushRequest request, ServerCallContext context)
        {
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
            return new();
        }

        public override Task<BeatResponse> Beat(BeatRequest request, ServerCallContext context) => Task.FromResult(new BeatResponse { Same = true });

        public override Task<PullResponse> Pull(PullRequest request, ServerCallContext context) => Task.FromResult(new PullResponse { FeedEpoch = "1" });

        public override Task Watch(WatchRequest request, IServerStreamWriter<WatchResponse> responseStream, ServerCallContext context) =>
            Task.Delay(Timeout.Infinite, context.CancellationToken);
    }
}
