using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using TdmEdu.EdgeNode.Uplink;
using TdmEdu.Modules;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Modules.Registry;

public class PagesTests
{
    internal const string Password = "bốn con mèo ngủ trưa";
    private static readonly Guid SchoolId = Guid.Parse("01900000-0000-7000-8000-000000000b01");
    internal static readonly Scope School = Scope.School(SchoolId);
    internal static readonly Guid Office = Guid.Parse("01900000-0000-7000-8000-000000000c02");
    internal static readonly Guid Lan = Guid.Parse("01900000-0000-7000-8000-000000000c01");

    [Fact]
    public async Task A_page_asks_for_sign_in_first_and_opens_after_it()
    {
        await using var host = NewEdge();
        using var browser = await host.Start();
        var asked = await browser.Get("/lich");
        Assert.Equal(HttpStatusCode.Redirect, asked.StatusCode);
        Assert.EndsWith("/dang-nhap?tiep=%2Flich", asked.Headers.Location!.ToString(), StringComparison.Ordinal);

        var page = await browser.Get("/dang-nhap?tiep=%2Flich");
        Assert.Contains("<html lang=\"vi\"", browser.Html, StringComparison.Ordinal);
        Assert.Contains("default-src 'self'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("nosniff", page.Headers.GetValues("X-Content-Type-Options").Single());
        await browser.Post("/dang-nhap", ("ten", "lan"), ("matkhau", "sai"), ("tiep", "/lich"));
        Assert.Equal(HttpStatusCode.Forbidden, browser.Status);
        Assert.Contains("mật khẩu hoặc mã xác thực không đúng", browser.Html, StringComparison.Ordinal);

        var signedIn = await browser.Post("/dang-nhap", ("ten", "LAN"), ("matkhau", Password), ("tiep", "/lich"));
        Assert.Equal("/lich", signedIn.Headers.Location!.ToString());
        var cookie = signedIn.Headers.GetValues("Set-Cookie").Single(c => c.Contains("samesite=lax", StringComparison.Ordinal));
        Assert.Contains("secure; samesite=lax; httponly", cookie, StringComparison.Ordinal);
        await browser.Get("/lich");
        Assert.Contains("Nguyễn Thị Lan", browser.Html, StringComparison.Ordinal);
        Assert.Contains("Trường Tiểu học Mẫu", browser.Html, StringComparison.Ordinal);
        await browser.Post("/dang-xuat");
        Assert.Equal(HttpStatusCode.Redirect, (await browser.Get("/lich")).StatusCode);
    }

    [Theory]
    [InlineData("//evil.example/x")]
    [InlineData("https://evil.example/x")]
    [InlineData("/\\evil.example")]
    public async Task Sign_in_never_leads_to_another_site(string next)
    {
        await using var host = NewEdge();
        using var browser = await host.Start();
        await browser.Get("/dang-nhap");
        var answer = await browser.Post("/dang-nhap", ("ten", "lan"), ("matkhau", Password), ("tiep", next));
        Assert.Equal("/", answer.Headers.Location!.ToString());
    }

    [Fact]
    public async Task A_form_without_its_token_is_refused_in_words()
    {
        await using var host = NewEdge();
        using var browser = await host.Start();
        await browser.Get("/dang-nhap");
        browser.ForgetToken();
        await browser.Post("/dang-nhap", ("ten", "lan"), ("matkhau", Password));
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Contains("Hãy tải lại trang", browser.Html, StringComparison.Ordinal);
        Assert.Empty(host.Audit.Entries);
    }

    [Fact]
    public async Task What_is_not_allowed_is_refused_in_words_and_on_record()
    {
        await using var host = NewEdge();
        using var browser = await host.Start();
        await browser.SignIn("lan", Password);
        await browser.Get("/nhap-du-lieu");
        Assert.Equal(HttpStatusCode.Forbidden, browser.Status);
        Assert.Contains("không có quyền", browser.Html, StringComparison.Ordinal);
        Assert.Contains(new AuditEntry("refused", Lan, "GET /nhap-du-lieu", "role_denied"), host.Audit.Entries);

        var other = host.Store.All<SchoolClass>(School).Single(c => c.Value.Name == "5B").Id;
        await browser.Get($"/hoc-sinh?lop={other}");
        Assert.Equal(HttpStatusCode.Forbidden, browser.Status);
        Assert.Contains(host.Audit.Entries, e => e is { Event: "refused", Reason: "not_your_class" } && e.Actor == Lan);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.Get("/khong-co")).StatusCode);
        Assert.Contains("Không có trang này", browser.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_style_sheets_are_there_for_everybody_and_English_is_one_press_away()
    {
        await using var host = NewEdge();
        using var browser = await host.Start();
        foreach (var path in new[] { "/_content/modules/site.css", "/_content/modules/lib/bootstrap/bootstrap.min.css",
            "/_content/modules/icon.svg" })
        {
            Assert.Equal(HttpStatusCode.OK, (await browser.Get(path)).StatusCode);
        }
        await browser.Get("/dang-nhap");
        await browser.Post("/ngon-ngu", ("lang", "en"), ("tiep", "/dang-nhap"));
        await browser.Get("/dang-nhap");
        Assert.Contains("<html lang=\"en\"", browser.Html, StringComparison.Ordinal);
        Assert.Contains("Password", browser.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_office_closes_a_day_takes_it_back_and_closes_it_again()
    {
        await using var host = NewEdge();
        using var browser = await host.Start();
        await browser.SignIn("vp", Password);
        var day = new DateOnly(2026, 10, 20);
        for (var round = 0; round < 2; round++)
        {
            await browser.Get("/lich");
            await browser.Post("/lich", ("ngay", "2026-10-20"), ("loai", "nghi"), ("ghichu", "Bão số 5"));
            Assert.Equal(HttpStatusCode.Redirect, browser.Status);
            Assert.Contains("Bão số 5", Calendar.Load(host.Store, School).WhyClosed(day)!.Message.Vietnamese, StringComparison.Ordinal);
            await browser.Get("/lich");
            await browser.Post("/lich/bo", ("ngay", "2026-10-20"));
            Assert.Null(Calendar.Load(host.Store, School).WhyClosed(day));
        }
        await browser.Get("/lich?ghi=2026-10-20");
        Assert.Contains("Đã ghi ngày 20/10/2026", browser.Html, StringComparison.Ordinal);
        Assert.Contains("Thứ Hai, Thứ Ba, Thứ Tư, Thứ Năm, Thứ Sáu.", browser.Html, StringComparison.Ordinal);
        await browser.Post("/lich", ("ngay", ""), ("loai", "nghi"), ("ghichu", "x"));
        Assert.Contains("Hãy chọn ngày.", browser.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_department_imports_units_and_finds_them_without_tones()
    {
        await using var host = new WebHost(new(Side.Central, Scope.City));
        host.Store.Seed(Compose.Staff(host.Store.Catalogue, Scope.Department, Office, new("Lê Thị Hà", "Chuyên viên"), "ha", Password,
            Roles.DepartmentOfficer));
        using var browser = await host.Start();
        await browser.SignIn("ha", Password);
        await browser.Get("/don-vi/nhap");
        const string csv = "code,name,level,ward_code\n74718401,Trường Tiểu học Định Hoà,TH,25759\n74718402,Sai,TH,1\n";
        var dryRun = await browser.Upload("/don-vi/nhap", Encoding.UTF8.GetBytes(csv), ("ngay", "2025-06-30"), ("mau", "1"));
        await browser.Get(dryRun.Headers.Location!.ToString());
        Assert.Contains("không có phường mã 1", browser.Html, StringComparison.Ordinal);
        var written = await browser.Post("/don-vi/nhap/ghi", ("phieu", browser.Hidden("phieu")));
        Assert.Equal(HttpStatusCode.Redirect, browser.Status);
        await browser.Get(written.Headers.Location!.ToString());
        Assert.Contains("Đã ghi 1 đơn vị.", browser.Html, StringComparison.Ordinal);
        await browser.Get("/don-vi?ngay=2026-09-07&tim=dinh+hoa");
        Assert.Contains("Trường Tiểu học Định Hoà", browser.Html, StringComparison.Ordinal);
        Assert.Contains("Phường Chánh Hiệp", browser.Html, StringComparison.Ordinal);
        Assert.Contains("(mã mẫu)", browser.Html, StringComparison.Ordinal);
        await browser.Get($"/hoc-sinh?truong={SchoolId}");
        Assert.Equal(HttpStatusCode.OK, browser.Status);
    }

    [Theory]
    [InlineData(Roles.SchoolIt, "/duong-truyen")]
    [InlineData(Roles.SchoolIt | Roles.Teacher, "/diem-danh")]
    [InlineData(Roles.Office, "/diem-danh")]
    public void The_line_is_the_home_of_those_who_do_nothing_else(Roles roles, string home)
    {
        var menu = new Navigation(new(Side.Edge, School), [.. AllModules.List.SelectMany(m => m.Nav), UplinkSetup.Nav, UplinkSetup.RefusedNav]);
        Assert.Equal(home, menu.For(new(Lan, School, roles)).First().Path);
    }

    [Fact]
    public async Task Classes_are_given_to_people_who_teach()
    {
        await using var host = NewEdge();
        using var browser = await host.Start();
        await browser.SignIn("vp", Password);
        await browser.Get($"/phan-cong?lop={host.Store.All<SchoolClass>(School).Single(c => c.Value.Name == "5B").Id}");
        Assert.Contains($"<option value=\"{Lan}\">", browser.Html, StringComparison.Ordinal);
        Assert.DoesNotContain($"<option value=\"{Office}\">", browser.Html, StringComparison.Ordinal);
    }

    internal static WebHost NewEdge(Action<IServiceCollection>? more = null, Action<WebApplication>? mapMore = null)
    {
        var host = new WebHost(new(Side.Edge, School), more, mapMore);
        var catalogue = host.Store.Catalogue;
        var class5A = Compose.Class(catalogue, School, new("5A", 5, "2026-2027", [Slot.Morning]));
        host.Store.Seed(
        [
            catalogue.Create(Scope.City, SchoolId,
                new Unit(UnitKind.School, "74718401", "Trường Tiểu học Mẫu", "TH", null, new(2025, 7, 1), null, SampleCode: true)),
            Compose.Year(catalogue, new("2026-2027", new(2026, 9, 1), new(2027, 5, 31), [1, 2, 3, 4, 5])),
            class5A.Draft,
            Compose.Class(catalogue, School, new("5B", 5, "2026-2027", [Slot.Morning])).Draft,
            .. Compose.Staff(catalogue, School, Lan, new("Nguyễn Thị Lan", "Giáo viên"), "lan", Password, Roles.Teacher),
            .. Compose.Staff(catalogue, School, Office, new("Trần Văn Phòng", "Văn thư"), "vp", Password, Roles.Office),
            Compose.Assignment(catalogue, School, new(Lan, class5A.Id, new(2026, 9, 1), null, Homeroom: true)),
        ]);
        return host;
    }
}
