using System.Net;
using System.Text.Json;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.Modules.Registry;
using static TdmEdu.Tests.Modules.Registry.PagesTests;

namespace TdmEdu.Tests.Modules.Attendance;

/// <summary>Cards before the gate's scanner; Monday 7 September 2026, 8:00, an hour after the bell.</summary>
public sealed class GateTests : IAsyncLifetime
{
    private static readonly DateOnly Monday = new(2026, 9, 7);
    private static readonly Guid An = Guid.Parse("01900000-0000-7000-8000-000000000d01");
    private static readonly Guid Binh = Guid.Parse("01900000-0000-7000-8000-000000000d02");
    private static readonly string Card = new('7', 40);

    private readonly WebHost host = NewEdge();
    private WebHost.Browser browser = null!;
    private Guid lop;

    public async ValueTask InitializeAsync()
    {
        var catalogue = host.Store.Catalogue;
        lop = host.Store.All<SchoolClass>(School).Single(c => c.Value.Name == "5A").Id;
        host.Store.Seed(
        [
            .. Compose.Pupil(catalogue, School, An, new(null, "Nguyễn Văn An", "2015-09-05", null), lop, new(2026, 9, 1)),
            .. Compose.Pupil(catalogue, School, Binh, new(null, "Lê Thị Bình", "2015", null), lop, new(2026, 9, 1)),
            catalogue.Create(School, An, new PupilKey(lop, CardHash: PupilKeys.Hash(Card))),
        ]);
        browser = await host.Start();
        await As("vp");
    }

    public async ValueTask DisposeAsync()
    {
        browser.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Who_comes_after_the_bell_is_late_in_the_sheet_and_the_class_still_owes_it()
    {
        var reply = await Scan(Card);
        Assert.Equal(("Nguyễn Văn An", "5A", "08:00", 60, false), (
            reply.GetProperty("name").GetString(), reply.GetProperty("className").GetString(), reply.GetProperty("at").GetString(), reply.GetProperty("minutes").GetInt32(),
            reply.GetProperty("again").GetBoolean()));
        host.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.True((await Scan($"https://box.lan/em#{Card}")).GetProperty("again").GetBoolean());
        Assert.Single(host.Store.All<Submission>(School));
        Assert.Null(Sheet().Tally);
        var open = SheetReply.Of(host.Store, School, new(lop, Monday, Slot.Morning));
        var row = open.Pupils.Single(p => p.Id == An);
        Assert.Equal((MarkCode.Late, 60, 0, 1), (row.Code, row.Minutes, open.Submissions.Count, open.Notices.Count));

        // Whoever sends the class without a word about the pupil leaves the gate's.
        await Send([]);
        Assert.Equal((new Standing(MarkCode.Late, TwoOpinions: false, 60), 2, 1), (Sheet().Pupils[An], Sheet().Tally!.Present, Sheet().Tally!.Late));
    }

    [Fact]
    public async Task An_absent_pupil_who_comes_is_late_without_a_second_opinion_and_a_teacher_who_did_not_know_makes_one()
    {
        await Send([new(An, MarkCode.Unexcused)]);
        await Scan(Card);
        Assert.Equal(new Standing(MarkCode.Late, TwoOpinions: false, 60), Sheet().Pupils[An]);
        await Send([new(An, MarkCode.Unexcused)]);
        Assert.True(Sheet().Pupils[An].TwoOpinions);
    }

    [Fact]
    public async Task Of_who_is_in_time_nothing_is_kept_and_a_scan_that_waited_counts_when_it_was_made()
    {
        var waited = await Scan(Card, agoMs: 70 * 60_000);
        Assert.Equal("06:50", waited.GetProperty("at").GetString());
        Assert.False(waited.TryGetProperty("minutes", out _));
        await browser.Get("/cong");
        await browser.Post("/cong/gio", ("gio-Morning", "08:30"), ("gio-Afternoon", "11:00"));
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        await browser.Post("/cong/gio", ("gio-Morning", "08:30"), ("gio-Afternoon", "13:30"));
        Assert.Equal(HttpStatusCode.Redirect, browser.Status);
        Assert.False((await Scan(Card)).TryGetProperty("minutes", out _));
        Assert.Empty(host.Store.All<Submission>(School));
        host.Clock.Advance(TimeSpan.FromMinutes(31));
        Assert.Equal(1, (await Scan(Card)).GetProperty("minutes").GetInt32());
    }

    [Fact]
    public async Task A_card_that_is_not_good_is_refused_in_words_and_names_nobody()
    {
        await Refused("gate_unreadable", "xyz", HttpStatusCode.BadRequest);
        await Refused("gate_unknown", new string('8', 40), HttpStatusCode.NotFound);
        await Refused("gate_unreadable", Card, HttpStatusCode.BadRequest, agoMs: 13 * 3_600_000);
        var other = host.Store.All<SchoolClass>(School).Single(c => c.Value.Name == "5B").Id;
        host.Store.Seed([host.Store.Catalogue.Create(School, Binh, new PupilKey(other, CardHash: PupilKeys.Hash(new('9', 40))))]);
        await Refused("gate_old", new string('9', 40), HttpStatusCode.Conflict);
        Assert.Empty(host.Store.All<Submission>(School));
        await As("lan");
        await browser.Post("/cong/gio", ("gio-Morning", "08:30"), ("gio-Afternoon", "13:30"));
        Assert.Equal(HttpStatusCode.Forbidden, browser.Status);
    }

    private SessionSheet Sheet() => host.Store.View<SessionSheet>(School, SessionSheet.IdOf(School, lop, Monday, Slot.Morning))!;

    private async Task<JsonElement> Scan(string card, long agoMs = 0, HttpStatusCode expected = HttpStatusCode.OK)
    {
        var answer = await browser.Json(HttpMethod.Post, "/api/attendance/gate", JsonSerializer.Serialize(new GateScan(card, agoMs), TdmEdu.Sync.Json.Options));
        Assert.Equal(expected, answer.StatusCode);
        return JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync());
    }

    private async Task Refused(string reason, string card, HttpStatusCode expected, long agoMs = 0)
    {
        var problem = await Scan(card, agoMs, expected);
        Assert.Equal(reason, problem.GetProperty("reason").GetString());
        Assert.DoesNotContain("Nguyễn", problem.ToString(), StringComparison.Ordinal);
    }

    /// <summary>A first word about the whole class.</summary>
    private async Task Send(Mark[] marks)
    {
        await As("lan");
        await browser.Json(HttpMethod.Post, "/api/attendance/submissions", JsonSerializer.Serialize(
            new SubmitSession(RecordId.New(host.Clock), lop, Monday, Slot.Morning, null, marks, [], 7), TdmEdu.Sync.Json.Options));
        Assert.Equal(HttpStatusCode.OK, browser.Status);
        await As("vp");
    }

    private async Task As(string user)
    {
        browser.ForgetSession();
        await browser.SignIn(user, Password);
    }
}
