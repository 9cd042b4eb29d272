using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using TdmEdu.Modules;
using TdmEdu.Modules.Shell;
using TdmEdu.Modules.Shell.Sealing;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Modules.Registry;

/// <summary>The shell and all modules' pages on a real HTTPS port.</summary>
internal sealed partial class WebHost : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly X509Certificate2 certificate = Certificate();
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("web-host-");

    public WebHost(Home home, Action<IServiceCollection>? more = null, Action<WebApplication>? mapMore = null)
    {
        Clock = new(new DateTimeOffset(2026, 9, 7, 1, 0, 0, TimeSpan.Zero));
        Store = new(home.Side, Clock);
        Seals = new(folder.FullName, makes: true);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ApplicationName = "TdmEdu.EdgeNode",
            ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, l => l.UseHttps(certificate)));
        builder.Services.AddSingleton<TimeProvider>(Clock).AddSingleton<IRecordStore>(Store).AddSingleton<IAuditLog>(Audit).AddSingleton(Seals);
        builder.Services.AddModules(home.Side).AddShell(home, folder.FullName);
        builder.Services.AddSingleton(new WebHosts(() => ["127.0.0.1", "localhost", "box.lan"], 443));
        more?.Invoke(builder.Services);
        app = builder.Build();
        app.UseShell();
        app.MapShell();
        app.MapModules(home.Side);
        mapMore?.Invoke(app);
    }

    public FakeTimeProvider Clock { get; }

    public KernelStore Store { get; }

    public Seals Seals { get; }

    public ListAudit Audit { get; } = new();

    public async Task<Browser> Start()
    {
        await app.StartAsync();
        return NewBrowser();
    }

    public Browser NewBrowser() => new(Address, Thumbprint);

    public Uri Address => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public string Thumbprint => certificate.Thumbprint;

    public T Get<T>() where T : notnull => app.Services.GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        certificate.Dispose();
        folder.Delete(recursive: true);
    }

    internal static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var made = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }

    /// <summary>Keeps cookies and the form token of the last page, as a person's browser does; does not follow redirects.</summary>
    internal sealed partial class Browser(Uri address, string thumbprint) : IDisposable
    {
        private readonly CookieContainer cookies = new();
        private HttpClient? client;
        private HttpClient Http => client ??= new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            CookieContainer = cookies,
            SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == thumbprint },
        })
        {
            BaseAddress = address,
        };

        private string token = "";

        public string Html { get; private set; } = "";

        public string RawHtml { get; private set; } = "";

        public HttpStatusCode Status { get; private set; }

        /// <param name="path">On this host.</param>
        /// <param name="claimed">The name that the request says it asks for; null for the true one.</param>
        public async Task<HttpResponseMessage> Get(string path, string? claimed = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Host = claimed;
            request.Headers.Accept.ParseAdd("text/html");
            return await Read(await Http.SendAsync(request));
        }

        public Task<HttpResponseMessage> Post(string path, params (string Name, string Value)[] fields) => Send(
            path, new FormUrlEncodedContent(fields.Append(("__RequestVerificationToken", token))
                .Select(f => KeyValuePair.Create(f.Item1, f.Item2))));

        /// <summary>A form as it stands on the page, its own token among the fields.</summary>
        public Task<HttpResponseMessage> Resend(string path, IEnumerable<(string Name, string Value)> fields) =>
            Send(path, new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value))));

        public Task<HttpResponseMessage> Upload(string path, byte[] file, params (string Name, string Value)[] fields) => UploadAs("tep", path, file, fields);

        /// <param name="fileName">Whatever is in it.</param>
        /// <param name="path">On this host.</param>
        public Task<HttpResponseMessage> UploadAs(string fileName, string path, byte[] file, params (string Name, string Value)[] fields)
        {
            var content = new ByteArrayContent(file);
            content.Headers.ContentDisposition = new("form-data") { Name = "tep", FileNameStar = fileName };
            var form = new MultipartFormDataContent { content };
            foreach (var (name, value) in fields.Append(("__RequestVerificationToken", token)))
            {
                form.Add(new StringContent(value), name);
            }
            return Send(path, form);
        }

        /// <summary>As a page's script asks: JSON, and the header that says whose page it is.</summary>
        public async Task<HttpResponseMessage> Json(HttpMethod method, string path, string? body = null, string? island = "1")
        {
            using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, null, "application/json") };
            if (island is not null)
            {
                request.Headers.Add("X-TdmEdu", island);
            }
            return await Read(await Http.SendAsync(request));
        }

        public void ForgetToken() => token = "";

        /// <summary>As if it had ended; the cookie of the forms stays.</summary>
        public void ForgetSession()
        {
            foreach (var cookie in cookies.GetCookies(address).Where(c => !c.Name.EndsWith("-form", StringComparison.Ordinal)))
            {
                cookie.Expired = true;
            }
        }

        public async Task SignIn(string userName, string password)
        {
            await Get("/dang-nhap");
            await Post("/dang-nhap", ("ten", userName), ("matkhau", password));
            Assert.Equal(HttpStatusCode.Redirect, Status);
        }

        /// <summary>The session's, as a header carries it.</summary>
        public string Cookie(string prefix) => cookies.GetCookies(address)
            .Single(c => c.Name.StartsWith(prefix, StringComparison.Ordinal) && !c.Name.EndsWith("-form", StringComparison.Ordinal)).ToString();

        public void Add(string cookie) => cookies.SetCookies(address, cookie + "; path=/; secure");

        public string Hidden(string name) => Regex.Match(Html, $"name=\"{name}\" value=\"([^\"]+)\"").Groups[1].Value;

        public void Dispose() => client?.Dispose();

        private async Task<HttpResponseMessage> Send(string path, HttpContent content)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
            // A file that is refused unread is answered before it is sent; browsers get that from HTTP/2.
            request.Headers.ExpectContinue = content is MultipartFormDataContent;
            return await Read(await Http.SendAsync(request));
        }

        private async Task<HttpResponseMessage> Read(HttpResponseMessage response)
        {
            Status = response.StatusCode;
            RawHtml = await response.Content.ReadAsStringAsync();
            Html = WebUtility.HtmlDecode(RawHtml);
            token = Token().Match(Html) is { Success: true } found ? found.Groups[1].Value : token;
            return response;
        }

        [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
        private static partial Regex Token();
    }
}
