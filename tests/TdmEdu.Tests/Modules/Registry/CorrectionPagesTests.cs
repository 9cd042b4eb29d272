using System.Net;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Modules.Registry;

/// <summary>What the office and the department typed wrong, as they meet it in the browser.</summary>
public partial class CorrectionPagesTests
{
    private const string Password = "bốn con mèo ngủ trưa";
    private static readonly Guid SchoolId = Guid.Parse("01900000-0000-7000-8000-000000000b01");
    private static readonly Scope School = Scope.School(SchoolId);
    private static readonly Guid An = Guid.Parse("01900000-0000-7000-8000-000000000e01");
    private static readonly Guid It = Guid.Parse("01900000-0000-7000-8000-000000000d01");

    [Fact]
    public async Task Leaving_is_asked_about_and_a_date_before_the_class_changes_nothing()
    {
        await using var host = NewHost(Side.Edge);
        using var browser = await SignedIn(host, "vp");
        await browser.Get($"/hoc-sinh/{An}");
        await browser.Post($"/hoc-sinh/{An}/thoi-hoc", ("ngay", "2019-01-01"), ("dongy", "1"));
        Assert.Equal(HttpStatusCode.Conflict, browser.Status);
        Assert.Contains("từ ngày 01/09/2026", browser.Html, StringComparison.Ordinal);
        Assert.Contains("5A:", browser.Html, StringComparison.Ordinal);

        await browser.Post($"/hoc-sinh/{An}/thoi-hoc", ("ngay", "2026-09-08"));
        Assert.Contains("ngày học cuối cùng là 07/09/2026", browser.Html, StringComparison.Ordinal);
        Assert.Null(host.Store.All<Enrolment>(School).Single().Value.To);
        await browser.Post($"/hoc-sinh/{An}/thoi-hoc", ("ngay", browser.Hidden("ngay")), ("dongy", browser.Hidden("dongy")));
        Assert.Equal(HttpStatusCode.Redirect, browser.Status);
        Assert.Equal(new DateOnly(2026, 9, 7), host.Store.All<Enrolment>(School).Single().Value.To);
    }

    [Fact]
    public async Task A_refused_pupil_keeps_what_was_typed()
    {
        await using var host = NewHost(Side.Edge);
        using var browser = await SignedIn(host, "vp");
        var lop = $"{ClassId(host, "5A")}";
        await browser.Get($"/hoc-sinh?lop={lop}");
        await browser.Post("/hoc-sinh", ("truong", $"{SchoolId}"), ("lop", lop), ("hoten", "Lê Thị Bé"), ("ngaysinh", "5/9/20"), ("gioitinh", "nu"),
            ("mabo", "7400000009"), ("ngay", "2026-09-07"));
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        foreach (var kept in new[] { "Không đọc được ngày sinh", "Lê Thị Bé", "5/9/20", "7400000009", "2026-09-07", "value=\"nu\" selected",
            "Nguyễn Văn An" })
        {
            Assert.Contains(kept, browser.Html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_office_corrects_a_pupil_and_what_it_left_alone_stays_as_the_department_wrote_it_meanwhile()
    {
        await using var host = NewHost(Side.Edge);
        using var browser = await SignedIn(host, "vp");
        await browser.Get($"/hoc-sinh/{An}");
        (string, string)[] shown =
            [.. new[] { "cu-hoten", "cu-ngaysinh", "cu-gioitinh", "cu-mabo" }.Select(name => (name, browser.Hidden(name)))];
        Assert.Equal(["Nguyễn Văn An", "05/09/2015", "nam", "7400000001"], shown.Select(s => s.Item2));
        var before = host.Store.Get<Pupil>(School, An)!;
        host.Store.Seed([host.Store.Catalogue.Change(School, before, before.Value with { Gender = Gender.Female, Phone = host.Seals.Seal(School, An, "Phone", "0900000000") })!]);

        var written = host.Store.OpsWritten;
        var saved = await browser.Post($"/hoc-sinh/{An}",
            [.. shown, ("hoten", "Nguyễn Văn An"), ("ngaysinh", "6/9/2015"), ("gioitinh", "nam"), ("mabo", "")]);
        await browser.Get(saved.Headers.Location!.ToString());
        Assert.Contains("Đã ghi thông tin của em.", browser.Html, StringComparison.Ordinal);
        Assert.Equal(before.Value with { BirthDate = "2015-09-06", MinistryId = null, Gender = Gender.Female, Phone = host.Seals.Seal(School, An, "Phone", "0900000000") },
            host.Store.Get<Pupil>(School, An)!.Value);
        Assert.Equal(written + 1, host.Store.OpsWritten);
    }

    [Theory]
    [InlineData("An <b>", "05/09/2015", "7400000001", "có ký tự lạ")]
    [InlineData("Nguyễn Văn An", "31/02/2015", "7400000001", "Không đọc được ngày sinh")]
    [InlineData("Nguyễn Văn An", "05/09/2015", "74-1", "Mã chỉ gồm chữ số")]
    [InlineData("Nguyễn Văn An", "05/09/2015", "7400000002", "Mã 7400000002 là của em Trần Bình")]
    [InlineData("Trần Bình", "2014", "", "Lớp có em khác cùng họ tên và ngày sinh")]
    public async Task A_correction_is_checked_as_an_import_is_and_keeps_what_was_typed(string name, string birth, string id, string reason)
    {
        await using var host = NewHost(Side.Edge);
        host.Store.Seed([.. Compose.Pupil(host.Store.Catalogue, School, RecordId.New(host.Clock), new("7400000002", "Trần Bình", "2014", null),
            ClassId(host, "5A"), new(2026, 9, 1))]);
        using var browser = await SignedIn(host, "vp");
        await browser.Get($"/hoc-sinh/{An}");
        await browser.Post(
            $"/hoc-sinh/{An}", ("hoten", name), ("ngaysinh", birth), ("gioitinh", "nu"), ("mabo", id), ("cu-mabo", browser.Hidden("cu-mabo")));
        Assert.True(browser.Status is HttpStatusCode.BadRequest or HttpStatusCode.Conflict);
        foreach (var kept in new[] { reason, "<details open", $"value=\"{name}\"", $"value=\"{birth}\"", "value=\"nu\" selected" })
        {
            Assert.Contains(kept, browser.Html, StringComparison.Ordinal);
        }
        Assert.Equal(Gender.Male, host.Store.Get<Pupil>(School, An)!.Value.Gender);
        await browser.Post("/dang-xuat");
        await browser.SignIn("lan", Password);
        await browser.Post($"/hoc-sinh/{An}", ("hoten", "Lê Mới"));
        Assert.Equal(HttpStatusCode.Forbidden, browser.Status);
    }

    [Fact]
    public async Task A_class_made_by_mistake_is_renamed_or_taken_away()
    {
        await using var host = NewHost(Side.Edge);
        using var browser = await SignedIn(host, "vp");
        await browser.Get("/hoc-sinh");
        await browser.Post("/hoc-sinh/lop", ("ten", "1/<b>"), ("khoi", "1"), ("buoi", "chieu"));
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Contains("value=\"1/<b>\"", browser.Html, StringComparison.Ordinal);
        Assert.Contains("<form method=\"get\" action=\"/hoc-sinh\"", browser.Html, StringComparison.Ordinal);
        await browser.Post("/hoc-sinh/lop", ("ten", "1/9"), ("khoi", ""), ("buoi", "chieu"));
        var id = ClassId(host, "1/9");
        await browser.Get($"/hoc-sinh?lop={id}");
        Assert.Contains("Lớp 1/9 chưa có học sinh", browser.Html, StringComparison.Ordinal);
        await browser.Post($"/hoc-sinh/lop/{id}", ("ten", "5A"), ("khoi", ""));
        Assert.Contains("Đã có lớp 5A", browser.Html, StringComparison.Ordinal);
        await browser.Post($"/hoc-sinh/lop/{id}", ("ten", "1/8"), ("khoi", ""));
        Assert.Equal(("1/8", 1), (host.Store.Get<SchoolClass>(School, id)!.Value.Name, host.Store.Get<SchoolClass>(School, id)!.Value.Grade));
        await browser.Post($"/hoc-sinh/lop/{id}/bo");
        Assert.Null(host.Store.Get<SchoolClass>(School, id));
        await browser.Post($"/hoc-sinh/lop/{ClassId(host, "5A")}/bo");
        Assert.Contains("Nếu tên sai, hãy sửa tên lớp", browser.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_day_outside_the_year_is_refused_and_one_recorded_earlier_can_be_taken_away()
    {
        await using var host = NewHost(Side.Central);
        host.Store.Seed([Compose.Day(host.Store.Catalogue, Scope.City, new(new(2020, 1, 1), DayKind.Closed, "ghi nhầm"))]);
        using var browser = await SignedIn(host, "it");
        await browser.Get("/lich");
        Assert.Contains("ghi nhầm", browser.Html, StringComparison.Ordinal);
        await browser.Post("/lich", ("ngay", "2020-01-02"), ("loai", "nghi"), ("ghichu", "x"));
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Contains("không thuộc năm học 2026–2027 (01/09/2026 đến 31/05/2027)", browser.Html, StringComparison.Ordinal);
        var removed = await browser.Post("/lich/bo", ("ngay", "2020-01-01"));
        await browser.Get(removed.Headers.Location!.ToString());
        Assert.Contains("Đã bỏ ngày 01/01/2020", browser.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("ghi nhầm", browser.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_teacher_s_calendar_has_no_column_for_what_only_others_do()
    {
        await using var host = NewHost(Side.Edge);
        host.Store.Seed([Compose.Day(host.Store.Catalogue, School, new(new(2026, 11, 20), DayKind.Closed, "Hội giảng"))]);
        using var browser = await SignedIn(host, "lan");
        await browser.Get("/lich");
        Assert.Contains("Hội giảng", browser.Html, StringComparison.Ordinal);
        Assert.DoesNotContain(">Bỏ<", browser.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_year_is_confirmed_and_one_made_by_mistake_taken_away()
    {
        await using var host = NewHost(Side.Central);
        using var browser = await SignedIn(host, "it");
        await browser.Get("/nam-hoc");
        var added = await browser.Post("/nam-hoc", ("ten", "2027-2028"), ("tu", "2027-09-05"), ("den", "2028-05-31"), ("thu", "1"));
        await browser.Get(added.Headers.Location!.ToString());
        Assert.Contains("Đã ghi năm học 2027–2028.", browser.Html, StringComparison.Ordinal);
        var year = host.Store.All<SchoolYear>(Scope.City).Single(y => y.Value.Name == "2027–2028").Id;
        var removed = await browser.Post($"/nam-hoc/{year}/bo");
        await browser.Get(removed.Headers.Location!.ToString());
        Assert.Contains("Đã bỏ năm học.", browser.Html, StringComparison.Ordinal);
        Assert.Null(host.Store.Get<SchoolYear>(Scope.City, year));
    }

    [Fact]
    public async Task The_first_account_is_told_how_to_reach_the_pupils_and_gets_there()
    {
        await using var host = NewHost(Side.Central);
        using var browser = await SignedIn(host, "it");
        await browser.Get("/hoc-sinh");
        Assert.Equal(HttpStatusCode.Forbidden, browser.Status);
        Assert.Contains("người quản trị của Phòng giao thêm việc ở trang Cán bộ", browser.Html, StringComparison.Ordinal);
        await browser.Get($"/can-bo/{It}?truong=phong");
        await browser.Post($"/can-bo/{It}", ("truong", "phong"), ("ban", browser.Hidden("ban")), ("hoten", "Nguyễn Văn Quản"),
            ("chucdanh", "Quản trị"), ("viec", $"{(int)Roles.DepartmentOfficer}"), ("viec", $"{(int)Roles.DepartmentIt}"));
        await browser.Post("/dang-xuat");
        await browser.SignIn("it", Password);
        Assert.Equal(HttpStatusCode.OK, (await browser.Get("/hoc-sinh")).StatusCode);
    }

    [Fact]
    public async Task A_teacher_at_the_department_s_sign_in_is_sent_to_the_school_s()
    {
        await using var host = NewHost(Side.Central);
        using var browser = await host.Start();
        await browser.Get("/dang-nhap");
        await browser.Post("/dang-nhap", ("ten", "lan"), ("matkhau", Password));
        Assert.Contains("đăng nhập ở địa chỉ máy của trường mình", browser.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_far_too_large_leads_back_to_the_import()
    {
        await using var host = NewHost(Side.Edge);
        using var browser = await SignedIn(host, "vp");
        await browser.Get("/nhap-du-lieu");
        await browser.Upload("/nhap-du-lieu", new byte[31_000_000], ("ngay", "2026-09-07"));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, browser.Status);
        Assert.Contains("href=\"/nhap-du-lieu\"", browser.Html, StringComparison.Ordinal);
    }

    private static Guid ClassId(WebHost host, string name) => host.Store.All<SchoolClass>(School).Single(c => c.Value.Name == name).Id;

    private static async Task<WebHost.Browser> SignedIn(WebHost host, string user)
    {
        var browser = await host.Start();
        await browser.SignIn(user, Password);
        return browser;
    }

    private static WebHost NewHost(Side side)
    {
        var host = new WebHost(side == Side.Central ? new(side, Scope.City) : new(side, School));
        var catalogue = host.Store.Catalogue;
        var class5A = Compose.Class(catalogue, School, new("5A", 5, "2026–2027", [Slot.Morning]));
        host.Store.Seed(
        [
            catalogue.Create(Scope.City, SchoolId,
                new Unit(UnitKind.School, "74718401", "Trường Tiểu học Mẫu", "TH", null, new(2025, 7, 1), null, SampleCode: true)),
            Compose.Year(catalogue, new("2026–2027", new(2026, 9, 1), new(2027, 5, 31), [1, 2, 3, 4, 5])),
            class5A.Draft,
            .. Compose.Pupil(catalogue, School, An, new("7400000001", "Nguyễn Văn An", "2015-09-05", Gender.Male), class5A.Id, new(2026, 9, 1)),
            .. Compose.Staff(catalogue, School, RecordId.New(host.Clock), new("Nguyễn Thị Lan", "Giáo viên"), "lan", Password, Roles.Teacher),
            .. Compose.Staff(catalogue, School, RecordId.New(host.Clock), new("Trần Văn Phòng", "Văn thư"), "vp", Password, Roles.Office),
            .. Compose.Staff(catalogue, Scope.Department, It, new("Nguyễn Văn Quản", "Quản trị"), "it", Password, Roles.DepartmentIt),
        ]);
        return host;
    }
}
