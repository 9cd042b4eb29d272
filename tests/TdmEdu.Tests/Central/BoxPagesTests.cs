using System.Net;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Feed;
using TdmEdu.EdgeNode;
using TdmEdu.EdgeNode.Joining;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.Modules.Registry;

namespace TdmEdu.Tests.Central;

/// <summary>What the department sees and decides about boxes, in the browser.</summary>
public sealed class BoxPagesTests : IAsyncLifetime
{
    private const string Password = CentralHost.Password;
    private const string Page = "/may-chu-truong";
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("box-pages-");
    private CentralHost central = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => central = await CentralHost.Start();

    public async ValueTask DisposeAsync()
    {
        await central.DisposeAsync();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Threat_T05_Department_makes_a_code_compares_the_words_takes_the_box_in_and_revokes_it_again()
    {
        using var it = await central.SignIn("it", Roles.DepartmentIt);
        await it.Get(Page);
        await it.Post(Page + "/ma", ("truong", CentralHost.SchoolCode));
        var code = Regex.Match(it.Html, "id=\"ma-ghi-danh\">([^<]+)<").Groups[1].Value;
        await it.Get(Page);
        Assert.DoesNotContain(code, it.Html, StringComparison.Ordinal);

        var join = new JoinCentral(folder.FullName, central.Newcomers, central.Clock);
        var words = await join.Ask(code, ["192.168.1.10"], Cancel);
        Assert.True(words.Ok);
        var waiting = join.WaitForDecision(Cancel);
        await central.Eventually(async () => (await it.Get(Page), it.Html).Html, html => html.Contains(words.Value, StringComparison.Ordinal));
        var asked = it.Hidden("may");
        await it.Post(Page + "/ghi-danh", ("may", asked), ("nhan", "1"));
        Assert.Equal(HttpStatusCode.BadRequest, it.Status);
        Assert.Contains("so đủ bốn từ", it.Html, StringComparison.Ordinal);
        Assert.False(waiting.IsCompleted);
        central.Clock.Advance(TimeSpan.FromMinutes(6));
        await it.Post(Page + "/ghi-danh", ("may", asked), ("nhan", "1"), ("da-so", "1"));
        AsksForThePassword(it);
        Assert.False(waiting.IsCompleted);
        await it.Post(Page + "/ghi-danh", ("may", asked), ("nhan", "1"), ("da-so", "1"), ("matkhau", Password));
        Assert.Equal(HttpStatusCode.Redirect, it.Status);
        Assert.Null(await central.Eventually(waiting));
        using var box = new BoxIdentity(folder.FullName);
        await it.Get(Page);
        Assert.Contains($"{box.Node}", it.Html, StringComparison.Ordinal);
        central.Clock.Advance(TimeSpan.FromMinutes(6));
        await it.Post(Page + "/thu-hoi", ("may", $"{box.Node}"));
        AsksForThePassword(it);
        await it.Post(Page + "/thu-hoi", ("may", $"{box.Node}"), ("matkhau", Password));
        await it.Get(Page);
        Assert.Contains("Đã thu hồi: máy này không được nhận nữa.", it.Html, StringComparison.Ordinal);
        await using var db = central.Db();
        var person = (await db.Audit.SingleAsync(a => a.Event == "join_code_made", Cancel)).Actor;
        Assert.NotEqual(Guid.Empty, person);
        Assert.Equal(2, await db.Audit.CountAsync(a => a.Actor == person && (a.Event == "join_approved" || a.Event == "node_revoke"), Cancel));
    }

    [Fact]
    public async Task Threat_T05_An_open_code_is_listed_without_itself_and_once_cancelled_lets_nobody_in()
    {
        using var it = await central.SignIn("it", Roles.DepartmentIt);
        await it.Get(Page);
        await it.Post(Page + "/ma", ("truong", CentralHost.SchoolCode));
        var code = Regex.Match(it.Html, "id=\"ma-ghi-danh\">([^<]+)<").Groups[1].Value;
        await it.Get(Page);
        Assert.Contains("Trần Văn An tạo, dùng được đến 08:00 10/09/2026", it.Html, StringComparison.Ordinal);
        Assert.DoesNotContain(code, it.Html, StringComparison.Ordinal);
        var open = it.Hidden("ma");
        await it.Post(Page + "/huy-ma", ("ma", open));
        await it.Get(Page);
        Assert.DoesNotContain("dùng được đến", it.Html, StringComparison.Ordinal);
        Assert.Equal("join_code_cancelled", (await new JoinCentral(folder.FullName, central.Newcomers, central.Clock).Ask(code, ["192.168.1.10"], Cancel)).Error.Reason);
        await it.Post(Page + "/huy-ma", ("ma", open));
        Assert.Equal(HttpStatusCode.Conflict, it.Status);
        await using var db = central.Db();
        Assert.Equal(CentralHost.SchoolCode, (await db.Audit.SingleAsync(a => a.Event == "join_code_cancelled" && a.Actor != Guid.Empty, Cancel)).Subject);
    }

    [Fact]
    public async Task Nobody_but_the_departments_it_makes_codes_or_takes_boxes_in()
    {
        using var officer = await central.SignIn("cv", Roles.DepartmentOfficer);
        await officer.Get("/don-vi");
        foreach (var door in new[] { "/ma", "/huy-ma", "/ghi-danh", "/thu-hoi", "/cho-gia-han", "/cho-vao" })
        {
            await officer.Post(Page + door, ("truong", CentralHost.SchoolCode), ("may", $"{Guid.Empty}"));
            Assert.Equal(HttpStatusCode.Forbidden, officer.Status);
        }
        await using var db = central.Db();
        Assert.Empty(await db.JoinCodes.ToListAsync(Cancel));
    }

    [Fact]
    public async Task A_box_that_stays_behind_is_said_on_every_page_of_the_departments_it_and_to_nobody_else()
    {
        const string words = "1 máy chủ trường đang nối nhưng đã quá 10 phút vẫn chưa trao đổi xong.";
        using var it = await central.SignIn("it", Roles.DepartmentIt);
        using var officer = await central.SignIn("cv", Roles.DepartmentOfficer);
        using var box = await central.Enrol(folder.FullName);
        await central.Eventually(
            async () =>
            {
                await using var db = central.Db();
                await db.Nodes.ExecuteUpdateAsync(n => n.SetProperty(r => r.LastSeenAtMs, central.Clock.GetUtcNow().ToUnixTimeMilliseconds()), Cancel);
                central.Clock.Advance(TimeSpan.FromSeconds(30));
                return central.Get<LagWatch>().Notice is not null;
            },
            said => said);
        await it.Get("/don-vi");
        Assert.Contains(words, it.Html, StringComparison.Ordinal);
        await officer.Get("/don-vi");
        Assert.Equal((HttpStatusCode.OK, false), (officer.Status, officer.Html.Contains(words, StringComparison.Ordinal)));
    }

    private static void AsksForThePassword(WebHost.Browser browser)
    {
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        Assert.Contains("name=\"matkhau\"", browser.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("Đã thu hồi: máy này", browser.Html, StringComparison.Ordinal);
    }
}
