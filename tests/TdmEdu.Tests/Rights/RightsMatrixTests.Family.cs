using System.Net;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.EdgeNode;
using TdmEdu.Tests.Modules.Registry;

namespace TdmEdu.Tests.Rights;

public sealed partial class RightsMatrixTests
{
    /// <summary>Threats T6 and T10: a child with a browser and every id of a classmate, and somebody with a link for one child.</summary>
    [Theory]
    [InlineData("edge", Roles.Pupil, "GET /em/diem-danh")]
    [InlineData("edge", Roles.Parent, "GET /phu-huynh/diem-danh", "GET /phu-huynh/xin-nghi", "POST /phu-huynh/xin-nghi", "POST /phu-huynh/xin-nghi/{id:guid}/rut")]
    [InlineData("central", Roles.Parent, "GET /phu-huynh/diem-danh", "GET /phu-huynh/xin-nghi", "POST /phu-huynh/xin-nghi", "POST /phu-huynh/xin-nghi/{id:guid}/rut")]
    public async Task Threat_T10_A_pupil_and_a_parent_see_one_child_at_every_endpoint_and_change_nothing_of_another(string host, Roles role, params string[] own)
    {
        using var browser = await Visit(host, role);
        var (child, classmate) = (Of(RightsCity.Child), Of(RightsCity.Classmate));
        AssertReached(own, await Attack(host, browser, child, child));
        await Attack(host, browser, child, classmate, mustFail: true);
        city.AssertNoHoles();

        static Things Of(Guid pupil) => new(RightsCity.NameOf(pupil), EdgeBox.School.Owner, RightsCity.ChildsClass, pupil, pupil, pupil, RightsCity.NoticeOf(pupil));
    }

    /// <summary>An account is what Central or a head wrote into it: a box that claims more for one gets nothing by it.</summary>
    [Fact]
    public async Task Threat_T10_An_account_with_the_role_of_a_pupil_opens_nothing()
    {
        foreach (var role in new[] { Roles.Pupil, Roles.Parent })
        {
            using var browser = new WebHost.Browser(city.Edge.Address, city.Edge.Thumbprint);
            await browser.SignIn(role.ToString(), RightsCity.Password);
            foreach (var path in new[] { "/", "/con-day", "/em/diem-danh", "/phu-huynh/diem-danh" })
            {
                await browser.Get(path);
                Assert.Equal(HttpStatusCode.Forbidden, browser.Status);
            }
        }
    }
}
