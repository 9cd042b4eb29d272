using System.Net;
using OtpNet;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;
using static TdmEdu.Tests.Modules.Registry.PagesTests;

namespace TdmEdu.Tests.Modules.Registry;

/// <summary>How long somebody stays signed in, and what a person does with the own password.</summary>
public partial class SessionTests
{
    [Theory]
    [InlineData(true, 14, 16)]
    [InlineData(false, 59, 61)]
    public async Task A_session_ends_when_nobody_asks_for_anything(bool shared, int lives, int ends)
    {
        await using var host = NewEdge();
        using var browser = await SignedIn(host, shared);
        for (var visit = 0; visit < 3; visit++)
        {
            host.Clock.Advance(TimeSpan.FromMinutes(lives));
            Assert.Equal(HttpStatusCode.OK, (await browser.Get("/lich")).StatusCode);
        }
        host.Clock.Advance(TimeSpan.FromMinutes(ends));
        Assert.Equal(HttpStatusCode.Redirect, (await browser.Get("/lich")).StatusCode);
    }

    [Fact]
    public async Task A_page_that_asks_on_its_own_keeps_nobody_signed_in()
    {
        await using var host = NewEdge();
        using var browser = await SignedIn(host, shared: true);
        for (var minute = 0; minute < 14; minute++)
        {
            host.Clock.Advance(TimeSpan.FromMinutes(1));
            await browser.Json(HttpMethod.Get, "/api/attendance/today");
            Assert.Equal(HttpStatusCode.OK, browser.Status);
            await browser.Json(HttpMethod.Post, "/api/attendance/receipts", "{\"ids\":[]}");
            Assert.Equal(HttpStatusCode.OK, browser.Status);
            await browser.Json(HttpMethod.Get, "/lich", island: "live");
            Assert.Equal(HttpStatusCode.OK, browser.Status);
        }
        host.Clock.Advance(TimeSpan.FromMinutes(2));
        await browser.Json(HttpMethod.Get, "/api/attendance/today");
        Assert.Equal(HttpStatusCode.Unauthorized, browser.Status);
    }

    [Fact]
    public async Task A_clock_set_back_makes_no_session_longer()
    {
        await using var host = NewEdge();
        using var browser = await SignedIn(host, shared: false);
        host.Clock.AdjustTime(host.Clock.GetUtcNow().AddMinutes(-4));
        Assert.Equal(HttpStatusCode.OK, (await browser.Get("/lich")).StatusCode);
        host.Clock.AdjustTime(host.Clock.GetUtcNow().AddMinutes(-4));
        Assert.Equal(HttpStatusCode.Redirect, (await browser.Get("/lich")).StatusCode);
    }

    [Fact]
    public async Task Twelve_hours_are_the_longest_day()
    {
        await using var host = NewEdge();
        using var browser = await SignedIn(host, shared: false);
        for (var quarter = 0; quarter < 47; quarter++)
        {
            host.Clock.Advance(TimeSpan.FromMinutes(15));
            Assert.Equal(HttpStatusCode.OK, (await browser.Get("/lich")).StatusCode);
        }
        host.Clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal(HttpStatusCode.Redirect, (await browser.Get("/lich")).StatusCode);
    }

    [Theory]
    [InlineData("disabled")]
    [InlineData("roles")]
    [InlineData("password")]
    public async Task A_session_ends_within_a_minute_of_a_change_of_its_account(string what)
    {
        await using var host = NewEdge();
        using var browser = await SignedIn(host);
        Assert.Equal(HttpStatusCode.OK, (await browser.Get("/lich")).StatusCode);
        var before = host.Store.Get<Account>(School, Lan)!;
        var after = what switch
        {
            "disabled" => before.Value with { Disabled = true },
            "roles" => before.Value with { Roles = Roles.Office },
            _ => before.Value.Given("another", host.Clock.GetUtcNow()),
        };
        host.Store.Seed([host.Store.Catalogue.Change(School, before, after)!]);
        host.Clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(HttpStatusCode.Redirect, (await browser.Get("/lich")).StatusCode);
    }

    [Fact]
    public async Task After_sign_out_a_copied_cookie_opens_nothing_and_what_was_not_sent_is_not_cleared()
    {
        await using var host = NewEdge();
        using var browser = await SignedIn(host);
        var page = await browser.Get("/lich");
        Assert.Contains("no-store", page.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        var copied = browser.Cookie("__Host-tdmedu-");
        var answer = await browser.Post("/dang-xuat");
        Assert.Equal("\"cache\"", answer.Headers.GetValues("Clear-Site-Data").Single());
        using var thief = host.NewBrowser();
        thief.Add(copied);
        Assert.Equal(HttpStatusCode.Redirect, (await thief.Get("/lich")).StatusCode);
        thief.Add(await CookieOf(host));
        Assert.Equal(HttpStatusCode.OK, (await thief.Get("/lich")).StatusCode);
    }

    [Fact]
    public async Task Every_cookie_belongs_to_this_host_alone_and_to_no_script()
    {
        await using var host = NewEdge();
        using var browser = await host.Start();
        List<string> cookies =
        [
            .. (await browser.Get("/dang-nhap")).Headers.GetValues("Set-Cookie"),
            .. (await browser.Post("/ngon-ngu", ("lang", "en"))).Headers.GetValues("Set-Cookie"),
            .. (await browser.Post("/dang-nhap", ("ten", "lan"), ("matkhau", Password))).Headers.GetValues("Set-Cookie"),
        ];
        Assert.InRange(cookies.Count, 3, 9);
        Assert.All(cookies, c =>
        {
            Assert.StartsWith("__Host-", c, StringComparison.Ordinal);
            Assert.Contains("path=/; ", c, StringComparison.Ordinal);
            Assert.Contains("; secure; samesite=", c, StringComparison.Ordinal);
            Assert.Contains("; httponly", c, StringComparison.Ordinal);
            Assert.DoesNotContain("domain=", c, StringComparison.Ordinal);
            Assert.DoesNotContain("samesite=none", c, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task With_a_password_that_somebody_else_made_only_the_page_for_an_own_one_opens()
    {
        await using var host = NewEdge();
        var before = host.Store.Get<Account>(School, Lan)!;
        host.Store.Seed([host.Store.Catalogue.Change(School, before, before.Value.Given(PasswordHash.Of("abcd-efgh-kmnp-qrst"), host.Clock.GetUtcNow()))!]);
        using var browser = await host.Start();
        await browser.Get("/dang-nhap");
        var signedIn = await browser.Post("/dang-nhap", ("ten", "lan"), ("matkhau", "abcd-efgh-kmnp-qrst"), ("tiep", "/lich"));
        Assert.Equal("/can-bo/mat-khau", signedIn.Headers.Location!.ToString());
        Assert.Equal("/can-bo/mat-khau", (await browser.Get("/lich")).Headers.Location!.OriginalString[^16..]);
        await browser.Json(HttpMethod.Get, "/api/attendance/today");
        Assert.Equal(HttpStatusCode.Forbidden, browser.Status);

        await browser.Get("/can-bo/mat-khau");
        foreach (var (old, wanted, status) in new[]
        {
            ("sai", "ba con chim trên cây khế", HttpStatusCode.Forbidden), ("abcd-efgh-kmnp-qrst", "abcd-efgh-kmnp-qrst", HttpStatusCode.BadRequest),
            ("abcd-efgh-kmnp-qrst", "nguyễn thị lan 2026", HttpStatusCode.BadRequest), ("abcd-efgh-kmnp-qrst", "ba con chim trên cây khế", HttpStatusCode.Redirect),
        })
        {
            await browser.Post("/can-bo/mat-khau", ("cu", old), ("moi", wanted), ("lai", wanted));
            Assert.Equal(status, browser.Status);
        }
        Assert.Equal(HttpStatusCode.OK, (await browser.Get("/lich")).StatusCode);
        using var other = host.NewBrowser();
        await other.SignIn("lan", "ba con chim trên cây khế");
        Assert.Equal(HttpStatusCode.OK, (await other.Get("/lich")).StatusCode);
    }

    [Fact]
    public async Task A_mistyped_code_keeps_the_QR_that_was_scanned_until_it_is_old()
    {
        await using var host = NewEdge();
        using var browser = await SignedIn(host);
        await browser.Get(SecondFactorPages.Path);
        var secret = Shown();
        await Try("000000", Password);
        Assert.Equal((HttpStatusCode.BadRequest, secret), (browser.Status, Shown()));
        await Try(CodeNow(host, Base32Encoding.ToBytes(secret)), "sai");
        Assert.Equal(secret, Shown());
        host.Clock.Advance(TimeSpan.FromMinutes(10));
        await Try("000000", Password);
        Assert.Equal(secret, Shown());
        host.Clock.Advance(TimeSpan.FromMinutes(6));
        await Try("000000", Password);
        Assert.NotEqual(secret, Shown());
        await Try(CodeNow(host, Base32Encoding.ToBytes(Shown())), Password);
        Assert.Equal(HttpStatusCode.Redirect, browser.Status);

        string Shown() => Secret().Match(browser.Html).Groups[1].Value;
        Task Try(string code, string password) =>
            browser.Post(SecondFactorPages.Path, ("phieu", browser.Hidden("phieu")), ("maso", code), ("matkhau", password));
    }

    [Fact]
    public async Task With_codes_from_a_phone_eight_characters_are_enough()
    {
        await using var host = NewEdge();
        using var browser = await SignedIn(host);
        await browser.Get("/can-bo/mat-khau");
        await browser.Post("/can-bo/mat-khau", ("cu", Password), ("moi", "mèo ngủ trưa"), ("lai", "mèo ngủ trưa"));
        Assert.Contains("ít nhất 15 ký tự", browser.Html, StringComparison.Ordinal);

        await browser.Get(SecondFactorPages.Path);
        var secret = Base32Encoding.ToBytes(Secret().Match(browser.Html).Groups[1].Value);
        await browser.Post(SecondFactorPages.Path, ("phieu", browser.Hidden("phieu")), ("maso", CodeNow(host, secret)), ("matkhau", Password));
        Assert.Equal(HttpStatusCode.Redirect, browser.Status);
        Assert.Contains(new AuditEntry("account", Lan, $"code_on/{Lan:n}", ""), host.Audit.Entries);
        await browser.Get("/can-bo/mat-khau");
        await browser.Post("/can-bo/mat-khau", ("cu", Password), ("moi", "mèo ngủ trưa"), ("lai", "mèo ngủ trưa"));
        Assert.Equal(HttpStatusCode.Redirect, browser.Status);

        host.Clock.Advance(TimeSpan.FromMinutes(2));
        using var other = host.NewBrowser();
        await other.Get("/dang-nhap");
        await other.Post("/dang-nhap", ("ten", "lan"), ("matkhau", "mèo ngủ trưa"));
        Assert.Equal(HttpStatusCode.Forbidden, other.Status);
        await other.Post("/dang-nhap", ("ten", "lan"), ("matkhau", "mèo ngủ trưa"), ("maso", CodeNow(host, secret)), ("tiep", "/lich"));
        Assert.Equal(HttpStatusCode.OK, (await other.Get("/lich")).StatusCode);
    }

    [Fact]
    public async Task What_was_filled_in_before_the_session_ended_is_sent_after_a_new_sign_in_and_by_nobody_else()
    {
        await using var host = NewEdge();
        var colleague = Guid.Parse("01900000-0000-7000-8000-000000000c05");
        host.Store.Seed(Compose.Staff(host.Store.Catalogue, School, colleague, new("Phạm Thị Thư", "Văn thư"), "vp2", Password, Roles.Office));
        using var browser = await host.Start();
        await browser.SignIn("vp", Password);
        await browser.Get("/lich");
        host.Clock.Advance(TimeSpan.FromHours(2));
        await browser.Post("/lich", ("ngay", "2026-10-20"), ("loai", "nghi"), ("ghichu", "Bão \"số\" 5"));
        Assert.Equal(HttpStatusCode.Unauthorized, browser.Status);
        Assert.Contains("còn nguyên trên trang này", browser.Html, StringComparison.Ordinal);
        var form = browser.RawHtml[browser.RawHtml.IndexOf("action=\"/lich\"", StringComparison.Ordinal)..];
        var kept = Kept().Matches(form).Select(m => (m.Groups[1].Value, WebUtility.HtmlDecode(m.Groups[2].Value))).ToList();
        Assert.Contains(("ghichu", "Bão \"số\" 5"), kept);

        await browser.SignIn("vp2", Password);
        await browser.Resend("/lich", kept);
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        browser.ForgetSession();
        await browser.SignIn("vp", Password);
        await browser.Resend("/lich", kept);
        Assert.Equal(HttpStatusCode.Redirect, browser.Status);
        Assert.Equal("Bão \"số\" 5", host.Store.All<CalendarDay>(School).Single().Value.Note);
    }

    [Fact]
    public async Task A_form_with_a_password_is_kept_by_no_page()
    {
        await using var host = NewEdge();
        using var browser = await SignedIn(host);
        await browser.Get("/can-bo/mat-khau");
        host.Clock.Advance(TimeSpan.FromHours(2));
        await browser.Post("/can-bo/mat-khau", ("cu", Password), ("moi", "một câu rất là bí mật"), ("lai", "x"));
        Assert.Equal(HttpStatusCode.Redirect, browser.Status);
        Assert.DoesNotContain("bí mật", browser.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_types_for_long_is_still_here()
    {
        await using var host = NewEdge();
        using var browser = await SignedIn(host, shared: true);
        for (var minute = 0; minute < 40; minute += 10)
        {
            host.Clock.Advance(TimeSpan.FromMinutes(10));
            await browser.Get("/con-day");
            Assert.Equal(HttpStatusCode.NoContent, browser.Status);
        }
    }

    private static string CodeNow(WebHost host, byte[] secret) => new Totp(secret).ComputeTotp(host.Clock.GetUtcNow().UtcDateTime);

    private static async Task<string> CookieOf(WebHost host)
    {
        using var browser = host.NewBrowser();
        await browser.SignIn("lan", Password);
        return browser.Cookie("__Host-tdmedu-");
    }

    private static async Task<WebHost.Browser> SignedIn(WebHost host, bool shared = true)
    {
        var browser = await host.Start();
        await browser.Get("/dang-nhap");
        await browser.Post("/dang-nhap", [("ten", "lan"), ("matkhau", Password), .. shared ? [("chung", "1")] : Array.Empty<(string, string)>()]);
        Assert.Equal(HttpStatusCode.Redirect, browser.Status);
        return browser;
    }

    [System.Text.RegularExpressions.GeneratedRegex("<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\"")]
    private static partial System.Text.RegularExpressions.Regex Kept();

    [System.Text.RegularExpressions.GeneratedRegex("id=\"bi-mat\">([A-Z2-7]+)<")]
    private static partial System.Text.RegularExpressions.Regex Secret();
}
