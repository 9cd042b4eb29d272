using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.Playwright;
using TdmEdu.Demo;
using TdmEdu.Tests.Modules.Registry;
using static Microsoft.Playwright.Assertions;

namespace TdmEdu.SystemTests;

/// <summary>
/// Two hundred made-up children whose names, phones and numbers can be told from everything else go through the hosts: what a host leaves outside of its
/// databases (logs, traces, dumps, temporary files, keys) must not know one of them.
/// </summary>
public class CanaryTests(City city)
{
    private const int Canaries = 200;
    private const string Name = "qzvk";
    private const string Phone = "0988776";
    private const string MinistryId = "7498765";
    private const string PersonalId = "079216987";
    private const string ParentName = "Qzwqjfvk";

    /// <summary>Where data lives: SQLite, LiteDB with its log, and the copy that a box is just making of its cache. Nothing else is left out.</summary>
    private static readonly string[] Databases = ["*.db", "*.db-wal", "*.db-shm", "*.db-log", "*.db.new"];

    private static readonly string Class = DemoCity.ClassName(City.Preschool, 10);
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Outside_of_the_databases_nobody_can_be_found()
    {
        var folder = Directory.GetParent(city.Stack.CentralData)!.FullName;
        await AtTheSchool();
        await AtTheDepartment();
        city.Stack.KillEdge(City.Preschool);
        await city.Stack.StartEdge(City.Preschool, Cancel);
        await using (await city.SignIn(City.Preschool, "vanphong"))
        {
        }

        string[] all = [Name, Phone, MinistryId, PersonalId, ParentName];
        var outside = await Grep(folder, all, [.. Databases.Select(d => $"--exclude={d}")]);
        Assert.True(outside.Length == 0, string.Join('\n', outside));
        // What is sealed is not even readable where data lives.
        Assert.Empty(await Grep(folder, [PersonalId, Phone, ParentName], []));
        // They did go through, and are found by being looked for in this way.
        foreach (var mark in new[] { Name, MinistryId })
        {
            var found = await Grep(folder, [mark], [.. Databases.Select(d => $"--include={d}")]);
            Assert.Contains(found, f => f.Contains("journal.db", StringComparison.Ordinal));
            Assert.Contains(found, f => f.Contains("central.db", StringComparison.Ordinal));
        }
        Assert.Contains(Path.Combine(folder, "logs", "central.log"), await Grep(folder, ["Now listening on"], []));
        Assert.Equal(0, Count(Path.Combine(city.Stack.EdgeData(City.Preschool), "data", "journal.db"), "entries WHERE entity = 'sync.audit' AND CAST(data AS TEXT)"));
        Assert.Equal(0, Count(Path.Combine(city.Stack.CentralData, "central.db"), "audit WHERE subject || reason"));
    }

    /// <summary>An import with wrong rows, lists, a refused correction, and what people do by mistake: names in addresses, in the sign-in, in broken requests.</summary>
    private async Task AtTheSchool()
    {
        using var workbook = PupilWorkbook.Of(
        [
            .. Enumerable.Range(0, Canaries).Select(n => Row($"Nguyễn {NameOf(n)}", $"{MinistryId}{n:000}", $"{PersonalId}{n:000}")),
            Row("Qzvk 1", null, null), Row("Nguyễn Qzvkzz", null, PersonalId),
        ]);
        await using var office = await city.SignIn(City.Preschool, "vanphong", desktop: true);
        var page = office.Page;
        await OfficeTests.Upload(office, workbook.ToArray());
        await Expect(page.Locator("p[role=status]")).ToHaveTextAsync($"Thêm {Canaries}, sửa 0, không đổi 0, sai 2.");
        await page.CheckAsync("#bo-sai");
        await page.GetByRole(AriaRole.Button, new() { Name = $"Ghi {Canaries} dòng" }).ClickAsync();
        await city.ConfirmPassword(page, City.Preschool, "vanphong");
        await Expect(page.Locator(".alert-success")).ToHaveTextAsync($"Đã ghi {Canaries} dòng.");

        var sheet = await city.Sheet(City.Preschool, Class);
        await page.GotoAsync($"/hoc-sinh?lop={sheet.Class}");
        await page.GetByText($"Nguyễn {NameOf(7)}").ClickAsync();
        await page.GetByText("Sửa thông tin").ClickAsync();
        await page.FillAsync("#mabo", $"{MinistryId}008");
        await page.ClickAsync("main details button");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync(NameOf(8));
        await page.GotoAsync($"/hoc-sinh?lop={sheet.Class}&tim=Nguyễn {NameOf(9)} {Phone}009");
        Assert.Equal(404, (await page.GotoAsync($"/hoc-sinh/{NameOf(10)}"))!.Status);
        Assert.Equal(400, await page.EvaluateAsync<int>(
            "async body => (await fetch('/api/attendance/submissions', { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-TdmEdu': '1' }, body })).status",
            $"{{\"id\":\"{NameOf(11)}\",\"marks\":[{{\"pupil\":\"{PersonalId}011\"}}]}}"));

        await using var stranger = await city.Visit(city.Stack.EdgeUrls[City.Preschool]);
        await stranger.Page.GotoAsync($"/dang-nhap?tiep=/hoc-sinh%3Ftim%3D{NameOf(12)}");
        await stranger.Page.FillAsync("#ten", NameOf(12));
        await stranger.Page.FillAsync("#matkhau", $"{Phone}012");
        await stranger.Page.ClickAsync("main button");
        await Expect(stranger.Page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
    }

    private async Task AtTheDepartment()
    {
        await using var officer = await city.SignIn("", "chuyenvien", desktop: true);
        var page = officer.Page;
        await page.GotoAsync("/chuyen-truong");
        await page.SelectOptionAsync("#tu", new SelectOptionValue { Label = DemoCity.Schools.Single(s => s.Code == City.Preschool).Name });
        await page.FillAsync("#tim", NameOf(13));
        var waited = Stopwatch.StartNew();
        do
        {
            await page.ClickAsync("main button:has-text('Tìm')");
            await page.WaitForLoadStateAsync();
            Assert.True(waited.Elapsed < Within, "The pupils did not come to Central.");
        }
        while (await page.Locator("main ul.list-group a").CountAsync() == 0);
        await page.Locator("main ul.list-group a").First.ClickAsync();
        await Expect(page.Locator("main")).ToContainTextAsync(NameOf(13));
        await page.GotoAsync("/nhat-ky");
    }

    private static object?[] Row(string name, string? ministryId, string? personalId)
    {
        var row = PupilWorkbook.Row(Class, ministryId, name, "05/09/2022", personalId: personalId);
        (row[8], row[9], row[11]) = ($"{Phone}{ministryId?[^3..] ?? "999"}", $"Trần {ParentName}", $"12 {NameOf(2)}");
        return [.. row, $"{ParentName}@vidu.example"];
    }

    private static string NameOf(int n) => $"Qzvk{(char)('a' + n / 26)}{(char)('a' + n % 26)}";

    /// <summary>The files that hold one of the marks, in bytes of either width: a dump holds what was in memory. Sockets and pipes are skipped.</summary>
    private static async Task<string[]> Grep(string folder, string[] marks, string[] files)
    {
        var pattern = string.Join('|', marks.Select(m => string.Join("\\x00?", m.ToCharArray())));
        var start = new ProcessStartInfo("grep", ["-raliP", "-D", "skip", .. files, pattern, folder]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["LC_ALL"] = "C";
        using var grep = Process.Start(start)!;
        var errors = grep.StandardError.ReadToEndAsync(Cancel);
        var found = await grep.StandardOutput.ReadToEndAsync(Cancel);
        // What was a temporary file when the folder was listed may be gone.
        Assert.Empty((await errors).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(e => !e.Contains("No such file", StringComparison.Ordinal)));
        return found.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static long Count(string database, string what)
    {
        using var connection = new SqliteConnection($"Data Source={database};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = new SqliteCommand($"SELECT count(*) FROM {what} LIKE '%{Name}%'", connection);
        return (long)command.ExecuteScalar()!;
    }
}
