using System.Net;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Modules.Registry;

/// <summary>What is sealed of a pupil, on the pupil's page.</summary>
public partial class CorrectionPagesTests
{
    [Fact]
    public async Task What_is_sensitive_is_shown_to_who_asks_for_it_after_it_is_on_record()
    {
        await using var host = NewHost(Side.Edge);
        using var browser = await SignedIn(host, "vp");
        await browser.Get($"/hoc-sinh/{An}");
        Assert.DoesNotContain("/rieng-tu", browser.Html, StringComparison.Ordinal);
        var before = host.Store.Get<Pupil>(School, An)!;
        host.Store.Seed([host.Store.Catalogue.Change(School, before, new PupilSecrets("55", "074215000123").SealInto(before.Value, host.Seals, School, An))!]);

        await browser.Get($"/hoc-sinh/{An}");
        Assert.Contains("Xem gia đình, dân tộc, số định danh", browser.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("074215000123", browser.Html, StringComparison.Ordinal);
        Assert.DoesNotContain(host.Audit.Entries, e => e.Event == "read_sensitive");
        await browser.Post($"/hoc-sinh/{An}/rieng-tu");
        Assert.Contains("074215000123", browser.Html, StringComparison.Ordinal);
        Assert.Contains(RegistryData.Ethnicities["55"], browser.Html, StringComparison.Ordinal);
        Assert.Equal(($"{An:n}", ""), host.Audit.Entries.Where(e => e.Event == "read_sensitive").Select(e => (e.Subject, e.Reason)).Single());
    }

    [Fact]
    public async Task Who_asks_for_a_pupil_that_there_is_not_has_read_nothing()
    {
        await using var host = NewHost(Side.Edge);
        using var browser = await SignedIn(host, "vp");
        var nobody = RecordId.New(host.Clock);
        await browser.Get($"/hoc-sinh/{nobody}");
        await browser.Post($"/hoc-sinh/{nobody}/rieng-tu");
        Assert.Equal(HttpStatusCode.NotFound, browser.Status);
        await browser.Get($"/hoc-sinh/{An}");
        Assert.Equal(
            [("read_pupil", $"{nobody:n}", "no_pupil"), ("read_sensitive", $"{nobody:n}", "no_pupil"), ("read_pupil", $"{An:n}", "")],
            host.Audit.Entries.Where(e => e.Event.StartsWith("read", StringComparison.Ordinal)).Select(e => (e.Event, e.Subject, e.Reason)));
    }

    [Fact]
    public async Task The_office_corrects_a_pupils_family_after_it_has_seen_it_and_the_audit_says_which_fields()
    {
        await using var host = NewHost(Side.Edge);
        using var browser = await SignedIn(host, "vp");
        var before = host.Store.Get<Pupil>(School, An)!;
        host.Store.Seed([host.Store.Catalogue.Change(
            School, before, new PupilSecrets("55", "074215000123", "0900000001", "Cha Cũ").SealInto(before.Value, host.Seals, School, An))!]);
        await browser.Get($"/hoc-sinh/{An}");
        Assert.DoesNotContain("/gia-dinh", browser.Html, StringComparison.Ordinal);
        await browser.Post($"/hoc-sinh/{An}/rieng-tu");
        var seen = browser.Hidden("ban");
        Assert.Contains("value=\"074215000123\"", browser.Html, StringComparison.Ordinal);
        (string, string)[] Typed(string id, string email = "me@vidu.example") =>
            [("ban", seen), ("dantoc", "55"), ("sodinhdanh", id), ("dienthoai", "0900000002"), ("tencha", "Cha Cũ"), ("tenme", "Lê Thị Mẹ"), ("diachi", ""), ("thudientu", email)];

        await browser.Post($"/hoc-sinh/{An}/gia-dinh", Typed("12"));
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Contains("phải có đúng 12 chữ số", browser.Html, StringComparison.Ordinal);
        Assert.Contains("Lê Thị Mẹ", browser.Html, StringComparison.Ordinal);
        await browser.Post($"/hoc-sinh/{An}/gia-dinh", Typed("074215000123", "me@vidu.example, ai@do.example"));
        Assert.Contains("Địa chỉ thư điện tử chưa đúng", browser.Html, StringComparison.Ordinal);
        await browser.Post($"/hoc-sinh/{An}/gia-dinh", Typed("074215000123"));
        Assert.Equal(HttpStatusCode.Redirect, browser.Status);
        var now = host.Store.Get<Pupil>(School, An)!.Value;
        Assert.Equal(
            new PupilSecrets("55", "074215000123", "0900000002", "Cha Cũ", "Lê Thị Mẹ", Email: "me@vidu.example"), PupilSecrets.Of(host.Seals, School, An, now));
        Assert.Equal((before.Value.FullName, before.Value.BirthDate), (now.FullName, now.BirthDate));
        Assert.DoesNotContain("Mẹ", now.ToString(), StringComparison.Ordinal);

        await browser.Get($"/hoc-sinh/{An}");
        await browser.Post($"/hoc-sinh/{An}/gia-dinh", Typed("074215000123"));
        Assert.Equal(HttpStatusCode.Conflict, browser.Status);
        Assert.Equal(
            [($"{An:n}", "pupil_wrong"), ($"{An:n}", "pupil_wrong"), ($"{An:n}/email,motherName,phone", ""), ($"{An:n}", "pupil_changed")],
            host.Audit.Entries.Where(e => e.Event == "edit_sensitive").Select(e => (e.Subject, e.Reason)));
    }

    [Fact]
    public async Task A_pupil_has_guardians_whom_a_page_that_does_not_know_them_leaves_alone()
    {
        await using var host = NewHost(Side.Edge);
        using var browser = await SignedIn(host, "vp");
        (string, string)[] Family(params (string, string)[] more) => [("ban", host.Store.Get<Pupil>(School, An)!.Version.ToString()), ("dantoc", "55"), .. more];
        (string, string)[] Guardian(string name, string kinship, string phone, string email, string order) =>
            [("gh-ten", name), ("gh-quanhe", kinship), ("gh-sdt", phone), ("gh-thu", email), ("gh-cung", "1"), ("gh-thutu", order)];

        await browser.Get($"/hoc-sinh/{An}");
        await browser.Post($"/hoc-sinh/{An}/gia-dinh", Family(Guardian("Lê Thị Bà", "", "0900000003", "", "")));
        Assert.Contains("chọn quan hệ với em", browser.Html, StringComparison.Ordinal);
        await browser.Post($"/hoc-sinh/{An}/gia-dinh", Family(Guardian("Lê Thị Bà", "Grandparent", "0900000003", "", "10")));
        Assert.Contains("một số từ 1 đến 9", browser.Html, StringComparison.Ordinal);
        await browser.Post($"/hoc-sinh/{An}/gia-dinh", Family(
            [.. Guardian("Lê Thị Bà", "Grandparent", "0900000003", "ba@vidu.example", "2"),
                .. Guardian("Trần Cậu", "Relative", "0900000004", "", "1"), .. Guardian("", "", "", "", "")]));
        Assert.Equal(HttpStatusCode.Redirect, browser.Status);
        Guardian[] both =
            [new("Trần Cậu", Kinship.Relative, "0900000004", null, true, 1), new("Lê Thị Bà", Kinship.Grandparent, "0900000003", "ba@vidu.example", true, 2)];
        Assert.Equal(both, Guardians.Of(Known()));
        Assert.Equal("ba@vidu.example", Guardians.EmailOf(Known()));
        Assert.Equal("me@vidu.example", Guardians.EmailOf(Known() with { Email = "me@vidu.example" }));
        Assert.DoesNotContain("Cậu", host.Store.Get<Pupil>(School, An)!.Value.ToString(), StringComparison.Ordinal);

        await browser.Get($"/hoc-sinh/{An}");
        Assert.DoesNotContain("Trần Cậu", browser.Html, StringComparison.Ordinal);
        await browser.Post($"/hoc-sinh/{An}/rieng-tu");
        Assert.Contains("gọi thứ 1", browser.Html, StringComparison.Ordinal);
        Assert.Contains("value=\"Trần Cậu\"", browser.Html, StringComparison.Ordinal);
        await browser.Post($"/hoc-sinh/{An}/gia-dinh", Family(("tenme", "Lê Thị Mẹ")));
        Assert.Equal(both, Guardians.Of(Known()));
        await browser.Get($"/hoc-sinh/{An}");
        await browser.Post($"/hoc-sinh/{An}/gia-dinh", Family(Guardian("", "", "", "", "")));
        Assert.Empty(Guardians.Of(Known()));

        PupilSecrets Known() => PupilSecrets.Of(host.Seals, School, An, host.Store.Get<Pupil>(School, An)!.Value);
    }

    [Fact]
    public async Task Threat_T30_Of_an_erased_pupil_nothing_is_offered_and_every_consent_has_ended()
    {
        await using var host = NewHost(Side.Edge);
        using var browser = await SignedIn(host, "vp");
        var before = host.Store.Get<Pupil>(School, An)!;
        host.Store.Seed([host.Store.Catalogue.Change(School, before, new PupilSecrets("55", "074215000123").SealInto(before.Value, host.Seals, School, An))!]);
        await browser.Get($"/hoc-sinh/{An}");
        await browser.Post($"/hoc-sinh/{An}/dong-y", ("muc-dich", "photo"), ("ai-noi", "parent"), ("ten-nguoi", "Lê Mẹ"), ("ngay", "2026-09-07"), ("cho", "1"));
        await browser.Get($"/hoc-sinh/{An}");
        Assert.Contains("/rieng-tu", browser.Html, StringComparison.Ordinal);
        Assert.Contains("còn thiếu lời của em", browser.Html, StringComparison.Ordinal);

        host.Store.Seed([host.Store.Catalogue.Create(School, RecordId.New(host.Clock), new Erasure([An], new(2026, 9, 7), Guid.Empty))]);
        await browser.Get($"/hoc-sinh/{An}");
        Assert.DoesNotContain("/rieng-tu", browser.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("/dong-y", browser.Html, StringComparison.Ordinal);
        Assert.Contains("quyết định ngày 07/09/2026", browser.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("còn thiếu lời của em", browser.Html, StringComparison.Ordinal);
        Assert.Contains("đã kết thúc", browser.Html, StringComparison.Ordinal);
        // The page was open in another window, and the keys are there for a minute more.
        await browser.Post($"/hoc-sinh/{An}/rieng-tu");
        Assert.DoesNotContain("074215000123", browser.Html, StringComparison.Ordinal);
        Assert.Equal("pupil_erased", host.Audit.Entries.Last(e => e.Event == "read_sensitive").Reason);
    }
}
