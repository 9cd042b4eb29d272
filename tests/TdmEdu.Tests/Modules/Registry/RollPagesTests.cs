using System.Net;
using TdmEdu.Modules.Registry;
using static TdmEdu.Tests.Modules.Registry.PagesTests;

namespace TdmEdu.Tests.Modules.Registry;

public class RollPagesTests
{
    [Fact]
    public async Task The_undo_names_those_whom_it_leaves_as_they_are()
    {
        await using var host = NewEdge();
        var (catalogue, first) = (host.Store.Catalogue, new DateOnly(2027, 9, 1));
        var old = Compose.Class(catalogue, School, new("4A", 4, "2026-2027", [Slot.Morning]));
        Guid[] pupils = [Guid.Parse("01900000-0000-7000-8000-000000000e01"), Guid.Parse("01900000-0000-7000-8000-000000000e02")];
        host.Store.Seed(
        [
            Compose.Year(catalogue, new("2027-2028", first, new(2028, 5, 31), [1, 2, 3, 4, 5])), old.Draft,
            .. Compose.Pupil(catalogue, School, pupils[0], new(null, "Lê Thị Bé", "2016", null), old.Id, new(2026, 9, 1)),
            .. Compose.Pupil(catalogue, School, pupils[1], new(null, "Lê Văn Em", "2016", null), old.Id, new(2026, 9, 1)),
        ]);
        using var browser = await host.Start();
        await browser.SignIn("vp", Password);
        await browser.Get("/len-lop");
        Assert.Equal(HttpStatusCode.Redirect, (await browser.Post("/len-lop", ("ban", browser.Hidden("ban")))).StatusCode);
        host.Store.Seed(Enrol.Leave(catalogue, host.Store, School, pupils[0], first.AddDays(9), new(2026, 9, 7), agreed: true).Drafts);

        await browser.Get("/len-lop");
        Assert.Contains("giữ nguyên", browser.Html, StringComparison.Ordinal);
        var undone = await browser.Post("/len-lop/hoan-tac", ("nam", "2027-2028"));
        await browser.Get(undone.Headers.Location!.ToString());
        Assert.Contains("Giữ nguyên 1 chỗ đã sửa tay: Lê Thị Bé.", browser.Html, StringComparison.Ordinal);
        Assert.Null(Assert.Single(host.Store.All<Enrolment>(School), p => p.Value.Pupil == pupils[1] && p.Value.Class == old.Id).Value.To);
        await browser.Get("/len-lop");
        Assert.DoesNotContain("Lê Thị Bé", browser.Html, StringComparison.Ordinal);
    }
}
