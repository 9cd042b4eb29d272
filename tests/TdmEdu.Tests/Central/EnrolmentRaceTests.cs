using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using TdmEdu.Central.Schools;
using TdmEdu.Central.Storage;
using TdmEdu.Modules.Shell.Joining;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Central;

/// <summary>Where, unlike SQLite, two transactions are open at once.</summary>
public sealed class EnrolmentRaceTests(Postgres postgres)
{
    private const int Rounds = 10;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Threat_T05_Of_two_boxes_that_two_people_take_in_at_once_a_school_gets_one()
    {
        await using var central = await CentralHost.Start(await postgres.NewDatabase());
        for (var round = 0; round < Rounds; round++)
        {
            var school = Scope.School(await central.AddSchool($"7900{round:0000}"));
            var asked = await Task.WhenAll(Waits(central, school), Waits(central, school));
            var decided = await Task.WhenAll(asked.Select(e => Task.Run(
                () => central.Get<BoxEnrolment>().Decide(e, approve: true, replaces: false, Guid.Empty, Cancel), Cancel)));
            Assert.Equal(["school_has_box"], decided.Where(d => !d.Ok).Select(d => d.Error.Reason));
            await using var db = central.Db();
            Assert.Equal(1, await db.Nodes.CountAsync(n => n.School == school && !n.Revoked, Cancel));
        }
    }

    [Fact]
    public async Task Threat_T05_Of_two_that_each_replace_the_old_box_at_once_one_is_left()
    {
        await using var central = await CentralHost.Start(await postgres.NewDatabase());
        var school = Scope.School(central.School);
        var asked = await Task.WhenAll(Waits(central, school), Waits(central, school));
        var decided = await Task.WhenAll(asked.Select(e => Task.Run(
            () => central.Get<BoxEnrolment>().Decide(e, approve: true, replaces: true, Guid.Empty, Cancel), Cancel)));
        Assert.All(decided, d => Assert.True(d.Ok));
        await using var db = central.Db();
        Assert.Equal(1, await db.Nodes.CountAsync(n => n.School == school && !n.Revoked, Cancel));
    }

    private static async Task<Guid> Waits(CentralHost central, Scope school)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = BoxKey.Request(key);
        var row = new EnrolmentRow
        {
            EnrolmentId = RecordId.New(central.Clock), TicketHash = RandomNumberGenerator.GetBytes(32), School = school, NodeRequest = request, LanRequest = request,
            LanHosts = "truong.lan", Commitment = new byte[32], Nonce = new byte[FourWords.NonceBytes], Authority = [], Address = "127.0.0.1",
            AskedAtMs = central.Clock.GetUtcNow().ToUnixTimeMilliseconds(), Words = "một hai ba bốn",
        };
        await using var db = central.Db();
        db.Enrolments.Add(row);
        await db.SaveChangesAsync(Cancel);
        return row.EnrolmentId;
    }
}
