using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticAssets;
using Microsoft.Extensions.DependencyInjection;
using TdmEdu.Central.Schools;
using TdmEdu.EdgeNode;
using TdmEdu.EdgeNode.Auditing;
using TdmEdu.EdgeNode.Cache;
using TdmEdu.EdgeNode.Joining;
using TdmEdu.EdgeNode.Uplink;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.Central;
using TdmEdu.Tests.EdgeNode;
using TdmEdu.Tests.Modules.Registry;
using AspNet = Microsoft.AspNetCore.Routing.HttpMethodMetadata;

namespace TdmEdu.Tests.Modules.Shell;

/// <summary>Every address of both hosts, asked by somebody who may do everything there: headers, cookies, and no change without the form's token.</summary>
public class WebGuardsTests
{
    private const string Password = "mật-khẩu-rất-dài-9";
    private static readonly Guid Person = Guid.Parse("01900000-0000-7000-8000-000000000c01");

    [Fact]
    public async Task Threat_T6_every_address_of_central_is_guarded()
    {
        await using var central = await CentralHost.Start();
        await central.Save(
            central.Get<Catalogue>().Create(Scope.Department, Person, new Staff("Trần Văn An", "")),
            central.Get<Catalogue>().Create(Scope.Department, Person, new Account("an", PasswordHash.Of(Password), Access.EveryDepartmentRole)));
        using var own = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(central.Settings.DataDir, "ca", "central.pem"));
        using var browser = new WebHost.Browser(central.Web, own.GetCertHashString(HashAlgorithmName.SHA1));
        await IsGuarded(browser, "an", central.Get<EndpointDataSource>(), pagesMin: 13, changesMin: 30, ShellSetup.ParentPath + '/', "/api/");
    }

    [Fact]
    public async Task Threat_T6_every_address_of_a_box_is_guarded()
    {
        var folder = Directory.CreateTempSubdirectory("web-guards-");
        using var authority = DepartmentCa.LoadOrCreate(Path.Combine(folder.FullName, "ca"), new() { DataDir = folder.FullName }, TimeProvider.System);
        IdentityFolder.Make(Path.Combine(folder.FullName, "identity"), authority);
        using (var box = new BoxIdentity(Path.Combine(folder.FullName, "identity")))
        {
            await using var host = new WebHost(
                new(Side.Edge, EdgeBox.School), services => Box(services, box, folder.FullName),
                app =>
                {
                    app.MapLineStatus();
                    app.MapSchoolAudit();
                    app.MapRoot();
                });
            host.Store.Seed([.. Compose.Staff(host.Store.Catalogue, EdgeBox.School, Person, new("Trần Văn An", ""), "an", Password, Access.EverySchoolRole)]);
            using var browser = await host.Start();
            await IsGuarded(browser, "an", host.Get<EndpointDataSource>(), pagesMin: 9, changesMin: 15, ShellSetup.ParentPath + '/');
        }
        folder.Delete(recursive: true);
    }

    /// <summary>The box's own pages over the tests' store; its line leads nowhere.</summary>
    private static void Box(IServiceCollection services, BoxIdentity box, string folder)
    {
        var store = services.Single(s => s.ServiceType == typeof(IRecordStore)).ImplementationInstance;
        services.AddEdgeStore(Directory.CreateDirectory(Path.Combine(folder, "data")).FullName, EdgeBox.Node, EdgeBox.School);
        services.AddSingleton((IRecordStore)store!);
        var settings = new EdgeSettings { DataDir = folder, IdentityDir = Path.Combine(folder, "identity"), Central = new("https://127.0.0.1:9") };
        services.AddUplink(box, settings, new(folder, DateTimeOffset.UnixEpoch, TimeProvider.System));
    }

    /// <param name="shut">The beginnings of addresses that this account may not call at all, which is said before anybody looks for a token.</param>
    private static async Task IsGuarded(WebHost.Browser browser, string user, EndpointDataSource routes, int pagesMin, int changesMin, params string[] shut)
    {
        var all = routes.Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<StaticAssetDescriptor>() is null)
            .SelectMany(e => e.Metadata.GetMetadata<AspNet>()?.HttpMethods ?? ["GET"], (e, method) => (Method: method, Path: Fill(e)))
            .Where(r => !r.Path.Contains("tdmedu.", StringComparison.Ordinal)).Distinct().ToList();
        await browser.SignIn(user, Password);
        var pages = 0;
        foreach (var (_, path) in all.Where(r => r.Method == "GET").Append(("GET", "/khong-co")))
        {
            var answer = await browser.Get(path);
            Assert.True((int)answer.StatusCode < 500, $"{path} {answer.StatusCode}");
            HasHeaders(path, answer);
            if (answer is { StatusCode: HttpStatusCode.OK, Content.Headers.ContentType.MediaType: "text/html" })
            {
                pages++;
                Assert.Equal(HttpStatusCode.OK, (await browser.Json(HttpMethod.Head, path, island: null)).StatusCode);
            }
        }
        Assert.InRange(pages, pagesMin, int.MaxValue);
        await browser.Get("/lich");
        await browser.Post("/ngon-ngu", ("lang", "vi"));
        Assert.Equal(HttpStatusCode.Redirect, browser.Status);
        var changes = all.Where(r => r.Method != "GET").ToList();
        Assert.InRange(changes.Count, changesMin, int.MaxValue);
        foreach (var (_, path) in changes)
        {
            // The page of a refusal has forms too, and the browser learns their token.
            browser.ForgetToken();
            var answer = await browser.Post(path, ("ten", "x"));
            var isShut = shut.Any(s => path.StartsWith(s, StringComparison.Ordinal));
            Assert.True(answer.StatusCode == (isShut ? HttpStatusCode.Forbidden : HttpStatusCode.BadRequest), $"{path} {answer.StatusCode}");
            HasHeaders(path, answer);
            if (!isShut && path.StartsWith("/api/", StringComparison.Ordinal))
            {
                await browser.Json(HttpMethod.Post, path, "{}", island: null);
                Assert.Equal(HttpStatusCode.UnsupportedMediaType, browser.Status);
            }
        }
    }

    private static void HasHeaders(string path, HttpResponseMessage answer)
    {
        string Of(string name) => answer.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : "";
        var policy = Of("Content-Security-Policy").Split("; ");
        Assert.True(policy.Contains("default-src 'self'") && policy.Contains("frame-ancestors 'none'") && policy.Contains("object-src 'none'")
            && policy.Contains("base-uri 'none'") && policy.Contains("form-action 'self'") && !policy.Any(p => p.Contains("unsafe", StringComparison.Ordinal)), path);
        Assert.Equal((path, "nosniff", "same-origin"), (path, Of("X-Content-Type-Options"), Of("Referrer-Policy")));
        Assert.True(answer.Content.Headers.ContentType?.MediaType != "text/html" || answer.Headers.CacheControl is { NoStore: true }, $"{path} may be kept");
        foreach (var cookie in answer.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies : [])
        {
            Assert.StartsWith("__Host-", cookie, StringComparison.Ordinal);
            Assert.All(["; path=/", "; secure", "; httponly", "; samesite="], part => Assert.Contains(part, cookie, StringComparison.Ordinal));
        }
    }

    /// <summary>An address of the route, of something that there is not where it names something.</summary>
    private static string Fill(RouteEndpoint route) => "/" + string.Join('/', route.RoutePattern.PathSegments.Select(s => string.Concat(s.Parts.Select(p => p switch
    {
        Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal => literal.Content,
        Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart { Name: "date" } => "2026-09-07",
        Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart { Name: "slot" } => "morning",
        _ => $"{Person}",
    }))));
}
