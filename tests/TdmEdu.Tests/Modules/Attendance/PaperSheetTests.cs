using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.Modules.Registry;
using static TdmEdu.Tests.Modules.Registry.PagesTests;

namespace TdmEdu.Tests.Modules.Attendance;

/// <summary>A class's sheet on paper and its way back; Monday 7 September 2026.</summary>
public sealed partial class PaperSheetTests : IAsyncLifetime
{
    private static readonly Guid An = Guid.Parse("01900000-0000-7000-8000-000000000d01");

    private readonly WebHost host = NewEdge();
    private WebHost.Browser browser = null!;
    private Guid lop;

    public async ValueTask InitializeAsync()
    {
        lop = host.Store.All<SchoolClass>(School).Single(c => c.Value.Name == "5A").Id;
        host.Store.Seed(Compose.Pupil(host.Store.Catalogue, School, An, new(null, "Nguyễn <b>An</b>", "2015-09-05", null), lop, new(2026, 9, 1)));
        browser = await host.Start();
    }

    public async ValueTask DisposeAsync()
    {
        browser.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task The_code_of_a_printed_sheet_opens_that_session_for_the_office_scanned_or_typed()
    {
        await As("lan");
        await browser.Get("/phieu-diem-danh?ngay=2026-09-08");
        Assert.Contains("Phiếu điểm danh lớp 5A, Buổi sáng, ngày 08/09/2026", browser.Html, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;An&lt;/b&gt;", browser.RawHtml, StringComparison.Ordinal);
        Assert.DoesNotContain(">5B</option>", browser.Html, StringComparison.Ordinal);
        var code = CodeOnPage().Match(browser.Html).Groups[1].Value;
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.Get($"/nhap-phieu?ma={code}")).StatusCode);

        await As("vp");
        foreach (var typed in new[] { code, code.ToLowerInvariant(), code.Replace("-", "", StringComparison.Ordinal), $"https://box.lan/nhap-phieu?ma={code}" })
        {
            var answer = await browser.Get($"/nhap-phieu?ma={Uri.EscapeDataString(typed)}");
            Assert.Equal($"/diem-danh?phieu=1#{lop}/2026-09-08/morning", answer.Headers.Location!.OriginalString);
        }
        foreach (var wrong in new[] { "ABC", "BCHKMN-260907-01", code[..^2] + "99", code.Replace("260908", "261399", StringComparison.Ordinal) })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await browser.Get($"/nhap-phieu?ma={wrong}")).StatusCode);
        }
    }

    [Fact]
    public async Task What_the_office_types_off_paper_is_the_teachers_word_and_nobody_else_may_say_so()
    {
        await As("lan");
        await Send(Slot.Morning, paper: true);
        Assert.Equal(Source.Teacher, Assert.Single(host.Store.All<Submission>(School)).Value.Source);
        await As("vp");
        await Send(Slot.Morning, paper: true);
        Assert.Equal([Source.Teacher, Source.Paper], host.Store.All<Submission>(School).Select(s => s.Value.Source).Order());
        // The office's own word goes before both.
        var office = await Send(Slot.Morning, paper: false);
        Assert.Equal(Source.Office, host.Store.Get<Submission>(School, office)!.Value.Source);
    }

    private async Task<Guid> Send(Slot slot, bool paper)
    {
        var id = RecordId.New(host.Clock);
        await browser.Json(HttpMethod.Post, "/api/attendance/submissions", JsonSerializer.Serialize(
            new SubmitSession(id, lop, new(2026, 9, 7), slot, null, [new(An, MarkCode.Late)], [], 7, paper), TdmEdu.Sync.Json.Options));
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        return id;
    }

    [GeneratedRegex("data-code>([A-Z0-9-]+)<")]
    private static partial Regex CodeOnPage();

    private async Task As(string user)
    {
        browser.ForgetSession();
        await browser.SignIn(user, Password);
    }
}
