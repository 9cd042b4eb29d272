using System.Text;
using static Microsoft.Playwright.Assertions;
using TdmEdu.Modules.Shell.Sheets;

namespace TdmEdu.SystemTests;

/// <summary>A class's files, as somebody with a phone gets them.</summary>
public class ExportTests(City city)
{
    [Theory]
    [InlineData("danh-sach", "danh-sach-lop-")]
    [InlineData("chuyen-can", "chuyen-can-")]
    public async Task A_class_comes_down_as_a_file_after_the_password(string table, string name)
    {
        await using var office = await city.SignIn(City.Primary, "vanphong");
        var page = office.Page;
        await page.GotoAsync("/hoc-sinh");
        await page.ClickAsync("form.filters button");
        await page.WaitForURLAsync("**lop=*");
        await page.ClickAsync("summary:has-text('Tải danh sách')");
        await PageTests.Check(page);
        var pupils = await page.Locator("main tbody tr").CountAsync();
        var download = page.WaitForDownloadAsync();
        await page.ClickAsync($"form:has(input[value={table}]) button[value=csv]");
        var asked = page.WaitForSelectorAsync("#matkhau");
        if (await Task.WhenAny(download, asked) == asked)
        {
            await Expect(page.Locator("#viec")).ToContainTextAsync("của lớp: ");
            await city.ConfirmPassword(page, City.Primary, "vanphong");
            await PageTests.Check(page);
            await page.ClickAsync("form button:has-text('Tải về')");
        }
        var file = await download;
        if (asked.IsCompletedSuccessfully)
        {
            await page.ClickAsync("#quay-lai");
            await page.WaitForURLAsync("**/hoc-sinh?*lop=*");
        }
        Assert.StartsWith(name, file.SuggestedFilename, StringComparison.Ordinal);
        using var reader = new StreamReader(await file.CreateReadStreamAsync(), Encoding.UTF8);
        var rows = Csv.Parse(await reader.ReadToEndAsync(TestContext.Current.CancellationToken)).ToList();
        Assert.True(pupils > 0);
        Assert.Equal(pupils, rows.Count - 1);
    }
}
