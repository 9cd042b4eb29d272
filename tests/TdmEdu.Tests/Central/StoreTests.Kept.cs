using Microsoft.EntityFrameworkCore;
using TdmEdu.Sync.Central;
using TdmEdu.Sync.Exchange;
using TdmEdu.Sync.Records;

namespace TdmEdu.Tests.Central;

public abstract partial class StoreTests
{
    [Fact]
    public async Task Threat_T24_A_box_whose_operations_take_no_effect_fills_Central_by_a_days_room_only_and_loses_none_of_them()
    {
        var (box, mate) = (await central.Enrol(), await central.Enrol());
        var unknown = box.In(Lane.Learning);
        var wide = new string('x', Intake.BatchBytesMax - 1024);
        Batch next;
        do
        {
            next = unknown.Next(unknown.Op(RecordId.New(central.Clock), new Note(wide)) with { Entity = "kitchen.meal" });
        }
        while (await Taken(next));

        await using var db = central.Db();
        var kept = await db.RefusedOps.SumAsync(o => o.Data.Length + Admission.KeptOverheadBytes, Cancel);
        Assert.InRange(kept, Admission.KeptBytesPerDay - Intake.BatchBytesMax - Admission.KeptOverheadBytes, Admission.KeptBytesPerDay);
        Assert.Equal(unknown.Head.Seq, await db.RefusedOps.MaxAsync(o => o.Seq, Cancel));
        var audited = await db.Audit.Where(a => a.Reason == "kept_quota").ToListAsync(Cancel);
        Assert.Equal([(box.Identity.Node, $"lane {(int)Lane.Learning}")], audited.Select(a => (a.Actor, a.Subject)));

        // Attendance goes on, and so does another school that has something to be kept; a day later the same batch is taken.
        Assert.Empty((await box.Push(box.Op(A, new Note("điểm danh")))).NotApplied);
        Assert.Single((await mate.Push(mate.Op(A, new Note("?")) with { Entity = "kitchen.meal" })).NotApplied);
        central.Clock.Advance(TimeSpan.FromDays(1));
        Assert.True(await Taken(next));
        Assert.Equal(unknown.Head.Seq, (await db.NodeLanes.SingleAsync(l => l.Lane == Lane.Learning, Cancel)).LastSeq);

        async Task<bool> Taken(Batch batch)
        {
            var answer = await unknown.Send(batch);
            if (answer.Ok)
            {
                unknown.Acked(answer.Value);
                return true;
            }
            Assert.Equal((BatchIntake.ReasonNoRoom, Admission.KeptRetryMs), (answer.Error.Reason, answer.Error.RetryAfterMs));
            return false;
        }
    }
}
