using System.Net;
using TdmEdu.Modules.Registry;
using TdmEdu.Modules.Shell;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.Modules.Registry;

namespace TdmEdu.Tests.Rights;

public sealed partial class RightsMatrixTests
{
    [Fact]
    public async Task Threat_T10_People_of_a_unit_without_a_box_open_their_own_pages_at_Central_and_nothing_else()
    {
        var group = await AddUnit(UnitKind.IndependentGroup, "79000052");
        await AddUnit(UnitKind.School, "79000053");
        using var nobody = new WebHost.Browser(city.Central.Web, city.Central.Thumbprint);
        await nobody.Get("/dang-nhap");
        foreach (var name in new[] { "co@79000053", "co", "co@79000099" })
        {
            await nobody.Post("/dang-nhap", ("ten", name), ("matkhau", RightsCity.Password));
            Assert.Equal(HttpStatusCode.Forbidden, nobody.Status);
        }

        using var browser = new WebHost.Browser(city.Central.Web, city.Central.Thumbprint);
        await browser.SignIn("co@79000052", RightsCity.Password);
        await browser.Get("/can-bo/mat-khau");
        var rows = Reviewed().Where(r => r.Host == "central" && r.Path is not ("/dang-xuat" or "/dang-nhap")).ToList();
        Assert.Contains(rows, r => r is { Groups: not Roles.None, Path: "/diem-danh" });
        foreach (var (_, method, path, roles, groups) in rows)
        {
            var (letIn, status) = await Try(browser, method, path);
            Expect(letIn == (roles is null || groups != Roles.None), $"central {method} {path}: a group's people get {status}");
        }
        city.AssertNoHoles();

        Assert.Equal("/diem-danh", (await browser.Get("/")).Headers.Location?.OriginalString);
        await browser.Get("/diem-danh");
        Assert.Contains("Đơn vị 79000052", browser.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"/hoc-sinh\"", browser.Html, StringComparison.Ordinal);

        // It becomes a school, whose box takes attendance: what its people have open here takes none any more.
        var row = await city.Central.Get<IRecordStore>().Read(r => r.Get<Unit>(Scope.City, group.Owner)!, Cancel);
        await city.Central.Save(city.Central.Get<Catalogue>().Change(Scope.City, row, row.Value with { Kind = UnitKind.School })!);
        await browser.Get("/api/attendance/today");
        Assert.Equal(HttpStatusCode.Forbidden, browser.Status);
    }

    /// <summary>With one person of every role, who is called "co" as in any other.</summary>
    private async Task<Scope> AddUnit(UnitKind kind, string code)
    {
        var (catalogue, unit) = (city.Central.Get<Catalogue>(), Scope.School(RecordId.New(city.Central.Clock)));
        await city.Central.Save(
        [
            catalogue.Create(Scope.City, unit.Owner, new Unit(kind, code, $"Đơn vị {code}", kind == UnitKind.School ? "MN" : "NLDL", null, new(2020, 1, 1), null)),
            .. Compose.Staff(catalogue, unit, RecordId.New(city.Central.Clock), new("Cô", "Giáo viên"), "co", RightsCity.Password, Access.EverySchoolRole),
        ]);
        return unit;
    }
}
