using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using TdmEdu.Central.Schools;
using TdmEdu.EdgeNode;
using TdmEdu.EdgeNode.Cache;
using TdmEdu.EdgeNode.Joining;
using TdmEdu.EdgeNode.Uplink;
using TdmEdu.Modules.Attendance;
using TdmEdu.Modules.Registry;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;
using TdmEdu.Tests.EdgeNode;

namespace TdmEdu.Tests.Central;

/// <summary>A box that was withdrawn comes back under another name, with all that it holds.</summary>
public sealed class RejoinTests : IAsyncLifetime
{
    private static readonly string[] Hosts = ["truong.lan"];
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("rejoin-");
    private CentralHost central = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Identity => Path.Combine(folder.FullName, "identity");

    public async ValueTask InitializeAsync() => central = await CentralHost.Start();

    public async ValueTask DisposeAsync()
    {
        await central.DisposeAsync();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_withdrawn_box_that_joins_again_sends_what_it_had_not_sent_once_and_loses_nothing()
    {
        Guid sent, kept, later, old;
        using (var box = await central.Enrol(Identity))
        {
            old = box.Node;
            await using var before = await Running.Start(this, box);
            sent = await before.Submit(1);
            await before.Until(o => o.Status.Pending == 0);
            await central.Get<BoxRegister>().Revoke($"{old}", Cancel);
            await before.Until(_ => before.Reason == nameof(OpenAction.Revoked));
            kept = await before.Submit(2);
        }
        await JoinAgain(CentralHost.SchoolCode);
        BoxIdentity.TakeNext(Identity);

        using var again = new BoxIdentity(Identity);
        Assert.Equal((old, Scope.School(central.School)), (again.Before, again.School));
        Assert.NotEqual(old, again.Node);
        Assert.Null(again.Seals.WhyNot(again.School));
        await using (var after = await Running.Start(this, again))
        {
            await after.Until(o => o.Status.Pending == 0 && after.Reason is null);
            later = await after.Submit(3);
            await after.Until(o => o.Status.Pending == 0);
            Assert.Equal(
                [sent, kept, later],
                (await after.Owner.Read(r => r.All<Submission>(again.School), Cancel)).OrderBy(s => s.Value.Date).Select(s => s.Id));
        }
        await using var db = central.Db();
        var ops = await db.Ops.Where(o => o.Entity == EdgeBox.Catalogue.Of<Submission>().Key).OrderBy(o => o.FeedSeq).Select(o => new { o.Id, o.Node }).ToListAsync(Cancel);
        Assert.Equal([(sent, old), (kept, again.Node), (later, again.Node)], ops.Select(o => (o.Id, o.Node)));
        // Nothing is done twice by another start.
        BoxIdentity.TakeNext(Identity);
        await using var restarted = await Running.Start(this, again);
        Assert.Equal(0, restarted.Owner.Status.Pending);
        await restarted.Until(_ => restarted.Reason is null);
    }

    [Fact]
    public async Task A_withdrawn_box_takes_no_other_schools_identity()
    {
        await central.AddSchool("79000002");
        Guid node;
        using (var box = await central.Enrol(Identity))
        {
            node = box.Node;
            await central.Get<BoxRegister>().Revoke($"{node}", Cancel);
        }
        using (var box = new BoxIdentity(Identity))
        {
            var join = new JoinCentral(BoxIdentity.NextOf(Identity), central.Newcomers, central.Clock, box.School);
            var code = await central.Code("79000002");
            Assert.Equal("join_other_school", (await join.Ask(code, Hosts, Cancel)).Error.Reason);
            Assert.Null(join.Words);
            Assert.Empty(await central.Get<BoxEnrolment>().Waiting(Cancel));
            var own = new JoinCentral(Path.Combine(folder.FullName, "own"), central.Newcomers, central.Clock);
            Assert.True((await own.Ask(code, Hosts, Cancel)).Ok);
        }
        BoxIdentity.TakeNext(Identity);
        using var still = new BoxIdentity(Identity);
        Assert.Equal((node, null), (still.Node, still.Before));
    }

    [Fact]
    public async Task A_box_that_gives_up_joining_again_is_what_it_was_and_can_begin_anew()
    {
        Guid node;
        using (var box = await central.Enrol(Identity))
        {
            node = box.Node;
            await central.Get<BoxRegister>().Revoke($"{node}", Cancel);
        }
        var before = Files();
        var join = new JoinCentral(BoxIdentity.NextOf(Identity), central.Newcomers, central.Clock, Scope.School(central.School));
        var words = await join.Ask(await central.Code(CentralHost.SchoolCode), Hosts, Cancel);
        var waiting = join.WaitForDecision(Cancel);
        await central.Eventually(() => central.Get<BoxEnrolment>().Waiting(Cancel), w => w.Exists(e => e.Words.Length > 0));
        join.GiveUp();
        // Nothing comes of a yes that is too late.
        Assert.True((await central.Get<BoxEnrolment>().Approve(words.Value, replaces: false, Cancel)).Ok);
        Assert.Equal(JoinCentral.GivenUp, await central.Eventually(waiting));
        Assert.Null(join.Words);
        Assert.Equal(before, Files());
        Assert.Equal(JoinCentral.GivenUp, await new JoinCentral(BoxIdentity.NextOf(Identity), central.Newcomers, central.Clock).WaitForDecision(Cancel));
        BoxIdentity.TakeNext(Identity);
        using (var same = new BoxIdentity(Identity))
        {
            Assert.Equal((node, null), (same.Node, same.Before));
        }
        await using (var db = central.Db())
        {
            await db.Nodes.ExecuteUpdateAsync(n => n.SetProperty(r => r.Revoked, true), Cancel);
        }
        Assert.Null(await JoinAgain(CentralHost.SchoolCode));
        BoxIdentity.TakeNext(Identity);
        using var again = new BoxIdentity(Identity);
        Assert.Equal(node, again.Before);

        Dictionary<string, string> Files() => Directory.EnumerateFiles(Identity, "*", SearchOption.AllDirectories)
            .ToDictionary(f => f, f => Convert.ToHexString(File.ReadAllBytes(f)));
    }

    [Fact]
    public async Task A_power_cut_while_the_new_identity_is_put_in_place_is_gone_on_from()
    {
        using (var box = await central.Enrol(Identity))
        {
            await central.Get<BoxRegister>().Revoke($"{box.Node}", Cancel);
        }
        Assert.Null(await JoinAgain(CentralHost.SchoolCode));
        File.Move(Path.Combine(BoxIdentity.NextOf(Identity), "node.key"), Path.Combine(Identity, "node.key"), overwrite: true);
        BoxIdentity.TakeNext(Identity);
        using var taken = new BoxIdentity(Identity);
        using var link = central.Link(taken);
        var opened = await link.Client.OpenAsync(
            new() { Epoch = Wire.Bytes(RecordId.New(central.Clock)), Protocol = Hello.ProtocolNow }, cancellationToken: Cancel);
        Assert.Equal(Contracts.Sync.V1.OpenAction.Continue, opened.Action);
    }

    private async Task<TdmEdu.Sync.Error?> JoinAgain(string school)
    {
        using var box = new BoxIdentity(Identity);
        var join = new JoinCentral(BoxIdentity.NextOf(Identity), central.Newcomers, central.Clock, box.School);
        var words = await join.Ask(await central.Code(school), Hosts, Cancel);
        Assert.True(words.Ok);
        var waiting = join.WaitForDecision(Cancel);
        await central.Eventually(() => central.Get<BoxEnrolment>().Approve(words.Value, replaces: false, Cancel), a => a.Ok);
        return await central.Eventually(waiting);
    }

    /// <summary>The box's store and its line.</summary>
    private sealed class Running(RejoinTests test, Owner owner, CentralLink link, UplinkWorker uplink, Scope school) : IAsyncDisposable
    {
        public Owner Owner => owner;

        public string? Reason => uplink.State.Line == Line.Connecting ? "" : uplink.State.Reason;

        public static async Task<Running> Start(RejoinTests test, BoxIdentity box)
        {
            var data = Path.Combine(test.folder.FullName, "data");
            var clock = test.central.Clock;
            var owner = new Owner(new(data, box.Node, box.School, box.Before), EdgeBox.Catalogue, clock, NullLogger<Owner>.Instance);
            await owner.StartAsync(Cancel);
            var link = test.central.Link(box);
            var uplink = new UplinkWorker(link, owner, EdgeBox.Catalogue, new(data, DateTimeOffset.UnixEpoch, clock), NullLogger<UplinkWorker>.Instance);
            await uplink.StartAsync(Cancel);
            return new(test, owner, link, uplink, box.School);
        }

        public async Task<Guid> Submit(int day)
        {
            var id = RecordId.New(test.central.Clock);
            var saved = await owner.Decide<Guid>(
                new Actor(EdgeBox.Teacher.Id, school, Roles.Teacher),
                _ => new(id, [EdgeBox.Catalogue.Create(school, id, EdgeBox.SubmissionOf(new DateOnly(2026, 9, day)))]), Cancel);
            Assert.True(saved.Ok);
            return id;
        }

        public async Task Until(Func<Owner, bool> holds) =>
            Assert.True(await test.central.Eventually(() => Task.FromResult(holds(owner)), held => held));

        public async ValueTask DisposeAsync()
        {
            await uplink.StopAsync(Cancel);
            uplink.Dispose();
            link.Dispose();
            await owner.StopAsync(Cancel);
            owner.Dispose();
        }
    }
}
