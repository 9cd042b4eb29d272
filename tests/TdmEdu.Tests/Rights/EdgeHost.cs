using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TdmEdu.Central.Schools;
using TdmEdu.EdgeNode;
using TdmEdu.EdgeNode.Auditing;
using TdmEdu.EdgeNode.Cache;
using TdmEdu.EdgeNode.Joining;
using TdmEdu.EdgeNode.Uplink;
using TdmEdu.Modules;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.EdgeNode;

namespace TdmEdu.Tests.Rights;

/// <summary>A whole box as its program makes it, or one that is not enrolled yet. Central does not answer it.</summary>
internal sealed class EdgeHost : IAsyncDisposable
{
    private static readonly Uri Nowhere = new("https://127.0.0.1:9");

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("edge-host-");
    private WebApplication app = null!;
    private BoxIdentity box = null!;
    private long fed;

    public string Thumbprint => box.LanCertificate.Thumbprint;

    public Uri Address => new(app.Urls.Single());

    public Owner Owner => Get<Owner>();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<EdgeHost> Start(bool enrolled, TimeProvider time)
    {
        var host = new EdgeHost();
        var (data, identity) = (Path.Combine(host.folder.FullName, "data"), Path.Combine(host.folder.FullName, "identity"));
        using var authority = DepartmentCa.LoadOrCreate(Path.Combine(host.folder.FullName, "ca"), new() { DataDir = data }, time);
        IdentityFolder.Make(identity, authority);
        host.box = new(identity);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ApplicationName = "TdmEdu.EdgeNode", ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, lan => lan.UseHttps(host.box)));
        builder.Services.AddModules(Side.Edge);
        if (enrolled)
        {
            Directory.CreateDirectory(data);
            var clock = new BoxClock(data, host.box.NodeCertificate.NotBefore, time);
            builder.Services.AddSingleton<TimeProvider>(clock);
            builder.Services.AddEdgeStore(data, host.box.Node, host.box.School);
            builder.Services.AddUplink(host.box, new() { DataDir = data, IdentityDir = identity, Central = Nowhere }, clock);
            builder.Services.AddShell(new Home(Side.Edge, host.box.School), Path.Combine(data, "keys"));
        }
        else
        {
            builder.Services.AddShell(new Home(Side.Edge, Scope.City), Path.Combine(data, "keys"));
            builder.Services.AddSingleton(new JoinCentral(Path.Combine(host.folder.FullName, "new"), Nowhere, time)).AddSingleton<JoinPages>();
        }
        host.app = builder.Build();
        host.app.UseShell();
        host.app.MapShell();
        if (enrolled)
        {
            host.app.MapModules(Side.Edge);
            host.app.MapLineStatus();
            host.app.MapSchoolAudit();
            host.app.MapRoot();
        }
        else
        {
            host.app.MapJoin();
        }
        await host.app.StartAsync(Cancel);
        return host;
    }

    public T Get<T>() where T : notnull => app.Services.GetRequiredService<T>();

    /// <summary>As it comes from Central.</summary>
    public async Task Feed(params IEnumerable<Draft> drafts)
    {
        foreach (var feed in drafts.GroupBy(d => d.Scope))
        {
            FeedOp[] ops = [.. feed.Select(d => new FeedOp(new(d.Scope, d.Entity, d.Id, d.Schema, d.Kind, Hlc.At(1_000 + ++fed), Guid.Empty, d.Data), EdgeBox.Central, fed))];
            Assert.True((await Owner.TakePage("feed-1", new(feed.Key, false, ops, new(fed, [])), Cancel)).Ok);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        box.Dispose();
        folder.Delete(recursive: true);
    }
}
