using System.Globalization;
using System.Text;
using static Microsoft.Playwright.Assertions;

namespace TdmEdu.SystemTests;

/// <summary>A school's own sheets, up to the dry run, on a phone.</summary>
public class ImportTests(City city)
{
    [Theory]
    [InlineData("hoc-sinh", "Lớp,Họ tên,Ngày sinh,Họ tên cha,SĐT cha,Họ tên mẹ,Điện thoại mẹ,Người giám hộ\n{0},Em Mới Đến,01/02/2016,Cha Em,0912345678,,0987654321,Bà Em\n",
        "Thêm người giám hộ: Cha Em (Cha), 0912345678", "SĐT mẹ (G2 “0987654321”)")]
    [InlineData("thoi-khoa-bieu", "Thứ,Tiết,{0},99Z\nThứ 2,1,Toán,Toán - Ai Đó\n,2,T.Việt,\n", "gần nhất là “Tiếng Việt”", "Giáo viên (D2)")]
    public async Task A_sheet_is_tried_and_every_cell_that_is_wrong_or_strange_is_named(string kind, string file, params string[] said)
    {
        await using var office = await city.SignIn(City.Primary, "vanphong");
        var page = office.Page;
        await page.GotoAsync("/hoc-sinh");
        var lop = (await page.Locator("select[name=lop] option").First.InnerTextAsync()).Trim();
        await page.GotoAsync($"/nhap-du-lieu?loai={kind}");
        var csv = Encoding.UTF8.GetBytes(string.Format(CultureInfo.InvariantCulture, file, lop));
        await page.SetInputFilesAsync("#tep", new Microsoft.Playwright.FilePayload { Name = "tep.csv", MimeType = "text/csv", Buffer = csv });
        await page.ClickAsync("main form[enctype] button");
        await page.WaitForURLAsync("**/nhap-du-lieu/cot?*");
        await PageTests.Check(page);
        await page.ClickAsync("main button:has-text('Đọc thử')");
        await page.WaitForURLAsync("**/nhap-du-lieu/xem?*");
        await PageTests.Check(page);
        foreach (var words in said)
        {
            await Expect(page.Locator("main")).ToContainTextAsync(words);
        }
    }
}
