using System.Text;
using Microsoft.Playwright;
using TdmEdu.Demo;
using TdmEdu.Modules.Registry;
using static Microsoft.Playwright.Assertions;

namespace TdmEdu.SystemTests;

/// <summary>What speaks in a class's sheets beside its teacher's phone: lessons of a timetable, the gate, and paper.</summary>
public class FlowTests(City city)
{
    private const string LessonTeacher = "gv17";
    private const string Homeroom = "gv16";
    private static readonly string ClassName = DemoCity.ClassName(City.Secondary, 15);

    [Fact]
    public async Task A_timetable_leads_to_the_class_log_and_the_lessons_own_sheet()
    {
        await using var office = await city.SignIn(City.Secondary, "vanphong");
        var page = office.Page;
        var today = await Import(page, $"Lớp,Thứ,Tiết,Môn,Giáo viên\n{ClassName},{{0}},1,Toán,{LessonTeacher}\n");
        await page.GotoAsync($"/thoi-khoa-bieu?lop={await ClassId()}");
        await Expect(page.Locator(".timetable")).ToContainTextAsync("Toán");
        await PageTests.Check(page);

        await using var teacher = await city.SignIn(City.Secondary, LessonTeacher);
        page = teacher.Page;
        await page.GotoAsync("/so-dau-bai");
        await PageTests.Check(page);
        await page.ClickAsync("[data-lesson=Lesson1] a");
        await Expect(page.Locator("h1")).ToHaveTextAsync($"Tiết 1, Toán, lớp {ClassName}");
        await PageTests.Check(page);
        await page.ClickAsync("[data-absent] a");
        var phone = new Phone(page);
        await phone.Rows.First.WaitForAsync();
        await Expect(page.Locator("#capture-title")).ToContainTextAsync("Tiết 1");
        await phone.Mark(1, "unexcused");
        await phone.Send();
        await phone.Expect("centre", withinSeconds: 60);
        await phone.Back();
        await Expect(page.Locator("#capture-other-slots")).ToHaveValueAsync("lesson1");
        await PageTests.Check(page);

        await page.GotoAsync($"/so-dau-bai/{await ClassId()}/{today.Iso()}/lesson1");
        await Expect(page.Locator("[data-absent]")).ToContainTextAsync("Vắng 1 em");
        await page.FillAsync("#bai-hoc", "Phân thức đại số");
        await page.SelectOptionAsync("#xep-loai", "Good");
        await page.ClickAsync("main form button");
        await Expect(page.Locator("[data-lesson=Lesson1]")).ToContainTextAsync("Phân thức đại số");
        await page.Locator("main a.btn", new() { HasTextString = $"Lớp {ClassName}" }).ClickAsync();
        await Expect(page.Locator("tr[data-written=true]")).ToContainTextAsync("Phân thức đại số");
        await PageTests.Check(page);
        await page.EmulateMediaAsync(new() { Media = Media.Print });
        await Expect(page.Locator(".print-head")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Cards_are_scanned_at_the_gate_one_after_the_other_and_the_field_keeps_the_focus()
    {
        await using var homeroom = await city.SignIn(City.Secondary, Homeroom);
        await homeroom.Page.GotoAsync("/the-hoc-sinh");
        await homeroom.Page.ClickAsync("form.filters button");
        await homeroom.Page.WaitForURLAsync("**lop=*");
        await homeroom.Page.ClickAsync("button:has-text('Làm thẻ cho em chưa có')");
        await city.ConfirmPassword(homeroom.Page, City.Secondary, Homeroom);
        await homeroom.Page.WaitForSelectorAsync(".pupil-sheet");
        var cards = await homeroom.Page.Locator(".pupil-sheet a").EvaluateAllAsync<string[]>("all => all.map(a => a.href)");

        await using var kiosk = await city.SignIn(City.Secondary, "vanphong");
        var page = kiosk.Page;
        await page.GotoAsync("/cong");
        await PageTests.Check(page);
        await page.ReloadAsync();
        foreach (var card in cards.Take(3).Append(new string('1', 40)))
        {
            await page.Keyboard.TypeAsync(card);
            await page.Keyboard.PressAsync("Enter");
        }
        await Expect(page.Locator("#gate-log li")).ToHaveCountAsync(4);
        await Expect(page.Locator("#gate-result")).ToHaveAttributeAsync("data-result", "refused");
        await Expect(page.Locator("#the")).ToBeFocusedAsync();
        await Expect(page.Locator("#the")).ToHaveValueAsync("");
        await page.Locator("h1").ClickAsync();
        await Expect(page.Locator("#the")).ToBeFocusedAsync();

        // Nobody answers: the scan waits in the page and is taken when somebody does.
        await page.RouteAsync("**/api/attendance/gate", route => route.AbortAsync());
        await page.Keyboard.TypeAsync(cards[3] + "\n");
        await Expect(page.Locator("#gate-waiting")).ToBeVisibleAsync();
        await page.Keyboard.TypeAsync(cards[4] + "\n");
        await Expect(page.Locator("#gate-waiting")).ToContainTextAsync("đang giữ 2 lượt quét");
        // Whose session has ended meanwhile is told so, and loses nothing; nor does who would close the page.
        await page.UnrouteAsync("**/api/attendance/gate");
        await page.RouteAsync("**/api/attendance/gate", route => route.FulfillAsync(new() { Status = 401 }));
        await Expect(page.Locator("#gate-waiting")).ToContainTextAsync("Phiên làm việc đã hết: đang giữ 2 lượt quét");
        var asked = new TaskCompletionSource<string>();
        page.Dialog += async (_, dialog) =>
        {
            asked.TrySetResult(dialog.Type);
            await dialog.DismissAsync();
        };
        await page.EvaluateAsync("() => setTimeout(() => location.reload())");
        Assert.Equal("beforeunload", await asked.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        await page.UnrouteAsync("**/api/attendance/gate");
        await Expect(page.Locator("#gate-log li")).ToHaveCountAsync(6);
        await Expect(page.Locator("#gate-waiting")).ToBeHiddenAsync();
        await PageTests.Check(page);
    }

    [Fact]
    public async Task A_sheet_on_paper_is_found_by_its_code_and_keyed_in()
    {
        var className = DemoCity.ClassName(City.Secondary, 16);
        await using var office = await city.SignIn(City.Secondary, "vanphong");
        var page = office.Page;
        await page.GotoAsync("/phieu-diem-danh");
        await page.SelectOptionAsync("#lop", new SelectOptionValue { Label = className });
        await page.ClickAsync("form.filters button");
        await Expect(page.Locator("h1")).ToContainTextAsync($"lớp {className}");
        await PageTests.Check(page);
        var code = await page.Locator("[data-code]").InnerTextAsync();
        await page.GotoAsync("/nhap-phieu");
        await page.Keyboard.TypeAsync(code.ToLowerInvariant());
        await page.Keyboard.PressAsync("Enter");
        var phone = new Phone(page);
        await phone.Rows.First.WaitForAsync();
        await Expect(page.Locator("#capture-paper")).ToBeVisibleAsync();
        await phone.MarkThree();
        await PageTests.Check(page);
        await phone.Send();
        await phone.Expect("centre", withinSeconds: 60);
        await phone.Back();
        await Expect(phone.Card(className)).ToContainTextAsync("vắng 2");
    }

    private async Task<Guid> ClassId()
    {
        using var client = await city.Client(City.Secondary, "vanphong");
        return (await client.Today(TestContext.Current.CancellationToken)).Classes.Single(c => c.Name == ClassName).Id;
    }

    /// <summary>Through the wizard, in force from today; {0} is today's weekday.</summary>
    private async Task<DateOnly> Import(IPage page, string csv)
    {
        using var client = await city.Client(City.Secondary, "vanphong");
        var today = (await client.Today(TestContext.Current.CancellationToken)).Date;
        var weekday = today.DayOfWeek == DayOfWeek.Sunday ? "Chủ nhật" : $"Thứ {(int)today.DayOfWeek + 1}";
        await page.GotoAsync("/nhap-du-lieu?loai=thoi-khoa-bieu");
        await page.SetInputFilesAsync("#tep", new FilePayload
        {
            Name = "thoi-khoa-bieu.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes(csv.Replace("{0}", weekday, StringComparison.Ordinal)),
        });
        await page.FillAsync("#ngay", today.Iso());
        await page.GetByText("Tải lên").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Đọc thử" }).ClickAsync();
        await Expect(page.Locator("p[role=status]")).ToHaveTextAsync("Thêm 1, sửa 0, không đổi 0, sai 0.");
        await PageTests.Check(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Ghi 1 dòng" }).ClickAsync();
        await city.ConfirmPassword(page, City.Secondary, "vanphong");
        await Expect(page.Locator(".alert-success")).ToHaveTextAsync("Đã ghi 1 dòng.");
        return today;
    }
}
