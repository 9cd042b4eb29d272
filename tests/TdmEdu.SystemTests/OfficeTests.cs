using Microsoft.Data.Sqlite;
using Microsoft.Playwright;
using TdmEdu.Demo;
using TdmEdu.Tests.Modules.Registry;
using static Microsoft.Playwright.Assertions;

namespace TdmEdu.SystemTests;

/// <summary>The school's office: its wall, its pupils, and who may see what.</summary>
public class OfficeTests(City city)
{
    private const string ChooseDate = """
        date => {
          const input = document.getElementById('capture-date');
          input.value = date;
          input.dispatchEvent(new Event('change'));
        }
        """;

    /// <summary>A submission that was made before the day was known to be off.</summary>
    private const string LeaveInOutbox = """
        ({ session, schoolClass }) => new Promise((resolve, reject) => {
          const id = '019aa000-0000-7000-8000-000000000001';
          const person = document.getElementById('capture').dataset.person;
          const body = { id, class: schoolClass, date: '2020-01-05', slot: 'morning', pupils: [], marks: [], seen: [], takenAtMs: 1 };
          const open = indexedDB.open('tdmedu-outbox', 1);
          open.onerror = () => reject(open.error);
          open.onsuccess = () => {
            const transaction = open.result.transaction('outbox', 'readwrite');
            transaction.objectStore('outbox').put({ id, person, session, className: 'X', state: 'phone', body });
            transaction.oncomplete = () => { open.result.close(); resolve(); };
          };
        })
        """;

    [Fact]
    public async Task The_wall_names_the_classes_that_have_not_sent_and_moves_by_itself()
    {
        var className = DemoCity.ClassName(City.Secondary, 1);
        await using var office = await city.SignIn(City.Secondary, "vanphong", desktop: true);
        await office.Page.GotoAsync("/bang-lop");
        var slot = (await city.Sheet(City.Secondary, className)).Slot;
        var missing = office.Page.Locator($".wall-missing[data-slot={slot}]");
        var head = office.Page.Locator("th", new() { HasTextString = className });
        var cell = office.Page.Locator(".wall-table tbody tr").Filter(new() { Has = head }).Locator("td").Nth((int)slot - 1);
        await Expect(missing).ToContainTextAsync(className);
        await Expect(cell).ToContainTextAsync("Chưa nộp");

        await using var teacher = await city.SignIn(City.Secondary, "gv02");
        var phone = new Phone(teacher.Page);
        await phone.Open();
        await phone.OpenClass(className);
        await phone.MarkThree();
        await phone.Send();

        await Expect(cell).ToContainTextAsync("vắng 2 · muộn 1", new() { Timeout = 30_000 });
        await Expect(missing).Not.ToContainTextAsync(className);
    }

    [Fact]
    public async Task A_day_off_says_so_before_anybody_types_and_what_was_refused_can_be_dropped()
    {
        var sheet = await city.Sheet(City.Secondary, DemoCity.ClassName(City.Secondary, 12));
        await using var office = await city.SignIn(City.Secondary, "vanphong");
        var page = office.Page;
        await new Phone(page).Open();
        await page.EvaluateAsync(ChooseDate, "2020-01-05");
        await Expect(page.Locator("#capture-closed")).ToContainTextAsync("không thuộc năm học nào");
        await Expect(page.Locator(".class-line.due")).ToHaveCountAsync(0);

        var session = $"{sheet.Class}/2020-01-05/morning";
        await page.GotoAsync($"/diem-danh#{session}");
        await page.ReloadAsync();
        await Expect(page.Locator("#capture-shut")).ToContainTextAsync("không thuộc năm học nào");
        await Expect(page.Locator("#capture-send")).ToBeDisabledAsync();
        await page.GotoAsync($"/diem-danh#{sheet.Class}/2026-02-31/morning");
        await page.ReloadAsync();
        await Expect(page.Locator("#capture-denied")).ToContainTextAsync("ngày hoặc buổi không đúng");

        await page.EvaluateAsync(LeaveInOutbox, new { session, schoolClass = sheet.Class });
        await new Phone(page).Open();
        page.Dialog += (_, asked) => _ = asked.AcceptAsync();
        await Expect(page.Locator("#capture-refused")).ToContainTextAsync("05/01/2020");
        await page.ClickAsync("[data-action=discard]");
        await Expect(page.Locator("#capture-refused")).ToHaveCountAsync(0);
        await page.ReloadAsync();
        await page.WaitForSelectorAsync("#capture-classes");
        await Expect(page.Locator("#capture-refused")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_form_that_did_not_get_through_stays_filled_in_and_can_be_sent_again()
    {
        using var wifi = new Relay(city.Stack.EdgeUrls[City.Secondary].Port);
        await using var office = await city.SignIn(City.Secondary, "vanphong", new($"https://localhost:{wifi.Port}"));
        var page = office.Page;
        await new Phone(page).Open();
        await new Phone(page).WaitUntilInstalled();
        var taken = DemoCity.ClassName(City.Secondary, 3);
        await page.GotoAsync("/hoc-sinh");
        await page.GetByText("Thêm lớp").First.ClickAsync();
        await page.FillAsync("form[action='/hoc-sinh/lop'] [name=ten]", taken);

        wifi.Cut();
        await page.ClickAsync("form[action='/hoc-sinh/lop'] button");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("còn nguyên trên trang này");
        await PageTests.Check(page);
        wifi.Mend();
        await page.GetByRole(AriaRole.Button, new() { Name = "Gửi lại" }).ClickAsync();
        await Expect(page.Locator("form[action='/hoc-sinh/lop'] [name=ten]")).ToHaveValueAsync(taken);
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync(taken);

        await page.Context.ClearCookiesAsync();
        await page.GotoAsync("/dang-nhap");
        await page.FillAsync("[type=password]", "x");
        wifi.Cut();
        await page.EvaluateAsync("() => document.querySelector('main form').submit()");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("mật khẩu không được giữ lại");
        Assert.DoesNotContain("<form", await page.ContentAsync(), StringComparison.Ordinal);
        await PageTests.Check(page);
    }

    [Fact]
    public async Task The_focus_follows_what_is_shown()
    {
        var className = DemoCity.ClassName(City.Secondary, 13);
        await using var teacher = await city.SignIn(City.Secondary, "gv14", desktop: true);
        var page = teacher.Page;
        var phone = new Phone(page);
        await phone.Open();
        await phone.Card(className).PressAsync("Enter");
        await Expect(page.Locator("#capture-title")).ToBeFocusedAsync();
        await Expect(page.Locator("#capture-title")).ToContainTextAsync($"Lớp {className} · ");
        await page.Locator("#capture-send").PressAsync("Enter");
        await Expect(page.Locator("#capture-status")).ToBeFocusedAsync();
        await page.Locator("#capture-back").PressAsync("Enter");
        await Expect(phone.Card(className)).ToBeFocusedAsync();
        // The list asks the box again when the page is looked at again, and every minute.
        var asked = page.WaitForResponseAsync("**/api/attendance/today**");
        await page.EvaluateAsync("() => document.dispatchEvent(new Event('visibilitychange'))");
        await asked;
        await Task.Delay(300, TestContext.Current.CancellationToken);
        await Expect(phone.Card(className)).ToBeFocusedAsync();
    }

    [Fact]
    public async Task Who_joined_the_list_after_the_class_was_sent_is_present_with_one_tap()
    {
        var className = DemoCity.ClassName(City.Secondary, 14);
        await using var office = await city.SignIn(City.Secondary, "vanphong");
        var page = office.Page;
        var phone = new Phone(page);
        await phone.Open();
        await phone.OpenClass(className);
        await phone.Send();
        await Expect(page.Locator("#capture-send")).ToHaveTextAsync("Đã gửi");
        var before = await city.Sheet(City.Secondary, className);
        await page.GotoAsync($"/hoc-sinh?lop={before.Class}");
        await page.GetByText("Thêm học sinh vào lớp này").ClickAsync();
        await page.FillAsync("#hoten", "Nguyễn Mới Vào");
        await page.GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Thêm học sinh", Exact = true }).ClickAsync();
        await page.WaitForLoadStateAsync();

        await phone.Open();
        await Expect(phone.Card(className)).ToContainTextAsync("1 em chưa điểm danh");
        await phone.OpenClass(className);
        await Expect(page.Locator("#capture-count")).ToContainTextAsync("chưa rõ 1");
        await page.ClickAsync("[data-action=all-present]");
        await Expect(page.Locator("#capture-send")).ToHaveTextAsync("Gửi 1 thay đổi");
        await phone.Send();
        await Expect(page.Locator("#capture-send")).ToHaveTextAsync("Đã gửi");
        var after = await city.Sheet(City.Secondary, className);
        Assert.Equal((before.Tally!.Pupils + 1, before.Tally.Present + 1), (after.Tally!.Pupils, after.Tally.Present));
    }

    [Fact]
    public async Task A_teacher_who_opens_anothers_class_is_told_what_to_do_and_is_on_record()
    {
        var sheet = await city.Sheet(City.Secondary, DemoCity.ClassName(City.Secondary, 10));
        var session = $"{sheet.Class:n}/{sheet.Date:yyyy-MM-dd}/{(sheet.Slot == Modules.Registry.Slot.Morning ? "morning" : "afternoon")}";
        await using var teacher = await city.SignIn(City.Secondary, "gv04");
        await new Phone(teacher.Page).Open();
        Assert.Equal(403, await teacher.Page.EvaluateAsync<int>($"async () => (await fetch('/api/attendance/sheets/{session}')).status"));
        await teacher.Page.GotoAsync($"/diem-danh#{session}");
        await teacher.Page.ReloadAsync();
        await Expect(teacher.Page.Locator("#capture-denied")).ToContainTextAsync("Hãy nhờ văn phòng trường phân công");
        await Expect(teacher.Page.Locator("#capture-rows > li")).ToHaveCountAsync(0);
        Assert.Contains(Refusals(), r => r == ($"GET /api/attendance/sheets/{session}", "not_your_class"));

        var page = await teacher.Page.GotoAsync("/bang-lop");
        Assert.Equal(403, page!.Status);
        await Expect(teacher.Page.GetByRole(Microsoft.Playwright.AriaRole.Alert)).ToContainTextAsync("hãy nhờ người phụ trách");
    }

    [Fact]
    public async Task Pupils_come_in_from_a_workbook_once_wrong_cells_say_why_and_it_can_be_taken_back()
    {
        var className = DemoCity.ClassName(City.Primary, 20);
        using var workbook = PupilWorkbook.Of(
            PupilWorkbook.Row(className, "7400000001", "Nguyễn Thị Bé Một", "05/09/2016", "Nữ"),
            PupilWorkbook.Row(className, "7400000002", "Trần Văn Bé Hai", "06/09/2016"),
            PupilWorkbook.Row("99/9", "7400000003", "Lê Văn Lạc Lớp", "07/09/2016"),
            PupilWorkbook.Row(className, "7400000004", "Phạm Thị Sai Ngày", "31/02/2016", "Nữ"));
        var before = (await city.Sheet(City.Primary, className)).Pupils.Count;
        await using var office = await city.SignIn(City.Primary, "vanphong", desktop: true);

        await Upload(office, workbook.ToArray(), checks: true);
        await Expect(office.Page.Locator("p[role=status]")).ToHaveTextAsync("Thêm 2, sửa 0, không đổi 0, sai 2.");
        await PageTests.CheckOnPhone(office.Page);
        var wrong = office.Page.Locator("tr.table-danger");
        await Expect(wrong).ToHaveCountAsync(2);
        await Expect(wrong.Filter(new() { HasTextString = "Lê Văn Lạc Lớp" })).ToContainTextAsync("99/9");
        await Expect(wrong.Filter(new() { HasTextString = "Phạm Thị Sai Ngày" })).ToContainTextAsync("Ngày sinh (E8 “31/02/2016”)");
        Assert.Equal(before, (await city.Sheet(City.Primary, className)).Pupils.Count);

        await office.Page.GetByText("Chọn tệp khác").ClickAsync();
        await office.Page.WaitForSelectorAsync("#tep");
        await office.Page.GoBackAsync();
        await Expect(office.Page.Locator("p[role=status]")).ToHaveTextAsync("Thêm 2, sửa 0, không đổi 0, sai 2.");
        await office.Page.GetByRole(AriaRole.Button, new() { Name = "Ghi 2 dòng" }).ClickAsync();
        await city.ConfirmPassword(office.Page, City.Primary, "vanphong");
        await Expect(office.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Tệp có 2 dòng sai");
        await office.Page.CheckAsync("#bo-sai");
        await office.Page.GetByRole(AriaRole.Button, new() { Name = "Ghi 2 dòng" }).ClickAsync();
        await Expect(office.Page.Locator(".alert-success")).ToHaveTextAsync("Đã ghi 2 dòng.");
        await PageTests.CheckOnPhone(office.Page);
        Assert.Equal(before + 2, (await city.Sheet(City.Primary, className)).Pupils.Count);

        await Upload(office, workbook.ToArray());
        await Expect(office.Page.Locator("p[role=status]")).ToHaveTextAsync("Thêm 0, sửa 0, không đổi 2, sai 2.");
        await Expect(office.Page.Locator("form[action$='/ghi']")).ToHaveCountAsync(0);
        Assert.Equal(before + 2, (await city.Sheet(City.Primary, className)).Pupils.Count);

        await office.Page.GotoAsync("/nhap-du-lieu");
        await office.Page.Locator("main li a").First.ClickAsync();
        await office.Page.GetByRole(AriaRole.Button, new() { Name = "Hoàn tác lần nhập này" }).ClickAsync();
        await Expect(office.Page.Locator(".alert-success")).ToHaveTextAsync("Đã hoàn tác lần nhập này.");
        Assert.Equal(before, (await city.Sheet(City.Primary, className)).Pupils.Count);
    }

    internal static async Task Upload(Visitor office, byte[] workbook, bool checks = false)
    {
        await office.Page.GotoAsync("/nhap-du-lieu");
        await office.Page.SetInputFilesAsync("#tep", new Microsoft.Playwright.FilePayload
        {
            Name = "hoc-sinh.xlsx", MimeType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Buffer = workbook,
        });
        await office.Page.GetByText("Tải lên").ClickAsync();
        if (checks)
        {
            await PageTests.CheckOnPhone(office.Page);
        }
        await office.Page.GetByRole(AriaRole.Button, new() { Name = "Đọc thử" }).ClickAsync();
    }

    private const string RefusedOnBox = """
        SELECT entry ->> 'subject', entry ->> 'reason' FROM (SELECT CAST(data AS TEXT) AS entry FROM entries WHERE entity = 'sync.audit')
        WHERE entry ->> 'event' = 'refused'
        """;

    private List<(string Subject, string Reason)> Refusals()
    {
        var journal = Path.Combine(city.Stack.EdgeData(City.Secondary), "data", "journal.db");
        using var connection = new SqliteConnection($"Data Source={journal};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = new SqliteCommand(RefusedOnBox, connection);
        using var row = command.ExecuteReader();
        var refusals = new List<(string, string)>();
        while (row.Read())
        {
            refusals.Add((row.GetString(0), row.GetString(1)));
        }
        return refusals;
    }
}
