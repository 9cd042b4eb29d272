using System.Net;
using System.Text.RegularExpressions;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;
using static TdmEdu.Tests.Modules.Registry.PagesTests;

namespace TdmEdu.Tests.Modules.Registry;

/// <summary>Cards and links: made by the school, used by pupils and parents, and useless to everybody else.</summary>
public sealed partial class PupilSignInTests : IAsyncDisposable
{
    private static readonly Guid An = Guid.Parse("01900000-0000-7000-8000-000000000d01");
    private static readonly Guid Binh = Guid.Parse("01900000-0000-7000-8000-000000000d02");
    private static readonly Guid Class5A = Compose.Class(TdmEdu.Modules.AllModules.Catalogue(), School, new("5A", 5, "2026-2027", [])).Id;

    private readonly WebHost host = NewEdge();

    public PupilSignInTests() => host.Store.Seed(
    [
        .. Compose.Pupil(host.Store.Catalogue, School, An, new(null, "Nguyễn Văn An", "2015-01-01", null), Class5A, new(2026, 9, 1)),
        .. Compose.Pupil(host.Store.Catalogue, School, Binh, new(null, "Lê Thị Bình", "2015-02-02", null), Class5A, new(2026, 9, 1)),
    ]);

    public ValueTask DisposeAsync() => host.DisposeAsync();

    [Fact]
    public async Task A_pupil_comes_in_with_the_class_code_and_the_PIN_or_with_the_card_and_sees_today()
    {
        using var office = await SignedIn();
        await Make(office, "the");
        var (pins, cards) = (PinsOn(office), KeysOn(office));
        Assert.Equal(2, pins.Distinct().Count());
        Assert.Contains(host.Audit.Entries, e => e is { Event: "pupil_key", Reason: "" } && e.Actor == Office && e.Subject == $"card/{Class5A:n}");
        Present(Binh, MarkCode.Late);

        // In the order of given names: An, then Bình.
        using var pupil = host.NewBrowser();
        await pupil.Get("/em");
        await pupil.Post("/em", ("ma-lop", PupilKeys.CodeOf(Class5A).ToLowerInvariant()), ("matkhau", pins[1]));
        Assert.Equal(HttpStatusCode.OK, (await pupil.Get("/em/diem-danh")).StatusCode);
        Assert.Contains("Lê Thị Bình", pupil.Html, StringComparison.Ordinal);
        Assert.Contains("Muộn", pupil.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("Nguyễn Văn An", pupil.Html, StringComparison.Ordinal);
        Assert.Equal("/em/diem-danh", (await pupil.Get("/")).Headers.Location!.ToString());
        Assert.Equal("/em", (await pupil.Post("/dang-xuat")).Headers.Location!.ToString());

        using var scanner = host.NewBrowser();
        await scanner.Get("/em");
        await scanner.Post("/em", ("ma-lop", cards[0]), ("matkhau", ""));
        await scanner.Get("/em/diem-danh");
        Assert.Contains("Nguyễn Văn An", scanner.Html, StringComparison.Ordinal);
        Assert.Contains(new AuditEntry("sign_in_pupil", An, "127.0.0.1", ""), host.Audit.Entries);
        Assert.DoesNotContain(host.Audit.Entries, e => cards.Concat(pins).Any(k => e.ToString().Contains(k, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Nothing_on_a_card_or_in_a_link_is_kept_and_a_new_one_ends_the_old_one_and_its_session()
    {
        using var office = await SignedIn();
        await Make(office, "the");
        var (card, stored) = (KeysOn(office)[0], host.Store.Get<PupilKey>(School, An)!.Value);
        Assert.DoesNotContain(card, stored.ToString(), StringComparison.Ordinal);
        Assert.Equal(220_000, int.Parse(stored.PinHash!.Split('$')[1], null));
        using var pupil = await ComeIn("/em", "ma-lop", card);
        Assert.Equal(HttpStatusCode.OK, (await pupil.Get("/em/diem-danh")).StatusCode);

        await Make(office, "the", An);
        host.Clock.Advance(TimeSpan.FromSeconds(31));
        Assert.StartsWith("/em?tiep=", (await pupil.Get("/em/diem-danh")).Headers.Location!.ToString(), StringComparison.Ordinal);
        await Refused("/em", "ma-lop", card);
        var second = KeysOn(office)[0];
        using (await ComeIn("/em", "ma-lop", second))
        {
            await office.Get($"/the-hoc-sinh?lop={Class5A}");
            await office.Post("/the-hoc-sinh/the/huy", ("lop", $"{Class5A}"), ("hs", $"{An}"));
        }
        await Refused("/em", "ma-lop", second);
        Assert.Null(host.Store.Get<PupilKey>(School, An)!.Value.PinHash);
    }

    [Fact]
    public async Task A_family_that_asks_for_the_staffs_pages_is_told_so_in_its_own_words()
    {
        using var office = await SignedIn();
        await Make(office, "the");
        var card = KeysOn(office)[0];
        await Make(office, "lien-ket");
        using var parent = await ComeIn("/phu-huynh", "matkhau", KeysOn(office)[0]);
        await parent.Get("/hoc-sinh");
        Assert.Equal(HttpStatusCode.Forbidden, parent.Status);
        Assert.Contains("chỉ mở phần điểm danh của con mình", parent.Html, StringComparison.Ordinal);
        using var pupil = await ComeIn("/em", "ma-lop", card);
        await pupil.Get("/hoc-sinh");
        Assert.Contains("Thẻ của em chỉ mở phần của em", pupil.Html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(14, 3 * 60 + 50, true)]
    [InlineData(14, 4 * 60 + 12, false)]
    [InlineData(16, 16, false)]
    public async Task A_pupil_s_session_ends_after_a_quarter_of_an_hour_alone_and_after_four_hours(int everyMinutes, int forMinutes, bool lives)
    {
        using var office = await SignedIn();
        await Make(office, "the");
        using var pupil = await ComeIn("/em", "ma-lop", KeysOn(office)[0]);
        for (var minutes = everyMinutes; minutes <= forMinutes; minutes += everyMinutes)
        {
            host.Clock.Advance(TimeSpan.FromMinutes(everyMinutes));
            await pupil.Get("/em/diem-danh");
        }
        Assert.Equal(lives ? HttpStatusCode.OK : HttpStatusCode.Redirect, pupil.Status);
    }

    [Fact]
    public async Task A_card_is_good_in_its_class_and_no_link_outlives_the_pupil_s_time_at_the_school()
    {
        using var office = await SignedIn();
        await Make(office, "the");
        var card = KeysOn(office)[0];
        await Make(office, "lien-ket");
        var link = KeysOn(office)[0];
        using var parent = await ComeIn("/phu-huynh", "matkhau", link);
        var (place, catalogue) = (Enrol.PlacesOf(host.Store, School, An).Single(), host.Store.Catalogue);
        var class5B = host.Store.All<SchoolClass>(School).Single(c => c.Value.Name == "5B").Id;
        host.Store.Seed(
            [catalogue.Change(School, place, place.Value with { To = new(2026, 9, 6) })!, Compose.Enrolment(catalogue, School, new(An, class5B, new(2026, 9, 7), null))]);
        await Refused("/em", "ma-lop", card);
        await office.Get($"/the-hoc-sinh?lop={class5B}");
        await office.Post("/the-hoc-sinh/the", ("lop", $"{class5B}"));
        Assert.Single(PinsOn(office));
        host.Clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(HttpStatusCode.OK, (await parent.Get("/phu-huynh/diem-danh")).StatusCode);

        place = Enrol.PlacesOf(host.Store, School, An).Single(p => p.Value.Class == class5B);
        host.Store.Seed([catalogue.Change(School, place, place.Value with { To = new(2026, 9, 6) })!]);
        host.Clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(HttpStatusCode.Redirect, (await parent.Get("/phu-huynh/diem-danh")).StatusCode);
        await Refused("/phu-huynh", "matkhau", link);
    }

    [Fact]
    public async Task A_parent_sees_the_month_of_one_child_until_the_year_ends()
    {
        using var office = await SignedIn();
        await Make(office, "lien-ket");
        var link = KeysOn(office)[0];
        Assert.Contains("/phu-huynh#", link, StringComparison.Ordinal);
        Present(An, MarkCode.Excused);
        using var parent = await ComeIn("/phu-huynh", "matkhau", link);
        await parent.Get("/phu-huynh/diem-danh?thang=2026-09");
        Assert.Contains("Nguyễn Văn An", parent.Html, StringComparison.Ordinal);
        Assert.Contains("Vắng có phép", parent.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("Bình", parent.Html, StringComparison.Ordinal);
        // Monday was entered; the Tuesday to Friday before were not, and that is not presence.
        Assert.Equal(4, Regex.Count(parent.Html, "Chưa có điểm danh"));
        Assert.DoesNotContain("Có mặt", parent.Html, StringComparison.Ordinal);
        Assert.Contains(new AuditEntry("sign_in_parent", An, "127.0.0.1", ""), host.Audit.Entries);

        host.Clock.Advance(TimeSpan.FromDays(267));
        await Refused("/phu-huynh", "matkhau", link);
    }

    [Fact]
    public async Task No_answer_tells_which_part_was_wrong()
    {
        using var office = await SignedIn();
        await Make(office, "the");
        var wrongPin = Enumerable.Range(1000, 3).Select(n => $"{n}").First(p => !PinsOn(office).Contains(p));
        using var browser = host.NewBrowser();
        var answers = new HashSet<string>();
        foreach (var (code, pin) in new[] { (PupilKeys.CodeOf(Class5A), wrongPin), ("ZZZZZZ", PinsOn(office)[0]), (new string('7', 40), "") })
        {
            await browser.Get("/em");
            await browser.Post("/em", ("ma-lop", code), ("matkhau", pin));
            Assert.Equal(HttpStatusCode.Forbidden, browser.Status);
            answers.Add(Alert().Match(browser.Html).Groups[1].Value);
        }
        Assert.Single(answers);
        Assert.Equal(["wrong_pin", "unknown_class", "unknown_key"], host.Audit.Entries.Where(e => e.Event == "sign_in_pupil").Select(e => e.Reason));
    }

    [Fact]
    public async Task Who_works_at_the_school_is_not_put_out_by_somebody_s_card()
    {
        using var office = await SignedIn();
        await Make(office, "the");
        var card = KeysOn(office)[0];
        await office.Get("/em");
        await office.Post("/em", ("ma-lop", card), ("matkhau", ""));
        Assert.Equal(HttpStatusCode.Conflict, office.Status);
        Assert.Equal(HttpStatusCode.OK, (await office.Get("/hoc-sinh")).StatusCode);
    }

    [Fact]
    public async Task Cards_are_made_with_the_password_once_more_and_by_nobody_else_s_teacher()
    {
        using var office = await SignedIn();
        await office.Get($"/the-hoc-sinh?lop={Class5A}");
        host.Clock.Advance(TimeSpan.FromMinutes(6));
        await office.Post("/the-hoc-sinh/the", ("lop", $"{Class5A}"));
        Assert.Contains("Nhập lại mật khẩu", office.Html, StringComparison.Ordinal);
        Assert.Null(host.Store.Get<PupilKey>(School, An));

        using var teacher = host.NewBrowser();
        await teacher.SignIn("lan", Password);
        Assert.Equal(HttpStatusCode.Forbidden, (await teacher.Get($"/the-hoc-sinh?lop={Class5A}")).StatusCode);
        var account = host.Store.Get<Account>(School, Lan)!;
        host.Store.Seed([host.Store.Catalogue.Change(School, account, account.Value with { Roles = Roles.HomeroomTeacher })!]);
        using var homeroom = host.NewBrowser();
        await homeroom.SignIn("lan", Password);
        Assert.Equal(HttpStatusCode.OK, (await homeroom.Get($"/the-hoc-sinh?lop={Class5A}")).StatusCode);
        var class5B = host.Store.All<SchoolClass>(School).Single(c => c.Value.Name == "5B").Id;
        Assert.Equal(HttpStatusCode.Forbidden, (await homeroom.Get($"/the-hoc-sinh?lop={class5B}")).StatusCode);
        await homeroom.Post("/the-hoc-sinh/the", ("lop", $"{class5B}"), ("hs", $"{An}"));
        Assert.Equal(HttpStatusCode.Forbidden, homeroom.Status);
    }

    private async Task<WebHost.Browser> SignedIn()
    {
        var browser = await host.Start();
        await browser.SignIn("vp", Password);
        return browser;
    }

    private static async Task Make(WebHost.Browser browser, string what, Guid? pupil = null)
    {
        await browser.Get($"/the-hoc-sinh?lop={Class5A}");
        await browser.Post($"/the-hoc-sinh/{what}", [("lop", $"{Class5A}"), .. pupil is null ? Array.Empty<(string, string)>() : [("hs", $"{pupil}")]]);
        Assert.Equal(HttpStatusCode.OK, browser.Status);
    }

    private async Task<WebHost.Browser> ComeIn(string path, string field, string key)
    {
        var browser = host.NewBrowser();
        await browser.Get(path);
        await browser.Post(path, (field, key));
        Assert.Equal(HttpStatusCode.Redirect, browser.Status);
        return browser;
    }

    private async Task Refused(string path, string field, string key)
    {
        using var browser = host.NewBrowser();
        await browser.Get(path);
        await browser.Post(path, (field, key));
        Assert.Equal(HttpStatusCode.Forbidden, browser.Status);
    }

    /// <summary>The class's session of today, with a mark for one of its pupils.</summary>
    private void Present(Guid pupil, MarkCode code)
    {
        var roster = new RosterSeen(Class5A, [An, Binh]);
        var sent = new Submission(Class5A, new(2026, 9, 7), Slot.Morning, roster.IdIn(School), [new(pupil, code)], [], Lan, Source.Teacher, 1);
        host.Store.Seed([host.Store.Catalogue.Create(School, roster.IdIn(School), roster), host.Store.Catalogue.Create(School, RecordId.New(host.Clock), sent)]);
    }

    private static List<string> PinsOn(WebHost.Browser browser) => [.. Pin().Matches(browser.Html).Select(m => m.Groups[1].Value)];

    /// <summary>What stands behind each QR code, and is in it.</summary>
    private static List<string> KeysOn(WebHost.Browser browser)
    {
        var found = Links().Matches(browser.Html);
        Assert.All(found, m => Assert.Equal(QrPicture.Of(m.Groups[1].Value), m.Groups[2].Value));
        return [.. found.Select(m => m.Groups[1].Value)];
    }

    [GeneratedRegex("data-pin[^>]*>([0-9]{4})<")]
    private static partial Regex Pin();

    [GeneratedRegex("<a href=\"([^\"]+)\" rel=\"noreferrer\"><img src=\"([^\"]+)\"")]
    private static partial Regex Links();

    [GeneratedRegex("role=\"alert\">([^<]+)<")]
    private static partial Regex Alert();
}
