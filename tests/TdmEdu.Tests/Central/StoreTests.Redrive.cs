using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using TdmEdu.Central.Refusals;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Central;

public abstract partial class StoreTests
{
    private static Actor Everyone => Officer with { Roles = Roles.DepartmentOfficer | Roles.DepartmentIt };

    [Fact]
    public async Task Parked_operation_takes_effect_once_after_an_upgrade_even_when_two_centrals_start_at_once()
    {
        var box = await central.Enrol();
        var mate = await central.Enrol(box.Identity.School.Owner);
        await ParkAsUnknown(box, box.Op(A, new Note("đến sớm", 1)), box.Op(B, new Note("cũng vậy")));
        await using (var other = await CentralBox.Start(connection, Samples.Catalogue()))
        {
            var applied = await Task.WhenAll(central.Get<RedriveService>().Run(Cancel), other.Get<RedriveService>().Run(Cancel));
            Assert.Equal(2, applied.Sum());
        }
        Assert.Equal(0, await central.Get<RedriveService>().Run(Cancel));
        Assert.Equal("đến sớm", (await central.Records.Read(r => r.Get<Note>(box.Identity.School, A), Cancel))!.Value.Text);
        Assert.Equal([1L, 2L], (await mate.Pull("", [])).Value.Pages.Single().Ops.Select(o => o.Seq));
        await using var db = central.Db();
        Assert.Equal(2, await db.Ops.CountAsync(Cancel));
        Assert.All(await db.RefusedOps.ToListAsync(Cancel), r => Assert.Equal((Resolution.Applied, (Guid?)null, central.NowMs), (r.Resolution, r.ResolvedBy, r.ResolvedAtMs)));
    }

    [Fact]
    public async Task Case_58_Operation_that_breaks_its_module_is_set_aside_at_the_first_try_and_tried_again_at_every_start_until_the_module_is_mended()
    {
        var box = await central.Enrol();
        Assert.Equal(RefusalReason.ApplyFailed, Assert.Single((await box.Push(box.Op(B, new Fragile("bad")))).NotApplied).Reason);
        for (var tries = 2; tries <= 3; tries++)
        {
            await central.DisposeAsync();
            central = await CentralBox.Start(connection, Samples.Catalogue(), central.Clock);
            Assert.Equal(0, await central.Get<RedriveService>().Run(Cancel));
            box = box.At(central);
            Assert.Empty((await box.Push(box.Op(RecordId.New(central.Clock), new Fragile("good")))).NotApplied);
            Assert.Equal(RefusalReason.ApplyFailed, Assert.Single(await central.Store.Read(b => b.FindRefused(new(10)), Cancel)).Reason);
            Assert.Equal(tries - 1, (await central.Records.Read(r => r.View<FragileSum>(box.Identity.School, Guid.Empty), Cancel))!.Count);
        }
        await using (var db = central.Db())
        {
            Assert.True(await db.Audit.AnyAsync(a => a.Reason == RefusalReason.ApplyFailed && a.Actor == box.Identity.Node, Cancel));
        }
        await central.DisposeAsync();
        central = await CentralBox.Start(connection, Samples.Catalogue(isMended: true), central.Clock);
        Assert.Equal(1, await central.Get<RedriveService>().Run(Cancel));
        Assert.Empty(await central.Store.Read(b => b.FindRefused(new(10)), Cancel));
        Assert.Equal(3, (await central.Records.Read(r => r.View<FragileSum>(box.Identity.School, Guid.Empty), Cancel))!.Count);
    }

    /// <summary>A copy of the box sent it once more under its own epoch; each alone would get a stamp by the time at which it came.</summary>
    [Fact]
    public async Task What_was_parked_twice_with_a_stamp_from_the_future_gets_one_stamp()
    {
        var box = await central.Enrol();
        var op = box.Op(A, new Note("đồng hồ nhanh"), Hlc.At(central.NowMs + 3_600_000));
        await ParkAsUnknown(box, op);
        central.Clock.Advance(TimeSpan.FromMinutes(5));
        await ParkAsUnknown(box, op);
        Assert.Equal(2, await central.Get<RedriveService>().Run(Cancel));
        await using var db = central.Db();
        var applied = await db.Ops.OrderBy(o => o.FeedSeq).ToListAsync(Cancel);
        Assert.Equal(applied[0].AppliedHlc, applied[1].AppliedHlc);
        Assert.Equal([Outcome.Applied, Outcome.Superseded], applied.Select(o => o.Outcome));
    }

    [Fact]
    public async Task Operation_that_takes_effect_late_merges_as_if_it_had_come_in_time()
    {
        var (early, late) = (await central.Enrol(), await central.Enrol());
        foreach (var (box, parks) in new[] { (early, false), (late, true) })
        {
            var ahead = Hlc.At(central.NowMs + 3_600_000);
            Op[] first = [box.Op(A, new Note("cũ", 1), Hlc.At(central.NowMs)), box.Op(B, new Note("đồng hồ nhanh"), ahead)];
            if (parks)
            {
                await ParkAsUnknown(box, first);
            }
            else
            {
                await box.Push(first);
            }
            await box.Push(box.Op(A, new Note("mới", 2), Hlc.At(central.NowMs + 5)));
        }
        central.Clock.Advance(TimeSpan.FromDays(2));
        Assert.Equal(2, await central.Get<RedriveService>().Run(Cancel));
        Assert.Equal(Shape(await RecordsOf(early), early), Shape(await RecordsOf(late), late));
        Assert.Equal("mới", (await central.Records.Read(r => r.Get<Note>(late.Identity.School, A), Cancel))!.Value.Text);

        static string Shape(string records, NodeBox box) => records.Replace($"{box.Identity.Node:n}", "node", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Group_is_redriven_whole_or_not_at_all()
    {
        var box = await central.Enrol();
        await ParkAsUnknown(
            box, box.Op(A, new Note("một")) with { GroupLeft = 1 }, box.Op(B, new Note("sai", -1)),
            box.Op(new Guid(3, 0, 0, new byte[8]), new Note("hai")) with { GroupLeft = 1 }, box.Op(new Guid(4, 0, 0, new byte[8]), new Note("ba")));
        Assert.Equal(2, await central.Get<RedriveService>().Run(Cancel));
        await using var db = central.Db();
        Assert.Equal([3L, 4L], await db.Ops.OrderBy(o => o.FeedSeq).Select(o => o.Seq).ToListAsync(Cancel));
        var stuck = await db.RefusedOps.Where(o => o.Resolution == Resolution.Open).OrderBy(o => o.Seq).ToListAsync(Cancel);
        Assert.Equal([(Outcome.Rejected, RefusalReason.GroupRefused), (Outcome.Rejected, "number_negative")], stuck.Select(o => (o.Outcome, o.Reason)));
        Assert.Equal("refused_for_good", (await Accept(stuck[0], Everyone)).Error.Reason);
        Assert.Equal("dismiss_why", (await Dismiss(stuck[0], " ")).Error.Reason);
        Assert.Equal(2, (await Dismiss(stuck[0], "Trường đã nhập lại.")).Value);
        Assert.Equal("refused_settled", (await Dismiss(stuck[1], "lần nữa")).Error.Reason);
        var kept = await db.RefusedOps.AsNoTracking().SingleAsync(o => o.Seq == 2, Cancel);
        Assert.Equal((Resolution.Dismissed, Everyone.Id, "Trường đã nhập lại."), (kept.Resolution, kept.ResolvedBy, kept.ResolvedWhy));
    }

    [Fact]
    public async Task Proposal_waits_for_somebody_who_may_write_the_field()
    {
        var box = await central.Enrol();
        var answer = await box.Push(box.Op(A, new Profile("Lan", 40)));
        Assert.Equal((Outcome.Parked, RefusalReason.NotFieldOwner), (answer.NotApplied.Single().Outcome, answer.NotApplied.Single().Reason));
        Assert.Equal(0, await central.Get<RedriveService>().Run(Cancel));
        var waiting = Assert.Single(await central.Store.Read(b => b.FindRefused(new(10, box.Identity.School)), Cancel));
        Assert.Equal("role_denied", (await Accept(waiting, Everyone with { Roles = Roles.DepartmentIt })).Error.Reason);
        Assert.Equal([Outcome.Applied], (await Accept(waiting, Everyone)).Value);
        Assert.Equal("refused_settled", (await Accept(waiting, Everyone)).Error.Reason);
        Assert.Equal(new Profile("Lan", 40), (await central.Records.Read(r => r.Get<Profile>(box.Identity.School, A), Cancel))!.Value);
    }

    [Fact]
    public async Task Refused_operations_are_paged_by_school_and_time_and_miss_none()
    {
        var (box, other) = (await central.Enrol(), await central.Enrol());
        for (var n = 0; n < 3; n++)
        {
            await ParkAsUnknown(box, box.Op(A, new Note("x")), box.Op(B, new Note("y")));
            await ParkAsUnknown(other, other.Op(A, new Note("z")));
            central.Clock.Advance(TimeSpan.FromSeconds(1));
        }
        foreach (var (school, oldest, expected) in new[] { (box.Identity.School, false, 6), (other.Identity.School, true, 3), ((Scope?)null, true, 9) })
        {
            var (seen, place) = (new List<RefusedPlace>(), (RefusedPlace?)null);
            do
            {
                var page = await central.Store.Read(b => b.FindRefused(new(2, school, place) { OldestFirst = oldest }), Cancel);
                seen.AddRange(page.Select(RefusedPlace.Of));
                place = page.Count == 2 ? RefusedPlace.TryParse(seen[^1].ToString()) : null;
            }
            while (place is not null);
            Assert.Equal((expected, expected), (seen.Count, seen.Distinct().Count()));
            Assert.Equal(oldest ? seen.OrderBy(p => p.ReceivedAtMs) : seen.OrderByDescending(p => p.ReceivedAtMs), seen);
        }
    }

    /// <summary>As an older Central would have kept them, which did not know the entity.</summary>
    private async Task ParkAsUnknown(NodeBox box, params Op[] ops)
    {
        await box.Push(ops.Select(op => op with { Schema = 9 }));
        await using var db = central.Db();
        await db.RefusedOps.Where(o => o.Schema == 9).ExecuteUpdateAsync(o => o.SetProperty(r => r.Schema, 1), Cancel);
    }

    private Task<TdmEdu.Sync.Result<IReadOnlyList<Outcome>>> Accept(RefusedOp op, Actor actor) =>
        central.Store.Write(b => Redrive.Accept(b, central.Catalogue, actor, RefusedPlace.Of(op), central.NowMs), Cancel);

    private Task<TdmEdu.Sync.Result<int>> Dismiss(RefusedOp op, string why) =>
        central.Store.Write(b => Redrive.Dismiss(b, Everyone, RefusedPlace.Of(op), why, central.NowMs), Cancel);
}
