using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenIddict.Abstractions;
using TdmEdu.Central.OpenId;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.Modules.Registry;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace TdmEdu.Tests.Central;

/// <summary>Central beside a real OpenID Connect server that says who somebody is.</summary>
public class OpenIdTests
{
    private const string Password = "bốn con mèo ngủ trưa";
    private static readonly Guid Officer = Guid.Parse("01900000-0000-7000-8000-000000000d02");

    [Fact]
    public async Task Who_has_an_account_here_comes_in_with_the_account_s_rights()
    {
        await using var server = await SignInServer.Start();
        await using var host = NewCentral(server);
        using var browser = await host.Start();
        await browser.Get("/dang-nhap?tiep=%2Fdon-vi");
        Assert.Contains("Đăng nhập bằng tài khoản của tỉnh", browser.Html, StringComparison.Ordinal);
        server.Person = "Chuyên";
        var back = await Come(browser, server, $"{ExternalDoor.Path}?tiep=%2Fdon-vi");
        Assert.Equal("/don-vi", back.Headers.Location!.ToString());
        Assert.Equal(HttpStatusCode.OK, (await browser.Get("/don-vi")).StatusCode);
        Assert.Contains("Lê Văn Chuyên", browser.Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.Get("/may-chu-truong-cua-it")).StatusCode);
        Assert.Contains(host.Audit.Entries, e => e is { Event: "sign_in_external", Reason: "" } && e.Actor == Officer);

        var before = host.Store.Get<Account>(Scope.Department, Officer)!;
        host.Store.Seed([host.Store.Catalogue.Change(Scope.Department, before, before.Value with { Disabled = true })!]);
        host.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.Redirect, (await browser.Get("/don-vi")).StatusCode);
        Assert.EndsWith("ngoai=loi", (await Come(browser, server, ExternalDoor.Path)).Headers.Location!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("")]
    public async Task Nobody_gets_an_account_by_being_known_elsewhere(string person)
    {
        await using var server = await SignInServer.Start();
        await using var host = NewCentral(server);
        using var browser = await host.Start();
        var accounts = host.Store.OpsWritten;
        server.Person = person;
        var back = await Come(browser, server, ExternalDoor.Path);
        await browser.Get(back.Headers.Location!.ToString());
        Assert.Contains("chưa có tài khoản cùng tên", browser.Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await browser.Get("/don-vi")).StatusCode);
        Assert.Equal(accounts, host.Store.OpsWritten);
        Assert.Contains(host.Audit.Entries, e => e is { Event: "sign_in_external", Reason: "unknown_user" });
    }

    [Fact]
    public async Task An_answer_that_this_browser_did_not_ask_for_is_refused()
    {
        await using var server = await SignInServer.Start();
        await using var host = NewCentral(server);
        using var browser = await host.Start();
        server.Person = "chuyen";
        var asked = await browser.Get(ExternalDoor.Path);
        var answer = await server.Answer(asked.Headers.Location!);
        using var victim = host.NewBrowser();
        Assert.EndsWith("ngoai=loi", (await victim.Get(answer.PathAndQuery)).Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await victim.Get("/don-vi")).StatusCode);
    }

    [Fact]
    public async Task When_that_server_does_not_answer_people_are_told_and_passwords_go_on()
    {
        await using var server = await SignInServer.Start();
        await using var host = NewCentral(server);
        using var browser = await host.Start();
        await server.Stop();
        Assert.EndsWith("ngoai=loi", (await browser.Get(ExternalDoor.Path)).Headers.Location!.ToString(), StringComparison.Ordinal);
        await browser.SignIn("chuyen", Password);
        Assert.Equal(HttpStatusCode.OK, (await browser.Get("/don-vi")).StatusCode);
    }

    [Fact]
    public async Task An_old_sign_in_there_is_no_password_typed_again_here()
    {
        await using var server = await SignInServer.Start();
        await using var host = NewCentral(server);
        using var browser = await host.Start();
        (server.Person, server.SignedInBefore) = ("chuyen", TimeSpan.FromMinutes(20));
        await Come(browser, server, ExternalDoor.Path);
        await browser.Get("/xuat");
        Assert.Contains("Đăng nhập lại ở trang mới", browser.Html, StringComparison.Ordinal);
        await Come(browser, server, $"{ExternalDoor.Path}?lai=1");
        Assert.Equal("login", server.Prompt);
        await browser.Get("/xuat");
        Assert.Equal("all", browser.Html);
    }

    private static async Task<HttpResponseMessage> Come(WebHost.Browser browser, SignInServer server, string path)
    {
        var asked = await browser.Get(path);
        Assert.Equal(HttpStatusCode.Redirect, asked.StatusCode);
        Assert.Contains("code_challenge_method=S256", asked.Headers.Location!.Query, StringComparison.Ordinal);
        return await browser.Get((await server.Answer(asked.Headers.Location!)).PathAndQuery);
    }

    private static WebHost NewCentral(SignInServer server)
    {
        var settings = new OpenIdSettings
        {
            Authority = server.Address, ClientId = "tdmedu", ClientSecret = SignInServer.Secret, Name = "tài khoản của tỉnh", Networks = ["127.0.0.0/8"],
        };
        var host = new WebHost(
            new(Side.Central, Scope.City),
            services => services.AddOpenId(settings).Configure<OpenIdConnectOptions>(
                "openid", o =>
                {
                    ((NamedServer)o.BackchannelHttpHandler!).Sockets.SslOptions = server.Trusting().SslOptions;
                    o.BackchannelTimeout = TimeSpan.FromMinutes(1);
                }),
            app =>
            {
                app.MapOpenId();
                app.MapGet("/may-chu-truong-cua-it", () => "").RequireRoles(Roles.DepartmentIt);
                app.MapGet("/xuat", () => "all").RequireRoles(Roles.DepartmentOfficer).RequireStepUp(new("Thử"));
            });
        // Tokens are judged by the machine's clock.
        host.Clock.SetUtcNow(TimeProvider.System.GetUtcNow());
        host.Store.Seed(Compose.Staff(
            host.Store.Catalogue, Scope.Department, Officer, new("Lê Văn Chuyên", "Chuyên viên"), "chuyen", Password, Roles.DepartmentOfficer));
        return host;
    }

    /// <summary>OpenIddict without a database: one client, and whoever the test says is sitting there.</summary>
    private sealed class SignInServer : IAsyncDisposable
    {
        public const string Secret = "một bí mật của hai máy chủ";
        private readonly System.Security.Cryptography.X509Certificates.X509Certificate2 certificate = WebHost.Certificate();
        private WebApplication app = null!;

        public string Person { get; set; } = "";

        public TimeSpan SignedInBefore { get; set; }

        public string? Prompt { get; private set; }

        public string Address => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

        public static async Task<SignInServer> Start()
        {
            var server = new SignInServer();
            var builder = WebApplication.CreateBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, l => l.UseHttps(server.certificate)));
            builder.Services.AddOpenIddict().AddServer(o =>
            {
                o.SetAuthorizationEndpointUris("/authorize").SetTokenEndpointUris("/token").AllowAuthorizationCodeFlow().EnableDegradedMode();
                o.RegisterScopes("openid", "profile").AddEphemeralEncryptionKey().AddEphemeralSigningKey();
                o.AddEventHandler<ValidateAuthorizationRequestContext>(b => b.UseInlineHandler(c =>
                {
                    if (c.ClientId != "tdmedu")
                    {
                        c.Reject("invalid_client");
                    }
                    return default;
                }));
                o.AddEventHandler<ValidateTokenRequestContext>(b => b.UseInlineHandler(c =>
                {
                    if (c.ClientSecret != Secret)
                    {
                        c.Reject("invalid_client");
                    }
                    return default;
                }));
                o.AddEventHandler<HandleAuthorizationRequestContext>(b => b.UseInlineHandler(c =>
                {
                    c.Principal = server.SignsIn(c.Request);
                    return default;
                }));
                o.UseAspNetCore();
            });
            server.app = builder.Build();
            server.app.UseAuthentication();
            await server.app.StartAsync(TestContext.Current.CancellationToken);
            return server;
        }

        public SocketsHttpHandler Trusting() => new()
        {
            AllowAutoRedirect = false,
            SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == certificate.Thumbprint },
        };

        /// <summary>Where the person's browser is sent back to.</summary>
        public async Task<Uri> Answer(Uri asked)
        {
            using var http = new HttpMessageInvoker(Trusting());
            using var request = new HttpRequestMessage(HttpMethod.Get, asked);
            using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
            return answer.Headers.Location!;
        }

        public Task Stop() => app.StopAsync(TestContext.Current.CancellationToken);

        public async ValueTask DisposeAsync()
        {
            await app.DisposeAsync();
            certificate.Dispose();
        }

        private ClaimsPrincipal SignsIn(OpenIddictRequest request)
        {
            Prompt = request.Prompt;
            var at = TimeProvider.System.GetUtcNow() - (Prompt == "login" ? TimeSpan.Zero : SignedInBefore);
            var identity = new ClaimsIdentity("test", "name", "role");
            identity.SetClaim("sub", "7").SetClaim("preferred_username", Person).SetClaim("auth_time", at.ToUnixTimeSeconds());
            identity.SetScopes(request.GetScopes()).SetDestinations(_ => ["id_token"]);
            return new(identity);
        }
    }
}
