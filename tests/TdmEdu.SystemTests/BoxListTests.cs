using Microsoft.Data.Sqlite;
using static Microsoft.Playwright.Assertions;

namespace TdmEdu.SystemTests;

/// <summary>Two machines under one school's name, in front of the person who decides.</summary>
public class BoxListTests(City city)
{
    [Fact]
    public async Task Department_lets_a_held_machine_in_by_its_page()
    {
        Ask("UPDATE nodes SET suspect_since_ms = 1764000000000 WHERE node_id = (SELECT min(node_id) FROM nodes)");
        await using var it = await city.SignIn("", "quantri");
        await it.Page.GotoAsync("/may-chu-truong");
        await Expect(it.Page.Locator("article").First).ToContainTextAsync("có hai máy cùng mang tên này");
        await PageTests.Check(it.Page);
        if (City.Screenshots is { } folder)
        {
            await it.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, "may-chu-truong-360.png"), FullPage = true });
        }
        await it.Page.ClickAsync("button:has-text('Cho máy đang bật kết nối')");
        await city.ConfirmPassword(it.Page, "", "quantri");
        await Expect(it.Page.Locator("[role=status]")).ToContainTextAsync("Đã cho kết nối");
        Assert.Equal(0L, Ask("SELECT count(*) FROM nodes WHERE suspect_since_ms IS NOT NULL"));
        Assert.Equal(1L, Ask("SELECT count(*) FROM audit WHERE event = 'node_admit' AND reason = ''"));
    }

    [Fact]
    public async Task A_box_that_nobody_knows_is_not_let_in()
    {
        await using var it = await city.SignIn("", "quantri");
        await it.Page.GotoAsync("/may-chu-truong");
        var refused = await it.Page.EvaluateAsync<int>("""
            async password => {
              const token = document.querySelector('input[name=__RequestVerificationToken]').value;
              const body = new URLSearchParams({ __RequestVerificationToken: token, may: 'x', matkhau: password });
              return (await fetch('/may-chu-truong/cho-vao', { method: 'POST', body })).status;
            }
            """, city.PasswordOf("", "quantri"));
        Assert.Equal(404, refused);
        await using var officer = await city.SignIn("", "chuyenvien");
        Assert.Equal(403, (await officer.Page.GotoAsync("/may-chu-truong"))!.Status);
    }

    private object? Ask(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(city.Stack.CentralData, "central.db")};Pooling=False");
        connection.Open();
        using var command = new SqliteCommand(sql, connection);
        return command.ExecuteScalar();
    }
}
