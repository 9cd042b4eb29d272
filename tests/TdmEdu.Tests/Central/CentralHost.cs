using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using TdmEdu.Central;
using TdmEdu.Central.Schools;
using TdmEdu.Central.Storage;
using TdmEdu.EdgeNode;
using TdmEdu.EdgeNode.Joining;
using TdmEdu.EdgeNode.Uplink;
using TdmEdu.Modules;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.Modules.Registry;

namespace TdmEdu.Tests.Central;

/// <summary>A whole Central behind its three doors, as its program makes it, on a clock that can be turned.</summary>
internal sealed class CentralHost : IAsyncDisposable
{
    public const string SchoolCode = "79000001";
    public const string Password = "bốn con mèo ngủ trưa";
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("central-host-");
    private WebApplication app = null!;
    private DepartmentCa? authority;
    private string? connection;

    private CentralHost() => Settings = new()
    {
        DataDir = folder.FullName, Bind = "127.0.0.1", WebPort = FreePort(), DevicePort = FreePort(), EnrolmentPort = FreePort(),
    };

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 9, 7, 1, 0, 0, TimeSpan.Zero));

    public CentralSettings Settings { get; }

    public Guid School { get; private set; }

    public Uri Web => new($"https://127.0.0.1:{Settings.WebPort}");

    public Uri Devices => new($"https://127.0.0.1:{Settings.DevicePort}");

    public Uri Newcomers => new($"https://127.0.0.1:{Settings.EnrolmentPort}");

    /// <summary>Of the certificate that browsers are shown.</summary>
    public string Thumbprint => X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder.FullName, "ca", "central.pem")).Thumbprint;

    public DepartmentCa Authority => authority!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <param name="connection">Of another database than a file.</param>
    public static async Task<CentralHost> Start(string? connection = null)
    {
        var host = new CentralHost { connection = connection };
        await host.StartAgain();
        host.School = await host.AddSchool(SchoolCode);
        return host;
    }

    /// <summary>Months pass, with a restart: the turned clock would otherwise wake what looks each minute a hundred thousand times.</summary>
    public Task Later(TimeSpan time) => StartAgain(time);

    public async Task StartAgain(TimeSpan later = default)
    {
        if (authority is not null)
        {
            await app.DisposeAsync();
            authority.Dispose();
            Clock.Advance(later);
        }
        authority = DepartmentCa.LoadOrCreate(Path.Combine(folder.FullName, "ca"), Settings, Clock);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ApplicationName = "TdmEdu.Central", ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.Configuration["ConnectionStrings:Central"] = connection ?? $"Data Source={Path.Combine(folder.FullName, "central.db")};Pooling=false";
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(Settings, authority));
        builder.Services.AddSingleton<TimeProvider>(Clock).AddSingleton(Settings).AddSingleton(authority);
        builder.Services.AddCentral();
        builder.Services.AddShell(new Home(Side.Central, Scope.City), Path.Combine(folder.FullName, "keys"));
        builder.Services.AddModules(Side.Central);
        app = builder.Build();
        await app.Services.MigrateCentral(Cancel);
        app.UseDoors(Settings);
        app.UseShell();
        app.MapShell();
        app.MapModules(Side.Central);
        app.MapCentral();
        await app.StartAsync(Cancel);
    }

    public IServiceProvider Services => app.Services;

    public T Get<T>() where T : notnull => app.Services.GetRequiredService<T>();

    public CentralDb Db() => Get<IDbContextFactory<CentralDb>>().CreateDbContext();

    public async Task<Guid> AddSchool(string code)
    {
        var id = RecordId.New(Clock);
        var unit = new Unit(UnitKind.School, code, $"Trường {code}", "TH", null, new DateOnly(2020, 1, 1), null);
        await Save(Get<Catalogue>().Create(Scope.City, id, unit));
        return id;
    }

    public async Task Save(params Draft[] drafts)
    {
        var saved = await Get<IRecordStore>().Decide(new Actor(Guid.Empty, Scope.City, Roles.DepartmentIt), _ => new Decision<int>(0, drafts), Cancel);
        Assert.True(saved.Ok, saved.Ok ? "" : saved.Error.Reason);
    }

    /// <summary>The codes of what was refused, or empty for what was done.</summary>
    public async Task<List<string>> Audited(string what)
    {
        await using var db = Db();
        return await db.Audit.Where(a => a.Event == what).Select(a => a.Reason).ToListAsync(Cancel);
    }

    public async Task<string> Code(string school = SchoolCode) => (await Get<BoxEnrolment>().MakeCode(school, Guid.Empty, Cancel)).Value;

    public async Task<BoxIdentity> Enrol(string directory, string school = SchoolCode, bool replaces = false)
    {
        var join = new JoinCentral(directory, Newcomers, Clock);
        var words = await join.Ask(await Code(school), ["truong.lan", "127.0.0.1"], Cancel);
        var waiting = join.WaitForDecision(Cancel);
        var approved = await Eventually(() => Get<BoxEnrolment>().Approve(words.Value, replaces, Cancel), a => a.Ok || a.Error.Reason != "nobody_waits");
        Assert.True(approved.Ok);
        Assert.Null(await Eventually(waiting));
        return new(directory);
    }

    /// <summary>In the department's browser.</summary>
    public async Task<WebHost.Browser> SignIn(string name, Roles roles)
    {
        var (catalogue, id) = (Get<Catalogue>(), RecordId.New(Clock));
        await Save(
            catalogue.Create(Scope.Department, id, new Staff("Trần Văn An", "")),
            catalogue.Create(Scope.Department, id, new Account(name, PasswordHash.Of(Password), roles)));
        var browser = new WebHost.Browser(Web, Thumbprint);
        await browser.SignIn(name, Password);
        return browser;
    }

    public CentralLink Link(BoxIdentity box) => new(box, Devices, Clock);

    /// <summary>What waits by the clock goes on, whatever the machine's load.</summary>
    public async Task<T> Eventually<T>(Task<T> task)
    {
        while (await Task.WhenAny(task, Task.Delay(50, Cancel)) != task)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
        }
        return await task;
    }

    public async Task<T> Eventually<T>(Func<Task<T>> look, Func<T, bool> holds)
    {
        for (var left = 200; ; left--)
        {
            var found = await look();
            if (holds(found) || left == 0)
            {
                return found;
            }
            Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(50, Cancel);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        authority?.Dispose();
        folder.Delete(recursive: true);
    }

    private static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }
}
