using System.Net;
using Microsoft.Extensions.Time.Testing;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.Modules.Registry;
using TdmEdu.Tests.Rights;

namespace TdmEdu.Tests.EdgeNode;

/// <summary>What the head of a school sees of the box's audit.</summary>
public sealed class SchoolAuditTests : IAsyncLifetime
{
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 9, 7, 1, 0, 0, TimeSpan.Zero));
    private EdgeHost edge = null!;
    private Guid pupil;

    public async ValueTask InitializeAsync()
    {
        edge = await EdgeHost.Start(enrolled: true, clock);
        var catalogue = edge.Get<Catalogue>();
        pupil = RecordId.New(clock);
        await edge.Feed(
        [
            .. Compose.Staff(catalogue, EdgeBox.School, RecordId.New(clock), new("Nguyễn Thị Hiệu", ""), "hieu", RightsCity.Password, Roles.Head),
            .. Compose.Staff(catalogue, EdgeBox.School, RecordId.New(clock), new("Trần Văn Phòng", ""), "phong", RightsCity.Password, Roles.Office | Roles.SchoolIt),
            catalogue.Create(EdgeBox.School, pupil, new Pupil(null, "Lê Thị Bé", "2016", null)),
        ]);
    }

    public ValueTask DisposeAsync() => edge.DisposeAsync();

    [Fact]
    public async Task Threat_T21_The_head_sees_who_signed_in_was_refused_and_read_what_and_the_look_is_on_record_too()
    {
        using var office = new WebHost.Browser(edge.Address, edge.Thumbprint);
        await office.SignIn("phong", RightsCity.Password);
        await office.Get($"/hoc-sinh/{pupil}");
        await office.Get("/nhat-ky");
        Assert.Equal(HttpStatusCode.Forbidden, office.Status);

        using var head = new WebHost.Browser(edge.Address, edge.Thumbprint);
        await head.SignIn("hieu", RightsCity.Password);
        await head.Get("/nhat-ky");
        foreach (var shown in new[] { "Trần Văn Phòng", "Xem hồ sơ học sinh", "Lê Thị Bé", "GET /nhat-ky", "không có quyền", "127.0.0.1" })
        {
            Assert.Contains(shown, head.Html, StringComparison.Ordinal);
        }
        Assert.DoesNotContain($"{pupil:n}", head.Html, StringComparison.Ordinal);

        await head.Get("/nhat-ky?loai=read_audit");
        Assert.Contains("Nguyễn Thị Hiệu", head.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("Lê Thị Bé", head.Html, StringComparison.Ordinal);
        await head.Get("/nhat-ky?ngay=2026-09-06");
        Assert.Contains("Không có mục nào.", head.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_day_goes_on_over_pages_without_a_gap()
    {
        using var head = new WebHost.Browser(edge.Address, edge.Thumbprint);
        await head.SignIn("hieu", RightsCity.Password);
        for (var n = 0; n < 130; n++)
        {
            await edge.Owner.Write(new("export", Guid.Empty, $"so-{n:000}", ""), TestContext.Current.CancellationToken);
        }
        var seen = new List<string>();
        for (var next = "/nhat-ky?loai=export"; next.Length > 0;)
        {
            await head.Get(next);
            seen.AddRange(System.Text.RegularExpressions.Regex.Matches(head.Html, "so-[0-9]{3}").Select(m => m.Value));
            next = System.Text.RegularExpressions.Regex.Match(head.Html, "href=\"(/nhat-ky\\?[^\"]+)\"").Groups[1].Value;
        }
        Assert.Equal(Enumerable.Range(0, 130).Reverse().Select(n => $"so-{n:000}"), seen);
    }
}
