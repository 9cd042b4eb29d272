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
    public async Task A_box_that_belongs_to_nobody_shows_one_page_and_after_it_is_the_schools()
    {
        var port = HostProcess.FreePort();
        using var box = HostProcess.Start("EdgeNode", Path.Combine(folder.FullName, "log"), new Dictionary<string, string>
        {
            ["Edge:DataDir"] = Path.Combine(folder.FullName, "data"),
            ["Edge:IdentityDir"] = Path.Combine(folder.FullName, "identity"),
            ["Edge:Bind"] = "127.0.0.1",
            ["Edge:LanPort"] = port.ToString(CultureInfo.InvariantCulture),
            ["Edge:Central"] = $"https://127.0.0.1:{city.Stack.Line.Port}",
            ["Edge:Enrolment"] = city.Stack.EnrolmentUrl.ToString(),
        });
        await using var office = await city.SignIn("", "quantri");
        await office.Page.GotoAsync("/may-chu-truong");
        await office.Page.ClickAsync("summary:has-text('Ghi danh máy mới')");
        await office.Page.SelectOptionAsync("#truong", City.Preschool);
        await office.Page.ClickAsync("button:has-text('Tạo mã ghi danh')");
        var code = await office.Page.InnerTextAsync("#ma-ghi-danh");

        await using var school = await city.Visit(new Uri($"https://localhost:{port}"));
        await Eventually(() => school.Page.GotoAsync("/"));
        Assert.EndsWith("/ghi-danh", school.Page.Url, StringComparison.Ordinal);
        await PageTests.Check(school.Page);
        await school.Page.FillAsync("#ma", code);
        await school.Page.FillAsync("#ten-may", "localhost, 127.0.0.1");
        await school.Page.ClickAsync("main button");
        var words = await school.Page.InnerTextAsync("#bon-tu");

        var card = office.Page.Locator("article", new() { HasText = words });
        await Eventually(async () =>
        {
            await office.Page.GotoAsync("/may-chu-truong");
            Assert.Equal(1, await card.CountAsync());
        });
        await PageTests.Check(office.Page);
        await Accept();
        await Expect(office.Page.Locator("[role=alert]")).ToContainTextAsync("đã có một máy đang được nhận");
        // What follows in the city needs the school's own box: it steps aside instead of being replaced.
        SetRevoked(true);
        await Accept();
        SetRevoked(false);
        await Expect(office.Page.Locator("[role=status]")).ToContainTextAsync("Đã nhận máy");

        await Eventually(async () =>
        {
            await school.Page.GotoAsync("/cai-chung-chi");
            await Expect(school.Page.Locator("#van-tay")).ToHaveTextAsync(new Regex("^([0-9A-F]{4} ){15}[0-9A-F]{4}$"), new() { Timeout = 1000 });
        });
        await PageTests.Check(school.Page);

        // Another box of the school would be waited for by what follows in the city.
        var identity = await File.ReadAllTextAsync(Path.Combine(folder.FullName, "identity", "identity.json"), TestContext.Current.CancellationToken);
        var node = JsonDocument.Parse(identity).RootElement.GetProperty("node").GetGuid();
        await office.Page.GotoAsync("/may-chu-truong");
        var line = office.Page.Locator("article", new() { HasText = $"{node}" });
        await line.Locator("summary").ClickAsync();
        await line.GetByRole(AriaRole.Button).ClickAsync();
        await city.ConfirmPassword(office.Page, "", "quantri");
        await Expect(office.Page.Locator("[role=status]")).ToContainTextAsync("Đã thu hồi");

        async Task Accept()
        {
            await card.GetByText("Bốn từ giống nhau").ClickAsync();
            await card.GetByRole(AriaRole.Button, new() { Name = "Nhận máy này" }).ClickAsync();
            await city.ConfirmPassword(office.Page, "", "quantri");
        }
    }

    private void SetRevoked(bool revoked)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(city.Stack.CentralData, "central.db")};Pooling=False");
        connection.Open();
        using var command = new SqliteCommand("UPDATE nodes SET revoked = @0 WHERE name = @1", connection);
        command.Parameters.AddWithValue("@0", revoked);
        command.Parameters.AddWithValue("@1", DemoCity.Schools.Single(s => s.Code == City.Preschool).Name);
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
