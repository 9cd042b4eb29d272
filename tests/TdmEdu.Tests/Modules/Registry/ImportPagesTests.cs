using System.Net;
using System.Text;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;
using static TdmEdu.Tests.Modules.Registry.PagesTests;

namespace TdmEdu.Tests.Modules.Registry;

/// <summary>A file's way through the wizard: chosen, its columns found, tried, written, taken back.</summary>
public sealed class ImportPagesTests : IAsyncLifetime
{
    private readonly WebHost host = NewEdge();
    private WebHost.Browser browser = null!;

    public async ValueTask InitializeAsync()
    {
        browser = await host.Start();
        await browser.SignIn("vp", Password);
    }

    public async ValueTask DisposeAsync()
    {
        browser.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task A_list_is_tried_cell_by_cell_then_written_without_its_wrong_rows_and_taken_back()
    {
        const string csv = "Tên em;Lớp;Ngày sinh;Mã HS\nNguyễn Văn An;5A;05/09/2015;7400000001\n=B2;5A;31/02/2015;\nLê Bình;5B;2015;\n";
        await Upload("hoc-sinh", Encoding.UTF8.GetBytes(csv));
        Assert.Contains("<option value=\"0\">A · Tên em (Nguyễn Văn An)</option>", browser.Html, StringComparison.Ordinal);
        await browser.Post("/nhap-du-lieu/cot", Columns(("Lớp", 1), ("Ngày sinh", 2), ("Mã định danh Bộ", 3)));
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Contains("Chưa có cột Họ tên", browser.Html, StringComparison.Ordinal);
        var dryRun = (await browser.Post("/nhap-du-lieu/cot", Columns(("Lớp", 1), ("Họ tên", 0), ("Ngày sinh", 2), ("Mã định danh Bộ", 3)))).Headers.Location!.ToString();
        for (var visit = 0; visit < 2; visit++)
        {
            await browser.Get(dryRun);
            Assert.Contains("Thêm 2, sửa 0, không đổi 0, sai 1.", browser.Html, StringComparison.Ordinal);
            Assert.Contains("Họ tên (A3 “=B2”):", browser.Html, StringComparison.Ordinal);
            Assert.Contains("Ngày sinh (C3 “31/02/2015”):", browser.Html, StringComparison.Ordinal);
            await browser.Get("/nhap-du-lieu");
            Assert.Contains("chưa ghi: làm tiếp", browser.Html, StringComparison.Ordinal);
        }
        await browser.Get(dryRun);
        await browser.Post("/nhap-du-lieu/ghi", ("phieu", browser.Hidden("phieu")));
        Assert.Equal(HttpStatusCode.Conflict, browser.Status);
        Assert.Contains("Tệp có 1 dòng sai", browser.Html, StringComparison.Ordinal);
        Assert.Empty(host.Store.All<Pupil>(School));

        host.Clock.Advance(TimeSpan.FromMinutes(6));
        await browser.Post("/nhap-du-lieu/ghi", ("phieu", browser.Hidden("phieu")), ("bo-sai", "1"));
        Assert.Contains("Nhập lại mật khẩu", browser.Html, StringComparison.Ordinal);
        var done = await browser.Post(
            "/nhap-du-lieu/ghi", ("phieu", browser.Hidden("phieu")), ("bo-sai", browser.Hidden("bo-sai")), ("matkhau", Password));
        var page = done.Headers.Location!.ToString();
        await browser.Get(page);
        Assert.Contains("Đã ghi 2 dòng.", browser.Html, StringComparison.Ordinal);
        Assert.Contains("Trở lại như trước: 2. Giữ nguyên: 0.", browser.Html, StringComparison.Ordinal);
        Assert.Equal(["Lê Bình", "Nguyễn Văn An"], Names());
        Assert.Equal(HttpStatusCode.NotFound, (await browser.Get(dryRun)).StatusCode);

        await browser.Get(page);
        var undone = await browser.Post(page.Split('?')[0] + "/hoan-tac", ("truong", browser.Hidden("truong")));
        await browser.Get(undone.Headers.Location!.ToString());
        Assert.Contains("Đã hoàn tác lần nhập này.", browser.Html, StringComparison.Ordinal);
        Assert.Empty(Names());
        Assert.Empty(host.Store.View<ClassRoster>(School, ClassId("5A"))!.PupilsOn(new(2026, 9, 7)));
        await browser.Post(page.Split('?')[0] + "/hoan-tac", ("truong", $"{School.Owner}"));
        Assert.Equal(HttpStatusCode.Conflict, browser.Status);
        Assert.Equal(["hoc-sinh", "undo"], host.Audit.Entries.Where(e => e.Event == "import").Select(e => e.Subject.Split('/')[0]));
    }

    [Fact]
    public async Task Undo_puts_back_what_was_changed_and_leaves_whole_what_was_touched_since()
    {
        await Import("Họ tên,Lớp,Ngày sinh,SĐT\nNguyễn Văn An,5A,2015,0900000001\nLê Bình,5A,2015,\nTrần Chi,5A,2015,\nĐỗ Dung,5A,2015,\n");
        await Import("Họ tên,Lớp,Ngày sinh,Mã HS,SĐT\nNguyễn Văn An,5A,2015,7400000001,0900000002\nLê Bình,5A,2015,7400000002,\nPhạm Em,5A,2015,,\nVõ Giang,5A,2015,,\n");
        var page = Assert.Single(host.Store.All<ImportPart>(School), p => p.Value.Records.Any(r => !r.Made)).Value;
        Assert.All(page.Records.Where(r => !r.Made), r => Assert.StartsWith("s1.", r.Before!.Text, StringComparison.Ordinal));
        var catalogue = host.Store.Catalogue;
        var (binh, em) = (Of("Lê Bình"), Of("Phạm Em"));
        var roster = new RosterSeen(ClassId("5A"), [em.Id]);
        host.Store.Seed(
        [
            catalogue.Change(School, binh, binh.Value with { Gender = Gender.Female })!, catalogue.Create(School, roster.IdIn(School), roster),
            catalogue.Create(School, RecordId.New(host.Clock), new Submission(
                roster.Class, new(2026, 9, 7), Slot.Morning, roster.IdIn(School), [], [], Lan, Source.Teacher, 1)),
        ]);
        await browser.Get($"/nhap-du-lieu/{page.Run}?truong={School.Owner}");
        Assert.Contains("Trở lại như trước: 2. Giữ nguyên: 2.", browser.Html, StringComparison.Ordinal);
        Assert.Matches("Lê Bình</a>\\s*: Đã được sửa sau khi nhập.", browser.Html);
        Assert.Matches("Phạm Em</a>\\s*: Đã được điểm danh.", browser.Html);
        await browser.Post($"/nhap-du-lieu/{page.Run}/hoan-tac", ("truong", $"{School.Owner}"));
        Assert.Equal(["Lê Bình", "Nguyễn Văn An", "Phạm Em", "Trần Chi", "Đỗ Dung"], Names());
        var an = Of("Nguyễn Văn An");
        Assert.Equal((null, "0900000001"), (an.Value.MinistryId, PupilSecrets.Of(host.Seals, School, an.Id, an.Value).Phone));
        Assert.Equal("7400000002", Of("Lê Bình").Value.MinistryId);
        await browser.Get($"/nhap-du-lieu/{page.Run}?truong={School.Owner}");
        Assert.Contains("Giữ nguyên vì đã có thay đổi sau khi nhập: ", browser.Html, StringComparison.Ordinal);

        host.Clock.Advance(TimeSpan.FromDays(ImportPart.UndoDays));
        await browser.SignIn("vp", Password);
        var first = host.Store.All<ImportPart>(School).MinBy(p => p.Version)!.Value.Run;
        await browser.Get($"/nhap-du-lieu/{first}?truong={School.Owner}");
        Assert.DoesNotContain("/hoan-tac", browser.Html, StringComparison.Ordinal);
        await browser.Post($"/nhap-du-lieu/{first}/hoan-tac", ("truong", $"{School.Owner}"));
        Assert.Contains("Đã quá 7 ngày", browser.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_table_is_refused_and_another_s_file_or_kind_is_not_there()
    {
        await Upload("hoc-sinh", Encoding.UTF8.GetBytes("không phải bảng"), mustPass: false);
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Contains("Không thấy dòng tiêu đề", browser.Html, StringComparison.Ordinal);
        await Upload("hoc-sinh", [0x4E, 0x67, 0xF4, 0x2C, 0x31], mustPass: false);
        Assert.Contains("không phải mã UTF-8", browser.Html, StringComparison.Ordinal);
        await Upload("hoc-sinh", "PK\u0003\u0004 hỏng"u8.ToArray(), mustPass: false);
        Assert.Contains("không phải tệp Excel", browser.Html, StringComparison.Ordinal);
        await Upload("hoc-sinh", Encoding.UTF8.GetBytes("Họ tên,Lớp\nLê Bình,5A\n"));
        var token = browser.Hidden("phieu");
        host.Store.Seed(Compose.Staff(host.Store.Catalogue, School, RecordId.New(host.Clock), new("Bùi Hiệu", "Hiệu trưởng"), "ht", Password, Roles.Head));
        using var head = host.NewBrowser();
        await head.SignIn("ht", Password);
        Assert.Equal(HttpStatusCode.NotFound, (await head.Get($"/nhap-du-lieu/xem?phieu={token}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await head.Get($"/nhap-du-lieu/{RecordId.New(host.Clock)}?truong={School.Owner}")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await browser.Get($"/nhap-du-lieu/xem?phieu={token}")).StatusCode);
        host.Clock.Advance(TimeSpan.FromMinutes(31));
        await browser.SignIn("vp", Password);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.Get($"/nhap-du-lieu/xem?phieu={token}")).StatusCode);
    }

    private async Task Import(string csv)
    {
        await Upload("hoc-sinh", Encoding.UTF8.GetBytes(csv));
        await browser.Post("/nhap-du-lieu/ghi", ("phieu", browser.Hidden("phieu")));
        Assert.Equal(HttpStatusCode.Redirect, browser.Status);
    }

    private async Task Upload(string kind, byte[] file, bool mustPass = true)
    {
        await browser.Get($"/nhap-du-lieu?loai={kind}");
        var answer = await browser.Upload("/nhap-du-lieu", file, ("loai", kind), ("ngay", "2026-09-07"));
        if (mustPass)
        {
            await browser.Get(answer.Headers.Location!.ToString());
            Assert.Equal(HttpStatusCode.OK, browser.Status);
        }
    }

    private (string, string)[] Columns(params (string Title, int Place)[] chosen) =>
    [
        ("phieu", browser.Hidden("phieu")),
        .. PupilSheet.Columns.Select(c => ("cot", chosen.Any(m => m.Title == c.Title) ? $"{chosen.First(m => m.Title == c.Title).Place}" : "")),
    ];

    private Row<Pupil> Of(string name) => host.Store.All<Pupil>(School).Single(p => p.Value.FullName == name);

    private IEnumerable<string> Names() => host.Store.All<Pupil>(School).Select(p => p.Value.FullName).Order(StringComparer.Ordinal);

    private Guid ClassId(string name) => host.Store.All<SchoolClass>(School).Single(c => c.Value.Name == name).Id;
}
