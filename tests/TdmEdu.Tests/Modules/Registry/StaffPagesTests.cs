using System.Net;
using System.Text.RegularExpressions;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.Central;
using TdmEdu.Tests.EdgeNode;

namespace TdmEdu.Tests.Modules.Registry;

public partial class StaffPagesTests
{
    private const string Password = "bốn con mèo ngủ trưa";
    private static readonly Guid SchoolId = EdgeBox.School.Owner;
    private static readonly Guid It = Guid.Parse("01900000-0000-7000-8000-000000000d01");
    private static readonly Guid Officer = Guid.Parse("01900000-0000-7000-8000-000000000d02");

    [Fact]
    public async Task It_adds_a_teacher_and_the_password_that_is_shown_once_is_the_teacher_s()
    {
        await using var host = NewCentral();
        using var browser = await host.Start();
        await browser.SignIn("it", Password);
        await browser.Get($"/can-bo?truong={SchoolId}");
        var form = browser.Hidden("ma");
        var answer = await Add(browser, form, "Nguyễn Thị Lan", "");
        Assert.Contains("no-store", answer.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        var shown = ShownPassword().Match(browser.Html).Groups[1].Value;
        var lan = host.Store.All<Account>(EdgeBox.School).Single();
        Assert.Equal(("lannt", Roles.Teacher | Roles.Office), (lan.Value.UserName, lan.Value.Roles));
        Assert.True(PasswordHash.Verify(shown, lan.Value.PasswordHash));
        Assert.Contains(new AuditEntry("account", It, $"add/{lan.Id:n}", ""), host.Audit.Entries);

        await Add(browser, form, "Nguyễn Thị Lan", "");
        Assert.Equal(HttpStatusCode.Conflict, browser.Status);
        Assert.DoesNotMatch(ShownPassword(), browser.Html);
        await browser.Get($"/can-bo?truong={SchoolId}");
        await Add(browser, browser.Hidden("ma"), "Lê Thị Lan", "LANNT");
        Assert.Equal(HttpStatusCode.Conflict, browser.Status);
        Assert.Contains("đã có tên đăng nhập lannt", browser.Html, StringComparison.Ordinal);
        Assert.Contains("value=\"Lê Thị Lan\"", browser.Html, StringComparison.Ordinal);
        Assert.Single(host.Store.All<Account>(EdgeBox.School));

        await browser.Get($"/can-bo/{lan.Id}?truong={SchoolId}");
        var version = browser.Hidden("ban");
        await browser.Post($"/can-bo/{lan.Id}/mat-khau", ("truong", $"{SchoolId}"), ("ban", version));
        Assert.Matches(ShownPassword(), browser.Html);
        await browser.Post($"/can-bo/{lan.Id}/mat-khau", ("truong", $"{SchoolId}"), ("ban", version));
        Assert.Equal(HttpStatusCode.Conflict, browser.Status);
        Assert.Single(host.Audit.Entries, e => e.Subject == $"reset/{lan.Id:n}");
    }

    [Fact]
    public async Task Roles_are_changed_and_an_account_is_closed_and_opened_again()
    {
        await using var host = NewCentral();
        using var browser = await host.Start();
        await browser.SignIn("it", Password);
        await browser.Get($"/can-bo/{Officer}?truong=phong");
        await browser.Post($"/can-bo/{Officer}", ("truong", "phong"), ("ban", browser.Hidden("ban")), ("hoten", "Lê Văn Chuyên"),
            ("chucdanh", "Phó trưởng phòng"), ("viec", "32"), ("viec", "64"));
        Assert.Equal(HttpStatusCode.Redirect, browser.Status);
        Assert.Equal(Roles.DepartmentOfficer | Roles.DepartmentIt, host.Store.Get<Account>(Scope.Department, Officer)!.Value.Roles);
        Assert.Equal("Phó trưởng phòng", host.Store.Get<Staff>(Scope.Department, Officer)!.Value.Title);
        foreach (var closed in new[] { true, false })
        {
            await browser.Get($"/can-bo/{Officer}?truong=phong");
            await browser.Post($"/can-bo/{Officer}/khoa", ("truong", "phong"), ("ban", browser.Hidden("ban")), ("khoa", closed ? "1" : "0"));
            Assert.Equal(closed, host.Store.Get<Account>(Scope.Department, Officer)!.Value.Disabled);
        }
        await browser.Get($"/can-bo/{It}?truong=phong");
        await browser.Post($"/can-bo/{It}/khoa", ("truong", "phong"), ("ban", browser.Hidden("ban")), ("khoa", "1"));
        Assert.Equal(HttpStatusCode.Conflict, browser.Status);
        Assert.False(host.Store.Get<Account>(Scope.Department, It)!.Value.Disabled);
    }

    [Fact]
    public async Task An_officer_reads_and_may_not_write_and_changes_only_the_own_password()
    {
        await using var host = NewCentral();
        using var browser = await host.Start();
        await browser.SignIn("officer", Password);
        await browser.Get("/can-bo?truong=phong");
        Assert.Contains("Nguyễn Văn Quản", browser.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("Thêm người", browser.Html, StringComparison.Ordinal);
        await Add(browser, $"{Guid.Empty}", "Nguyễn Thị Lan", "");
        Assert.Equal(HttpStatusCode.Forbidden, browser.Status);
        await browser.Post($"/can-bo/{It}/mat-khau", ("truong", "phong"), ("ban", ""));
        Assert.Equal(HttpStatusCode.Forbidden, browser.Status);

        await browser.Get("/can-bo/mat-khau");
        await browser.Post("/can-bo/mat-khau", ("cu", "sai"), ("moi", "một câu hơi dài mới được"), ("lai", "một câu hơi dài mới được"));
        Assert.Equal(HttpStatusCode.Forbidden, browser.Status);
        await browser.Post("/can-bo/mat-khau", ("cu", Password), ("moi", "một câu hơi dài mới được"), ("lai", "một câu hơi dài mới được"));
        Assert.Equal(HttpStatusCode.Redirect, browser.Status);
        Assert.Contains(new AuditEntry("account", Officer, $"own_password/{Officer:n}", ""), host.Audit.Entries);
        host.Clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(HttpStatusCode.OK, (await browser.Get("/can-bo/mat-khau")).StatusCode);
        using var other = host.NewBrowser();
        await other.SignIn("officer", "một câu hơi dài mới được");
    }

    [Fact]
    public async Task What_central_writes_of_a_teacher_signs_in_on_the_school_s_box_until_it_is_closed()
    {
        var cancel = TestContext.Current.CancellationToken;
        var folder = Directory.CreateTempSubdirectory("staff-flow-");
        await using (var central = await CentralBox.Start($"Data Source={folder.FullName}/central.db;Pooling=False"))
        await using (var box = await EdgeBox.Start(central.Clock))
        {
            var it = new Actor(It, Scope.City, Roles.DepartmentIt);
            var node = await central.Enrol(SchoolId);
            var (epoch, cursors) = ("", new Dictionary<Scope, Cursor>());
            var signIn = SignInTests.New(new(Side.Edge, EdgeBox.School), box.Owner, new ListAudit(), central.Clock);
            async Task<bool> SignsIn(string secret)
            {
                var feed = (await node.Pull(epoch, cursors)).Value;
                foreach (var page in feed.Pages)
                {
                    Assert.True((await box.Owner.TakePage(feed.FeedEpoch, page, cancel)).Ok);
                    cursors[page.Scope] = page.Next;
                }
                epoch = feed.FeedEpoch;
                var found = await signIn.Check(new("lannt", secret, "", "10.0.0.5"), cancel);
                return found.Ok && found.Value.PasswordDue;
            }
            async Task<Result<Account>> Change(Guid id, Func<Account, Account> change) => await central.Records.Decide(it, r =>
                ChangeAccount.Decide(central.Catalogue, r, it, EdgeBox.School, id, $"{r.Get<Account>(EdgeBox.School, id)!.Version}", change), cancel);

            var lan = new NewStaff(RecordId.New(central.Clock), "Nguyễn Thị Lan", "Giáo viên", "", Roles.Teacher);
            var (first, second) = (Accounts.NewPassword(), Accounts.NewPassword());
            var (firstHash, secondHash) = (PasswordHash.Of(first), PasswordHash.Of(second));
            Assert.Equal("lannt", (await central.Records.Decide(
                it, r => AddStaff.Decide(central.Catalogue, r, it, EdgeBox.School, lan, firstHash, central.Clock.GetUtcNow()), cancel)).Value);
            Assert.True(await SignsIn(first));
            Assert.Equal("user_name_taken", (await central.Records.Decide(it, r => AddStaff.Decide(central.Catalogue, r, it, EdgeBox.School,
                lan with { Id = RecordId.New(central.Clock), UserName = "LanNT" }, secondHash, central.Clock.GetUtcNow()), cancel)).Error.Reason);

            Assert.True((await Change(lan.Id, a => a.Given(secondHash, central.Clock.GetUtcNow()))).Ok);
            Assert.False(await SignsIn(first));
            Assert.True(await SignsIn(second));
            Assert.True((await Change(lan.Id, a => a with { Disabled = true })).Ok);
            Assert.False(await SignsIn(second));
            var onBox = new Actor(EdgeBox.Office.Id, EdgeBox.School, Roles.Office);
            Assert.Equal("role_denied", (await box.Owner.Decide(onBox, r => ChangeAccount.Decide(EdgeBox.Catalogue, r, onBox,
                EdgeBox.School, lan.Id, $"{r.Get<Account>(EdgeBox.School, lan.Id)!.Version}", a => a with { Disabled = false }), cancel)).Error.Reason);
        }
        folder.Delete(recursive: true);
    }

    private static Task<HttpResponseMessage> Add(WebHost.Browser browser, string form, string name, string userName) => browser.Post(
        "/can-bo", ("truong", $"{SchoolId}"), ("ma", form), ("hoten", name), ("chucdanh", "Giáo viên"), ("ten", userName),
        ("viec", "1"), ("viec", "4"));

    private static WebHost NewCentral()
    {
        var host = new WebHost(new(Side.Central, Scope.City));
        host.Store.Seed(
        [
            host.Store.Catalogue.Create(Scope.City, SchoolId,
                new Unit(UnitKind.School, "74718401", "Trường Tiểu học Mẫu", "TH", null, new(2025, 7, 1), null, SampleCode: true)),
            .. Compose.Staff(host.Store.Catalogue, Scope.Department, It, new("Nguyễn Văn Quản", "Quản trị"), "it", Password, Roles.DepartmentIt),
            .. Compose.Staff(host.Store.Catalogue, Scope.Department, Officer, new("Lê Văn Chuyên", "Chuyên viên"), "officer", Password,
                Roles.DepartmentOfficer),
        ]);
        return host;
    }

    [GeneratedRegex("id=\"mat-khau\">([^<]+)<")]
    private static partial Regex ShownPassword();
}
