using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync;

namespace TdmEdu.Demo;

/// <summary>A person at a school's page: signs in with a form and talks to the same endpoints as the phone does.</summary>
public sealed partial class EdgeClient : IDisposable
{
    private readonly HttpClient http;

    /// <param name="authority">The certificate file of the demo's own CA, the only root that is trusted.</param>
    public EdgeClient(Uri edge, string authority, TimeProvider? clock = null) => http = Create(authority, edge, clock);

    /// <param name="clock">The hosts' own, where it is not this program's.</param>
    public static HttpClient Create(string authority, Uri? address = null, TimeProvider? clock = null)
    {
        var handler = new SocketsHttpHandler
        {
            CookieContainer = new CookieContainer(),
            AllowAutoRedirect = false,
            SslOptions =
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(authority) },
                    RevocationMode = X509RevocationMode.NoCheck,
                    VerificationTime = (clock ?? TimeProvider.System).GetUtcNow().LocalDateTime,
                },
            },
        };
        return new(handler) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(20) };
    }

    public async Task SignIn(string userName, string password, CancellationToken cancel)
    {
        var page = await http.GetStringAsync(new Uri("/dang-nhap", UriKind.Relative), cancel);
        var token = WebUtility.HtmlDecode(FormToken().Match(page).Groups[1].Value);
        using var form = new FormUrlEncodedContent([new("__RequestVerificationToken", token), new("ten", userName), new("matkhau", password)]);
        using var reply = await http.PostAsync(new Uri("/dang-nhap", UriKind.Relative), form, cancel);
        if (reply.StatusCode is not (HttpStatusCode.Redirect or HttpStatusCode.SeeOther))
        {
            throw new InvalidOperationException($"Sign-in of {userName} was answered {(int)reply.StatusCode}.");
        }
    }

    public Task<string> Page(string path, CancellationToken cancel) => http.GetStringAsync(new Uri(path, UriKind.Relative), cancel);

    public async Task<DayReply> Today(CancellationToken cancel) =>
        (await http.GetFromJsonAsync<DayReply>("/api/attendance/today", Json.Options, cancel))!;

    public async Task<SheetReply> Sheet(Guid schoolClass, DateOnly date, Slot slot, CancellationToken cancel) =>
        (await http.GetFromJsonAsync<SheetReply>($"/api/attendance/sheets/{schoolClass:n}/{date.Iso()}/{slot}", Json.Options, cancel))!;

    /// <summary>Null when the box did not answer: nobody knows then whether it has the submission, and it is sent again.</summary>
    public async Task<SubmittedSession?> Submit(SubmitSession submission, CancellationToken cancel)
    {
        try
        {
            using var body = new StringContent(JsonSerializer.Serialize(submission, Json.Options), Encoding.UTF8, "application/json");
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/attendance/submissions") { Content = body, Headers = { { "X-TdmEdu", "1" } } };
            using var reply = await http.SendAsync(request, cancel);
            return reply.IsSuccessStatusCode
                ? await reply.Content.ReadFromJsonAsync<SubmittedSession>(Json.Options, cancel)
                : throw new InvalidOperationException($"A submission was answered {(int)reply.StatusCode}: {await reply.Content.ReadAsStringAsync(cancel)}");
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    public void Dispose() => http.Dispose();

    [GeneratedRegex("name=\"__RequestVerificationToken\"[^>]*value=\"([^\"]+)\"")]
    private static partial Regex FormToken();
}
