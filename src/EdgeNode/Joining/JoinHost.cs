using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http.HttpResults;
using TdmEdu.Modules;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync;
using TdmEdu.Sync.Records;

namespace TdmEdu.EdgeNode.Joining;

/// <param name="Words">Null when nothing was asked for yet.</param>
/// <param name="Code">As it was typed, when something about the form was refused.</param>
/// <param name="Again">The box was withdrawn and has a school's data.</param>
public sealed record JoinModel(string Path, string? Words, string Code, string LanHosts, Error? Refused, bool Again);

/// <summary>What a box serves until it is enrolled: one page on its own address, under a certificate that nobody vouches for yet.</summary>
internal static class JoinHost
{
    public const string Path = "/ghi-danh";

    /// <summary>True when the box has its identity; false when it was told to stop before.</summary>
    public static async Task<bool> Serve(string[] args, EdgeSettings settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        using var certificate = SelfSigned();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Parse(settings.Bind), settings.LanPort, lan => lan.UseHttps(certificate, https => https.SslProtocols = SslProtocols.Tls13)));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddShell(new Home(Side.Edge, Scope.City), System.IO.Path.Combine(settings.DataDir, "keys"));
        builder.Services.AddModules(Side.Edge);
        builder.Services.AddSingleton(new JoinCentral(settings.IdentityDir, settings.EnrolmentAddress, TimeProvider.System));
        builder.Services.AddSingleton<JoinPages>().AddHostedService(s => s.GetRequiredService<JoinPages>());
        var app = builder.Build();
        app.UseShell();
        app.MapShell();
        app.MapJoin();
        await app.RunOrSay();
        return BoxIdentity.IsIn(settings.IdentityDir);
    }

    public static void MapJoin(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, (JoinPages pages) => pages.Page()).AllowAnonymous();
        routes.MapPost(Path, (HttpContext http, JoinPages pages, CancellationToken cancel) => pages.Ask(http, cancel)).AllowAnonymous();
        // Whatever page of the box is asked for, this is the only one there is; the shell leads everybody to the sign-in.
        routes.MapGet("/dang-nhap", () => Results.LocalRedirect(Path)).AllowAnonymous();
    }

    /// <summary>The addresses that this machine has in its LAN now.</summary>
    public static IEnumerable<string> OwnAddresses() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(n => n.OperationalStatus == OperationalStatus.Up && n.NetworkInterfaceType != NetworkInterfaceType.Loopback)
        .SelectMany(n => n.GetIPProperties().UnicastAddresses.Select(a => a.Address))
        .Where(a => a.AddressFamily == AddressFamily.InterNetwork).Select(a => a.ToString());

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        return new CertificateRequest("CN=TdmEdu", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
    }
}

/// <summary>The form, then the words; and in the background the wait for the department, which ends the page.</summary>
/// <param name="join">What asks and waits.</param>
/// <param name="lifetime">Of the process: it begins anew under the identity it got.</param>
/// <param name="box">What a box is that was withdrawn; null for one that never joined.</param>
internal sealed class JoinPages(JoinCentral join, IHostApplicationLifetime lifetime, BoxIdentity? box = null) : BackgroundService
{
    public const string AgainPath = "/duong-truyen/ghi-danh-lai";
    public const string GiveUpPath = AgainPath + "/thoi";

    private static readonly char[] Separators = [' ', ',', ';', '\n', '\r', '\t'];
    private readonly SemaphoreSlim asked = new(join.Words is null ? 0 : 1);
    private readonly SemaphoreSlim one = new(1, 1);
    private Error? refused;

    /// <summary>The department is looking.</summary>
    public bool Waits => join.Words is not null;

    private string Path => box is null ? JoinHost.Path : AgainPath;

    public RazorComponentResult<JoinPage> Page(Error? error = null, string code = "", string? hosts = null) => new(new
    {
        Model = new JoinModel(Path, join.Words, code, hosts ?? string.Join(' ', box?.LanHosts ?? JoinHost.OwnAddresses()), error ?? refused, box is not null),
    })
    {
        StatusCode = error is null ? StatusCodes.Status200OK : ErrorMap.ToHttp(error.Code),
    };

    public async Task<IResult> Ask(HttpContext http, CancellationToken cancel)
    {
        var (code, hosts) = (http.Request.Form["ma"].ToString(), http.Request.Form["ten-may"].ToString());
        await one.WaitAsync(cancel);
        try
        {
            if (join.Words is null)
            {
                var words = await join.Ask(code, hosts.Split(Separators, StringSplitOptions.RemoveEmptyEntries), cancel);
                if (!words.Ok)
                {
                    return Page(words.Error, code, hosts);
                }
                refused = null;
                asked.Release();
            }
            return Results.LocalRedirect(Path);
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>The box stays what it was.</summary>
    public void GiveUp() => join.GiveUp();

    public override void Dispose()
    {
        asked.Dispose();
        one.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stop)
    {
        Error? answer;
        do
        {
            await asked.WaitAsync(stop);
            answer = await join.WaitForDecision(stop);
            refused = answer == JoinCentral.GivenUp ? null : answer;
        }
        while (answer is not null);
        lifetime.StopApplication();
    }
}
