using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;
using static TdmEdu.Tests.Modules.Registry.PagesTests;

namespace TdmEdu.Tests.Modules.Registry;

/// <summary>What a school's head does with the school's accounts on its own box, and what asks for the password once more.</summary>
public partial class SchoolPeopleTests
{
    private static readonly Guid Head = Guid.Parse("01900000-0000-7000-8000-000000000c07");
    private static readonly Guid It = Guid.Parse("01900000-0000-7000-8000-000000000c08");

    [Fact]
    public async Task The_head_adds_a_teacher_on_the_box_who_chooses_an_own_password()
    {
        await using var host = NewSchool();
        using var head = await host.Start();
        await head.SignIn("hieutruong", Password);
        await head.Get("/can-bo");
        Assert.Contains("Nguyễn Thị Lan", head.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("Chuyên viên Phòng", head.Html, StringComparison.Ordinal);
        await Add(head, Roles.Teacher);
        var given = ShownPassword().Match(head.Html).Groups[1].Value;
        using var teacher = host.NewBrowser();
        await teacher.Get("/dang-nhap");
        Assert.Equal("/can-bo/mat-khau", (await teacher.Post("/dang-nhap", ("ten", "binhtv"), ("matkhau", given))).Headers.Location!.ToString());
        await teacher.Get("/can-bo/mat-khau");
        await teacher.Post("/can-bo/mat-khau", ("cu", given), ("moi", "ba con chim trên cây khế"), ("lai", "ba con chim trên cây khế"));
        Assert.Equal(HttpStatusCode.OK, (await teacher.Get("/lich")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await teacher.Get("/can-bo")).StatusCode);
    }

    [Fact]
    public async Task A_head_has_no_say_in_other_scopes_gives_no_rights_of_the_department_and_stays_a_head()
    {
        await using var host = NewSchool();
        var elsewhere = Guid.Parse("01900000-0000-7000-8000-000000000b99");
        var (there, colleague) = (Scope.School(elsewhere), Guid.Parse("01900000-0000-7000-8000-000000000c99"));
        var quan = Guid.Parse("01900000-0000-7000-8000-000000000d01");
        host.Store.Seed(
        [
            .. Compose.Staff(host.Store.Catalogue, there, colleague, new("Lê Thị Xa", "Giáo viên"), "xa", Password, Roles.Teacher),
            .. Compose.Staff(host.Store.Catalogue, Scope.Department, quan, new("Nguyễn Văn Quản", "Quản trị"), "it", Password, Roles.DepartmentIt),
        ]);
        using var head = await host.Start();
        await head.SignIn("hieutruong", Password);
        var before = host.Store.OpsWritten;
        foreach (var (id, place, scope) in new[] { (colleague, $"{elsewhere}", there), (quan, "phong", Scope.Department) })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await head.Get($"/can-bo/{id}?truong={place}")).StatusCode);
            await head.Get($"/can-bo?truong={place}");
            Assert.DoesNotContain(id.ToString(), head.Html, StringComparison.Ordinal);
            var version = host.Store.Get<Account>(scope, id)!.Version.ToString();
            foreach (var path in new[] { "", "/mat-khau", "/khoa" })
            {
                await head.Post($"/can-bo/{id}{path}", ("truong", place), ("ban", version), ("khoa", "1"), ("hoten", "X"), ("chucdanh", "X"), ("viec", "1"));
                Assert.Equal(HttpStatusCode.NotFound, head.Status);
            }
        }
        await Add(head, Roles.DepartmentIt);
        Assert.Equal(HttpStatusCode.BadRequest, head.Status);
        await head.Get($"/can-bo/{Head}");
        await head.Post($"/can-bo/{Head}", ("ban", head.Hidden("ban")), ("hoten", "Trần Thị Hiệu"), ("chucdanh", "Hiệu trưởng"), ("viec", "1"));
        Assert.Equal(HttpStatusCode.Conflict, head.Status);
        Assert.Equal(before, host.Store.OpsWritten);
    }

    [Fact]
    public async Task Five_minutes_after_the_password_it_is_asked_again_and_what_was_filled_in_goes_on()
    {
        await using var host = NewSchool();
        using var head = await host.Start();
        await head.SignIn("hieutruong", Password);
        host.Clock.Advance(TimeSpan.FromMinutes(6));
        await head.Get("/can-bo");
        await Add(head, Roles.Teacher | Roles.Office);
        Assert.Equal(HttpStatusCode.OK, head.Status);
        Assert.Contains("Nhập lại mật khẩu", head.Html, StringComparison.Ordinal);
        Assert.Empty(host.Store.AllAt<Account>(School, "binhtv"));

        var kept = Kept().Matches(head.Html).Select(m => (m.Groups[1].Value, m.Groups[2].Value)).Where(f => f.Item1 != "__RequestVerificationToken").ToArray();
        await head.Post("/can-bo", [.. kept, ("matkhau", "sai")]);
        Assert.Equal(HttpStatusCode.Forbidden, head.Status);
        Assert.Contains(host.Audit.Entries, e => e is { Event: "step_up", Subject: "POST /can-bo", Reason: "old_password" });
        await head.Post("/can-bo", [.. kept, ("matkhau", Password)]);
        Assert.Matches(ShownPassword(), head.Html);
        Assert.Equal(Roles.Teacher | Roles.Office, host.Store.AllAt<Account>(School, "binhtv").Single().Value.Roles);
        Assert.Contains(host.Audit.Entries, e => e is { Event: "step_up", Reason: "" } && e.Actor == Head);

        host.Clock.Advance(TimeSpan.FromMinutes(4));
        await head.Get($"/can-bo/{Lan}");
        await head.Post($"/can-bo/{Lan}/mat-khau", ("ban", head.Hidden("ban")));
        Assert.Matches(ShownPassword(), head.Html);
    }

    [Fact]
    public async Task A_page_that_needs_the_password_again_opens_after_it()
    {
        await using var host = NewSchool(app => app.MapGet("/xuat", () => "all").RequireRoles(Roles.Head).RequireStepUp(new("Thử")));
        using var head = await host.Start();
        await head.SignIn("hieutruong", Password);
        host.Clock.Advance(TimeSpan.FromMinutes(5));
        await head.Get("/xuat?nam=2026");
        Assert.DoesNotContain("all", head.Html, StringComparison.Ordinal);
        var answer = await head.Post(StepUp.Path, ("tiep", head.Hidden("tiep")), ("matkhau", Password));
        Assert.Equal("/xuat?nam=2026", answer.Headers.Location!.ToString());
        await head.Get("/xuat?nam=2026");
        Assert.Equal("all", head.Html);
    }

    [Fact]
    public async Task What_central_has_not_confirmed_for_thirty_days_signs_in_when_it_says_that_the_person_is_here()
    {
        var heard = new DateTimeOffset(2026, 9, 7, 1, 0, 0, TimeSpan.Zero);
        await using var host = NewSchool(null, new CentralContact(() => heard));
        using var it = await host.Start();
        host.Clock.Advance(TimeSpan.FromDays(30));
        using (var teacher = host.NewBrowser())
        {
            await teacher.SignIn("lan", Password);
        }
        host.Clock.Advance(TimeSpan.FromDays(1));
        using var late = host.NewBrowser();
        await TryLan(late);
        Assert.Equal(HttpStatusCode.Forbidden, late.Status);
        Assert.Contains("nhờ hiệu trưởng hoặc CNTT của trường gia hạn", late.Html, StringComparison.Ordinal);
        Assert.Contains(host.Audit.Entries, e => e is { Event: "sign_in", Reason: "lease_over" } && e.Actor == Lan);

        await it.SignIn("cntt", Password);
        await it.Get(LeasePages.Path);
        Assert.Contains("Nguyễn Thị Lan", it.Html, StringComparison.Ordinal);
        await it.Post(LeasePages.Path, ("nguoi", $"{Lan}"));
        Assert.Contains(new AuditEntry("account", It, $"extend/{Lan:n}", ""), host.Audit.Entries);
        await it.Get(LeasePages.Path);
        Assert.DoesNotContain("Nguyễn Thị Lan", it.Html, StringComparison.Ordinal);
        await TryLan(late);
        Assert.Equal(HttpStatusCode.Redirect, late.Status);
        host.Clock.Advance(TimeSpan.FromDays(31));
        await TryLan(late);
        Assert.Equal(HttpStatusCode.Forbidden, late.Status);
        heard = host.Clock.GetUtcNow();
        await TryLan(late);
        Assert.Equal(HttpStatusCode.Redirect, late.Status);
    }

    private static async Task TryLan(WebHost.Browser browser)
    {
        browser.ForgetSession();
        await browser.Get("/dang-nhap");
        await browser.Post("/dang-nhap", ("ten", "lan"), ("matkhau", Password));
    }

    private static async Task Add(WebHost.Browser browser, Roles roles)
    {
        await browser.Get("/can-bo");
        await browser.Post("/can-bo",
        [
            ("ma", browser.Hidden("ma")), ("truong", ""), ("hoten", "Trần Văn Bình"), ("chucdanh", "Giáo viên"), ("ten", ""),
            .. RoleWords.In(roles).Select(r => ("viec", $"{(int)r.Role}")),
        ]);
    }

    private static WebHost NewSchool(Action<WebApplication>? mapMore = null, CentralContact? contact = null)
    {
        var host = NewEdge(services => services.AddSingleton(contact ?? new(() => DateTimeOffset.MaxValue.AddDays(-365))), mapMore);
        host.Store.Seed(
        [
            .. Compose.Staff(host.Store.Catalogue, School, Head, new("Trần Thị Hiệu", "Hiệu trưởng"), "hieutruong", Password, Roles.Head),
            .. Compose.Staff(host.Store.Catalogue, School, It, new("Lê Văn Máy", "CNTT"), "cntt", Password, Roles.SchoolIt),
        ]);
        return host;
    }

    [GeneratedRegex("id=\"mat-khau\">([^<]+)<")]
    private static partial Regex ShownPassword();

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\"")]
    private static partial Regex Kept();
}
