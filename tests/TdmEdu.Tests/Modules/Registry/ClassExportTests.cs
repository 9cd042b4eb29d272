using System.IO.Compression;
using System.Net;
using System.Text;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell.Sheets;
using TdmEdu.Sync.Records;
using static TdmEdu.Tests.Modules.Registry.PagesTests;

namespace TdmEdu.Tests.Modules.Registry;

/// <summary>Who takes what of a class away, through the pages of a box.</summary>
public sealed class ClassExportTests : IAsyncLifetime
{
    private const string Phone = "0912345678";
    private static readonly PupilSecrets Family = new("55", "074215000123", Phone, "Nguyễn Cha Kín", "Lê Mẹ Kín", "12 đường Kín");
    private static readonly Guid Homeroom = Guid.Parse("01900000-0000-7000-8000-000000000c11");
    private static readonly Guid An = Guid.Parse("01900000-0000-7000-8000-000000000d01");
    private static readonly Guid Binh = Guid.Parse("01900000-0000-7000-8000-000000000d02");
    private static readonly Guid Chi = Guid.Parse("01900000-0000-7000-8000-000000000d03");

    private readonly WebHost host = NewEdge();
    private WebHost.Browser browser = null!;
    private Guid own;
    private Guid other;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var catalogue = host.Store.Catalogue;
        (own, other) = (ClassId("5A"), ClassId("5B"));
        host.Store.Seed(
        [
            .. Compose.Staff(catalogue, School, Homeroom, new("Đỗ Chủ Nhiệm", "Giáo viên"), "cn", Password, Roles.Teacher | Roles.HomeroomTeacher),
            Compose.Assignment(catalogue, School, new(Homeroom, own, new(2026, 9, 1), null, Homeroom: true)),
            .. Compose.Pupil(catalogue, School, An, Family.SealInto(new("0074000001", "Nguyễn Văn An", "2015-09-05", Gender.Male), host.Seals, School, An), own, new(2026, 9, 1)),
            .. Compose.Pupil(catalogue, School, Binh, new Pupil(null, "=HYPERLINK(\"http://x\") Bình", "2015", null), own, new(2026, 9, 1)),
        ]);
        browser = await host.Start();
    }

    public async ValueTask DisposeAsync()
    {
        browser.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Threat_T09_T16_A_list_is_taken_away_with_the_password_again_and_is_on_record()
    {
        await SignIn("cn");
        Assert.Contains("Tải danh sách và bảng của lớp", browser.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"sdt\"", browser.Html, StringComparison.Ordinal);
        host.Clock.Advance(TimeSpan.FromMinutes(6));
        await Take("danh-sach", "xlsx");
        Assert.Contains("Nhập lại mật khẩu", browser.Html, StringComparison.Ordinal);
        Assert.Contains("action=\"/hoc-sinh/tai\"", browser.Html, StringComparison.Ordinal);
        Assert.Contains("Tải danh sách, bảng của lớp: 5A", browser.Html, StringComparison.Ordinal);
        var asked = new[] { "lop", "bang", "dang" }.Select(name => (name, browser.Hidden(name))).ToArray();
        // No form, so without a form's token.
        await browser.Json(HttpMethod.Post, "/hoc-sinh/tai", "{}");
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        await browser.Post("/hoc-sinh/tai", [.. asked, ("matkhau", "sai")]);
        Assert.Equal(HttpStatusCode.Forbidden, browser.Status);
        Assert.DoesNotContain(host.Audit.Entries, e => e.Event == "export");

        await browser.Post("/hoc-sinh/tai", [.. asked, ("quay-lai", "/hoc-sinh?lop=x"), ("matkhau", Password)]);
        Assert.Contains("Đã xác nhận", browser.Html, StringComparison.Ordinal);
        Assert.Contains("href=\"/hoc-sinh?lop=x\"", browser.Html, StringComparison.Ordinal);
        Assert.DoesNotContain(host.Audit.Entries, e => e.Event == "export");
        var answer = await browser.Post("/hoc-sinh/tai", [.. new[] { "lop", "bang", "dang" }.Select(name => (name, browser.Hidden(name)))]);
        Assert.Equal("danh-sach-lop-5a.xlsx", answer.Content.Headers.ContentDisposition!.FileName);
        Assert.Contains("no-store", answer.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        Assert.Equal(new AuditEntry("export", Homeroom, $"danh-sach/{own:n}/2", ""), host.Audit.Entries.Single(e => e.Event == "export"));
        var file = await answer.Content.ReadAsByteArrayAsync(Cancel);
        var table = XlsxReader.Read(new MemoryStream(file), row => row.Cells.Count == 7).Value;
        Assert.Equal([("Nguyễn Văn An", false), ("=HYPERLINK(\"http://x\") Bình", false)], table.Rows.Take(2).Select(r => (r.Cells[3].Text, r.Cells[3].HasFormula)));
        var lines = PupilFiles.Read(new MemoryStream(file), new(2026, 9, 7)).Value.Lines;
        Assert.Equal(("5A", "0074000001", "2015-09-05", Gender.Male), lines.Where(l => l.Pupil.MinistryId is not null)
            .Select(l => (l.ClassName, l.Pupil.MinistryId, l.Pupil.BirthDate, l.Pupil.Gender!.Value)).Single());
        Assert.All(lines, l => Assert.True(l.Secrets.IsEmpty));
        AssertHidden(file, "SĐT (3 số cuối)", "…678");
    }

    [Fact]
    public async Task Threat_T10_Another_class_is_refused_and_on_record()
    {
        await SignIn("cn");
        Assert.Equal(HttpStatusCode.Forbidden, (await Take("danh-sach", "csv", other)).StatusCode);
        Assert.Contains(new AuditEntry("refused", Homeroom, "POST /hoc-sinh/tai", "not_your_class"), host.Audit.Entries);
        await Take("danh-sach", "csv", own, ("sdt", "1"));
        Assert.Contains(new AuditEntry("refused", Homeroom, "POST /hoc-sinh/tai", "not_your_phones"), host.Audit.Entries);
        Assert.Equal(HttpStatusCode.NotFound, (await Take("danh-sach", "csv", An)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await Take("khong-co", "csv")).StatusCode);

        using var plain = host.NewBrowser();
        await plain.SignIn("lan", Password);
        await plain.Get($"/hoc-sinh?lop={own}");
        Assert.DoesNotContain("/hoc-sinh/tai", plain.Html, StringComparison.Ordinal);
        await plain.Post("/hoc-sinh/tai", ("lop", $"{own}"), ("bang", "danh-sach"));
        Assert.Contains(new AuditEntry("refused", Lan, "POST /hoc-sinh/tai", "role_denied"), host.Audit.Entries);
        Assert.DoesNotContain(host.Audit.Entries, e => e.Event == "export");
    }

    [Fact]
    public async Task The_office_opens_who_to_call_at_home_and_nothing_else_after_it_is_on_record()
    {
        await SignIn("vp");
        Assert.Contains("name=\"sdt\"", browser.Html, StringComparison.Ordinal);
        AssertHidden(await Bytes(await Take("danh-sach", "xlsx")), "…678");
        Assert.DoesNotContain(host.Audit.Entries, e => e.Event == "read_sensitive");

        var file = await Bytes(await Take("danh-sach", "xlsx", own, ("sdt", "1")));
        Assert.Equal([("read_sensitive", $"danh-sach/{own:n}"), ("export", $"danh-sach/{own:n}/2")], host.Audit.Entries.TakeLast(2).Select(e => (e.Event, e.Subject)));
        Assert.Equal([Family with { Ethnicity = null, PersonalId = null, Address = null }, new PupilSecrets()], PupilFiles.Read(new MemoryStream(file), new(2026, 9, 7)).Value.Lines
            .OrderByDescending(l => l.Secrets.Phone).Select(l => l.Secrets));
        Assert.Equal(HttpStatusCode.OK, (await Take("danh-sach", "csv", other)).StatusCode);
    }

    [Fact]
    public async Task A_month_names_what_was_not_sent_and_counts_it_as_nothing()
    {
        var catalogue = host.Store.Catalogue;
        var roster = new RosterSeen(own, [An, Binh]);
        host.Store.Seed(
        [
            catalogue.Create(School, roster.IdIn(School), roster),
            Sent(1, [new(An, MarkCode.Unexcused)]), Sent(2, [new(An, MarkCode.Late), new(Binh, MarkCode.Excused)]), Sent(4, [new(Binh, MarkCode.LeftEarly)]),
            .. Compose.Pupil(catalogue, School, Chi, new Pupil(null, "Trần Thị Chi", null, null), own, new(2026, 9, 4)),
        ]);
        await SignIn("cn");
        host.Clock.Advance(TimeSpan.FromMinutes(30));
        await browser.Post("/xac-nhan", ("tiep", "/lich"), ("matkhau", Password));
        var csv = Encoding.UTF8.GetString(await Bytes(await Take("chuyen-can", "csv", own, ("thang", "2026-09"))));
        var rows = Csv.Parse(csv).Select(r => r.Cells).ToList();
        Assert.Equal(["STT", "Họ tên", .. Enumerable.Range(1, 31).Select(d => $"{d}"), "Có mặt", "Vắng có phép", "Vắng không phép", "Muộn", "Về sớm", "Chưa báo"], rows[0]);
        // The first was a Tuesday; on the third nobody sent anything, on the seventh not yet; the rest is to come.
        Assert.Equal(["K", "M", "?", "x", "", "", "?", ""], rows[1].Skip(2).Take(8));
        Assert.Equal(["2", "0", "1", "1", "0", "2"], rows[1].TakeLast(6));
        Assert.Equal("=HYPERLINK(\"http://x\") Bình", rows[2][1]);
        Assert.Equal(["x", "P", "?", "V", "", "", "?", ""], rows[2].Skip(2).Take(8));
        Assert.Equal(["2", "1", "0", "0", "1", "2"], rows[2].TakeLast(6));
        // Who came on the fourth, after the list was on the screen.
        Assert.Equal(["–", "–", "–", "?", "", "", "?", ""], rows[3].Skip(2).Take(8));
        Assert.Equal(["0", "0", "0", "0", "0", "2"], rows[3].TakeLast(6));
        Assert.Equal(4, rows.Count);
        Assert.Equal($"chuyen-can/{own:n}/2026-09/3", host.Audit.Entries.Single(e => e.Event == "export").Subject);
        foreach (var month in new[] { "2026-08", "2026-10", "2026-13", "" })
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await Take("chuyen-can", "csv", own, ("thang", month))).StatusCode);
        }

        Draft Sent(int day, Mark[] marks) => catalogue.Create(
            School, RecordId.New(host.Clock), new Submission(own, new(2026, 9, day), Slot.Morning, roster.IdIn(School), marks, [], Homeroom, Source.Teacher, 1));
    }

    private Guid ClassId(string name) => host.Store.All<SchoolClass>(School).Single(c => c.Value.Name == name).Id;

    private async Task SignIn(string user)
    {
        await browser.SignIn(user, Password);
        await browser.Get($"/hoc-sinh?lop={own}");
    }

    private Task<HttpResponseMessage> Take(string table, string format, Guid? of = null, params (string, string)[] more) =>
        browser.Post("/hoc-sinh/tai", [("lop", $"{of ?? own}"), ("bang", table), ("dang", format), .. more]);

    private static async Task<byte[]> Bytes(HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsByteArrayAsync(Cancel);
    }

    /// <summary>Nothing of the family or of what is sensitive is in any part of the file, only what is named here.</summary>
    private static void AssertHidden(byte[] xlsx, params string[] shown)
    {
        using var zip = new ZipArchive(new MemoryStream(xlsx));
        var text = string.Concat(zip.Entries.Select(e => new StreamReader(e.Open()).ReadToEnd()));
        Assert.All(shown, s => Assert.Contains(s, text, StringComparison.Ordinal));
        foreach (var hidden in new[] { Phone, Family.PersonalId, Family.FatherName, Family.MotherName, Family.Address, RegistryData.Ethnicities["55"], "s1." })
        {
            Assert.DoesNotContain(hidden!, text, StringComparison.Ordinal);
        }
    }
}
