using System.Net;
using Microsoft.AspNetCore.Http;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.Modules.Registry;

namespace TdmEdu.Tests.Modules.Shell;

/// <summary>The name that a request claims to have asked for is anybody's text.</summary>
public class WebHostsTests
{
    private static readonly Scope School = Scope.School(Guid.Parse("01900000-0000-7000-8000-000000000b01"));

    [Fact]
    public async Task Threat_T07_A_name_that_is_not_this_hosts_is_refused_shortly_and_no_redirect_bears_any()
    {
        await using var host = new WebHost(new(Side.Edge, School));
        using var browser = await host.Start();
        foreach (var name in new[] { "evil.example", "box.lan.evil.example", "10.9.9.9" })
        {
            await browser.Get("/lich", name);
            Assert.Equal(HttpStatusCode.MisdirectedRequest, browser.Status);
            Assert.InRange(browser.RawHtml.Length, 1, 200);
            Assert.DoesNotContain("evil", browser.RawHtml, StringComparison.Ordinal);
        }
        foreach (var name in new[] { "box.lan", "BOX.lan:8443", null })
        {
            Assert.Equal("/dang-nhap?tiep=%2Flich", (await browser.Get("/lich", name)).Headers.Location!.OriginalString);
        }
        Assert.Equal(HttpStatusCode.OK, (await browser.Get("/health", "evil.example")).StatusCode);
    }

    [Theory]
    [InlineData("evil.example", "https://box.lan:8443/")]
    [InlineData("127.0.0.1", "https://box.lan:8443/")]
    [InlineData("192.168.1.10:99", "https://192.168.1.10:8443/")]
    public void Threat_T07_A_card_bears_a_name_of_the_box_that_other_devices_know(string asked, string printed)
    {
        var request = new DefaultHttpContext().Request;
        request.Host = new(asked);
        Assert.Equal(printed, new WebHosts(() => ["localhost", "127.0.0.1", "box.lan", "192.168.1.10"], 8443).AddressFor(request).AbsoluteUri);
        Assert.Equal("localhost", new WebHosts(() => ["localhost", "127.0.0.1"], 8443).AddressFor(new DefaultHttpContext().Request).Host);
    }

    [Fact]
    public async Task Threat_T07_Central_insists_on_TLS_and_a_box_whose_certificate_may_change_does_not()
    {
        await using var central = new WebHost(new(Side.Central, Scope.City));
        using (var browser = await central.Start())
        {
            Assert.Equal("max-age=31536000", (await browser.Get("/dang-nhap", "box.lan")).Headers.GetValues("Strict-Transport-Security").Single());
            Assert.False((await browser.Get("/dang-nhap")).Headers.Contains("Strict-Transport-Security"));
        }
        await using var box = new WebHost(new(Side.Edge, School));
        using var other = await box.Start();
        Assert.False((await other.Get("/dang-nhap", "box.lan")).Headers.Contains("Strict-Transport-Security"));
    }
}
