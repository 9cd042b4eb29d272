using System.Net;
using System.Text.Json;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.Modules.Registry;
using static TdmEdu.Tests.Modules.Registry.PagesTests;

namespace TdmEdu.Tests.Modules.Attendance;

/// <summary>The nursery's door; class 5A hands children over, 5B does not.</summary>
public sealed class PickUpTests : IAsyncLifetime
{
    private static readonly Guid An = Guid.Parse("01900000-0000-7000-8000-000000000d01");
    private static readonly Guid Binh = Guid.Parse("01900000-0000-7000-8000-000000000d02");

    private readonly WebHost host = NewEdge();
    private WebHost.Browser browser = null!;
    private Guid lop;

    public async ValueTask InitializeAsync()
    {
        var catalogue = host.Store.Catalogue;
        var (own, other) = (host.Store.All<SchoolClass>(School).Single(c => c.Value.Name == "5A"), host.Store.All<SchoolClass>(School).Single(c => c.Value.Name == "5B").Id);
        lop = own.Id;
        host.Store.Seed(
        [
            catalogue.Change(School, own, own.Value with { Slots = [Slot.Morning, Slot.PickUp] })!,
            .. Compose.Pupil(catalogue, School, An, new(null, "Nguyễn Văn An", "2021-09-05", null), lop, new(2026, 9, 1)),
            .. Compose.Pupil(catalogue, School, Binh, new(null, "Lê Thị Bình", "2021", null), other, new(2026, 9, 1)),
        ]);
        browser = await host.Start();
        await As("lan");
        await browser.Get("/don-tre");
    }

    public async ValueTask DisposeAsync()
    {
        browser.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Who_is_on_the_childs_list_takes_it_with_one_tap_and_nobody_else()
    {
        Assert.Contains("Chưa ghi ai được đón", browser.Html, StringComparison.Ordinal);
        await browser.Post($"/don-tre/{An}", ("ten", "Trần Thị Ngoại"), ("quan-he", "bà ngoại"), ("dien-thoai", "0909 123 456"));
        var granny = Assert.Single(host.Store.All<Collector>(School));
        // What says who it is lies nowhere in clear.
        Assert.DoesNotContain("Ngoại", JsonSerializer.Serialize(granny.Value, TdmEdu.Sync.Json.Options), StringComparison.Ordinal);
        await browser.Get("/don-tre");
        Assert.Contains("Trần Thị Ngoại (bà ngoại)", browser.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("0909", browser.Html, StringComparison.Ordinal);
        Assert.DoesNotContain(host.Audit.Entries, e => e.Event == "read_sensitive");
        await browser.Get($"/don-tre/{An}");
        Assert.Contains("0909 123 456", browser.Html, StringComparison.Ordinal);
        Assert.Equal($"collectors/{An:n}", Assert.Single(host.Audit.Entries, e => e.Event == "read_sensitive").Subject);

        await Take(An, Binh, HttpStatusCode.Conflict);
        Assert.Contains("Chưa giao trẻ", browser.Html, StringComparison.Ordinal);
        await Take(An, granny.Id, HttpStatusCode.Redirect);
        await Take(An, granny.Id, HttpStatusCode.Redirect);
        Assert.Equal((An, granny.Id, Lan), host.Store.All<PickUp>(School).Select(p => (p.Value.Pupil, p.Value.Collector, p.Value.By)).Single());
        await browser.Get("/don-tre");
        Assert.Contains("Trần Thị Ngoại (bà ngoại) đón lúc 08:00", browser.Html, StringComparison.Ordinal);

        await browser.Post($"/don-tre/{An}/bo", ("nguoi", $"{granny.Id}"));
        host.Clock.Advance(TimeSpan.FromDays(1));
        await As("lan");
        await browser.Get("/don-tre");
        await Take(An, granny.Id, HttpStatusCode.Conflict);
        Assert.Single(host.Store.All<PickUp>(School));
    }

    [Fact]
    public async Task Another_classes_child_is_refused_and_a_person_without_a_number_too()
    {
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.Get($"/don-tre/{Binh}")).StatusCode);
        await browser.Post($"/don-tre/{Binh}", ("ten", "Ai"), ("quan-he", "cô"), ("dien-thoai", "0909"));
        Assert.Equal(HttpStatusCode.Forbidden, browser.Status);
        await Take(Binh, An, HttpStatusCode.Forbidden);
        await browser.Get($"/don-tre/{An}");
        await browser.Post($"/don-tre/{An}", ("ten", "Ai <b>"), ("quan-he", "cô"), ("dien-thoai", "không nhớ"));
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        Assert.Contains("value=\"Ai &lt;b", browser.RawHtml, StringComparison.Ordinal);
        Assert.Empty(host.Store.All<Collector>(School));
        await As("vp");
        Assert.Equal(HttpStatusCode.OK, (await browser.Get($"/don-tre/{Binh}")).StatusCode);
    }

    [Fact]
    public async Task A_wrong_tap_is_taken_back_and_both_stay_in_the_history()
    {
        await browser.Post($"/don-tre/{An}", ("ten", "Trần Thị Ngoại"), ("quan-he", "bà ngoại"), ("dien-thoai", "0909 123 456"));
        var granny = Assert.Single(host.Store.All<Collector>(School)).Id;
        await browser.Get("/don-tre");
        await Take(An, granny, HttpStatusCode.Redirect);
        var wrong = Assert.Single(host.Store.All<PickUp>(School)).Id;
        host.Clock.Advance(TimeSpan.FromMinutes(2));
        await TakeBack(wrong, HttpStatusCode.Redirect);
        await TakeBack(wrong, HttpStatusCode.Redirect);
        Assert.Equal([(granny, Lan, false), (granny, Lan, true)], Written());
        await browser.Get("/don-tre");
        Assert.Contains("data-taken=\"false\"", browser.RawHtml, StringComparison.Ordinal);
        Assert.Contains("08:00: Trần Thị Ngoại (bà ngoại) đón", browser.Html, StringComparison.Ordinal);
        Assert.Contains("08:02: hoàn tác lần Trần Thị Ngoại (bà ngoại) đón", browser.Html, StringComparison.Ordinal);

        // Really fetched later: what a page of before says about the first tap does not undo that.
        host.Clock.Advance(TimeSpan.FromMinutes(30));
        await Take(An, granny, HttpStatusCode.Redirect);
        await TakeBack(wrong, HttpStatusCode.Conflict);
        Assert.Contains("Trần Thị Ngoại (bà ngoại) đón lúc 08:32", browser.Html, StringComparison.Ordinal);
        await TakeBack(An, HttpStatusCode.Conflict);
        Assert.Equal(3, Written().Count);

        // Yesterday's is over, and another class's child is not theirs.
        host.Clock.Advance(TimeSpan.FromDays(1));
        await As("lan");
        await browser.Get("/don-tre");
        await TakeBack(wrong, HttpStatusCode.Conflict);
        await browser.Post("/don-tre/hoan-tac", ("lop", $"{lop}"), ("hs", $"{Binh}"), ("muc", $"{wrong}"));
        Assert.Equal(HttpStatusCode.Forbidden, browser.Status);
        Assert.Equal(3, Written().Count);

        List<(Guid, Guid, bool)> Written() => [.. host.Store.All<PickUp>(School).OrderBy(p => p.Version).Select(p => (p.Value.Collector, p.Value.By, p.Value.TakenBack))];
    }

    private async Task TakeBack(Guid pickUp, HttpStatusCode expected)
    {
        await browser.Post("/don-tre/hoan-tac", ("lop", $"{lop}"), ("hs", $"{An}"), ("muc", $"{pickUp}"));
        Assert.Equal(expected, browser.Status);
    }

    private async Task Take(Guid pupil, Guid who, HttpStatusCode expected)
    {
        await browser.Post("/don-tre", ("lop", $"{lop}"), ("hs", $"{pupil}"), ("nguoi", $"{who}"));
        Assert.Equal(expected, browser.Status);
    }

    private async Task As(string user)
    {
        browser.ForgetSession();
        await browser.SignIn(user, Password);
    }
}
