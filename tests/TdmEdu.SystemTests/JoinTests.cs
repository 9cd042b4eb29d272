using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Microsoft.Playwright;
using TdmEdu.Demo;
using static Microsoft.Playwright.Assertions;

namespace TdmEdu.SystemTests;

/// <summary>A new box and the department, each before its own screen.</summary>
public sealed class JoinTests(City city) : IDisposable
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tdmedu-join-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task A_box_that_belongs_to_nobody_shows_one_page_after_it_is_the_schools_and_withdrawn_it_joins_again()
    {
        var port = HostProcess.FreePort();
        var settings = new Dictionary<string, string>
        {
            ["Edge:DataDir"] = Path.Combine(folder.FullName, "data"),
            ["Edge:IdentityDir"] = Path.Combine(folder.FullName, "identity"),
            ["Edge:Bind"] = "127.0.0.1",
            ["Edge:LanPort"] = port.ToString(CultureInfo.InvariantCulture),
            ["Edge:Central"] = $"https://127.0.0.1:{city.Stack.Line.Port}",
            ["Edge:Enrolment"] = city.Stack.EnrolmentUrl.ToString(),
        };
        using var box = HostProcess.Start("EdgeNode", Path.Combine(folder.FullName, "log"), settings);
        await using var office = await city.SignIn("", "quantri");
        var code = await NewCode();
        await PageTests.Check(office.Page);
        await office.Page.GotoAsync("/may-chu-truong");
        await Expect(office.Page.Locator("main")).ToContainTextAsync("Mã ghi danh đang mở");
        await Expect(office.Page.Locator("main")).Not.ToContainTextAsync(code);

        await using var school = await city.Visit(new Uri($"https://localhost:{port}"));
        await Eventually(() => school.Page.GotoAsync("/"));
        Assert.EndsWith("/ghi-danh", school.Page.Url, StringComparison.Ordinal);
        await PageTests.Check(school.Page);
        await school.Page.FillAsync("#ma", code[..^1]);
        await school.Page.FillAsync("#ten-may", "localhost, 127.0.0.1");
        await school.Page.ClickAsync("main button");
        await Expect(school.Page.Locator("[role=alert]")).ToContainTextAsync("gõ sai");
        await Expect(school.Page.Locator("#ten-may")).ToHaveValueAsync("localhost, 127.0.0.1");
        await Expect(school.Page.Locator("#ma")).ToHaveValueAsync(code[..^1]);
        await school.Page.FillAsync("#ma", code);
        await school.Page.ClickAsync("main button");
        var words = await school.Page.InnerTextAsync("#bon-tu");

        await Accept(words);
        await Expect(office.Page.Locator("[role=alert]")).ToContainTextAsync("đã có một máy đang được nhận");
        // What follows in the city needs the school's own box: it steps aside instead of being replaced.
        SetRevoked(true);
        await Accept(words);
        SetRevoked(false);
        await Expect(office.Page.Locator("[role=status]")).ToContainTextAsync("Đã nhận máy");

        await Eventually(async () =>
        {
            await school.Page.GotoAsync("/cai-chung-chi");
            await Expect(school.Page.Locator("#van-tay")).ToHaveTextAsync(new Regex("^([0-9A-F]{4} ){15}[0-9A-F]{4}$"), new() { Timeout = 1000 });
        });
        await PageTests.Check(school.Page);

        await Eventually(() => city.SignIn(school.Page, City.Preschool, "cntt"));
        await Withdraw();
        await Eventually(async () =>
        {
            await school.Page.GotoAsync("/duong-truyen");
            await Expect(school.Page.Locator("#ghi-danh-lai")).ToBeVisibleAsync(new() { Timeout = 1000 });
        });
        await PageTests.Check(school.Page);
        await school.Page.ClickAsync("text=Ghi danh lại máy này");
        await PageTests.Check(school.Page);
        await school.Page.FillAsync("#ma", await NewCode());
        await school.Page.ClickAsync("main form button");
        await city.ConfirmPassword(school.Page, City.Preschool, "cntt");
        words = await school.Page.InnerTextAsync("#bon-tu");
        await PageTests.Check(school.Page);
        await school.Page.ClickAsync("#thoi");
        await Expect(school.Page.Locator("#ghi-danh-lai")).ToBeVisibleAsync();
        await office.Page.GotoAsync("/may-chu-truong");
        await office.Page.Locator("article", new() { HasText = words }).GetByRole(AriaRole.Button, new() { Name = "Không nhận" }).ClickAsync();
        await school.Page.ClickAsync("text=Ghi danh lại máy này");
        await school.Page.FillAsync("#ma", await NewCode());
        await school.Page.ClickAsync("main form button");
        words = await school.Page.InnerTextAsync("#bon-tu");
        SetRevoked(true);
        await Accept(words);
        SetRevoked(false);
        Assert.Equal(3, await box.WaitForExit(TestContext.Current.CancellationToken));
        using var again = HostProcess.Start("EdgeNode", Path.Combine(folder.FullName, "log.again"), settings);
        await Eventually(async () =>
        {
            await school.Page.GotoAsync("/duong-truyen");
            await Expect(school.Page.Locator("#trang-thai")).ToContainTextAsync("đang nối", new() { Timeout = 1000 });
        });
        await Expect(school.Page.Locator("#cho-gui")).ToContainTextAsync("không còn gì");
        // Another box of the school would be waited for by what follows in the city.
        await Withdraw();

        async Task<string> NewCode()
        {
            await office.Page.GotoAsync("/may-chu-truong");
            await office.Page.ClickAsync("summary:has-text('Ghi danh máy mới')");
            await office.Page.SelectOptionAsync("#truong", City.Preschool);
            await office.Page.ClickAsync("button:has-text('Tạo mã ghi danh')");
            return await office.Page.InnerTextAsync("#ma-ghi-danh");
        }

        async Task Withdraw()
        {
            var node = NodeIn(Path.Combine(folder.FullName, "identity"));
            await office.Page.GotoAsync("/may-chu-truong");
            var line = office.Page.Locator("article", new() { HasText = $"{node}" });
            await line.Locator("summary").ClickAsync();
            await line.GetByRole(AriaRole.Button).ClickAsync();
            await city.ConfirmPassword(office.Page, "", "quantri");
            await Expect(office.Page.Locator("[role=status]")).ToContainTextAsync("Đã thu hồi");
        }

        async Task Accept(string shown)
        {
            var card = office.Page.Locator("article", new() { HasText = shown });
            await Eventually(async () =>
            {
                await office.Page.GotoAsync("/may-chu-truong");
                Assert.Equal(1, await card.CountAsync());
            });
            await PageTests.Check(office.Page);
            await card.GetByText("Bốn từ giống nhau").ClickAsync();
            await card.GetByRole(AriaRole.Button, new() { Name = "Nhận máy này" }).ClickAsync();
            await city.ConfirmPassword(office.Page, "", "quantri");
        }
    }

    private static Guid NodeIn(string identity) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(identity, "identity.json"))).RootElement.GetProperty("node").GetGuid();

    private void SetRevoked(bool revoked)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(city.Stack.CentralData, "central.db")};Pooling=False");
        connection.Open();
        using var command = new SqliteCommand("UPDATE nodes SET revoked = @0 WHERE node_id = @1", connection);
        command.Parameters.AddWithValue("@0", revoked);
        command.Parameters.AddWithValue("@1", NodeIn(Path.Combine(city.Stack.EdgeData(City.Preschool), "identity")).ToByteArray(bigEndian: true));
        Assert.True(command.ExecuteNonQuery() > 0);
    }

    /// <summary>Over a host that starts, or starts anew.</summary>
    private static async Task Eventually(Func<Task> look)
    {
        var until = TimeProvider.System.GetUtcNow() + Within;
        while (true)
        {
            try
            {
                await look();
                return;
            }
            catch (Exception e) when (e is PlaywrightException or Xunit.Sdk.XunitException && TimeProvider.System.GetUtcNow() < until)
            {
                await Task.Delay(300, TestContext.Current.CancellationToken);
            }
        }
    }
}
