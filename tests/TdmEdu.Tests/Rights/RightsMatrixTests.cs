using System.Net;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticAssets;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.EdgeNode;
using TdmEdu.Tests.Modules.Registry;

namespace TdmEdu.Tests.Rights;

/// <summary>Who may do what, tried at every door of the real hosts against what was reviewed.</summary>
public sealed partial class RightsMatrixTests(RightsCity city) : IClassFixture<RightsCity>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>One row of the snapshot; <paramref name="Roles"/> is null where everybody may come.</summary>
    /// <param name="Groups">What people of units without a box are there whom it lets in at Central.</param>
    private sealed record Row(string Host, string Method, string Path, Roles? Roles, Roles Groups);

    [Fact]
    public async Task Threat_T10_Every_endpoint_lets_in_whom_the_reviewed_table_names_and_nobody_else()
    {
        var reviewed = Reviewed().ToDictionary(r => (r.Host, r.Method, r.Path));
        foreach (var (host, home) in new (string, Home)[]
        {
            ("edge", new(Side.Edge, EdgeBox.School)), ("joining", new(Side.Edge, Scope.City)), ("central", new(Side.Central, Scope.City)),
        })
        {
            // Whoever signs out is somebody else afterwards.
            var endpoints = Endpoints(host).OrderBy(e => e.Path == "/dang-xuat").ToList();
            Assert.NotEmpty(endpoints);
            foreach (var unreviewed in endpoints.Where(e => !reviewed.ContainsKey((host, e.Method, e.Path))))
            {
                city.Hole($"{host} {unreviewed} is not in Routes.verified.txt");
            }
            foreach (var gone in reviewed.Keys.Where(r => r.Host == host && !endpoints.Contains((r.Method, r.Path))))
            {
                city.Hole($"{gone} does not exist any more");
            }
            foreach (var person in RightsCity.Everybody.Append(Roles.None).Where(p => p == Roles.None || (host != "joining" && (p & Access.Family & ~Access.RolesAt(home)) == 0)))
            {
                using var browser = await Visit(host, person);
                foreach (var (method, path) in endpoints.Where(e => reviewed.ContainsKey((host, e.Method, e.Path))))
                {
                    var row = reviewed[(host, method, path)];
                    var may = row.Roles is not { } roles || (person & roles & Access.RolesAt(home)) != 0;
                    var (letIn, status) = await Try(browser, method, path);
                    Expect(letIn == may, $"{host} {method} {path}: {(person == Roles.None ? "anybody" : person)} gets {status}, expected {(may ? "in" : "out")}");
                    Expect((int)status < 500, $"{host} {method} {path} breaks for {person}: {status}");
                }
            }
            city.Endpoints += endpoints.Count;
        }
        city.AssertNoHoles();
    }

    private static IEnumerable<Row> Reviewed([CallerFilePath] string here = "") =>
        from line in File.ReadLines(System.IO.Path.GetFullPath("../../TdmEdu.HouseRules/Routes.verified.txt", System.IO.Path.GetDirectoryName(here)!))
        let cells = line.Split(' ', 4, StringSplitOptions.RemoveEmptyEntries)
        let rights = cells[3].Replace(" + password again", "", StringComparison.Ordinal).Split(" + groups ")
        select new Row(cells[0], cells[1], cells[2], rights[0] == "anonymous" ? null : Enum.Parse<Roles>(rights[0]),
            rights.Length > 1 ? Enum.Parse<Roles>(rights[1]) : Roles.None);

    private List<(string Method, string Path)> Endpoints(string host)
    {
        var source = host switch
        {
            "edge" => city.Edge.Get<EndpointDataSource>(),
            "joining" => city.Newcomer.Get<EndpointDataSource>(),
            _ => city.Central.Get<EndpointDataSource>(),
        };
        return
        [
            .. source.Endpoints.OfType<RouteEndpoint>()
                .Where(e => e.Metadata.GetMetadata<StaticAssetDescriptor>() is null && e.RoutePattern.RawText != "{**path:file}")
                .Select(e => (string.Join(',', e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["*"]), e.RoutePattern.RawText!)).Distinct(),
        ];
    }

    private async Task<WebHost.Browser> Visit(string host, Roles person)
    {
        var (address, thumbprint) = host switch
        {
            "edge" => (city.Edge.Address, city.Edge.Thumbprint),
            "joining" => (city.Newcomer.Address, city.Newcomer.Thumbprint),
            _ => (city.Central.Web, city.Central.Thumbprint),
        };
        var browser = new WebHost.Browser(address, thumbprint);
        if ((person & Access.Family) != 0)
        {
            await RightsCity.ComeIn(browser, person, RightsCity.Child);
        }
        else if (person != Roles.None)
        {
            await browser.SignIn(person.ToString(), RightsCity.Password);
        }
        // A page with a form: what is asked for by POST comes with its token.
        await browser.Get(person == Roles.None ? host == "joining" ? "/ghi-danh" : "/dang-nhap" : (person & Access.Family) != 0 ? "/phu-huynh" : "/can-bo/mat-khau");
        return browser;
    }

    /// <summary>Whether the person got past the guard, whatever the endpoint then said to an empty form.</summary>
    private static async Task<(bool LetIn, HttpStatusCode Status)> Try(WebHost.Browser browser, string method, string path)
    {
        path = "/" + Filled().Replace(path, p => p.Groups["name"].Value switch
        {
            "date" => "2026-09-07",
            "slot" => "morning",
            "path" or "unimplementedService" or "unimplementedMethod" => "khong-co",
            _ => Guid.Empty.ToString(),
        }).TrimStart('/');
        var answer = method == "POST" ? await browser.Post(path) : await browser.Get(path);
        var isSentAway = answer.StatusCode == HttpStatusCode.Unauthorized || answer.Headers.Location?.OriginalString.Contains("?tiep=", StringComparison.Ordinal) == true;
        var isRefused = answer.StatusCode == HttpStatusCode.Forbidden && !browser.Html.Contains("not_your_class", StringComparison.Ordinal)
            && !browser.Html.Contains("Mật khẩu đang dùng không đúng", StringComparison.Ordinal);
        return (!isSentAway && !isRefused, answer.StatusCode);
    }

    [GeneratedRegex(@"\{\**(?<name>\w+)(:\w+)?\}")]
    private static partial Regex Filled();
}
