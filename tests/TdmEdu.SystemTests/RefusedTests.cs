using Microsoft.Data.Sqlite;
using Microsoft.Playwright;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;
using static Microsoft.Playwright.Assertions;

namespace TdmEdu.SystemTests;

/// <summary>What Central did not take, in front of the people who do something about it.</summary>
public class RefusedTests(City city)
{
    private const string Phone = "0900 000 174";

    [Fact]
    public async Task Department_accepts_a_proposal_and_dismisses_what_cannot_be_taken()
    {
        var school = Scope.School(city.IdOf(City.Primary));
        Keep(school, 1, Outcome.Parked, RefusalReason.NotFieldOwner, $$"""{"phone":"{{Phone}}"}""");
        Keep(school, 2, Outcome.Rejected, RefusalReason.BadContent, """{"phone":5}""");
        await using var officer = await city.SignIn("", "chuyenvien");
        var page = officer.Page;
        await page.GotoAsync($"/bi-tu-choi?truong={city.IdOf(City.Primary)}");
        await Expect(page.Locator("article")).ToHaveCountAsync(2);
        await page.Locator("article details").First.Locator("summary").ClickAsync();
        await PageTests.Check(page);
        await Shoot(page, "bi-tu-choi");

        await page.ClickAsync("button:has-text('Chấp nhận')");
        await Expect(page.Locator("[role=status]")).ToContainTextAsync("Đã chấp nhận. Dữ liệu đã vào sổ");
        await page.Locator("summary:has-text('Bỏ qua mục này')").ClickAsync();
        await page.FillAsync("input[name=vi-sao]", "Trường đã nhập lại.");
        await page.ClickAsync("article button:has-text('Bỏ qua')");
        await Expect(page.Locator("[role=status]")).ToContainTextAsync("Đã bỏ qua");
        await Expect(page.Locator("article")).ToHaveCountAsync(0);
        Assert.Equal(1L, Ask(Central, "SELECT count(*) FROM records WHERE entity = 'registry.pupil' AND instr(CAST(data AS TEXT), @text) > 0", ("@text", Phone)));
        Assert.Equal(2L, Ask(Central, "SELECT count(*) FROM audit WHERE event IN ('refused_op_accept', 'refused_op_dismiss') AND reason = ''"));
    }

    [Fact]
    public async Task School_sees_what_was_not_taken_and_where_to_enter_it_again()
    {
        var journal = Path.Combine(city.Stack.EdgeData(City.Primary), "data", "journal.db");
        Ask(journal, "INSERT OR REPLACE INTO refusals SELECT max(pos), 5, 'bad_content' FROM entries WHERE entity = 'registry.pupil'");
        await using var office = await city.SignIn(City.Primary, "vanphong");
        await office.Page.GotoAsync("/chua-nhan");
        await Expect(office.Page.Locator("article")).ToContainTextAsync("Nội dung sai khuôn dạng.");
        await office.Page.Locator("article summary").ClickAsync();
        await PageTests.Check(office.Page);
        await Shoot(office.Page, "chua-nhan");
        await office.Page.ClickAsync("article a");
        await office.Page.WaitForURLAsync("**/hoc-sinh");
        await using var teacher = await city.SignIn(City.Secondary, "gv01");
        Assert.Equal(403, (await teacher.Page.GotoAsync("/chua-nhan"))!.Status);
    }

    private string Central => Path.Combine(city.Stack.CentralData, "central.db");

    /// <summary>As if a pupil's profile had come from the school and not been taken.</summary>
    private void Keep(Scope school, int seq, Outcome outcome, string reason, string data)
    {
        var nowMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        Ask(
            Central,
            """
            INSERT INTO refused_ops (scope, node, epoch, lane, seq, claimed_scope, entity, id, schema, kind, hlc, actor, group_left, data, salt,
                hash, outcome, reason, received_at_ms)
            SELECT scope, node, randomblob(16), 0, @seq, scope, entity, id, schema, kind, @hlc, actor, 0, CAST(@data AS BLOB), salt, hash, @outcome, @reason, @now
            FROM ops WHERE scope = @scope AND entity = 'registry.pupil' ORDER BY feed_seq LIMIT 1
            """,
            ("@seq", seq), ("@hlc", Hlc.At(nowMs).Value), ("@data", data), ("@outcome", (int)outcome), ("@reason", reason), ("@now", nowMs),
            ("@scope", school.Value));
    }

    private static object? Ask(string file, string sql, params (string Name, object Value)[] values)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using var command = new SqliteCommand(sql, connection);
        foreach (var (name, value) in values)
        {
            command.Parameters.AddWithValue(name, value);
        }
        return command.ExecuteScalar();
    }

    private static async Task Shoot(IPage page, string name)
    {
        if (City.Screenshots is { } folder)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}-360.png"), FullPage = true });
            await page.SetViewportSizeAsync(1280, 900);
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}-1280.png"), FullPage = true });
            await page.SetViewportSizeAsync(360, 740);
        }
    }
}
