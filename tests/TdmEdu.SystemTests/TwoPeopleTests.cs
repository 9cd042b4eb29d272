using System.IO.Compression;
using TdmEdu.Central.Storage;
using TdmEdu.Demo;
using static Microsoft.Playwright.Assertions;

namespace TdmEdu.SystemTests;

/// <summary>What one administrator alone must not do, shown by the demo's two.</summary>
public class TwoPeopleTests(City city)
{
    [Fact]
    public async Task The_demos_two_administrators_agree_and_one_of_them_alone_does_not()
    {
        await using var first = await city.SignIn("", "quantri");
        await using var second = await city.SignIn("", "quantri2");
        var (one, two) = (first.Page, second.Page);
        await one.GotoAsync("/hai-nguoi");
        await one.ClickAsync("form:has(input[value=rotate-ca]) button:has-text('Yêu cầu')");
        await city.ConfirmPassword(one, "", "quantri");
        var card = one.Locator("article", new() { HasText = "rotate-ca" });
        await Expect(card).ToContainTextAsync("chờ một người nữa");
        await Expect(card.GetByText("Đồng ý", new() { Exact = true })).ToHaveCountAsync(0);

        await two.GotoAsync("/hai-nguoi");
        await two.ClickAsync("form:has(input[value=rotate-ca]) button:has-text('Đồng ý')");
        await city.ConfirmPassword(two, "", "quantri2");
        await Expect(two.Locator("article", new() { HasText = "rotate-ca" })).ToContainTextAsync("có thể chạy lệnh");
        await PageTests.Check(two);
        // What follows in the city keeps its CA.
        await two.ClickAsync("form:has(input[value=rotate-ca]) button:has-text('Không làm việc này')");
        await Expect(two.Locator("article", new() { HasText = "rotate-ca" })).ToContainTextAsync("Chưa ai yêu cầu");
    }

    [Fact]
    public async Task The_whole_city_leaves_in_one_file_once_two_have_agreed_and_once_only()
    {
        var folder = Directory.CreateTempSubdirectory("export-").FullName;
        var (key, file, zip) = (Path.Combine(folder, "key"), Path.Combine(folder, "city.sealed"), Path.Combine(folder, "city.zip"));
        await Runs(1, "Chưa có khóa sao lưu", "full-export", file);
        await Runs(0, key, "backup-key", key);
        await Runs(1, "Việc này cần hai người: đang chờ 2", "full-export", file);
        foreach (var name in new[] { "quantri", "quantri2" })
        {
            await using var person = await city.SignIn("", name);
            await person.Page.GotoAsync("/hai-nguoi");
            await person.Page.ClickAsync("form:has(input[value=full-export]) button:has-text('Đồng ý')");
            await city.ConfirmPassword(person.Page, "", name);
            await Expect(person.Page.Locator("article", new() { Has = person.Page.GetByText("full-export", new() { Exact = true }) })).ToContainTextAsync("đồng ý");
        }
        Assert.False(File.Exists(file));
        await Runs(0, "exported: ", "full-export", file);
        await Runs(1, "Việc này cần hai người: đang chờ 2", "full-export", file + ".more");
        Assert.True(BackupFile.Open(file, key, zip).Ok);
        using (var opened = ZipFile.OpenRead(zip))
        {
            using var pupils = new StreamReader(opened.GetEntry("registry.pupil.csv")!.Open());
            Assert.True((await pupils.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n').Length > 1_000);
        }
        Directory.Delete(folder, recursive: true);
    }

    private async Task Runs(int code, string says, params string[] command)
    {
        var log = Path.Combine(city.Stack.CentralData, "command.log");
        File.Delete(log);
        using (var process = HostProcess.Start("Central", log, new Dictionary<string, string> { ["Central:DataDir"] = city.Stack.CentralData }, command))
        {
            Assert.Equal(code, await process.WaitForExit(TestContext.Current.CancellationToken));
        }
        Assert.Contains(says, await File.ReadAllTextAsync(log, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }
}
