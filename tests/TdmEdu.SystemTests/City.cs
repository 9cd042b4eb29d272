using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.Playwright;
using TdmEdu.Demo;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.SystemTests;
using Xunit.Sdk;
using Xunit.v3;

[assembly: Parallelization(Mode = ParallelMode.None)]
[assembly: AssemblyFixture(typeof(City))]

namespace TdmEdu.SystemTests;

/// <summary>
/// The demo's city as real processes, and one real browser. The tests share it and keep apart by class: what a test submits
/// is of a class that no other test touches. Only <see cref="TodayTests"/> uses another day than today.
/// </summary>
public sealed class City : IAsyncLifetime
{
    public const string Preschool = "MN-DEMO-1";
    public const string Primary = "TH-DEMO-1";
    public const string Secondary = "THCS-DEMO-1";
    private static readonly TimeSpan RosterWithin = TimeSpan.FromSeconds(90);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tdmedu-system-");
    private readonly Dictionary<(Uri Host, string User), string> signedIn = [];
    private IPlaywright? playwright;
    private IBrowser? browser;

    public DemoStack Stack { get; private set; } = null!;

    /// <summary>Null when there is nothing to write: a normal run leaves the tree clean.</summary>
    public static string? Screenshots { get; } =
        Environment.GetEnvironmentVariable("TDMEDU_SCREENSHOTS") == "1" ? Path.Combine(Repository.Root, "docs", "screenshots") : null;

    public async ValueTask InitializeAsync()
    {
        Stack = await DemoStack.Start(folder.FullName, DemoPorts.Free(), _ => { }, CancellationToken.None);
        foreach (var school in Stack.EdgeUrls.Keys)
        {
            await WaitForRoster(Stack, school);
        }
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Environment.GetEnvironmentVariable("TDMEDU_CHROMIUM") ?? "/usr/bin/chromium",
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
                // As if the people had accepted the department's certificates; a service worker is refused where they have not.
                $"--ignore-certificate-errors-spki-list={string.Join(',', Certificates().Select(KeyHash))}",
            ],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.CloseAsync();
        }
        playwright?.Dispose();
        await Stack.DisposeAsync();
        folder.Delete(recursive: true);
    }

    /// <summary>Somebody's own browser, signed in: by the form the first time, later by the cookies it gave.</summary>
    /// <param name="school">A school's code; empty for the department.</param>
    /// <param name="host">Another address of the same host, such as one behind a Wi-Fi that can drop.</param>
    internal async Task<Visitor> SignIn(string school, string user, Uri? host = null, bool desktop = false)
    {
        host ??= school.Length == 0 ? Stack.CentralUrl : Stack.EdgeUrls[school];
        if (signedIn.TryGetValue((host, user), out var cookies))
        {
            return await Visit(host, desktop, cookies);
        }
        var visitor = await Visit(host, desktop);
        await SignIn(visitor.Page, school, user);
        signedIn[(host, user)] = await visitor.Context.StorageStateAsync();
        return visitor;
    }

    internal async Task SignIn(IPage page, string school, string user)
    {
        await page.GotoAsync("/dang-nhap");
        await page.FillAsync("#ten", user);
        await page.FillAsync("#matkhau", PasswordOf(school, user));
        await page.UncheckAsync("#chung");
        await page.ClickAsync("main button");
        await page.WaitForURLAsync(url => !url.Contains("dang-nhap", StringComparison.Ordinal));
    }

    /// <summary>Asked for by what touches many records, when the sign-in is a while ago.</summary>
    internal async Task ConfirmPassword(IPage page, string school, string user)
    {
        await page.WaitForLoadStateAsync();
        if (await page.Locator("#matkhau").CountAsync() > 0)
        {
            await page.FillAsync("#matkhau", PasswordOf(school, user));
            await page.ClickAsync("main button:has-text('Tiếp tục')");
        }
    }

    internal async Task<Visitor> Visit(Uri host, bool desktop = false, string? cookies = null)
    {
        var context = await browser!.NewContextAsync(new()
        {
            BaseURL = host.ToString(),
            StorageState = cookies,
            Locale = "vi-VN",
            // The driver's own requests, as when it fetches for a page; the browser itself goes by the list above.
            IgnoreHTTPSErrors = true,
            ViewportSize = desktop ? new() { Width = 1280, Height = 900 } : new() { Width = 360, Height = 740 },
            DeviceScaleFactor = desktop ? 1 : 2,
            HasTouch = !desktop,
            IsMobile = !desktop,
            // Scrolling without animation, so that what has the focus is in sight at once.
            ReducedMotion = ReducedMotion.Reduce,
        });
        return new(context, await context.NewPageAsync());
    }

    internal Task<EdgeClient> Client(string school, string user) => Stack.SignIn(school, user, CancellationToken.None);

    internal Guid IdOf(string school) => JsonSerializer.Deserialize<JsonElement>(
        File.ReadAllBytes(Path.Combine(Stack.EdgeData(school), "identity", "identity.json"))).GetProperty("school").GetGuid();

    /// <summary>The session as the school's box has it.</summary>
    internal async Task<SheetReply> Sheet(string school, string className, Slot? slot = null)
    {
        using var office = await Client(school, "vanphong");
        var day = await office.Today(CancellationToken.None);
        return await office.Sheet(day.Classes.Single(c => c.Name == className).Id, day.Date, slot ?? day.Slot, CancellationToken.None);
    }

    internal string PasswordOf(string school, string user) =>
        Stack.SignIns.Single(s => s.SchoolCode == school && s.UserName == user).Password;

    internal static async Task WaitForRoster(DemoStack stack, string school)
    {
        var clock = Stopwatch.StartNew();
        while (!await HasRoster(stack, school))
        {
            Assert.True(clock.Elapsed < RosterWithin, $"The roster of {school} did not reach its box.");
            await Task.Delay(200);
        }
    }

    private static async Task<bool> HasRoster(DemoStack stack, string school)
    {
        try
        {
            using var office = await stack.SignIn(school, "vanphong", CancellationToken.None);
            var day = await office.Today(CancellationToken.None);
            var last = DemoCity.Schools.Single(s => s.Code == school).Classes - 1;
            return day.Classes.FirstOrDefault(c => c.Name == DemoCity.ClassName(school, last)) is { } c
                && (await office.Sheet(c.Id, day.Date, day.Slot, CancellationToken.None)).Pupils.Count >= DemoCity.PupilsMin(school);
        }
        catch (InvalidOperationException)
        {
            // The accounts have not come down yet.
            return false;
        }
    }

    private IEnumerable<string> Certificates() =>
        Stack.EdgeUrls.Keys.Select(school => Path.Combine(Stack.EdgeData(school), "identity", "lan.pem"))
            .Append(Path.Combine(Stack.CentralData, "ca", "central.pem"));

    private static string KeyHash(string file)
    {
        using var certificate = X509CertificateLoader.LoadCertificateFromFile(file);
        return Convert.ToBase64String(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
    }
}

/// <summary>One person's browser: nobody else's cookies.</summary>
internal sealed record Visitor(IBrowserContext Context, IPage Page) : IAsyncDisposable
{
    public async ValueTask DisposeAsync() => await Context.CloseAsync();
}
